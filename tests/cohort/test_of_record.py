"""A record as rows: what each kind of event fills, what is widened, and that nothing disappears.

Longer than other modules: each kind of event and each flag of a row has its own case.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cohort import patients_at_random
from cohort.chosen import PROTOCOLS
from countwell.base.dates import moment, zone
from countwell.base.spans import INFINITY, Span
from countwell.cohort import columns as c
from countwell.cohort.integers import NOTHING, day_number, dose, limit, microseconds, stored
from countwell.cohort.of_record import of_record, write_records
from countwell.cohort.vocabularies import Words
from countwell.engine.decide import decide
from countwell.exchange.record_json import read_record
from countwell.facts.asked import NOTHING_ASKED
from countwell.facts.past import past_of
from countwell.questions.ask import joined

HOME = "America/New_York"
NOON = "2026-03-01T12:00:00-05:00"
LATER = "2026-03-02T12:00:00-05:00"


def record(*events: dict, **patient: object):
    head = {"id": "p1", "time_zone": HOME, **patient}
    numbered = [{"id": f"e{place}", **event} for place, event in enumerate(events)]
    return read_record({"schema": "countwell.record/1", "patient": head, "course": {}, "events": numbered})


def at(text: str) -> int:
    return microseconds(moment(text, zone(HOME)).at)


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def rows(kind: int, *events: dict, words: Words | None = None) -> list[dict]:
    """The rows of one kind, by column."""
    found = of_record(record(*events), words or Words()).events
    named = [dict(zip(c.EVENTS.names[1:], row, strict=True)) for row in found]
    return [row for row in named if row["kind"] == kind]


def row(kind: int, event: dict) -> dict:
    (found,) = rows(kind, event)
    return found


def lab(event: dict) -> dict:
    result = {"kind": "result", "test": "wbc", "unit": "10*9/L", "status": "final", "collected": NOON} | event
    (found,) = of_record(record(result), Words()).labs
    return dict(zip(c.LABS.names[1:], found, strict=True))


def word(name: str, place: int) -> str:
    return Words().lists[name][place]


# Numbers


@pytest.mark.parametrize(
    ("span", "wanted"),
    [
        (Span(Decimal("3.0"), Decimal("3.0")), (3000, 3000, 0)),
        (Span(Decimal("2.9999"), Decimal("2.9999")), (2999, 3000, c.LOW_OPEN | c.HIGH_OPEN)),
        (Span(Decimal("3.0001"), Decimal("3.0001")), (3000, 3001, c.LOW_OPEN | c.HIGH_OPEN)),
        (Span(Decimal("3.001"), Decimal("3.001")), (3001, 3001, 0)),
        (Span(Decimal(0), Decimal("0.5"), False, True), (0, 500, c.HIGH_OPEN)),
        (Span(Decimal(0), Decimal("0.5")), (0, 500, 0)),
        (Span(Decimal(0), Decimal("0.4995")), (0, 500, c.HIGH_OPEN)),
        (Span(Decimal("300"), INFINITY, True, True), (300_000, c.ABOVE_ALL, c.LOW_OPEN | c.HIGH_OPEN)),
        (Span(Decimal("1e12"), Decimal("1e12")), (c.ABOVE_ALL, c.ABOVE_ALL, c.LOW_OPEN | c.HIGH_OPEN)),
    ],
)
def test_a_value_with_more_than_three_decimals_is_widened_and_never_rounded(span, wanted):
    assert stored(span) == wanted


@pytest.mark.parametrize(("mg", "wanted"), [("62.5", 62_500), ("0.001", 1), ("0.0005", c.NO_VALUE), (None, c.NO_VALUE)])
def test_a_dose_finer_than_a_thousandth_is_not_known(mg, wanted):
    assert dose(None if mg is None else Decimal(mg)) == wanted


@pytest.mark.parametrize(
    ("upper", "wanted"),
    [("40", (40_000, False)), ("40.0005", (40_000, True)), ("0", (c.NO_VALUE, False)), ("-1", (c.NO_VALUE, False))],
)
def test_a_limit_of_nothing_was_not_sent_and_a_finer_one_lies_above(upper, wanted):
    assert limit(Decimal(upper)) == wanted


def test_instants_are_exact_to_the_microsecond():
    assert at("2026-03-01T12:00:00.000001-05:00") - at(NOON) == 1


# Results


def test_a_final_value_is_known_from_its_receipt_and_never_replaced():
    found = lab({"value": "3.0", "received": LATER, "normal_high": "10.0", "lab": "A"})
    assert (found["low"], found["high"], found["upper"], found["status"], found["flags"]) == (
        3000,
        3000,
        10_000,
        c.FINAL,
        0,
    )
    assert (found["collected"], found["known"], found["until"]) == (at(NOON), at(LATER), c.NEVER)
    assert (found["collected_day"], found["known_day"], found["until_day"]) == (
        day("2026-03-01"),
        day("2026-03-02"),
        c.NEVER_DAY,
    )


def test_a_value_without_receipt_is_known_from_its_collection_and_says_so():
    found = lab({"value": "3.0"})
    assert (found["known"], found["flags"], found["upper"]) == (at(NOON), c.NO_RECEIPT, c.NO_VALUE)


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        ({"status": "preliminary"}, True),
        ({"status": "preliminary", "value": "?"}, True),
        ({}, False),
        ({"value": "?"}, False),
    ],
)
def test_a_collection_of_which_only_a_preliminary_report_speaks_is_marked(sent, wanted):
    assert bool(lab({"value": "3.0", **sent})["flags"] & c.MERE_REPORT) is wanted


def test_a_whole_day_stands_at_its_midnight_where_the_patient_lives():
    found = lab({"value": "3.0", "collected": "2026-03-08", "received": LATER})
    assert (found["collected"], found["flags"]) == (at("2026-03-08T00:00:00-05:00"), c.WHOLE_DAY)


def test_a_censored_value_is_open_at_its_end():
    assert lab({"value": "<0.5", "received": NOON})["flags"] == c.HIGH_OPEN


def test_a_value_in_another_unit_is_stored_in_the_tests_own():
    assert lab({"value": "3000", "unit": "/uL"})["low"] == 3000


def test_an_unreadable_result_is_a_state_and_an_unused_input():
    event = {
        "kind": "result",
        "test": "wbc",
        "unit": None,
        "value": "1.9",
        "status": "final",
        "collected": NOON,
        "normal_high": "10",
    }
    found = lab(event)
    assert (found["status"], word("whys", found["why"])) == (c.UNREADABLE, "no-unit")
    assert (found["low"], found["high"]) == (c.NO_VALUE, c.NO_VALUE)
    unused = row(c.NOT_USED, event)
    assert (word("not_used", unused["code"]), word("tests", unused["more"])) == ("result", "wbc")
    assert (unused["value"], unused["upper"], unused["end"], unused["bits"]) == (1900, 10_000, at(NOON), c.NEVER)


def test_a_result_without_receipt_beside_a_worse_report_of_one_collection_is_told_until_then():
    """The row of that collection is the worse report's, which came later: without one of its own nobody would be told of the other."""
    one = {"kind": "result", "test": "wbc", "unit": "10*9/L", "status": "preliminary", "collected": NOON}
    alone, other = {**one, "value": "1.9"}, {**one, "value": "1.1", "received": LATER}
    assert rows(c.NOT_USED, alone) == []
    assert rows(c.NOT_USED, other) == []
    (told,) = rows(c.NOT_USED, alone, other)
    assert (told["at"], told["end"], told["bits"], told["value"]) == (at(NOON), c.LONG_AGO, at(NOON), 1900)


