"""At any instant the states known then are the specimens of the reference, and what was put aside is the same."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given

from cohort.histories import DAY, HOME, histories
from countwell.base.dates import Moment, of_instant, whole_day
from countwell.cohort import columns as c
from countwell.cohort.integers import microseconds, stored
from countwell.cohort.of_record import of_record
from countwell.cohort.readings import held_to_wholes, read_results, wholes_of
from countwell.cohort.resolve import states
from countwell.cohort.vocabularies import Words
from countwell.facts.past import past_of
from countwell.model.records import Record, Result
from countwell.vocabulary.tests import test as listed

SECOND = timedelta(seconds=1)
STATUS = ("final", "disputed", "preliminary", "unreadable", "withdrawn")


def instants(record: Record) -> list[Moment]:
    """Each instant at which something became known, and one just before the first."""
    known = [event.received or event.collected for event in record.events]
    first = min(known, key=lambda moment: moment.at)
    return [of_instant(first.at - SECOND, HOME), *known]


def reference_at(record: Record, name: str, known_at: Moment) -> list[tuple]:
    found = past_of(record).timeline(known_at).specimens.get(name, [])
    return [
        (s.collected, s.status, s.span, s.reading.ref, s.reading.upper, s.reading.lab, s.mere_report) for s in found
    ]


def states_at(record: Record, name: str, known_at: Moment) -> list[tuple]:
    rows = read_results(record.events)
    found, _ = states(rows.get(name, []), listed(name).worse, wholes_of(name, rows))
    now = [s.specimen for s in found if s.known.at <= known_at.at and (s.until is None or known_at.at < s.until.at)]
    now.sort(key=lambda specimen: (specimen.collected.at, specimen.own.ref))
    return [(s.collected, s.status, s.span, s.reading.ref, s.reading.upper, s.reading.lab, s.mere_report) for s in now]


@given(histories())
def test_the_states_known_at_an_instant_are_the_specimens_of_the_reference(record):
    for known_at in instants(record):
        for name in ("wbc", "neutrophils"):
            assert states_at(record, name, known_at) == reference_at(record, name, known_at)


@given(histories())
def test_what_is_put_aside_at_an_instant_is_what_the_reference_puts_aside(record):
    for known_at in instants(record):
        wanted = {(r.reading.ref, r.by.ref) for r in past_of(record).timeline(known_at).put_aside}
        rows = read_results(record.events)
        found = [
            (a.reading.ref, a.by.ref)
            for name, row in rows.items()
            for a in states(row, listed(name).worse, wholes_of(name, rows))[1]
            if a.known.at <= known_at.at and (a.until is None or known_at.at < a.until.at)
        ]
        assert sorted(found) == sorted(wanted)


@given(histories())
def test_the_rows_of_the_store_say_the_same_in_integers(record):
    words = Words()
    columns = [name for name in c.LABS.names if name != "patient"]
    rows = [dict(zip(columns, row, strict=True)) for row in of_record(record, words).labs]
    for known_at in instants(record):
        at = microseconds(known_at.at)
        now = sorted(
            (row["test"], row["collected"], row["ref"], STATUS[row["status"]], row["low"], row["high"])
            for row in rows
            if row["known"] <= at < row["until"]
        )
        wanted = [
            (words.place("tests", name), microseconds(s.collected.at), s.status, *ends(s.span))
            for name in ("wbc", "neutrophils")
            for s in past_of(record).timeline(known_at).specimens.get(name, [])
        ]
        assert [(*row[:2], *row[3:]) for row in now] == wanted


def ends(span) -> tuple[int, int]:
    return (c.NO_VALUE, c.NO_VALUE) if span is None else stored(span)[:2]


def a_result(ref: str, value: str, hour: int, **more) -> Result:
    collected = of_instant(whole_day(DAY, HOME).at + timedelta(hours=9), HOME)
    received = of_instant(whole_day(DAY, HOME).at + timedelta(hours=hour), HOME)
    fields = {"collected": collected, "received": received, "status": "final", "unit": "10*9/L", **more}
    return Result(ref=ref, id=ref, test="wbc", value=value, **fields)


def told(*results: Result) -> list[tuple[str, str, int, int | None]]:
    """(status, low, known hour, until hour) of each state, in order."""
    found, _ = states(read_results(results)["wbc"], "lower")
    begin = whole_day(DAY, HOME).at
    hour = lambda moment: None if moment is None else round((moment.at - begin) / timedelta(hours=1))  # noqa: E731
    rows = [
        (s.specimen.status, s.specimen.span and str(s.specimen.span.low), hour(s.known), hour(s.until)) for s in found
    ]
    return sorted(rows, key=lambda row: (row[2], row[0]))


def test_a_correction_ends_the_first_state_when_it_is_known_and_not_before():
    assert told(a_result("a", "6.1", 10), a_result("b", "2.0", 15, status="corrected")) == [
        ("final", "6.1", 10, 15),
        ("final", "2.0", 15, None),
    ]


def test_a_second_final_value_makes_a_dispute_from_then_on():
    assert told(a_result("a", "6.1", 10), a_result("b", "2.0", 15)) == [
        ("final", "6.1", 10, 15),
        ("disputed", "2.0", 15, None),
    ]


def test_a_cancellation_leaves_a_withdrawn_collection():
    assert told(a_result("a", "6.1", 10), a_result("b", "", 15, status="cancelled")) == [
        ("final", "6.1", 10, 15),
        ("withdrawn", None, 15, None),
    ]


def test_a_preliminary_value_ends_with_the_final_one():
    assert told(a_result("a", "2.0", 10, status="preliminary"), a_result("b", "6.1", 15)) == [
        ("preliminary", "2.0", 10, 15),
        ("final", "6.1", 15, None),
    ]


def test_a_state_that_the_next_report_only_repeats_goes_on():
    assert told(a_result("a", "6.1", 10), a_result("b", "6.1", 15)) == [("final", "6.1", 10, None)]


def test_readings_that_name_each_other_in_a_ring_put_none_aside():
    ring = [a_result("a", "6.1", 10, replaces="b"), a_result("b", "2.0", 15, replaces="a")]
    assert told(*ring) == [("final", "6.1", 10, 15), ("disputed", "2.0", 15, None)]


def test_a_reading_may_replace_one_of_another_day():
    other_day = of_instant(whole_day(DAY + timedelta(days=1), HOME).at + timedelta(hours=9), HOME)
    assert told(a_result("a", "6.1", 10), a_result("b", "2.0", 40, replaces="a", collected=other_day)) == [
        ("final", "6.1", 10, 40),
        ("final", "2.0", 40, None),
    ]


def test_of_two_equal_values_the_lower_upper_limit_counts_and_one_that_was_sent_before_none():
    limits = ("11.0", "10.0", None)
    row = [a_result(ref, "6.1", 10, normal_high=limit) for ref, limit in zip("abc", limits, strict=True)]
    found, _ = states(read_results(row)["wbc"], "lower")
    assert [(s.specimen.status, str(s.specimen.reading.upper)) for s in found] == [("final", "10.0")]


def test_a_correction_without_an_order_number_corrects_those_of_each_order():
    row = [
        a_result("a", "6.1", 10, order="o1"),
        a_result("b", "5.1", 10, order="o2"),
        a_result("c", "2.0", 15, status="corrected"),
    ]
    assert told(*row) == [("disputed", "5.1", 10, 15), ("final", "2.0", 15, None)]


def test_what_was_named_as_replaced_stays_put_aside_by_the_one_that_names_it():
    row = [
        a_result("a", "6.1", 10),
        a_result("b", "5.1", 12, status="corrected", replaces="a"),
        a_result("c", "2.0", 15, status="amended"),
    ]
    _, aside = states(read_results(row)["wbc"], "lower")
    assert [(a.reading.ref, a.by.ref) for a in aside if a.until is None] == [("a", "b"), ("b", "c")]


@pytest.mark.parametrize(("part", "usable"), [("6.404", True), ("6.405", True), ("6.406", False)])
def test_a_part_may_exceed_its_whole_by_rounding_and_no_more(part, usable):
    whole = a_result("a", "6.1", 10)
    row = held_to_wholes(read_results([whole, replace(whole, ref="b", id="b", test="neutrophils", value=part)]))
    assert (row["neutrophils"][0].span is not None) == usable


def test_a_part_that_exceeds_its_whole_is_a_percentage_of_the_largest_whole_of_its_specimen():
    wholes = [a_result("a", "6.0", 10), a_result("b", "2.0", 12)]
    row = held_to_wholes(read_results([*wholes, replace(wholes[0], ref="c", id="c", test="neutrophils", value="50")]))
    problem = row["neutrophils"][0].problem
    assert problem is not None
    assert (problem.why, problem.values) == ("implausible", (Decimal("3.0"),))


@pytest.mark.parametrize(("whole", "part", "usable"), [("final", "final", False), ("preliminary", "final", True)])
def test_a_final_part_is_measured_by_a_final_whole_alone(whole, part, usable):
    first = a_result("a", "2.0", 10, status=whole)
    both = [first, replace(first, ref="c", id="c", test="neutrophils", value="3.4", status=part)]
    row = held_to_wholes(read_results(both))
    assert (row["neutrophils"][0].span is not None) == usable


def test_a_part_is_held_to_a_whole_from_when_the_whole_is_known():
    whole, larger = a_result("a", "2.0", 12), a_result("b", "6.0", 15)
    rows = read_results(
        [whole, larger, replace(whole, ref="c", id="c", test="neutrophils", value="3.4", received=None)]
    )
    found, _ = states(rows["neutrophils"], "lower", wholes_of("neutrophils", rows))
    assert [(s.specimen.status, s.known, s.until) for s in found] == [
        ("final", rows["neutrophils"][0].known, rows["wbc"][0].known),
        ("unreadable", rows["wbc"][0].known, rows["wbc"][1].known),
        ("final", rows["wbc"][1].known, None),
    ]
