"""The comparison of engines: nothing to say of an engine that says the same, every planted fault seen, records made small."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cohort import agree, as_reference
from cohort.chosen import PROTOCOLS
from cohort.patients_at_random import as_of, records
from countwell.cohort.columns import DECISION, NO_DAY, WEIGHT
from countwell.exchange.record_json import read_record
from countwell.facts.past import past_of
from countwell.questions.ask import joined

INSTANT = as_of(0)
WRONG = 99


def documents(protocol: str, count: int = 6) -> list:
    return list(records(protocol, count, 11, INSTANT))


def saying(protocol: str, told: list, change=lambda columns, number: None):
    """An engine that says what the reference says of these records, changed."""

    def engine(store, plan, instant):
        rows = [as_reference.status(past_of(read_record(each)), joined(protocol), plan, instant) for each in told]
        for number, row in enumerate(rows):
            change(row, number)
        return {name: [row[name] for row in rows] for name in rows[0]}

    return engine


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_an_engine_that_says_the_same_differs_in_nothing(protocol):
    told = documents(protocol)
    assert list(agree.compare(protocol, told, INSTANT, saying(protocol, told))) == []


@pytest.mark.parametrize(
    ("name", "change", "field"),
    [
        ("drug", lambda value: (value + 1) % 5, "drug"),
        ("decide_by", lambda value: value + 1, "decide_by"),
        ("no_dose", lambda value: 1 - value, "no_dose"),
        ("ceiling_mg", lambda value: value + 4, "ceiling_mg"),
        ("surely", lambda value: [value[0] ^ 1 << 3, *value[1:]], "surely mg/"),
        ("possibly", lambda value: [*value[:-1], value[-1] ^ 1], "possibly "),
        ("due_by", lambda value: [value[0] + 1, *value[1:]], "due_by cbc"),
        ("tests", lambda value: [*value[:-1], 5 if value[-1] == NO_DAY else NO_DAY], "tests "),
    ],
)
def test_a_fault_of_one_column_in_one_patient_is_seen_and_named(name, change, field):
    told = documents("mg")

    def spoil(row, number):
        if number == 2:
            row[name] = change(row[name])

    ((number, difference),) = agree.compare("mg", told, INSTANT, saying("mg", told, spoil))
    assert number == 2
    assert difference.field.startswith(field)
    assert difference.wanted != difference.found


def test_doses_may_differ_by_the_grams_of_a_weight_and_no_more():
    told = documents("mg", 1)

    def spoil(row, number):
        row["ceiling_mg"] += 3

    assert list(agree.compare("mg", told, INSTANT, saying("mg", told, spoil))) == []


def test_a_column_that_an_engine_leaves_out_is_named():
    told = documents("mg", 1)
    engine = saying("mg", told)
    found = agree.compare("mg", told, INSTANT, lambda *given: {k: v for k, v in engine(*given).items() if k != "state"})
    assert [difference.field for _, difference in found] == ["state is missing"]


def test_a_record_is_made_small_while_the_difference_stays():
    """The engine is wrong of everybody who has a weight: the weight alone is left."""
    told = next(each for each in documents("mg", 20) if is_started_and_weighed(each["events"]))
    case = agree.Case("mg", told, INSTANT, agree.Difference("state", 0, WRONG))
    small = agree.small(case, wrong_with_a_weight)
    assert [event["kind"] for event in small.document["events"]] == ["weight"]
    assert small.difference.found == WRONG


def is_started_and_weighed(events):
    decided = {event["do"] for event in events if event["kind"] == "decision"}
    kinds = {event["kind"] for event in events}
    return decided == {"start"} and {"weight", "result"} <= kinds and "died" not in kinds


def wrong_with_a_weight(store, plan, instant):
    """An engine that knows every state but of those who have a weight."""
    events = store.read(store.places[0]).events
    of = [events["patient"] == number for number in range(store.patients)]
    return {"state": [WRONG if WEIGHT in events["kind"][mine] else _state(events, mine) for mine in of]}


def _state(events, mine):
    codes, kinds = events["code"][mine], events["kind"][mine]
    return int(any(codes[kinds == DECISION]))


def test_an_instant_that_is_asked_about_knows_its_offset():
    assert as_of(0) == datetime(2026, 3, 31, 10, 0, tzinfo=UTC)
    assert len({as_of(seed) for seed in range(6)}) == 6
