"""FHIR orders and statements: azathioprine becomes decisions with dates and doses, everything else the medicine list.

Longer than other modules: each trap of a sender has its own case, read against the same small bundle.
"""

from decimal import Decimal

import pytest

from exchange.making import RXNORM, SNOMED, daily, events, held, order, quantity, taken_in
from vocabulary.test_medicines import LOOK_ALIKES


def concept(*codes, text=None):
    coding = [{"system": system, "code": code, "display": display} for system, code, display in codes]
    return {"coding": coding, "text": text}


def decided(*resources):
    return [(one.do, str(one.at), one.mg_per_day) for one in events(taken_in(*resources), "Decision")]


START = ("start", "2025-06-02", Decimal(100))


def test_an_active_order_is_a_start():
    (found,) = events(taken_in(order(requester={"display": "Dr One"})), "Decision")
    assert (found.do, found.mg_per_day, found.frequency, found.by) == ("start", Decimal(100), "once daily", "Dr One")


@pytest.mark.parametrize(
    "drug",
    [
        concept((RXNORM, "1256", "azathioprine")),
        concept((RXNORM, "105611", "azathioprine 50 MG Oral Tablet [Imuran]")),
        concept((RXNORM, "197388", None)),
        concept((SNOMED, "372574004", None)),
        concept(("http://hl7.org/fhir/sid/ndc", "00000-0000", None), text="Imuran 50 mg tablets"),
        concept(text="azathioprine"),
        concept(text="Azathioprin"),
    ],
)
def test_azathioprine_comes_under_many_names(drug):
    assert decided(order(medicationCodeableConcept=drug)) == [START]


@pytest.mark.parametrize(
    "drug",
    [
        concept((RXNORM, "1256", "azithromycin")),
        concept((RXNORM, "18631", "azithromycin"), text="azathioprine"),
        concept((SNOMED, "372574004", "azithromycin")),
        concept((RXNORM, "108831", None), text="azathioprine 50 mg tablet"),
        concept((RXNORM, "519", None), text="azathioprine"),
    ],
)
def test_codes_and_words_that_contradict_each_other_go_to_a_person(drug):
    intake = taken_in(order(medicationCodeableConcept=drug))
    assert events(intake, "Decision") == events(intake, "Medicine") == []
    assert [refused.held for refused in intake.record.refused] == [True]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_an_order_for_a_look_alike_begins_no_treatment_and_is_itself_or_goes_to_a_person(text):
    intake = taken_in(order(medicationCodeableConcept=concept(text=f"{text} 50 mg tablet")))
    assert events(intake, "Decision") == []
    (listed,) = events(intake, "Medicine")
    assert listed.name != "azathioprine"
    assert listed.listed != any(refused.held for refused in intake.record.refused)


def test_a_contained_medication_is_judged_by_its_code_not_its_id():
    tylenol = {"resourceType": "Medication", "id": "med-azathioprine", "code": concept((RXNORM, "209459", "Tylenol"))}
    request = order(
        medicationCodeableConcept=None, medicationReference={"reference": "#med-azathioprine"}, contained=[tylenol]
    )
    intake = taken_in(request)
    assert events(intake, "Decision") == []
    assert events(intake, "Medicine")[0].name == "paracetamol"


def test_a_medication_elsewhere_in_the_source_is_found():
    medication = {"resourceType": "Medication", "id": "x", "code": concept((RXNORM, "1256", None))}
    request = order(medicationCodeableConcept=None, medicationReference={"reference": "Medication/x"})
    assert decided(request, medication) == [START]


def test_an_order_without_a_drug_goes_to_a_person():
    assert held(order(medicationCodeableConcept=None)).why == "not-listed"


@pytest.mark.parametrize(
    ("dosage", "mg", "frequency"),
    [
        (daily(quantity(50, "mg"), 2), "100", "twice daily"),
        (daily(quantity(1, "mg"), 3), "3", None),
        (
            {"timing": {"code": {"coding": [{"code": "BID"}]}}, "doseAndRate": [{"doseQuantity": quantity(50, "mg")}]},
            "100",
            "twice daily",
        ),
        (daily(quantity(50, "mg"), 1, period=12, periodUnit="h"), "100", "twice daily"),
        (daily(quantity(62.5, "mg")), "62.5", "once daily"),
    ],
)
def test_the_dose_of_a_day_is_worked_out_exactly(dosage, mg, frequency):
    (found,) = events(taken_in(order(dosageInstruction=[dosage])), "Decision")
    assert (found.mg_per_day, found.frequency) == (Decimal(mg), frequency)


