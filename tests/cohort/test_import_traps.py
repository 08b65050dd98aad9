"""The bulk readers and the readers of a single patient meet the same traps, and come to the same rows: so to the same advice."""

import pytest

from cohort.importing import counts, csv_text, from_csv, from_fhir, row
from exchange.making import LOINC, RXNORM, observation, order, quantity

# name: (rows, outcomes of the bulk import: filed, held, refused)
ROWS = {
    "a plain row": ([row()], (1, 0, 0)),
    "below what can be measured": ([row(value="<0.5")], (1, 0, 0)),
    "above what can be measured": ([row(value=">8")], (1, 0, 0)),
    "a value with more decimals than the store": ([row(value="1.99999")], (1, 0, 0)),
    "no unit": ([row(unit="")], (0, 1, 0)),
    "per mL": ([row(value="3000", unit="/mL")], (0, 0, 1)),
    "per microlitre": ([row(value="3000", unit="/uL")], (1, 0, 0)),
    "a unit that is not listed": ([row(unit="U/mL", code="1920-8")], (0, 1, 0)),
    "hb in g/mL": ([row(code="718-7", value="12.5", unit="g/mL")], (0, 1, 0)),
    "percent neutrophils": ([row(code="", test="neutrophils", value="45", unit="%")], (0, 1, 0)),
    "the code of a percentage": ([row(code="770-8", value="45", unit="%")], (1, 0, 0)),
    "a percentage under the name of a count": ([row(code="770-8", test="Neutrophils", value="4.5", unit="10*9/L")], (0, 1, 0)),
    "code and name of two tests": ([row(code="1742-6", test="WBC")], (0, 1, 0)),
    "neither code nor name": ([row(code="")], (0, 1, 0)),
    "a code that is not listed": ([row(code="9999-9")], (1, 0, 0)),
    "full-width digits": ([row(value="３.０")], (0, 0, 1)),
    "NaN": ([row(value="NaN")], (0, 0, 1)),
    "infinite": ([row(value="Infinity")], (0, 0, 1)),
    "a comma": ([row(value="2,26")], (0, 0, 1)),
    "9999999": ([row(value="9999999")], (0, 0, 1)),
    "words": ([row(value="CLOTTED")], (0, 0, 1)),
    "nothing": ([row(value="")], (0, 0, 1)),
    "below zero": ([row(value="-3.1")], (0, 0, 1)),
    "thousandfold": ([row(value="3000")], (0, 0, 1)),
    "preliminary": ([row(status="preliminary")], (1, 0, 0)),
    "no status": ([row(status="")], (0, 1, 0)),
    "a status that is not listed": ([row(status="Z")], (0, 1, 0)),
    "cancelled": ([row(status="cancelled", value="")], (1, 0, 0)),
    "entered in error": ([row(id="a", value="1.1"), row(id="b", value="", status="entered-in-error")], (2, 0, 0)),
    "corrected, the first named": (
        [row(id="a", value="1.1", received="2026-03-01 12:00"), row(id="b", value="3.1", status="corrected", replaces="a", received="2026-03-02 12:00")],
        (2, 0, 0),
    ),
    "corrected, of another day": (
        [row(id="a", value="1.1"), row(id="b", value="3.1", at="2026-03-02 09:00", status="corrected", replaces="a"), row(id="c", at="2026-03-04 09:00")],
        (3, 0, 0),
    ),
    "corrected, the first unknown": ([row(id="b", value="3.1", status="corrected", replaces="a")], (1, 0, 0)),
    "preliminary, then final": (
        [row(id="a", value="1.1", status="preliminary", received="2026-03-01 10:00"), row(id="b", value="3.1", received="2026-03-01 12:00")],
        (2, 0, 0),
    ),
    "sent twice": ([row(), row()], (2, 0, 0)),
    "sent twice under one id": ([row(id="a"), row(id="a")], (2, 0, 0)),
    "one id, other contents": ([row(id="a"), row(id="a", value="1.1")], (0, 2, 0)),
    "one id, another day": ([row(id="a"), row(id="a", at="2026-03-09 09:00")], (0, 2, 0)),
    "one id, another test": ([row(id="a"), row(id="a", code="718-7", value="120", unit="g/L")], (0, 2, 0)),
    "one id, two patients": ([row(id="a"), row(id="a", pid="p2", value="1.1")], (2, 0, 0)),
    "two finals of one collection": ([row(id="a"), row(id="b", value="2.0")], (2, 0, 0)),
    "a day, and a time of that day": ([row(id="a", at="2026-03-01"), row(id="b", value="2.0")], (2, 0, 0)),
    "two orders of one collection": ([row(id="a", order="1"), row(id="b", value="2.0", order="2")], (2, 0, 0)),
    "neutrophils above white cells": ([row(), row(code="751-8", value="4.5")], (1, 0, 1)),
    "neutrophils just at the white cells": ([row(), row(code="751-8", value="3.0")], (2, 0, 0)),
    "neutrophils above, of another time": ([row(), row(code="751-8", value="4.5", at="2026-03-01 10:00")], (2, 0, 0)),
    "neutrophils above censored white cells": ([row(value="<3.0"), row(code="751-8", value="4.5")], (2, 0, 0)),
    "no date": ([row(at="")], (0, 1, 0)),
    "03/04/2026": ([row(at="03/04/2026")], (0, 1, 0)),
    "a day alone": ([row(at="2026-03-01")], (1, 0, 0)),
    "a date of the future": ([row(at="2140-03-01 09:00")], (1, 0, 0)),
    "a year of nobody alive": ([row(at="1492-03-01 09:00")], (0, 0, 1)),
    "30 February": ([row(at="2026-02-30")], (0, 1, 0)),
    "an hour that the clocks skipped": ([row(at="2026-03-29 02:30")], (0, 1, 0)),
    "an hour that the clocks showed twice": ([row(at="2026-10-25 02:30")], (0, 1, 0)),
    "the hour after the clocks were changed": ([row(at="2026-03-29 03:00")], (1, 0, 0)),
    "a received that cannot be read": ([row(received="soon")], (0, 1, 0)),
    "received later": ([row(received="2026-03-04")], (1, 0, 0)),
    "a day without its zero": ([row(at="2026-3-1 09:00"), row(value="2.0")], (2, 0, 0)),
    "another birth date in the row": ([row(born="1970-01-01")], (1, 0, 0)),
    "a birth date that cannot be read": ([row(born="yesterday")], (0, 1, 0)),
    "limits": ([row(code="1742-6", value="80", unit="U/L", low="5", high="40")], (1, 0, 0)),
    "a limit of more decimals": ([row(code="1742-6", value="80", unit="U/L", high="40.00001")], (1, 0, 0)),
    "a limit that is none": ([row(code="1742-6", value="80", unit="U/L", high="<40")], (1, 0, 0)),
    "a spreadsheet formula": ([row(lab='=HYPERLINK("x")'), row(value="2.0", at="2026-03-02 09:00")], (1, 0, 1)),
    "a formula for an id": ([row(id="@x")], (0, 0, 1)),
    "no patient": ([row(pid=""), row()], (1, 1, 0)),
    "one id, of what is listed and what is not": ([row(id="a"), row(id="a", code="9999-9")], (0, 2, 0)),
    "neutrophils above white cells with another birth date": ([row(born="1970-01-01"), row(code="751-8", value="4.5")], (1, 0, 1)),
    "a unit that is not listed, withdrawn": ([row(unit="U/L", status="cancelled")], (1, 0, 0)),
    "TPMT": ([row(code="", test="TPMT genotype", value="*1/*3A", unit="")], (1, 0, 0)),
    "body weight": ([row(code="29463-7", value="70", unit="kg")], (1, 0, 0)),
    "blanks around everything": ([row(pid=" p1 ", value=" 3.0 ", at=" 2026-03-01 09:00 ")], (1, 0, 0)),
    "two laboratories": ([row(lab="one"), row(lab="two", at="2026-03-02 09:00")], (2, 0, 0)),
}  # fmt: skip