def test_an_unused_input_stands_until_a_correction_puts_it_aside():
    first = {
        "kind": "result",
        "test": "wbc",
        "unit": "10*9/L",
        "value": "3,0",
        "status": "final",
        "collected": NOON,
        "received": NOON,
    }
    second = {**first, "value": "3.0", "status": "corrected", "received": LATER}
    (unused,) = rows(c.NOT_USED, first, second)
    assert (unused["end"], unused["bits"]) == (at(NOON), at(LATER))
    assert (unused["value"], unused["other"]) == (3000, 30_000)


def test_neutrophils_above_the_white_cells_are_an_unused_input():
    result = {"kind": "result", "test": "wbc", "unit": "10*9/L", "value": "6.0", "status": "final", "collected": NOON}
    (unused,) = rows(c.NOT_USED, result, {**result, "test": "neutrophils", "value": "50"})
    assert (word("tests", unused["more"]), unused["value"]) == ("neutrophils", 3000)


# Other events


def test_a_decision_keeps_dose_frequency_and_the_day_since_when():
    event = {
        "kind": "decision",
        "do": "transfer-in",
        "at": NOON,
        "mg_per_day": "62.5",
        "frequency": "od",
        "since": "2019-05",
    }
    found = row(c.DECISION, event)
    assert (word("dos", found["code"]), found["value"], word("frequencies", found["other"])) == (
        "transfer-in",
        62_500,
        "once daily",
    )
    assert (found["bits"], found["end_day"]) == (day("2019-05-01"), c.NEVER_DAY)


