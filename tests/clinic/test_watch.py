"""How far the list can be believed: when a message last came, however long ago and whatever else is recorded."""

from __future__ import annotations

import json
from datetime import timedelta

from clinic.making import NOW, result
from countwell.clinic.models import Clinic, Patient, Person
from countwell.clinic.store.intake import take_in
from countwell.clinic.store.records import append
from countwell.clinic.store.watch import watch


def test_a_message_is_heard_and_an_entry_by_hand_is_none(
    clinic: Clinic, patient: Patient, people: dict[str, Person]
) -> None:
    clinic.refresh_from_db()
    assert watch(clinic, NOW).last_heard is None
    came = NOW - timedelta(hours=3)
    document = {
        **json.loads(patient.head),
        "schema": "countwell.record/1",
        "events": [result("wbc", "5.0", "2026-03-02")],
    }
    take_in(clinic, json.dumps(document).encode(), None, came)
    append(patient, [result("wbc", "5.1", "2026-03-01")], people["nurse"], NOW)
    assert watch(clinic, NOW).last_heard == came


def test_what_another_clinic_hears_is_not_heard_here(clinic: Clinic) -> None:
    other = Clinic.objects.create(name="Clinic two")
    for one in (clinic, other):
        one.refresh_from_db()
    document = {
        "schema": "countwell.record/1",
        "patient": {"id": "7", "names": ["Elm Ward"]},
        "course": {},
        "events": [],
    }
    take_in(other, json.dumps(document).encode(), None, NOW)
    assert watch(clinic, NOW).last_heard is None
    assert watch(other, NOW).last_heard == NOW
