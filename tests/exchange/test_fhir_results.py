"""FHIR Observations: which test, how much, how sure, when, whose. The traps that real senders set.

Longer than other modules: each trap of a sender has its own case, read against the same small bundle.
"""

import json
from decimal import Decimal

import pytest

from countwell.exchange.fhir import read_fhir
from countwell.exchange.strict_json import parse
from exchange.making import LOINC, UCUM, bundle, events, held, observation, order, quantity, taken_in


def only_result(*resources):
    intake = taken_in(*resources)
    assert intake.record.refused == ()
    (found,) = events(intake, "Result")
    return found


def report(**fields):
    usual = {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "58410-2"}]},
        "subject": {"reference": "Patient/p1"},
        "result": [{"reference": "Observation/o1"}],
    }
    return {name: value for name, value in {**usual, **fields}.items() if value is not None}


def test_a_white_cell_count_is_read():
    found = only_result(observation(issued="2026-03-01T15:00:00Z", performer=[{"display": "lab-1"}]))
    assert (found.ref, found.test, found.value, found.unit, found.status) == ("o1", "wbc", "3.0", "10*9/L", "final")
    assert (found.lab, found.received.at.isoformat()) == ("lab-1", "2026-03-01T15:00:00+00:00")
    assert found.collected.at.isoformat() == "2026-03-01T14:00:00+00:00"


@pytest.mark.parametrize("digits", ["3.0", "3.10", "0.000001", "3e0"])
def test_a_decimal_keeps_its_digits(digits):
    text = json.dumps(bundle(observation(valueQuantity=quantity("DIGITS")))).replace('"DIGITS"', digits)
    (intake,) = read_fhir([("", parse(text))])
    assert events(intake, "Result")[0].value == digits


@pytest.mark.parametrize("comparator", ["<", "<=", ">=", ">"])
def test_a_comparator_is_neither_lost_nor_invented(comparator):
    assert only_result(observation(valueQuantity=quantity(0.5, comparator=comparator))).value == f"{comparator}0.5"


@pytest.mark.parametrize("comparator", ["ad", "~", "less", ""])
def test_a_comparator_that_r4_does_not_have_is_held(comparator):
    if comparator:
        assert held(observation(valueQuantity=quantity(0.5, comparator=comparator))).field.endswith("comparator")
    else:
        assert only_result(observation(valueQuantity=quantity(0.5, comparator=comparator))).value == "0.5"


def test_a_comparator_without_a_value_is_held():
    assert "without a value" in held(observation(valueQuantity=quantity(None, comparator="<"))).says


@pytest.mark.parametrize("value", ["3.0", True, [3.0], {"value": 3.0}])
def test_a_quantity_that_is_no_number_is_held(value):
    assert held(observation(valueQuantity=quantity(value))).field == "Observation.valueQuantity.value"


@pytest.mark.parametrize("value", [[3.0], "3.0", True, 3.0])
def test_a_value_of_a_wrong_form_is_held(value):
    assert held(observation(valueQuantity=value)).held


@pytest.mark.parametrize(
    "unit",
    [
        {},
        {"unit": "10*9/L"},
        {"code": "10*9/L"},
        {"system": "urn:other", "code": "10*9/L"},
        {"system": UCUM, "unit": "10*9/L"},
    ],
)
def test_a_number_without_a_ucum_unit_is_held_and_its_urgency_kept(unit):
    refused = held(observation(valueQuantity={"value": 1.7, **unit}))
    assert refused.why == "ambiguous-unit"
    assert Decimal("1.7") in (refused.literal, *refused.likely)


def test_unit_and_code_that_name_two_units_are_held():
    assert held(observation("718-7", valueQuantity=quantity(9.1, "g/L", unit="g/dL"))).why == "ambiguous-unit"


def test_two_names_of_one_unit_do_not_differ():
    assert only_result(observation(valueQuantity=quantity(3.0, "10*3/uL", unit="K/uL"))).unit == "10*3/uL"


@pytest.mark.parametrize("text", ["<0.5", "CLOTTED", "see comment"])
def test_a_text_value_is_kept_as_sent(text):
    found = only_result(observation(valueQuantity=None, valueString=text))
    assert (found.value, found.unit) == (text, None)