def test_a_frequency_that_no_list_knows_is_not_the_same_as_none():
    decisions = [
        {"kind": "decision", "do": "start", "at": NOON},
        {"kind": "decision", "do": "start", "at": LATER, "frequency": "?"},
    ]
    assert [found["other"] for found in rows(c.DECISION, *decisions)] == [0, 1]


def test_a_hold_keeps_its_reason_and_the_day_to_decide_by():
    found = row(
        c.DECISION, {"kind": "decision", "do": "hold", "at": NOON, "reason": "liver", "decide_by": "2026-03-05"}
    )
    assert (word("reasons", found["more"]), found["end_day"]) == ("liver", day("2026-03-05"))


def test_an_acceptance_keeps_its_finding_and_its_last_day():
    words = Words()
    event = {"kind": "decision", "do": "accept", "at": NOON, "finding": "cidp/white-cells/warn", "until": "2026-04-01"}
    (found,) = rows(c.DECISION, event, words=words)
    assert (words.lists["findings"][found["more"]], found["end_day"]) == ("cidp/white-cells/warn", day("2026-04-01"))


def test_a_decision_is_unfounded_from_when_its_result_is_put_aside():
    first = {
        "kind": "result",
        "test": "wbc",
        "unit": "10*9/L",
        "value": "6.0",
        "status": "final",
        "collected": NOON,
        "received": NOON,
    }
    second = {**first, "value": "2.0", "status": "corrected", "received": LATER}
    decision = {"kind": "decision", "do": "raise", "at": "2026-03-01T13:00:00-05:00", "rests_on": ["e0"]}
    (found,) = rows(c.UNFOUNDED, first, second, decision)
    assert (found["at"], found["end"]) == (at(LATER), c.NEVER)
    assert rows(c.UNFOUNDED, first, second, {**decision, "rests_on": ["e1"]}) == []


def test_a_decision_on_a_preliminary_value_that_is_confirmed_is_founded():
    first = {
        "kind": "result",
        "test": "wbc",
        "unit": "10*9/L",
        "value": "6.0",
        "status": "preliminary",
        "collected": NOON,
    }
    second = {**first, "status": "final", "received": LATER}
    decision = {"kind": "decision", "do": "raise", "at": LATER, "rests_on": ["e0"]}
    assert rows(c.UNFOUNDED, first, second, decision) == []
    assert len(rows(c.UNFOUNDED, first, {**second, "value": "6.1"}, decision)) == 1


