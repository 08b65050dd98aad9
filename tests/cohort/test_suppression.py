"""No hidden count comes back: an attacker who knows every printed number and every sum learns no small count."""

import numpy as np
import pytest
import z3

from countwell.cohort.suppression import Cell, Sum, hidden

LEAST = 10


def crossed(rows):
    """A table with margins: cells by (row, column), sums by "all"."""
    table = np.array(rows)
    full = np.vstack([np.hstack([table, table.sum(1, keepdims=True)]), [*table.sum(0), table.sum()]])
    height, width = table.shape
    cells = {
        (name(r, height), name(c, width)): Cell(int(full[r, c]), int(full[r, c]))
        for r in range(height + 1)
        for c in range(width + 1)
    }
    sums = [Sum((name(r, height), "all"), tuple((name(r, height), c) for c in range(width))) for r in range(height + 1)]
    sums += [Sum(("all", name(c, width)), tuple((r, name(c, width)) for r in range(height))) for c in range(width + 1)]
    return cells, sums


def name(place, size):
    return "all" if place == size else place


class Attacker:
    """Knows what is printed, all sums, that hidden printed counts are not 0, and asks which values a count can have."""

    def __init__(self, cells, sums, unseen):
        self.solver = z3.Solver()
        self.of = {key: z3.Int(repr(key)) for key in cells}
        for key, cell in cells.items():
            seen = cell.printed and key not in unseen
            self.solver.add(self.of[key] == cell.count if seen else self.of[key] >= int(cell.printed))
        for tie in sums:
            self.solver.add(self.of[tie.total] == z3.Sum([self.of[part] for part in tie.parts]))

    def possible(self, key, upto=40):
        """How many values from 0 to upto the count can have."""
        return sum(self.solver.check(self.of[key] == value) == z3.sat for value in range(upto))


def learned(cells, sums, unseen, least=LEAST):
    """The small counts of which the attacker can exclude so many values that fewer than nine are left."""
    attacker = Attacker(cells, sums, unseen)
    small = [key for key, cell in cells.items() if 0 < cell.count < least]
    return {key: attacker.possible(key) for key in small if attacker.possible(key) < least - 1}


def primary_only(cells):
    return {key for key, cell in cells.items() if 0 < cell.count < LEAST}


def test_a_count_just_under_the_limit_is_hidden_and_one_exactly_at_it_is_shown():
    for count, is_hidden in ((9, True), (10, False), (11, False)):
        assert ("a" in hidden({"a": Cell(count, count)}, [])) is is_hidden


def test_nobody_is_no_small_number():
    assert hidden({"a": Cell(0, 0)}, []) == frozenset()


def test_a_large_count_of_few_persons_is_hidden():
    assert hidden({"a": Cell(400, 9), "b": Cell(400, 10)}, []) == {"a"}


def test_a_single_hidden_count_of_a_row_takes_another_with_it():
    cells, sums = crossed([[3, 50, 60]])
    unseen = hidden(cells, sums)
    assert (0, 0) in unseen
    assert len([key for key in unseen if key[0] == 0]) >= 2
    assert learned(cells, sums, unseen) == {}


def test_hiding_the_small_counts_alone_would_be_seen_through():
    cells, sums = crossed([[3, 50, 60], [40, 50, 60]])
    assert learned(cells, sums, primary_only(cells)) != {}


def test_two_small_counts_in_one_row_do_not_cover_each_other():
    cells, sums = crossed([[1, 2, 60], [40, 50, 60]])
    assert learned(cells, sums, hidden(cells, sums)) == {}


def test_two_small_counts_that_make_nine_together_are_told_too_closely_by_their_sum():
    cells = {"a": Cell(4, 4), "b": Cell(5, 5), "c": Cell(60, 60), "all": Cell(69, 69)}
    sums = [Sum("all", ("a", "b", "c"))]
    assert learned(cells, sums, {"a", "b"}) != {}
    assert learned(cells, sums, hidden(cells, sums)) == {}


def test_a_zero_covers_nobody():
    cells, sums = crossed([[3, 0, 60], [40, 0, 60]])
    unseen = hidden(cells, sums)
    assert not [key for key in unseen if cells[key].count == 0]
    assert learned(cells, sums, unseen) == {}


def test_tables_nested_in_each_other_do_not_betray_one_another():
    site = {"a": 30, "b": 25}
    by_phase = {("a", "early"): 4, ("a", "steady"): 26, ("b", "early"): 11, ("b", "steady"): 14}
    cells = {key: Cell(n, n) for key, n in (site | by_phase | {"early": 15, "steady": 40, "all": 55}).items()}
    sums = [
        Sum("all", ("a", "b")),
        Sum("all", ("early", "steady")),
        *(Sum(s, ((s, "early"), (s, "steady"))) for s in "ab"),
        *(Sum(p, (("a", p), ("b", p))) for p in ("early", "steady")),
    ]
    assert learned(cells, sums, hidden(cells, sums)) == {}


def test_what_is_not_printed_but_follows_from_a_whole_and_its_part_is_protected():
    cells = {"all": Cell(100, 100), "on time": Cell(97, 97), "late": Cell(3, 3, printed=False)}
    sums = [Sum("all", ("on time", "late"))]
    unseen = hidden(cells, sums)
    assert unseen
    assert learned(cells, sums, unseen) == {}


def test_a_table_without_small_counts_is_shown_whole():
    cells, sums = crossed([[10, 50, 60], [40, 50, 60]])
    assert hidden(cells, sums) == frozenset()


def test_a_sum_that_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="not the sum"):
        hidden({"all": Cell(10, 10), "a": Cell(11, 11)}, [Sum("all", ("a",))])


@pytest.mark.parametrize("seed", range(12))
def test_no_random_table_gives_a_small_count_away(seed):
    draw = np.random.default_rng(seed)
    height, width = draw.integers(1, 6), draw.integers(2, 5)
    rows = draw.choice(
        [0, 1, 2, 5, 9, 10, 12, 30, 200], size=(height, width), p=[0.1, 0.1, 0.05, 0.05, 0.1, 0.1, 0.1, 0.2, 0.2]
    )
    cells, sums = crossed(rows)
    assert learned(cells, sums, hidden(cells, sums)) == {}


def test_half_of_a_large_table_is_still_shown():
    draw = np.random.default_rng(5)
    cells, sums = crossed(draw.poisson(30, size=(40, 3)))
    shown = 1 - len(hidden(cells, sums)) / len(cells)
    assert shown > 0.5