def test_a_coded_value_is_kept_by_its_words():
    concept = {"coding": [{"system": "http://snomed.info/sct", "code": "260385009", "display": "Negative"}]}
    assert only_result(observation("5196-1", valueQuantity=None, valueCodeableConcept=concept)).value == "Negative"


@pytest.mark.parametrize(
    "name",
    [
        "valueBoolean",
        "valueRange",
        "valueRatio",
        "valueSampledData",
        "valueTime",
        "valueDateTime",
        "valuePeriod",
        "valueAttachment",
    ],
)
def test_other_forms_of_a_value_are_held(name):
    assert held(observation(valueQuantity=None, **{name: {"low": 1}})).field == f"Observation.{name}"


def test_two_values_at_once_are_held():
    assert "2 values" in held(observation(valueString="3.0")).says


def test_a_value_and_a_reason_why_there_is_none_are_held():
    assert held(observation(dataAbsentReason={"text": "error"})).field == "Observation.dataAbsentReason"


@pytest.mark.parametrize("absent", [None, {"coding": [{"code": "not-performed"}]}])
def test_no_value_is_no_value(absent):
    assert only_result(observation(valueQuantity=None, dataAbsentReason=absent)).value is None


@pytest.mark.parametrize("status", ["preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error"])
def test_a_status_is_read(status):
    assert only_result(observation(status=status)).status == status


@pytest.mark.parametrize("status", [None, "unknown", "registered", "F", "Final"])
def test_a_status_that_says_nothing_is_held(status):
    assert held(observation(status=status)).field == "status"


def test_a_registered_test_without_a_value_is_a_test_that_was_ordered():
    (found,) = events(taken_in(observation(status="registered", valueQuantity=None)), "TestOrdered")
    assert (found.test, found.status) == ("wbc", "pending")


@pytest.mark.parametrize(
    ("of_report", "own", "status"),
    [
        ("final", "final", "final"),
        ("final", "preliminary", "preliminary"),
        ("preliminary", "final", "preliminary"),
        ("partial", "final", "preliminary"),
        ("registered", "corrected", "preliminary"),
        ("corrected", "final", "final"),
        ("amended", "corrected", "corrected"),
        ("appended", "final", "final"),
        ("final", "cancelled", "cancelled"),
        ("preliminary", "entered-in-error", "entered-in-error"),
        ("cancelled", "entered-in-error", "entered-in-error"),
    ],
)
def test_the_worse_status_of_report_and_result_counts(of_report, own, status):
    assert only_result(observation(status=own), report(status=of_report)).status == status


@pytest.mark.parametrize("of_report", ["cancelled", "entered-in-error"])
def test_a_final_result_in_a_withdrawn_report_is_held(of_report):
    refused = held(observation(valueQuantity=quantity(1.2)), report(status=of_report))
    assert (refused.why, refused.literal) == ("disputed", Decimal("1.2"))


@pytest.mark.parametrize("of_report", ["unknown", None, "done"])
def test_a_report_whose_status_says_nothing_makes_its_results_held(of_report):
    assert held(observation(), report(status=of_report)).field == "status"


def test_the_time_of_collection_may_stand_in_the_report_or_the_specimen():
    bare = observation(effectiveDateTime=None)
    assert only_result(bare, report(effectiveDateTime="2026-03-01")).collected.day.isoformat() == "2026-03-01"
    specimen = {"resourceType": "Specimen", "id": "s1", "collection": {"collectedDateTime": "2026-02-28"}}
    drawn = {**bare, "specimen": {"reference": "Specimen/s1"}}
    assert only_result(drawn, specimen).collected.day.isoformat() == "2026-02-28"
    local = {**bare, "specimen": {"reference": "#s1"}, "contained": [specimen]}
    assert only_result(local).collected.day.isoformat() == "2026-02-28"


def test_a_period_counts_from_its_beginning():
    period = {"start": "2026-02-27", "end": "2026-03-01"}
    assert (
        only_result(observation(effectiveDateTime=None, effectivePeriod=period)).collected.day.isoformat()
        == "2026-02-27"
    )