def test_a_weight_that_cannot_be_read_stands_and_is_an_unused_input_that_calls_for_nothing():
    event = {"kind": "weight", "at": NOON, "value": "seventy", "unit": "kg"}
    assert (row(c.WEIGHT, event)["value"], row(c.WEIGHT, event)["other"]) == (c.NO_VALUE, c.NO_VALUE)
    assert word("not_used", row(c.NOT_USED, event)["code"]) == "other"


@pytest.mark.parametrize(("born", "kg"), [("1974-01-15", c.NO_VALUE), ("2012-01-15", 24_900)])
def test_a_weight_that_no_adult_has_stands_without_its_value(born, kg):
    words = Words()
    rows = of_record(record({"kind": "weight", "at": NOON, "value": "24.9", "unit": "kg"}, born=born), words).events
    named = [dict(zip(c.EVENTS.names[1:], each, strict=True)) for each in rows]
    assert [each["value"] for each in named if each["kind"] == c.WEIGHT] == [kg]
    assert len(named) == (2 if kg == c.NO_VALUE else 1)


def test_a_weight_in_pounds_is_a_span_of_one_gram():
    found = row(c.WEIGHT, {"kind": "weight", "at": NOON, "value": "150", "unit": "lb"})
    assert (found["value"], found["other"]) == (68_038, 68_039)
    assert found["flags"] == c.LOW_OPEN | c.HIGH_OPEN


@pytest.mark.parametrize(("present", "wanted"), [(True, 1), (False, 0), (None, 2)])
def test_a_symptom_is_there_or_not_or_not_known(present, wanted):
    assert row(c.SYMPTOM, {"kind": "symptom", "symptom": "fever", "since": NOON, "present": present})["more"] == wanted


def test_the_details_of_a_symptom_stand_in_the_order_of_its_list():
    details = {"spreading": False, "pustules": True, "tender-bumps": None}
    found = row(c.SYMPTOM, {"kind": "symptom", "symptom": "rash", "since": NOON, "details": details})
    assert found["bits"] == 2 | 1 << 4


@pytest.mark.parametrize(
    ("value", "wanted"), [("38.5", (38_500, 38_500)), (None, NOTHING[:2]), ("hot", NOTHING[:2]), ("101.3", NOTHING[:2])]
)
def test_the_value_of_a_symptom_is_kept_if_it_can_be_read(value, wanted):
    found = row(c.SYMPTOM, {"kind": "symptom", "symptom": "fever", "since": NOON, "value": value})
    assert (found["value"], found["other"]) == wanted


def test_a_medicine_since_an_unknown_time_begins_long_ago_and_one_that_goes_on_never_ends():
    found = row(c.MEDICINE, {"kind": "medicine", "name": "allopurinol"})
    assert (word("medicines", found["code"]), found["at"], found["end"]) == ("allopurinol", c.LONG_AGO, c.NEVER)
    ended = row(c.MEDICINE, {"kind": "medicine", "name": "allopurinol", "from": NOON, "to": "2026-03-02"})
    assert (ended["at"], ended["end_day"], ended["flags"]) == (at(NOON), day("2026-03-02"), c.END_WHOLE_DAY)


def test_a_medicine_that_no_list_knows_stands_and_is_an_unused_name():
    event = {"kind": "medicine", "name": "grandmother's drops", "from": NOON}
    assert row(c.MEDICINE, event)["code"] == 0
    assert word("not_used", row(c.NOT_USED, event)["code"]) == "name"


def test_a_genotype_is_every_phenotype_that_it_leaves_possible():
    found = row(c.GENOTYPE, {"kind": "genotype", "gene": "TPMT", "result": "*1/*3A", "at": NOON})
    assert (word("genes", found["code"]), found["bits"], found["more"]) == (
        "TPMT",
        1 << Words().place("phenotypes", "intermediate"),
        0,
    )
    unread = row(c.GENOTYPE, {"kind": "genotype", "gene": "TPMT", "result": "see report", "at": NOON})
    assert unread["bits"] == 2 ** len(Words().lists["phenotypes"]) - 1


