"""A colleague sees the owner's patients while the owner is away, and no longer when that is ended."""

from __future__ import annotations

import pytest

from clinic.making import CALM, LOW, NOW, banner_of, patient_of, person, signed_in
from countwell.clinic.models import Act, Clinic, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import shared_care
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.worklist import worklist

People = dict[str, Person]


@pytest.fixture
def stopped(clinic: Clinic, people: People) -> Patient:
    """One with a stop-level count, whom the prescriber alone sees and is accountable for."""
    return patient_of(clinic, [people["prescriber"]], "7", [*CALM, LOW])


def share(patient: Patient, by: Person, **sent: object) -> int:
    browser = signed_in(by)
    token = banner_of(browser, f"/patients/{patient.pid}/hand-over")
    return browser.post(f"/patients/{patient.pid}/care", {"banner": token, **sent}).status_code


def on_list(whose: Person) -> set[str]:
    return {item.name for group in worklist(whose, NOW, {"whose": "all"}).groups for item in group.items}


def test_a_stop_stands_on_the_list_of_whoever_the_care_was_shared_with(stopped: Patient, people: People) -> None:
    assert stopped.name not in on_list(people["nurse"])
    assert share(stopped, people["prescriber"], to=people["nurse"].pk) == 302
    assert stopped.name in on_list(people["nurse"])
    assert Patient.objects.get(pk=stopped.pk).owner == people["prescriber"]
    assert [act.note for act in Act.objects.filter(what="share")] == [f"with {people['nurse'].name}"]


def test_before_a_holiday_all_of_ones_patients_are_shared_at_once(stopped: Patient, people: People) -> None:
    own = patient_of(stopped.clinic, [people["prescriber"]], "8", CALM)
    other = patient_of(stopped.clinic, [people["pharmacist"], people["prescriber"]], "9", CALM)
    Patient.objects.filter(pk__in=(stopped.pk, own.pk)).update(owner=people["prescriber"])
    Patient.objects.filter(pk=other.pk).update(owner=people["pharmacist"])
    stopped.refresh_from_db()
    assert share(stopped, people["prescriber"], to=people["nurse"].pk, every="yes") == 302
    assert set(patients_of(people["nurse"], NOW)) == {stopped, own}


def test_what_was_shared_ends(stopped: Patient, people: People) -> None:
    Patient.objects.filter(pk=stopped.pk).update(owner=people["prescriber"])
    share(stopped, people["prescriber"], to=people["nurse"].pk)
    assert share(stopped, people["prescriber"], end=people["nurse"].pk) == 302
    assert stopped not in patients_of(people["nurse"], NOW)
    assert share(stopped, people["prescriber"], end=people["prescriber"].pk) == 422


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_nobody_who_does_not_treat_gets_the_care(stopped: Patient, people: People, role: str) -> None:
    assert share(stopped, people["prescriber"], to=people[role].pk) == 422
    assert not patients_of(people[role], NOW).exists()


def test_nobody_of_another_clinic_gets_the_care(stopped: Patient, people: People) -> None:
    far = Clinic.objects.create(name="Far", zone="Europe/London")
    with pytest.raises(NotUsable):
        shared_care.give([stopped], person(far, "nurse", "Far Nurse"), people["prescriber"], NOW)


def test_the_last_who_sees_a_patient_cannot_be_taken_away(stopped: Patient, people: People) -> None:
    Patient.objects.filter(pk=stopped.pk).update(owner=None)
    stopped.refresh_from_db()
    with pytest.raises(NotUsable, match="Hand the patient over"):
        shared_care.end(stopped, people["prescriber"], people["nurse"], NOW)