def test_tablets_are_counted_by_the_strength_of_their_code():
    tablets = order(
        medicationCodeableConcept=concept((RXNORM, "197388", None)), dosageInstruction=[daily(quantity(3, "{tbl}"))]
    )
    intake = taken_in(tablets)
    assert events(intake, "Decision")[0].mg_per_day == Decimal(150)
    assert [product.strength_mg for product in intake.record.course.products] == [Decimal(50)]


def test_the_tablets_of_an_order_that_is_over_are_not_the_patients():
    tablets = order(status="cancelled", medicationCodeableConcept=concept((RXNORM, "197388", None)))
    assert taken_in(tablets).record.course.products == ()


@pytest.mark.parametrize(
    "dosages",
    [
        [daily(quantity(1, "{pill}"))],
        [daily(quantity(2.5, "mg/kg"))],
        [daily(None)],
        [{"text": "one tablet daily"}],
        [],
        [daily(quantity(50, "mg")), daily(quantity(25, "mg"))],
        [daily(quantity(50, "mg"), 1, periodUnit="wk")],
        [daily(quantity(50, "mg"), 1, period=2)],
        [daily(quantity(50, "mg"), 1, dayOfWeek=["mon"])],
        [daily(quantity(50, "mg"), 1, frequencyMax=2)],
        [{**daily(quantity(50, "mg")), "asNeededBoolean": True}],
        [{**daily(None), "doseAndRate": [{"doseRange": {"low": quantity(50, "mg")}}]}],
        [daily(quantity(50, "mg", comparator="<"))],
        [{"timing": {"code": {"text": "weekly"}}, "doseAndRate": [{"doseQuantity": quantity(50, "mg")}]}],
    ],
)
def test_a_dose_that_does_not_come_out_leaves_the_treatment_known_and_goes_to_a_person(dosages):
    intake = taken_in(order(dosageInstruction=dosages))
    (found,) = events(intake, "Decision")
    assert (found.do, found.mg_per_day) == ("start", None)
    assert [(refused.field, refused.held) for refused in intake.record.refused] == [("mg_per_day", True)]
    assert len(intake.held) == 1


def later(day, mg, **fields):
    return order(id=f"m{day}", authoredOn=day, dosageInstruction=[daily(quantity(mg, "mg"))], **fields)


def ended(day, mg, until, status="completed", **fields):
    dosage = daily(quantity(mg, "mg"), boundsPeriod={"start": day, "end": until})
    return order(id=f"m{day}", authoredOn=day, status=status, dosageInstruction=[dosage], **fields)


def test_the_doses_are_decisions_in_order_of_their_dates():
    orders = [ended("2025-01-01", 50, "2025-02-01"), ended("2025-02-01", 100, "2025-03-01"), later("2025-03-01", 75)]
    told = [("start", "2025-01-01", 50), ("raise", "2025-02-01", 100), ("reduce", "2025-03-01", 75)]
    assert decided(*orders) == decided(*reversed(orders)) == told


def test_the_same_dose_again_is_no_decision():
    assert decided(ended("2025-01-01", 50, "2025-02-01"), later("2025-02-01", 50)) == [("start", "2025-01-01", 50)]


def test_a_stop_and_a_restart_are_told():
    stopped = ended("2025-01-01", 50, "2025-02-01", "stopped", statusReason={"text": "pancreatitis"})
    told = [(one.do, str(one.at), one.reason) for one in events(taken_in(stopped, later("2025-04-01", 50)), "Decision")]
    assert told == [
        ("stop", "2025-02-01", "pancreatitis"),
        ("restart", "2025-04-01", None),
        ("start", "2025-01-01", None),
    ] or sorted(told) == [
        ("restart", "2025-04-01", None),
        ("start", "2025-01-01", None),
        ("stop", "2025-02-01", "pancreatitis"),
    ]


def test_a_stop_at_the_end_is_told():
    assert decided(ended("2025-01-01", 50, "2025-02-01", "stopped"))[-1] == ("stop", "2025-02-01", None)


@pytest.mark.parametrize(
    ("status", "says"), [("stopped", "since when"), ("on-hold", "since when"), ("completed", "still taken")]
)
def test_an_end_without_its_date_goes_to_a_person(status, says):
    intake = taken_in(order(status=status))
    assert [one.do for one in events(intake, "Decision")] == ["start"]
    assert says in intake.record.refused[0].says
    assert intake.record.refused[0].held