def test_an_enzyme_activity_after_a_transfusion_leaves_every_phenotype_possible():
    activity = {"kind": "result", "test": "tpmt", "value": "100", "unit": "mU/L", "status": "final", "collected": NOON}
    normal = row(c.GENOTYPE, activity)
    (given,) = rows(c.GENOTYPE, activity, {"kind": "circumstance", "what": "transfused", "from": "2026-01-10"})
    assert normal["bits"] == 1 << Words().place("phenotypes", "normal")
    assert given["bits"] == 2 ** len(Words().lists["phenotypes"]) - 1


def test_an_activity_says_something_of_its_gene_from_when_it_is_known_unless_it_is_withdrawn():
    event = {
        "kind": "result",
        "test": "tpmt",
        "unit": "U/mL",
        "value": "30",
        "status": "final",
        "collected": NOON,
        "received": LATER,
    }
    found = row(c.GENOTYPE, event)
    assert (found["at"], found["more"], found["bits"] > 0) == (at(LATER), 1, True)
    assert rows(c.GENOTYPE, {**event, "status": "cancelled", "value": None}) == []


@pytest.mark.parametrize(("status", "wanted"), [("pending", 1), (None, 1), ("done", 0), ("cancelled", 0)])
def test_an_order_waits_unless_it_is_said_to_be_done_or_cancelled(status, wanted):
    found = row(c.ORDER, {"kind": "test-ordered", "test": "tpmt", "at": NOON, "status": status})
    assert (word("tests", found["code"]), found["more"]) == ("tpmt", wanted)


@pytest.mark.parametrize(("vaccine", "wanted"), [("yellow fever", 1), ("tetanus", 0)])
def test_a_vaccine_is_live_or_not(vaccine, wanted):
    assert row(c.VACCINATION, {"kind": "vaccination", "vaccine": vaccine, "at": NOON})["code"] == wanted


@pytest.mark.parametrize(
    ("label", "value", "frequency"),
    [
        ({"mg_per_day": "100", "frequency": "once daily"}, 100_000, "once daily"),
        ({"mg_per_day": "<100"}, c.NO_VALUE, ""),
        ({"frequency": "at will"}, c.NO_VALUE, "not listed"),
    ],
)
def test_a_label_says_a_dose_and_a_frequency_or_neither(label, value, frequency):
    found = row(c.LABEL, {"kind": "label", "at": NOON, **label})
    assert (found["value"], word("frequencies", found["other"])) == (value, frequency)


def test_a_label_without_a_date_and_kinds_that_no_rule_reads_write_nothing():
    kept = [{"kind": "label", "mg_per_day": "100"}, {"kind": "note", "at": NOON}, {"kind": "dose-taken", "at": NOON}]
    assert of_record(record(*kept), Words()).events == []


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ({"kind": "decision", "do": "double", "at": NOON}, "patient"),
        ({"kind": "symptom", "symptom": "purple ears", "since": NOON}, "patient"),
        ({"kind": "nothing known"}, "patient"),
        ({"kind": "vaccination", "vaccine": "unknown", "at": NOON}, "name"),
        ({"kind": "result", "test": "wbc", "value": "1.9", "unit": "10*9/L", "collected": NOON}, "result"),
        ({"kind": "result", "test": "unknown", "value": "1.9", "status": "final", "collected": NOON}, "other"),
        ({"kind": "test-ordered", "test": "unknown", "at": NOON}, "other"),
    ],
)
def test_what_the_reader_refuses_becomes_an_unused_input_of_its_kind(event, what):
    assert word("not_used", row(c.NOT_USED, event)["code"]) == what


