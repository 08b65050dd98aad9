"""A laboratory result: which test, which status, whose; its value stays the text that was sent."""

from decimal import Decimal

import pytest

from exchange.making import record, refused_of, result


def test_a_number_stays_the_text_that_was_sent():
    assert record(result(value=3.10)).events[0].value == "3.1"
    assert record(result(value="3.10")).events[0].value == "3.10"


@pytest.mark.parametrize("value", ["-3.1", "<0.5", "CLOTTED", "３.０", "2,04", "", "1e400", None])
def test_a_value_is_not_judged_here(value):
    assert record(result(value=value)).events[0].value == value


@pytest.mark.parametrize("value", [True, False, [], {}, ["3.0"]])
def test_a_value_that_is_neither_text_nor_number_is_refused(value):
    assert refused_of(result(value=value)).field == "value"


@pytest.mark.parametrize("status", ["preliminary", "final", "corrected", "amended", "cancelled", "entered-in-error"])
def test_the_six_statuses_are_read(status):
    assert record(result(status=status)).events[0].status == status


@pytest.mark.parametrize("status", ["F", "Final", "registered", "unknown", "done", "final "[:-1] + "ized"])
def test_any_other_status_is_refused(status):
    refused = refused_of(result(status=status))
    assert (refused.field, refused.why, refused.held) == ("status", "not-listed", True)


def test_a_missing_status_is_not_taken_as_final():
    refused = refused_of(result(status=None))
    assert (refused.field, refused.why, refused.says) == ("status", "missing", "Status missing, not taken as final.")


def test_the_test_follows_from_the_code():
    assert record(result(test=None, code={"system": "http://loinc.org", "code": "6690-2"})).events[0].test == "wbc"


def test_the_test_is_read_by_any_of_its_names():
    assert record(result(test="Leukocytes")).events[0].test == "wbc"


def test_a_code_that_is_not_listed_does_not_contradict_the_test():
    assert record(result(code={"system": "urn:our-laboratory", "code": "W1"})).events[0].test == "wbc"


def test_test_and_code_that_contradict_each_other_go_to_a_person():
    refused = refused_of(result(code={"system": "loinc", "code": "1742-6"}))
    assert (refused.field, refused.why, refused.held) == ("code", "disputed", True)


def test_the_code_of_a_percentage_is_not_read_as_a_count():
    refused = refused_of(result(test="neutrophils", value="45", unit="%", code={"system": "loinc", "code": "770-8"}))
    assert refused.field == "code"
    assert "percentage" in refused.says


def test_neither_test_nor_code_is_refused():
    assert refused_of(result(test=None)).why == "missing"


@pytest.mark.parametrize("fields", [{"test": "moon phase"}, {"test": None, "code": {"system": "loinc", "code": "0-0"}}])
def test_a_test_that_is_not_listed_goes_to_a_person(fields):
    refused = refused_of(result(**fields))
    assert (refused.why, refused.held) == ("not-listed", True)


@pytest.mark.parametrize("code", ["6690-2", {"system": "loinc"}, {"code": "6690-2"}, {"system": 1, "code": "6690-2"}])
def test_a_code_needs_system_and_code(code):
    assert refused_of(result(code=code)).field.startswith("code")


def test_a_result_needs_the_time_of_its_collection():
    refused = refused_of(result(collected=None, received="2026-03-01T15:00:00Z", value="1.7"))
    assert (refused.field, refused.why, refused.literal) == ("collected", "missing", Decimal("1.7"))


def test_a_time_without_its_offset_is_refused():
    assert refused_of(result(collected="2026-03-01T09:00:00")).field == "collected"
    assert refused_of(result(received="2026-03-01T09:00:00")).field == "received"


@pytest.mark.parametrize(
    ("printed", "part"),
    [
        ({"id": "p2"}, "id"),
        ({"id": "p1", "born": "1974-02-04"}, "born"),
        ({"id": "p1", "born": "1974-02-03", "name": "Bob Jones"}, "name"),
    ],
)
def test_the_report_of_another_patient_is_held(printed, part):
    refused = refused_of(result(identity_on_report=printed, value="1.2"), born="1974-02-03", names=["Ann Smith"])
    assert (refused.field, refused.why, refused.held) == (f"identity_on_report.{part}", "disputed", True)
    assert refused.literal == Decimal("1.2")
    assert "right patient" in refused.do


@pytest.mark.parametrize(
    "printed",
    [
        {"id": "p1"},
        {"born": "1974-02-03"},
        {"name": "SMITH-JONES, Ánn"},
        {"id": "p1", "born": "1974-02-03", "name": "A. Smith"},
        {},
    ],
)
def test_the_report_of_the_patient_is_read(printed):
    assert record(result(identity_on_report=printed), born="1974-02-03", names=["Ann Smith"]).events


def test_what_the_report_does_not_print_or_the_record_does_not_know_cannot_differ():
    assert record(result(identity_on_report={"born": "1974-02-03", "name": "Ann"})).events


@pytest.mark.parametrize(
    ("fields", "literal", "likely"),
    [
        ({"value": "1.7"}, Decimal("1.7"), ()),
        ({"value": "<0.5"}, Decimal("0.5"), ()),
        ({"value": "1700", "unit": "/uL"}, Decimal("1.7"), ()),
        ({"value": "3000", "unit": "/mL"}, Decimal("0.003"), (Decimal(3),)),
        ({"value": "CLOTTED"}, None, ()),
        ({"value": ["1.7"]}, None, ()),
    ],
)
def test_what_a_refused_result_may_mean_is_kept_to_judge_its_urgency(fields, literal, likely):
    refused = refused_of(result(status=None, **fields))
    assert (refused.literal, refused.likely, refused.test) == (literal, likely, "wbc")
    assert refused.at.day.isoformat() == "2026-03-01"
    assert refused.tell == "laboratory desk"


def test_what_was_sent_is_shown_as_value_and_unit():
    assert refused_of(result(status=None, value="3000", unit="/mL")).as_sent == "3000 /mL"


def test_a_huge_value_is_shown_short():
    assert len(refused_of(result(status=None, value="9" * 10_000)).as_sent) < 300
    assert refused_of(result(value="9" * 100_000)).field == "value"


def test_control_characters_are_not_shown():
    assert "\x1b" not in refused_of(result(status=None, value="\x1b[31m3.0")).as_sent