def test_two_active_doses_at_once_go_to_a_person():
    intake = taken_in(later("2025-01-01", 50), later("2025-02-01", 100))
    assert [one.do for one in events(intake, "Decision")] == ["start"]
    assert "Two prescriptions" in intake.record.refused[0].says


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "draft"},
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"intent": "proposal"},
        {"intent": "plan"},
    ],
)
def test_what_was_never_ordered_is_no_decision(fields):
    intake = taken_in(order(**fields))
    assert events(intake, "Decision") == []
    assert intake.record.refused == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "unknown"},
        {"status": None},
        {"authoredOn": None},
        {"modifierExtension": [{"url": "u"}]},
        {"doNotPerform": True},
        {"context": {}},
    ],
)
def test_an_order_that_is_not_plain_goes_to_a_person(fields):
    intake = taken_in(order(**fields))
    assert events(intake, "Decision") == []
    assert intake.record.refused[0].held


@pytest.mark.parametrize("kind", ["MedicationOrder", "MedicationPrescription"])
def test_an_order_of_an_older_fhir_goes_to_a_person(kind):
    assert held(order(resourceType=kind)).held


@pytest.mark.parametrize(
    "fields",
    [
        {"dosageInstruction": {}},
        {"medicationCodeableConcept": "azathioprine"},
        {"medicationReference": []},
        {"statusReason": 7},
    ],
)
def test_an_order_of_a_wrong_form_goes_to_a_person(fields):
    assert taken_in(order(**fields)).record.refused[0].held


def test_a_statement_tells_from_when_it_is_taken():
    statement = order(
        resourceType="MedicationStatement",
        intent=None,
        authoredOn=None,
        effectivePeriod={"start": "2024-05-01"},
        dosageInstruction=None,
    )
    statement["dosage"] = [daily(quantity(100, "mg"))]
    assert decided(statement) == [("start", "2024-05-01", 100)]


def test_a_statement_of_another_dose_than_the_order_goes_to_a_person():
    statement = order(resourceType="MedicationStatement", id="s1", intent=None, effectiveDateTime="2025-07-01")
    statement["dosage"], statement["dosageInstruction"] = [daily(quantity(50, "mg"))], None
    intake = taken_in(order(), statement)
    assert [one.do for one in events(intake, "Decision")] == ["start"]
    assert "Two prescriptions" in intake.record.refused[0].says


def test_a_statement_of_the_same_dose_adds_nothing():
    statement = order(resourceType="MedicationStatement", id="s1", intent=None, effectiveDateTime="2025-07-01")
    assert decided(order(), statement) == [START]


@pytest.mark.parametrize("kind", ["MedicationDispense", "MedicationAdministration"])
def test_azathioprine_that_was_handed_over_without_an_order_goes_to_a_person(kind):
    handed = order(resourceType=kind, status="completed", whenHandedOver="2026-02-01", dosageInstruction=None)
    assert "no order of it came" in held(handed).says


def test_azathioprine_that_was_dispensed_on_an_order_is_supply():
    handed = order(
        resourceType="MedicationDispense",
        id="d1",
        status="completed",
        whenHandedOver="2026-02-01",
        daysSupply={"value": 28},
    )
    intake = taken_in(order(), handed)
    assert [(one.kind, one.content["until"]) for one in events(intake, "Kept")] == [("supply", "2026-03-01")]
    assert intake.record.refused == ()


OTHER = {"medicationCodeableConcept": concept((RXNORM, "519", "allopurinol"))}


def test_other_medicines_stand_in_the_list():
    (found,) = events(taken_in(order(**OTHER)), "Medicine")
    assert (found.name, found.listed, found.start.day.isoformat(), found.end) == (
        "allopurinol",
        True,
        "2025-06-02",
        None,
    )


def test_a_medicine_that_is_not_listed_is_kept_and_goes_to_a_person():
    intake = taken_in(order(medicationCodeableConcept=concept(text="moon dust")))
    assert events(intake, "Medicine")[0].listed is False
    assert intake.record.refused[0].why == "not-listed"


@pytest.mark.parametrize("status", ["stopped", "completed", "cancelled", "entered-in-error", "draft"])
def test_another_medicine_that_is_over_is_not_in_the_list(status):
    assert events(taken_in(order(status=status, **OTHER)), "Medicine") == []


def test_another_medicine_ends_on_its_day():
    (found,) = events(taken_in(ended("2025-06-02", 300, "2025-07-01", **OTHER)), "Medicine")
    assert found.end.day.isoformat() == "2025-07-01"


def test_another_medicine_of_unclear_standing_goes_to_a_person():
    assert held(order(status="unknown", **OTHER)).held


def test_a_dispensed_medicine_is_taken_as_long_as_it_lasts():
    handed = order(
        resourceType="MedicationDispense",
        status="completed",
        whenHandedOver="2026-02-01",
        daysSupply={"value": 28},
        **OTHER,
    )
    (found,) = events(taken_in(handed), "Medicine")
    assert (found.start.day.isoformat(), found.end.day.isoformat()) == ("2026-02-01", "2026-03-01")