def test_an_unused_input_without_a_date_stands_ever_and_always_matters():
    found = row(c.NOT_USED, {"kind": "medicine"})
    assert (found["at"], found["at_day"], found["end"], found["bits"]) == (c.LONG_AGO, c.NO_DAY, c.LONG_AGO, c.NEVER)


def test_who_the_patient_is_stands_in_places_of_the_lists():
    words = Words()
    who = record(born="1974-01-15", sex="female", country="GB")
    found = dict(zip(c.PATIENTS.names[1:], of_record(who, words).patient, strict=True))
    assert (found["id"], found["born"], words.lists["sexes"][found["sex"]]) == ("p1", day("1974-01-15"), "female")
    assert (words.lists["countries"][found["country"]], words.lists["zones"][found["zone"]]) == ("gb", HOME)
    assert (found["condition"], found["protocol"]) == (0, 0)


# At random


RUNNING_DOSE = ("mg_per_day", "frequency", "do")
DOUBTED_LIMIT = (
    "normal_high"  # the value beside it is used, and the laboratory row has no limit: nothing hangs on a row of its own
)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_as_many_unused_inputs_stand_at_an_instant_as_the_reference_tells(protocol):
    """Those that hang on the instant itself (a result from the future, the running dose) are the pass's own."""
    instant = patients_at_random.as_of(0)
    for document in patients_at_random.records(protocol, 40, 7, instant):
        read = read_record(document)
        when = moment(instant.isoformat(), zone(read.patient.time_zone))
        told = decide(joined(protocol), past_of(read), as_of=when, known_at=when, asked=NOTHING_ASKED).refused
        wanted = [
            item
            for item in told
            if item.field not in (*RUNNING_DOSE, DOUBTED_LIMIT) and "after the day" not in item.says
        ]
        now = microseconds(instant)
        named = [dict(zip(c.EVENTS.names[1:], row, strict=True)) for row in of_record(read, Words()).events]
        standing = [
            row for row in named if row["kind"] == c.NOT_USED and row["end"] <= now < row["bits"] and row["at"] <= now
        ]
        assert len(standing) == len(wanted)


LIMITS = [("9", None), ("10", 10_000), ("120", 120_000), ("121", None), ("400", None), ("0", None)]


@pytest.mark.parametrize(("limit", "stored"), LIMITS)
def test_the_store_holds_believed_limits_alone(limit, stored):
    found = lab({"test": "alt", "value": "130", "unit": "U/L", "normal_high": limit})
    assert (found["low"], found["upper"]) == (130_000, c.NO_VALUE if stored is None else stored)


def test_records_written_and_read_again_are_the_same_rows(tmp_path):
    read = [read_record(document) for document in patients_at_random.records("mg", 25, 3, patients_at_random.as_of(0))]
    store = write_records(read, tmp_path / "store", patients_per_row_group=10, patients_per_part=20)
    words = Words()
    wanted = [of_record(each, words) for each in read]
    assert store.manifest["labs"] == words.lists["labs"]
    for group, first in zip(store.row_groups(), (0, 10, 20), strict=True):
        labs = [(first + n, *row) for n, rows in enumerate(wanted[first : first + 10]) for row in rows.labs]
        events = [(first + n, *row) for n, rows in enumerate(wanted[first : first + 10]) for row in rows.events]
        assert list(zip(*(group.labs[name].tolist() for name in c.LABS.names), strict=True)) == labs
        assert list(zip(*(group.events[name].tolist() for name in c.EVENTS.names), strict=True)) == events


def test_the_patients_of_a_seed_are_the_same_however_many_are_asked_for():
    instant = patients_at_random.as_of(0)
    all_of_them = list(patients_at_random.records("cidp", 12, 5, instant))
    assert all_of_them[8:] == list(patients_at_random.records("cidp", 4, 5, instant, first=8))
    assert all_of_them != list(patients_at_random.records("cidp", 12, 6, instant))