def test_the_time_of_the_report_is_not_the_time_of_collection():
    refused = held(observation(effectiveDateTime=None, issued="2026-03-01T15:00:00Z", valueQuantity=quantity(1.7)))
    assert (refused.field, refused.literal) == ("collected", Decimal("1.7"))


@pytest.mark.parametrize("time", ["2026-03", "2026", "01/03/2026", "2026-03-01T09:00:00"])
def test_a_time_that_is_no_day_is_refused(time):
    (refused,) = taken_in(observation(effectiveDateTime=time)).record.refused
    assert refused.field == "collected"


def test_the_normal_range_comes_along():
    limits = [{"low": quantity(3.5), "high": {"value": 10.0}}]
    found = only_result(observation(referenceRange=limits))
    assert (found.normal_low, found.normal_high) == ("3.5", "10.0")


@pytest.mark.parametrize(
    "ranges",
    [
        [{"low": {"value": 1}}, {"low": {"value": 2}}],
        [{"low": quantity(3500, "/uL")}],
        [{"text": "4.0 - 10.0"}],
        [{"low": {"value": 1}, "type": {"coding": [{"code": "treatment"}]}}],
    ],
)
def test_a_range_that_is_not_plainly_the_normal_one_is_none(ranges):
    found = only_result(observation(referenceRange=ranges))
    assert (found.normal_low, found.normal_high) == (None, None)


def test_the_normal_range_is_chosen_among_several():
    ranges = [
        {"high": {"value": 9}, "type": {"coding": [{"code": "normal"}]}},
        {"high": {"value": 5}, "type": {"coding": [{"code": "therapeutic"}]}},
    ]
    assert only_result(observation(referenceRange=ranges)).normal_high == "9"


def test_a_comment_is_never_a_value():
    found = only_result(observation(note=[{"text": "Previously reported as: 1.1"}], interpretation=[{"text": "LL"}]))
    assert found.value == "3.0"


@pytest.mark.parametrize("where", ["whole", "inside"])
def test_a_modifier_extension_holds_the_result(where):
    modifier = [{"url": "urn:not", "valueBoolean": True}]
    whole = (
        {"modifierExtension": modifier} if where == "whole" else {"referenceRange": [{"modifierExtension": modifier}]}
    )
    assert held(observation(**whole)).field == "modifierExtension"


@pytest.mark.parametrize(
    ("name", "version"), [("comments", "DSTU2"), ("context", "STU3"), ("comment", "STU3"), ("triggeredBy", "R5")]
)
def test_another_version_of_fhir_is_held(name, version):
    assert version in held(observation(**{name: "x"})).says


def test_components_are_read_one_by_one():
    parts = [
        {"code": {"coding": [{"system": LOINC, "code": "6690-2"}]}, "valueQuantity": quantity(3.0)},
        {"code": {"coding": [{"system": LOINC, "code": "777-3"}]}, "valueQuantity": quantity(True)},
        {
            "code": {"coding": [{"system": LOINC, "code": "789-8"}], "text": "Red cells"},
            "valueQuantity": quantity(4.0, "10*12/L"),
        },
    ]
    intake = taken_in(observation("58410-2", valueQuantity=None, component=parts))
    assert [found.test for found in events(intake, "Result")] == ["wbc"]
    assert [found.content["display"] for found in events(intake, "Kept")] == ["Red cells"]
    assert [refused.test for refused in intake.record.refused] == ["platelets"]
    assert len(intake.held) == 1


@pytest.mark.parametrize("component", [{}, "x", ["x"], [[]]])
def test_components_of_a_wrong_form_are_held(component):
    assert any(refused.held for refused in taken_in(observation(component=component)).record.refused)


def test_a_panel_only_holds_its_members_together():
    intake = taken_in(
        observation("58410-2", id="panel", valueQuantity=None, hasMember=[{"reference": "Observation/o1"}]),
        observation(),
    )
    assert len(events(intake, "Result")) == 1
    assert len(intake.filed) == 3


