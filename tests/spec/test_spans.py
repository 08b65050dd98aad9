"""The truth table of spans: what can be said of a number that is known only in part."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countwell.base.spans import (
    EVERYTHING,
    INFINITY,
    NEGATED,
    NO,
    NOTHING_THERE,
    OPS,
    YES,
    YES_OR_NO,
    Op,
    Span,
    Truth,
    all_of,
    any_of,
    compare,
    compare_spans,
    exactly,
    negate,
    worse_half,
    worst,
)

D = Decimal
THREE = exactly(D("3.0"))
BELOW_THREE = Span(D(0), D(3), False, True)  # <3
UP_TO_THREE = Span(D(0), D(3))  # <=3
ABOVE_THREE = Span(D(3), INFINITY, True, True)  # >3
FROM_THREE = Span(D(3), INFINITY, False, True)  # >=3
UP_TO_SIX = Span(-INFINITY, D("6.0"), True, False)  # a good count that lapsed

TABLE: list[tuple[str, Span, str, tuple[Truth, Truth, Truth, Truth]]] = [
    ("exactly at the limit", THREE, "3", (False, True, False, True)),
    ("exactly, just under", exactly(D("2.9")), "3", (True, True, False, False)),
    ("exactly, just over", exactly(D("3.1")), "3", (False, False, True, True)),
    ("below the limit, open", BELOW_THREE, "3", (True, True, False, False)),
    ("up to the limit, closed", UP_TO_THREE, "3", (None, True, False, None)),
    ("above the limit, open", ABOVE_THREE, "3", (False, False, True, True)),
    ("from the limit, closed", FROM_THREE, "3", (False, None, None, True)),
    ("below a limit further up", BELOW_THREE, "2", (None, None, None, None)),
    ("below a limit further down", BELOW_THREE, "4", (True, True, False, False)),
    ("zero belongs to <3", BELOW_THREE, "0", (False, None, None, True)),
    ("everything", EVERYTHING, "3", (None, None, None, None)),
    ("a lapsed good count, limit below it", UP_TO_SIX, "3", (None, None, None, None)),
    ("a lapsed good count, at its own value", UP_TO_SIX, "6", (None, True, False, None)),
    ("a symptom that is not there", NOTHING_THERE, "38", (True, True, False, False)),
    ("3.0 and 3 are the same number", exactly(D("3.00")), "3.0", (False, True, False, True)),
]


@pytest.mark.parametrize(("says", "span", "limit", "truths"), TABLE, ids=[row[0] for row in TABLE])
def test_a_span_against_a_number(says: str, span: Span, limit: str, truths: tuple[Truth, ...]) -> None:
    assert tuple(compare(span, op, D(limit)) for op in OPS) == truths


PAIRS: list[tuple[str, Span, Span, tuple[Truth, Truth, Truth, Truth]]] = [
    ("the same value", THREE, THREE, (False, True, False, True)),
    ("one below the other", exactly(2), THREE, (True, True, False, False)),
    ("touching, open", BELOW_THREE, THREE, (True, True, False, False)),
    ("touching, closed", UP_TO_THREE, THREE, (None, True, False, None)),
    ("overlapping", Span(D(1), D(4)), Span(D(2), D(5)), (None, None, None, None)),
    ("unknown", EVERYTHING, THREE, (None, None, None, None)),
]


@pytest.mark.parametrize(("says", "left", "right", "truths"), PAIRS, ids=[row[0] for row in PAIRS])
def test_a_span_against_a_span(says: str, left: Span, right: Span, truths: tuple[Truth, ...]) -> None:
    assert tuple(compare_spans(left, op, right) for op in OPS) == truths


def grid() -> st.SearchStrategy[Span]:
    """Spans with ends on a small grid, open and closed; a single value is closed."""
    numbers = st.integers(0, 4).map(D)

    def made(low: Decimal, high: Decimal, low_open: bool, high_open: bool) -> Span:
        low, high = min(low, high), max(low, high)
        return Span(low, high) if low == high else Span(low, high, low_open, high_open)

    return st.builds(made, numbers, numbers, st.booleans(), st.booleans())


def members(span: Span) -> list[Fraction]:
    """Values of a span that tell every comparison on the grid apart: quarters between its ends."""
    steps = [Fraction(n, 4) for n in range(17)]
    low, high = Fraction(span.low), Fraction(span.high)
    return [
        x
        for x in steps
        if (low < x or (low == x and not span.low_open)) and (x < high or (x == high and not span.high_open))
    ]


HOLDS = {"<": Fraction.__lt__, "<=": Fraction.__le__, ">": Fraction.__gt__, ">=": Fraction.__ge__}


def over(truths: list[bool]) -> Truth:
    """True if all, False if none, else not known."""
    return True if all(truths) else (None if any(truths) else False)


@given(grid(), st.sampled_from(OPS), st.integers(0, 4))
def test_a_comparison_is_true_of_all_members_false_of_none_else_not_known(span: Span, op: Op, limit: int) -> None:
    assert compare(span, op, D(limit)) is over([HOLDS[op](x, Fraction(limit)) for x in members(span)])


@given(grid(), st.sampled_from(OPS), grid())
def test_a_comparison_of_two_spans_is_true_of_all_pairs_false_of_none_else_not_known(
    one: Span, op: Op, other: Span
) -> None:
    assert compare_spans(one, op, other) is over([HOLDS[op](x, y) for x in members(one) for y in members(other)])


@given(grid(), st.sampled_from(OPS), st.integers(0, 4))
def test_the_negated_comparison_is_the_negation(span: Span, op: Op, limit: int) -> None:
    assert compare(span, NEGATED[op], D(limit)) is negate(compare(span, op, D(limit)))


@pytest.mark.parametrize(
    ("truths", "every", "some"),
    [
        ([], True, False),
        ([True], True, True),
        ([False], False, False),
        ([None], None, None),
        ([True, None], None, True),
        ([False, None], False, None),
        ([None, False], False, None),
        ([True, False], False, True),
        ([None, True, False], False, True),
    ],
)
def test_and_and_or_in_three_values(truths: list[Truth], every: Truth, some: Truth) -> None:
    assert (all_of(truths), any_of(truths)) == (every, some)


def test_yes_no_and_maybe() -> None:
    assert (YES.exact, NO.exact, YES_OR_NO.exact, EVERYTHING.exact) == (True, True, False, False)


@pytest.mark.parametrize(
    ("worse", "half"),
    [
        ("lower", Span(-INFINITY, D(4), True, True)),
        ("higher", Span(D(2), INFINITY, False, True)),
        ("none", EVERYTHING),
    ],
)
def test_a_value_that_no_longer_vouches_keeps_its_good_end(worse: str, half: Span) -> None:
    assert worse_half(Span(D(2), D(4), False, True), worse) == half


@pytest.mark.parametrize(("worse", "value"), [("lower", 2), ("higher", 5)])
def test_of_several_values_the_worst_at_its_good_end_counts(worse: str, value: int) -> None:
    assert worst([exactly(4), exactly(2), exactly(5)], worse) == exactly(value)
