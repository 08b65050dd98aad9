"""Each form of atom against the one truth table: true, false and not known, under, at and over every limit."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest

pytest.importorskip("cql_sdk", reason="the independent CQL engine (ms-cql-sdk) is not installed")

from countwell.base.dates import Duration
from countwell.base.spans import (
    EVERYTHING,
    INFINITY,
    NO,
    NOTHING_THERE,
    OPS,
    YES,
    YES_OR_NO,
    Span,
    compare,
    compare_spans,
)
from countwell.cql.facts import AS_OF
from countwell.cql.parameters import Parameters
from countwell.model.advice import DRUG, PATIENT
from countwell.model.facts import SILENT, SILENT_YES_NO, Value, is_word
from cql.engine import Run
from cql.small import small

LIMIT = Decimal(2)
SMALLEST = Decimal("0.00000001")
ENDS = (LIMIT - SMALLEST, LIMIT, LIMIT + SMALLEST)
AGAINST_NUMBER = {"<": "counts/below", "<=": "counts/limit", ">": "counts/above", ">=": "counts/from"}
BETWEEN = {"<": "between/less", "<=": "between/no-more", ">": "between/more", ">=": "between/no-less"}
TIMES = {"<": "time/before", "<=": "time/until", ">": "time/after", ">=": "time/since"}
MISSING = Value(why="missing")
PARAMETERS = Parameters(small())


def spans(ends=ENDS):
    """Every span whose ends are among these or infinite, open and closed, and what is not there at all."""
    lows = [(-INFINITY, True), *product(ends, (False, True))]
    highs = [(INFINITY, True), *product(ends, (False, True))]
    for (low, low_open), (high, high_open) in product(lows, highs):
        if low < high or (low == high and not low_open and not high_open):
            yield Span(low, high, low_open, high_open)
    yield NOTHING_THERE


@pytest.fixture(scope="module")
def run():
    return Run(small())


def given(run, as_of=date(2026, 3, 2), more=None, **values):
    """The engine with these facts, all others missing."""
    everything = dict.fromkeys(small().facts, MISSING) | values
    run.give(PARAMETERS.of(lambda name: everything[name]) | {AS_OF: as_of} | (more or {}))
    return run


@pytest.mark.parametrize("op", OPS)
def test_a_comparison_with_a_number_is_the_truth_table(run, op):
    for span in spans():
        found = given(run, wbc=Value(span), rash=Value(NO), tpmt=Value(words=frozenset({"normal"})))
        assert found[f"wbc {op} two"] is compare(span, op, LIMIT), span
        assert found[AGAINST_NUMBER[op]] is compare(span, op, LIMIT), span


@pytest.mark.parametrize("op", OPS)
def test_a_comparison_of_two_facts_is_the_truth_table(run, op):
    for one, two in product(spans(ENDS[:2]), repeat=2):
        found = given(run, neut=Value(one), wbc=Value(two))
        assert found[BETWEEN[op]] is compare_spans(one, op, two), (one, two)


@pytest.mark.parametrize(
    "value",
    [Decimal("1.999999999"), Decimal("2.000000001"), Decimal(1) / Decimal(3) * 6, Decimal(2) / 3, Decimal(-1) / 3],
)
def test_a_value_of_many_places_falls_on_its_side_of_a_limit(run, value):
    """The engine is given eight places, as CQL has them: never the rounded value."""
    found = given(run, wbc=Value(Span(value, value)))
    for op in OPS:
        assert found[f"wbc {op} two"] is compare(Span(value, value), op, LIMIT), op


def test_what_a_result_left_open_while_it_vouched_stays_open_when_it_is_silent(run):
    reaching = Span(LIMIT - 1, LIMIT + 1)
    for was, wanted in ((reaching, None), (Span(LIMIT + 1, LIMIT + 2), False)):
        lapsed = Value(Span(-INFINITY, LIMIT + 2, True), silent=True, why="lapsed", was=was)
        assert given(run, wbc=lapsed, rash=Value(NO))["counts/limit"] is wanted
        assert given(run, wbc=lapsed, rash=Value(NO))["counts/clear"] is (None if wanted is None else True)


def test_what_is_not_known_and_what_is_silent_are_told_apart(run):
    for value, expected in ((MISSING, None), (SILENT, False)):
        assert given(run, wbc=value)["counts/below"] is expected
    assert given(run, wbc=SILENT, rash=SILENT_YES_NO)["counts/clear"] is True
    assert given(run, wbc=MISSING, rash=SILENT_YES_NO)["counts/clear"] is None
    assert given(run, wbc=Value(Span(LIMIT, LIMIT), silent=True), rash=Value(NO))["counts/limit"] is True, (
        "an alarm is never silent"
    )


def test_only_a_known_exception_removes_a_rule(run):
    three, poor, normal = Value(Span(Decimal(3), Decimal(3))), frozenset({"poor"}), frozenset({"normal"})
    for rash, words, expected in (
        (YES, normal, False),
        (NO, poor, False),
        (NO, normal, True),
        (YES_OR_NO, normal, True),
        (NO, poor | normal, True),
    ):
        assert given(run, wbc=three, rash=Value(rash), tpmt=Value(words=words))["counts/above"] is expected
    assert given(run, wbc=three, rash=SILENT_YES_NO, tpmt=MISSING)["counts/above"] is True
    assert given(run, wbc=MISSING, rash=Value(YES))["counts/above"] is False


BEGUN = [
    date(2025, 8, 31),
    date(2025, 8, 30),
    date(2025, 8, 28),
    date(2024, 2, 29),
    date(2025, 12, 31),
    date(2025, 9, 1),
]


@pytest.mark.parametrize("begun", BEGUN)
def test_time_runs_by_the_calendar_to_the_first_of_the_month_where_the_day_is_missing(run, begun):
    six, year = Duration(6, "months"), Duration(1, "years")
    for months, duration in ((6, six), (12, year)):
        for shift in range(-3, 4):
            day = begun + timedelta(days=round(months * 30.44) + shift)
            value = Value(origin=(begun, begun), until=day)
            found = given(run, as_of=day, on_drug=value)
            for op, rule in TIMES.items() if months == 6 else ((">=", "time/year"),):
                assert found[rule] is value.elapsed(op, duration), (day, op)


def test_31_august_and_six_months_is_1_march(run):
    value = Value(origin=(date(2025, 8, 31), date(2025, 8, 31)), until=date(2026, 2, 28))
    assert given(run, as_of=date(2026, 2, 28), on_drug=value)["time/since"] is False
    assert given(run, as_of=date(2026, 3, 1), on_drug=value)["time/since"] is True


def test_hours_are_the_days_they_fill(run):
    begun = date(2026, 2, 27)
    value = Value(origin=(begun, begun), until=begun)
    assert [given(run, as_of=begun + timedelta(days=n), on_drug=value)["time/hours"] for n in (2, 3, 4)] == [
        False,
        True,
        True,
    ]
    assert [given(run, as_of=begun + timedelta(days=n), on_drug=value)["time/weeks"] for n in (13, 14, 15)] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("earliest", [None, date(2025, 6, 1), date(2025, 9, 2)])
@pytest.mark.parametrize(
    "day", [date(2026, 2, 1), date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3), date(2027, 1, 1)]
)
def test_a_beginning_known_in_part_is_known_from_both_ends(run, earliest, day):
    value = Value(origin=(earliest, date(2025, 9, 2)), until=day)
    for op, rule in TIMES.items():
        assert given(run, as_of=day, on_drug=value)[rule] is value.elapsed(op, Duration(6, "months")), op


def test_what_never_began_is_less_than_any_time_and_what_is_not_known_is_not_known(run):
    never, unknown = Value(NOTHING_THERE), Value(why="missing")
    assert [given(run, on_drug=never)[rule] for rule in TIMES.values()] == [True, True, False, False]
    assert [given(run, on_drug=unknown)[rule] for rule in TIMES.values()] == [None] * 4
    assert [given(run, on_drug=SILENT)[rule] for rule in TIMES.values()] == [False] * 4


def test_without_the_day_that_is_asked_about_no_time_is_known(run):
    begun = Value(origin=(date(2020, 1, 1), date(2020, 1, 1)), until=date(2026, 1, 1))
    assert [given(run, as_of=None, on_drug=begun)[rule] for rule in TIMES.values()] == [None] * 4


def test_words_that_are_possible_must_all_be_among_those_wanted(run):
    for words in (None, {"poor"}, {"poor", "normal"}, {"intermediate", "poor"}, {"normal"}, set()):
        value = Value(words=None if words is None else frozenset(words))
        found = given(run, tpmt=value)
        poor = is_word(value, frozenset({"poor"}))
        assert found["words/one"] is poor, words
        assert found["words/not-one"] is (None if poor is None else not poor), words
        assert found["words/several"] is is_word(value, frozenset({"intermediate", "poor"})), words


def test_of_words_that_hold_all_at_once_one_is_enough(run):
    for words, expected in (({"liver", "patient"}, True), ({"patient"}, False), (set(), False), (None, None)):
        value = Value(words=None if words is None else frozenset(words), several=words is not None)
        found = given(run, reasons=value)
        assert found["words/ever"] is expected, words
        assert found["words/never"] is (None if expected is None else not expected), words


def test_yes_and_no(run):
    for value, yes, no in (
        (Value(YES), True, False),
        (Value(NO), False, True),
        (Value(YES_OR_NO), None, None),
        (SILENT_YES_NO, False, False),
    ):
        found = given(run, rash=value)
        assert (found["words/rash"], found["words/no-rash"]) == (yes, no)


def test_a_table_of_another_pack_is_what_is_given_of_it(run):
    places = range(len(PATIENT))
    for least, most in ((a, b) for a in places for b in places if a <= b):
        told = {
            "table elsewhere elsewhere, patient at least": least,
            "table elsewhere elsewhere, patient at most": most,
            "table elsewhere elsewhere is silent": False,
        }
        reached = True if least >= 3 else None if most >= 3 else False
        found = given(run, more=told)
        assert (found["joined/far"], found["joined/not-far"]) == (reached, None if reached is None else not reached)


def test_a_silent_table_says_neither_that_nor_that_not(run):
    silent = {"table elsewhere elsewhere is silent": True}
    assert (given(run, more=silent)["joined/far"], given(run, more=silent)["joined/not-far"]) == (False, False)


def test_of_another_pack_of_which_nothing_is_given_nothing_is_known(run):
    found = given(run)
    assert (found["joined/far"], found["joined/not-far"], found["joined/near"]) == (None, None, None)


def test_a_table_of_several_packs_is_the_worst_of_them(run):
    quiet = {
        "table counts elsewhere is silent": True,
        "table counts elsewhere, drug at least": 0,
        "table counts elsewhere, drug at most": 0,
    }
    high = Value(Span(Decimal(3), Decimal(3)))
    assert given(run, wbc=high, more=quiet)["joined/near"] is False
    assert given(run, wbc=Value(Span(LIMIT, LIMIT)), more=quiet)["joined/near"] is True
    loud = {
        "table counts elsewhere, drug at least": DRUG.index("hold"),
        "table counts elsewhere, drug at most": DRUG.index("hold"),
    }
    assert given(run, wbc=high, more=quiet | loud)["joined/near"] is True


def test_an_accepted_rule_counts_in_its_table_and_not_in_all_advice(run):
    none = {f"table advice elsewhere, drug at {end}": 0 for end in ("least", "most")}
    low = Value(Span(Decimal(1), Decimal(1)))
    found = given(run, wbc=low, more=none)
    assert (found["joined/all"], found["table counts, drug at least"]) == (True, DRUG.index("stop"))
    found = given(run, wbc=low, more=none | {"accepted rules": ["counts/below"]})
    assert (found["joined/all"], found["table counts, drug at least"]) == (False, DRUG.index("stop"))
    assert found["table advice, drug at least"] == DRUG.index("do-not-raise")


def test_a_table_is_read_for_its_question_alone_and_a_view_counts_in_nothing(run):
    asked = Value(YES)
    for question, expected in (("vaccine", True), ("review", False)):
        assert given(run, asked=asked, more={"question": question})["vaccine/ask"] is expected
    known = Value(Span(Decimal(3), Decimal(3)))
    found = given(run, asked=asked, wbc=known, more={"question": "vaccine"})
    assert found["table advice, patient at least"] == PATIENT.index("tell")
    found = given(run, asked=asked, wbc=known, more={"question": "vaccine", "views": ["vaccine"]})
    assert (found["vaccine/ask"], found["table advice, patient at least"]) == (True, 0)


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("on_drug", Value(Span(Decimal(3), Decimal(3)))),
        ("on_drug", Value(origin=(date(2026, 1, 1), None), until=date(2026, 3, 1))),
        ("tpmt", Value(words=frozenset({"poor"}), several=True)),
        ("reasons", Value(words=frozenset({"liver"}))),
    ],
)
def test_a_value_that_a_parameter_cannot_hold_is_refused(run, fact, value):
    with pytest.raises(ValueError, match=fact):
        given(run, **{fact: value})


def test_everything_is_not_known_when_nothing_is_given(run):
    run.give({})
    rules = [f"{table.name}/{rule.name}" for table in small().tables for rule in table.rules]
    assert {name: run[name] for name in rules} == dict.fromkeys(rules)
    assert given(run, wbc=Value(EVERYTHING))["counts/below"] is None