def test_results_inside_a_report_are_read():
    inside = observation(subject=None)
    found = only_result(report(contained=[inside], result=[{"reference": "#o1"}], effectiveDateTime="2026-03-01"))
    assert found.ref == "DiagnosticReport/r1#o1"


def test_a_report_that_lists_a_result_that_did_not_come_is_held():
    assert "did not come" in held(report()).says


def test_a_report_whose_results_are_a_document_is_held():
    assert held(report(result=None, presentedForm=[{"contentType": "application/pdf"}])).field == "presentedForm"


def test_a_report_about_another_patient_than_its_result_is_held():
    intakes = read_fhir([("", parse_bundle(observation(), report(subject={"reference": "Patient/p2"})))])
    refused = [item for intake in intakes for item in intake.record.refused if item.test == "wbc"]
    assert [item.field for item in refused] == ["subject"]


def parse_bundle(*resources):
    return parse(json.dumps(bundle(*resources)))


def test_a_newer_version_replaces_the_older_one():
    old = observation(meta={"versionId": "1"}, valueQuantity=quantity(1.8))
    new = observation(meta={"versionId": "2"}, status="corrected", valueQuantity=quantity(3.8))
    for resources in ([old, new], [new, old]):
        found = {one.ref: one for one in events(taken_in(*resources), "Result")}
        assert found["o1"].value == "3.8"
        assert found["o1"].replaces == "o1/_history/1"
        assert found["o1/_history/1"].value == "1.8"


def test_the_same_resource_twice_is_one_result():
    intake = taken_in(observation(), observation())
    assert len(events(intake, "Result")) == 1
    assert intake.received == 3


def test_one_id_with_two_contents_is_held():
    intake = taken_in(observation(), observation(valueQuantity=quantity(1.1)))
    assert [refused.why for refused in intake.record.refused] == ["disputed", "disputed"]
    assert len(intake.held) == 2


def test_weight_is_read():
    (found,) = events(taken_in(observation("29463-7", valueQuantity=quantity(154, "[lb_av]"))), "Weight")
    assert (found.value, found.unit) == ("154", "[lb_av]")


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_withdrawn_weight_is_no_weight(status):
    intake = taken_in(observation("29463-7", status=status, valueQuantity=quantity(700, "kg")))
    assert events(intake, "Weight") == []
    assert intake.record.refused == ()


def test_a_weight_that_is_not_final_is_held():
    assert held(observation("29463-7", status="preliminary", valueQuantity=quantity(70, "kg"))).field == "status"


@pytest.mark.parametrize(("value", "unit"), [(38.4, "Cel"), (38.0, "Cel"), (101.3, "[degF]")])
def test_a_temperature_of_a_fever_is_a_fever(value, unit):
    (found,) = events(taken_in(observation("8310-5", valueQuantity=quantity(value, unit))), "Symptom")
    assert (found.symptom, found.present, found.unit) == ("fever", True, unit)


def test_a_normal_temperature_never_denies_a_fever():
    intake = taken_in(observation("8310-5", valueQuantity=quantity(36.6, "Cel")))
    assert events(intake, "Symptom") == []
    assert len(events(intake, "Kept")) == 1


def test_a_temperature_without_a_unit_is_held():
    assert held(observation("8310-5", valueQuantity={"value": 39})).held


def test_a_gene_result_is_read():
    (found,) = events(taken_in(observation("41048-0", valueQuantity=None, valueString="*1/*3A")), "Genotype")
    assert (found.gene, found.result) == ("TPMT", "*1/*3A")


@pytest.mark.parametrize("status", ["registered", "preliminary"])
def test_a_gene_result_to_come_is_pending(status):
    (found,) = events(taken_in(observation("41048-0", status=status, valueQuantity=None)), "TestOrdered")
    assert (found.test, found.status) == ("tpmt", "pending")


def test_an_order_of_tests_is_a_test_that_was_ordered():
    request = order(
        resourceType="ServiceRequest", code={"coding": [{"system": LOINC, "code": "58410-2"}]}, authoredOn="2026-02-20"
    )
    (found,) = events(taken_in(request), "TestOrdered")
    assert (found.test, found.status) == ("cbc", "pending")