@pytest.mark.parametrize("trap", ROWS)
def test_in_bulk_and_alone_a_trap_in_csv_comes_to_the_same(trap, tmp_path):
    rows, outcomes = ROWS[trap]
    report, bulk, alone = from_csv(tmp_path, csv_text(rows))
    assert bulk == alone
    assert counts(report)[1:] == outcomes


def test_all_traps_at_once_come_to_the_same(tmp_path):
    rows = [
        {**one, "pid": f"{place}-{one['pid'].strip()}"}
        for place, (rows, _) in enumerate(ROWS.values())
        for one in rows
        if one["pid"]
    ]
    _, bulk, alone = from_csv(tmp_path, csv_text(rows))
    assert bulk == alone


def coded(code, display=""):
    return {"coding": [{"system": RXNORM, "code": code, "display": display}]}


def report_of(*results, **fields):
    usual = {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": {"reference": "Patient/p1"}}
    listed = [{"reference": f"Observation/{one}"} for one in results]
    return {**usual, "code": {"text": "CBC"}, "result": listed, **fields}


PERSON = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1970-03-04"}
# name: (resources, held, refused)
OTHER = {"resourceType": "Patient", "id": "p2"}
RESOURCES = {
    "a plain one": ([observation()], 0, 0),
    "with a Patient": ([PERSON, observation()], 0, 0),
    "a comparator": ([observation(valueQuantity=quantity(0.5, comparator="<"))], 0, 0),
    "a comparator that is none": ([observation(valueQuantity=quantity(0.5, comparator="~"))], 1, 0),
    "no unit": ([observation(valueQuantity={"value": 3.0})], 1, 0),
    "unit and code that contradict": ([observation(valueQuantity=quantity(3.0, unit="/uL"))], 1, 0),
    "per mL": ([observation(valueQuantity=quantity(3000, "/mL"))], 0, 1),
    "a value as text": ([observation(valueQuantity=quantity("3.0"))], 1, 0),
    "preliminary": ([observation(status="preliminary")], 0, 0),
    "registered": ([observation(status="registered", valueQuantity=None)], 0, 0),
    "unknown": ([observation(status="unknown")], 1, 0),
    "cancelled": ([observation(status="cancelled", valueQuantity=None)], 0, 0),
    "no status": ([observation(status=None)], 1, 0),
    "a modifier": ([observation(modifierExtension=[{"url": "x"}])], 1, 0),
    "a modifier deep inside": ([observation(category=[{"modifierExtension": [{"url": "x"}]}])], 1, 0),
    "a modifier in the limits": ([observation(referenceRange=[{"high": quantity(4), "modifierExtension": [{"url": "x"}]}])], 1, 0),
    "a modifier in the laboratory": ([observation(performer=[{"display": "one", "modifierExtension": [{"url": "x"}]}])], 1, 0),
    "a modifier in the narrative": ([observation(text={"modifierExtension": [{"url": "x"}]})], 1, 0),
    "a member twice in the narrative": ([observation(id="o9"), f'{{"text": {{"div": "x", "div": "y"}}, {str(observation()).replace(chr(39), chr(34))[1:]}'], 0, 1),
    "one id, a plain one and one that is not": ([observation(), observation(note=[{"text": "x"}], valueQuantity=quantity(1.1))], 2, 0),
    "what is not listed": ([observation("2951-2", valueQuantity=quantity(140, "mmol/L"))], 0, 0),
    "what is not listed, and cannot be read": ([observation("2951-2", valueQuantity=quantity("?"), status="unknown")], 0, 0),
    "one id, of what is listed and what is not": ([observation(), observation("2951-2", valueQuantity=quantity(140, "mmol/L"))], 2, 0),
    "DSTU2": ([observation(comments="x")], 1, 0),
    "a clotted sample": ([observation(note=[{"text": "sample clotted"}])], 1, 0),
    "of urine": ([observation(specimen={"display": "urine"})], 1, 0),
    "a key twice": ([observation(id="o9"), f'{{"status": "final", {str(observation()).replace(chr(39), chr(34))[1:]}'], 0, 1),
    "the code twice": ([observation(id="o9"), f'{{"code": {{"text": "Hb"}}, {str(observation()).replace(chr(39), chr(34))[1:]}'], 0, 1),
    "not JSON": ([OTHER, observation(), '{"resourceType": "Observation",'], 0, 1),
    "components": ([observation(valueQuantity=None, component=[{"code": observation()["code"], "valueQuantity": quantity(3.0)}])], 0, 0),
    "a value, and a reason why there is none": ([observation(dataAbsentReason={"text": "x"})], 1, 0),
    "one id, other contents": ([observation(), observation(valueQuantity=quantity(1.1))], 2, 0),
    "two versions": ([observation(meta={"versionId": "1"}, valueQuantity=quantity(1.1)), observation(meta={"versionId": "2"})], 0, 0),
    "two finals of one collection": ([observation(), observation(id="o2", valueQuantity=quantity(1.1))], 0, 0),
    "a report that is preliminary": ([observation(), report_of("o1", status="partial")], 0, 0),
    "a report that was withdrawn": ([observation(), report_of("o1", status="cancelled")], 1, 0),
    "a report whose results did not come": ([observation(), report_of("o1", "o9")], 1, 0),
    "a report gives the time": ([observation(effectiveDateTime=None), report_of("o1", effectiveDateTime="2026-03-01")], 0, 0),
    "a day alone": ([observation(effectiveDateTime="2026-03-01")], 0, 0),
    "a month alone": ([observation(effectiveDateTime="2026-03")], 0, 1),
    "a time without its offset": ([observation(effectiveDateTime="2026-03-01T09:00:00")], 0, 1),
    "an offset without its colon": ([observation(effectiveDateTime="2026-03-01T09:00:00-0500")], 0, 1),
    "neutrophils above white cells": ([observation(), observation("751-8", id="o2", valueQuantity=quantity(4.5))], 0, 1),
    "azathioprine": ([order(), observation()], 0, 0),
    "azithromycin under the code of azathioprine": ([order(medicationCodeableConcept=coded("1256", "azithromycin"))], 1, 0),
    "azathioprine handed over without an order": ([{**order(), "resourceType": "MedicationDispense", "whenHandedOver": "2026-01-01"}], 1, 0),
    "a dose in tablets": ([order(dosageInstruction=[{"text": "2 tablets"}])], 1, 0),
    "a medicine in a resource of its own": (
        [order(medicationCodeableConcept=None, medicationReference={"reference": "Medication/x"}), {"resourceType": "Medication", "id": "x", "code": coded("1256")}],
        0,
        0,
    ),
    "died": ([{**PERSON, "deceasedDateTime": "2026-04-01"}, observation()], 0, 0),
    "replaced by another record": ([{**PERSON, "link": [{"type": "replaced-by", "other": {"reference": "Patient/p2"}}]}, observation()], 1, 0),
    "born in a year": ([{**PERSON, "birthDate": "1970"}, observation()], 1, 0),
    "an allergy to azathioprine": ([{"resourceType": "AllergyIntolerance", "patient": {"reference": "Patient/p1"}, "code": coded("1256")}], 0, 0),
    "a condition": ([{"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "code": {"text": "pregnant"}}], 0, 0),
    "other coding systems": ([observation(code="6690-2", display="Platelets")], 1, 0),
    "limits": ([observation("1742-6", valueQuantity=quantity(80, "U/L"), referenceRange=[{"high": quantity(40, "U/L")}])], 0, 0),
    "limits in another unit": ([observation(referenceRange=[{"high": quantity(4000, "/uL")}])], 0, 0),
    "limits of what is not listed": ([observation("9999-9", referenceRange=[{"high": quantity(4, "10*9/L")}])], 0, 0),
    "limits of what has no unit": ([observation(valueQuantity={"value": 3.0}, referenceRange=[{"high": {"value": 4}}])], 1, 0),
    "limits that are none": ([observation(referenceRange=[{"high": "4"}])], 1, 0),
    "two laboratories": ([observation(performer=[{"display": "one"}]), observation(id="o2", effectiveDateTime="2026-04-01", performer=[{"reference": "Organization/2"}])], 0, 0),
    "a laboratory that is none": ([observation(performer="one")], 1, 0),
    "two codings": ([{**observation(), "code": {"coding": [{"system": LOINC, "code": "6690-2"}, {"system": "urn:local", "code": "7"}]}}], 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("trap", RESOURCES)
def test_in_bulk_and_alone_a_trap_in_fhir_comes_to_the_same(trap, tmp_path):
    resources, held, refused = RESOURCES[trap]
    sent = [{k: v for k, v in one.items() if v is not None} if isinstance(one, dict) else one for one in resources]
    report, bulk, alone = from_fhir(tmp_path, {"a": sent})
    assert bulk == alone
    assert counts(report)[2:] == (held, refused)


def test_each_resource_in_a_file_of_its_own_comes_to_the_same(tmp_path):
    resources = RESOURCES["a report that is preliminary"][0] + RESOURCES["azathioprine"][0][:1] + [PERSON]
    report, bulk, alone = from_fhir(tmp_path, {f"f{place}": [one] for place, one in enumerate(resources)})
    assert bulk == alone
    assert counts(report)[1:] == (4, 0, 0)


def test_a_report_of_another_patient_makes_neither_believed(tmp_path):
    stray = report_of("o1", subject={"reference": "Patient/p2"})
    report, bulk, alone = from_fhir(tmp_path, {"Observation": [observation()], "DiagnosticReport": [stray]})
    assert bulk[1] == alone[1] == []
    assert set(bulk[2]) - set(alone[2]) == {
        one for one in bulk[2] if one[0] == "p2"
    }  # in bulk p2's report is held as well
    assert counts(report)[2] == 2
