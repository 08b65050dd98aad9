"""A report in steps of ten: laid beside the one of a month before, it gives nobody away."""

import re
from functools import cache

import pytest

from cohort.made_register import measured_by_hand
from countwell.cohort.report.told import in_steps
from countwell.cohort.report.whole import about, told

STEPS = 10
WHOLE = re.compile(r"[\d,]+")
INSIDE = re.compile(r"\(([\d,]+)(?: of ([\d,]+))?\)")
NO_COUNTS = {"tier", "median days late", "90th percentile"}


@cache
def made(patients):
    """A register of so many, measured."""
    return measured_by_hand(by=None, patients=patients)


@cache
def counts(patients, steps):
    """Every count that is printed of a register of so many patients, by where it stands."""
    found = {}
    for one in told(made(patients), steps):
        for table in one.tables:
            for row in table.rows:
                for head, cell in zip(table.head[1:], row[1:], strict=True):
                    if head not in NO_COUNTS and "percentile" not in head:
                        found |= {(table.title, row[0], head, n): number for n, number in enumerate(in_cell(cell))}
    return found


def in_cell(cell):
    """`62 % (30 of 50)` holds 30 and 50; a rate or a share alone holds none."""
    texts = [cell] if WHOLE.fullmatch(cell) else [text for pair in INSIDE.findall(cell) for text in pair if text]
    return [int(text.replace(",", "")) for text in texts]


def apart(one, other):
    """By how much each count of two reports differs; one that is not printed is taken for none."""
    return {key: abs(one.get(key, 0) - other.get(key, 0)) for key in one.keys() | other.keys()}


@pytest.mark.parametrize("patients", [19, 48, 109])
def test_around_one_arrival_no_count_differs_by_fewer_than_ten(patients):
    differ = apart(counts(patients, STEPS), counts(patients + 1, STEPS))
    assert {key: by for key, by in differ.items() if 0 < by < STEPS} == {}
    assert len(differ) > 40 or patients < 40


def test_without_steps_one_arrival_would_be_seen():
    differ = apart(counts(48, 1), counts(49, 1))
    assert len([by for by in differ.values() if 0 < by < STEPS]) > 10


@pytest.mark.parametrize("patients", [20, 49, 110])
def test_every_count_is_whole_tens_and_none_below_ten_is_printed(patients):
    assert {number for number in counts(patients, STEPS).values() if number % STEPS or number < STEPS} == set()


def test_shares_follow_from_the_counts_beside_them():
    cells = [
        cell
        for one in told(made(110), STEPS)
        for table in one.tables
        for row in table.rows
        for cell in row
        if " of " in cell and "%" in cell
    ]
    assert len(cells) > 5
    for cell in cells:
        part, whole = in_cell(cell)
        assert cell.startswith(f"{100 * part / whole:.0f} %")


def test_a_row_of_which_nothing_is_shown_is_not_there():
    printed = {row for one in told(made(110), STEPS) for t in one.tables for row in t.rows}
    assert [row for row in printed if set(row[1:]) <= {"hidden", "–"}] == []
    exact = {row for one in told(made(110)) for t in one.tables for row in t.rows}
    assert [row for row in exact if set(row[1:]) <= {"hidden", "–"}]


@pytest.mark.parametrize(
    ("patients", "says"), [(9, "nobody"), (10, "10 under cidp"), (19, "10 under cidp"), (20, "20 under")]
)
def test_the_head_tells_how_many_in_tens_too(patients, says):
    found = made(patients)
    assert says in about(found, "made", STEPS)["Register"]
    assert "fewer than 10 without" in about(found, "made", STEPS)["Register"]


def test_what_rounding_does_is_said():
    assert "steps of 10" in in_steps(STEPS)
