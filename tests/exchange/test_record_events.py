"""One event that cannot be read is refused with its reason, and the others go on."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countwell.exchange.events import DECISIONS, KEPT
from countwell.exchange.repeats import id_of, said
from countwell.exchange.strict_json import plain
from countwell.model import records
from exchange.making import record, refused_of, result

DECISION = {"kind": "decision", "do": "start", "at": "2025-06-02", "mg_per_day": "50"}
SYMPTOM = {"kind": "symptom", "symptom": "fever", "since": "2026-03-01"}
MEDICINE = {"kind": "medicine", "name": "allopurinol", "from": "2026-03-01"}


def only(event, **patient):
    read = record(event, **patient)
    assert read.refused == ()
    return read.events[0]


def test_the_others_go_on():
    read = record(result(), {"kind": "dream"}, 3, None, [], "text", result(value="4"))
    assert [event.value for event in read.events] == ["3.0", "4"]
    assert len(read.refused) == 5


def test_an_event_that_is_no_object_is_kept_as_sent():
    refused = refused_of(["a", 1])
    assert (refused.why, refused.as_sent) == ("unreadable", '["a","1"]')


@pytest.mark.parametrize("kind", ["dream", "", None, 7, "Result"])
def test_an_unknown_kind_is_refused(kind):
    assert refused_of({"kind": kind, "at": "2026-03-01"}).field == "kind"


@pytest.mark.parametrize(
    "date",
    [
        "03/04/2026",
        "2026-02-30",
        "2026-3-1",
        "20260301",
        "2026-03-01T09:00:00",
        "1 March",
        "２０２６-03-01",
        2026,
        True,
        ["x"],
        "",
    ],
)
def test_a_date_that_is_not_plain_is_refused(date):
    refused = refused_of({"kind": "weight", "at": date, "value": "70", "unit": "kg"})
    assert refused.field == "at"
    assert refused.why in ("unreadable", "missing")


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (DECISION, "at"),
        (SYMPTOM, "since"),
        ({"kind": "test-ordered", "test": "tpmt"}, "at"),
        ({"kind": "weight", "value": "70"}, "at"),
        ({"kind": "list-confirmed", "list": "medicines"}, "at"),
        ({"kind": "genotype", "gene": "TPMT", "result": "*1/*1"}, "at"),
        ({"kind": "vaccination", "vaccine": "covid-19"}, "at"),
        ({"kind": "dose-taken", "mg": "50"}, "at"),
        ({"kind": "dose-missed"}, "due"),
        ({"kind": "died"}, "at"),
    ],
)
def test_every_event_needs_its_own_date(event, field):
    assert refused_of({**event, field: None}).field == field


def test_a_day_is_the_patients_own():
    event = only({**DECISION, "at": "2026-03-01T23:30:00-05:00"}, time_zone="Europe/London")
    assert event.at.day.isoformat() == "2026-03-02"


@pytest.mark.parametrize("do", DECISIONS)
def test_every_decision_is_read(do):
    assert only({**DECISION, "do": do}).do == do


@pytest.mark.parametrize("mg", ["0", "-50", "fifty", "NaN", "1e2", "5,0", "５０", "", True, {}, "9999999"])
def test_a_dose_that_is_no_number_above_0_is_refused(mg):
    assert refused_of({**DECISION, "mg_per_day": mg}).field == "mg_per_day"


def test_a_dose_is_read_through_its_text():
    assert only({**DECISION, "mg_per_day": 62.5}).mg_per_day == Decimal("62.5")


def test_a_decision_that_cannot_be_read_is_for_a_person():
    assert refused_of({**DECISION, "do": "stop", "at": "03/04/2026"}).held


def test_a_reason_is_read_by_its_listed_name():
    event = only({**DECISION, "do": "stop", "reason": "low white cells"})
    assert (event.reason, event.text) == ("leucopenia", None)


def test_a_free_reason_is_other_and_kept():
    event = only({**DECISION, "do": "stop", "reason": "felt odd"})
    assert (event.reason, event.text) == ("other", "felt odd")


def test_a_transfer_in_may_begin_in_a_year():
    event = only({**DECISION, "do": "transfer-in", "since": "2019"})
    assert event.since.day.isoformat() == "2019-01-01"


def test_an_acceptance_names_its_finding():
    event = only({"kind": "decision", "do": "accept", "at": "2026-03-01", "finding": "a/b/c", "until": "2026-06-01"})
    assert (event.finding, event.until.isoformat()) == ("a/b/c", "2026-06-01")


def test_a_symptom_is_read_by_any_of_its_names():
    assert only({**SYMPTOM, "symptom": "High  temperature"}).symptom == "fever"


def test_a_symptom_that_is_not_listed_goes_to_a_person():
    refused = refused_of({**SYMPTOM, "symptom": "tingling ears"})
    assert (refused.why, refused.held, refused.as_sent) == ("not-listed", True, "tingling ears")


@pytest.mark.parametrize(
    ("sent", "present"), [({}, True), ({"present": True}, True), ({"present": False}, False), ({"present": None}, None)]
)
def test_a_symptom_is_present_denied_or_not_known(sent, present):
    assert only({**SYMPTOM, **sent}).present is present


@pytest.mark.parametrize(
    "words", ["no fever", "Fever: none", "denies fever", "fever?", "fever and chills", "not febrile"]
)
@pytest.mark.parametrize("kind", ["symptom", "note"])
def test_free_words_about_a_symptom_are_neither_the_symptom_nor_its_denial(words, kind):
    sent = {**SYMPTOM, "symptom": words} if kind == "symptom" else {"kind": "note", "at": "2026-03-01", "text": words}
    read = record(sent)
    assert not [event for event in read.events if isinstance(event, records.Symptom)]
    assert [(refused.why, refused.held, refused.as_sent) for refused in read.refused] == (
        [("not-listed", True, words)] if kind == "symptom" else []
    )


@pytest.mark.parametrize("present", ["true", 1, "yes", [], 0])
def test_present_is_true_false_or_null(present):
    assert refused_of({**SYMPTOM, "present": present}).field == "present"


def test_the_details_of_a_symptom_are_three_valued():
    event = only({**SYMPTOM, "symptom": "abdominal-pain", "details": {"worse-lying-down": True, "upper": None}})
    assert event.details == {"worse-lying-down": True, "upper": None}


def test_what_ends_before_it_begins_is_refused():
    assert refused_of({**SYMPTOM, "until": "2026-02-01"}).field == "until"
    assert refused_of({**MEDICINE, "to": "2026-02-01"}).field == "to"


@pytest.mark.parametrize("name", ["Zyloric", "Allopurinol 300 mg tablets", "ALLOPURINOL"])
def test_a_medicine_is_read_by_any_of_its_names(name):
    assert only({**MEDICINE, "name": name}).name == "allopurinol"


def test_a_medicine_that_is_not_listed_is_kept_and_goes_to_a_person():
    read = record({**MEDICINE, "name": "moon dust"})
    (medicine,), (refused,) = read.events, read.refused
    assert (medicine.name, medicine.listed) == ("moon dust", False)
    assert (refused.why, refused.held, refused.event) == ("not-listed", True, "#0")


def test_a_medicine_taken_since_nobody_knows_when_is_read():
    assert only({**MEDICINE, "from": None}).start is None


def test_a_medicine_whose_code_and_name_differ_goes_to_a_person():
    refused = refused_of({**MEDICINE, "code": {"system": "rxnorm", "code": "1256"}})
    assert (refused.field, refused.why, refused.held) == ("code", "disputed", True)


def test_a_code_alone_names_a_medicine():
    assert only({**MEDICINE, "name": None, "code": {"system": "atc", "code": "M04AA01"}}).name == "allopurinol"


def test_a_medicine_without_name_and_code_goes_to_a_person():
    assert refused_of({**MEDICINE, "name": None}).held


def test_a_history_that_is_not_listed_is_kept_and_goes_to_a_person():
    read = record({"kind": "history", "what": "odd pancreas", "at": "2019"})
    assert read.events[0].what == "odd pancreas"
    assert read.refused[0].why == "not-listed"


def test_a_history_may_be_of_a_year_and_names_its_cause():
    event = only({"kind": "history", "what": "acute pancreatitis", "cause": "Imuran", "at": "2019"})
    assert (event.what, event.cause) == ("pancreatitis", "azathioprine")


def test_influenza_alone_asks_which_product():
    refused = refused_of({"kind": "vaccination", "vaccine": "influenza", "at": "2025-10-01"})
    assert refused.held
    assert "influenza, nasal" in refused.do


def test_a_gene_that_is_not_listed_goes_to_a_person():
    assert refused_of({"kind": "genotype", "gene": "BRCA1", "result": "x", "at": "2025-05-20"}).held


def test_a_group_of_tests_can_be_ordered():
    assert only({"kind": "test-ordered", "test": "FBC", "at": "2026-02-20", "status": "pending"}).test == "cbc"


@pytest.mark.parametrize("kind", KEPT)
def test_further_kinds_are_kept_as_sent(kind):
    sent = {"kind": kind, "at": "2026-03-01", "anything": {"at": ["all"]}}
    event = only(sent)
    assert isinstance(event, records.Kept)
    assert (event.kind, event.content) == (kind, sent)


def test_doses_taken_and_missed_are_read():
    taken = only({"kind": "dose-taken", "at": "2026-03-01T08:00:00-05:00", "mg": "50"})
    missed = only({"kind": "dose-missed", "due": "2026-03-01T08:00:00-05:00"})
    assert (taken.mg, missed.due) == (Decimal(50), taken.at)


def test_an_event_marked_by_whoever_took_it_in_is_not_used():
    mark = {"field": "subject", "why": "disputed", "says": "another patient", "do": "ask", "held": True}
    refused = refused_of(result(not_used=mark, value="1.2"))
    assert (refused.field, refused.says, refused.held, refused.literal) == (
        "subject",
        "Another patient",
        True,
        Decimal("1.2"),
    )


KIND = st.sampled_from(["decision", "result", "symptom", "medicine", "weight", "note", "history", "died", "dream", ""])
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=9), inner, max_size=3)
    ),
    max_leaves=9,
)
FIELD = st.sampled_from(
    "do at id since until value unit test code status collected name from to what present details list kind".split()
)
EVENT = (
    st.builds(lambda kind, fields: {"kind": kind, **fields}, KIND, st.dictionaries(FIELD, ANYTHING, max_size=6))
    | ANYTHING
)


@given(st.lists(EVENT, max_size=8))
def test_every_event_is_read_or_refused_or_repeats_one_that_is(events):
    read = record(*events)
    told = {event.ref for event in read.events} | {refused.event for refused in read.refused}
    sent = [plain(event) for event in events]
    for place, event in enumerate(sent):
        earlier = [said(other) for other in sent[:place]]
        assert (id_of(event) or f"#{place}") in told or said(event) in earlier
