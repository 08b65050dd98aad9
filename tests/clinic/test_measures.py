"""The monthly report counts what happened in that month of that clinic, and hides what is too small."""

from __future__ import annotations

from datetime import date

import pytest

from clinic.making import NOW, banner_of, patient_of, person, result, signed_in
from countwell.clinic.models import Clinic, Patient, Person
from countwell.clinic.store.measured import measure, month_before
from countwell.clinic.store.records import append
from countwell.clinic.store.report import _suppressed, report
from countwell.paper.plain import day

People = dict[str, Person]


def counted(clinic: Clinic, month: str) -> dict[str, str]:
    return {line.says: line.count for _, lines in report(clinic, month, NOW).sections for line in lines}


def test_what_was_done_counts_in_its_month_and_clinic_alone(patient: Patient, people: People) -> None:
    other = Clinic.objects.create(name="Clinic two")
    patient_of(other, [person(other, "nurse")])
    append(patient, [result("wbc", "5.0", "2026-03-01")], None, NOW)
    browser = signed_in(people["nurse"])
    address = f"/patients/{patient.pid}/stop"
    browser.post(address, {"banner": banner_of(browser, address), "reason": "liver"})
    march, february = counted(patient.clinic, "2026-03"), counted(patient.clinic, "2026-02")
    assert march["Results filed"] == "1"
    assert march["Stops recorded"] == "1"
    assert march["Patients"] == "1"
    assert (february["Results filed"], february["Stops recorded"]) == ("0", "0")
    assert march["Median hours from the newest result to the stop"] == "fewer than 10"


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({"a": 9, "b": 50}, {"a": "not shown", "b": "not shown"}),
        ({"a": 10, "b": 50}, {"a": "10", "b": "50"}),
        ({"a": 9, "b": 50, "c": 12}, {"a": "not shown", "b": "50", "c": "not shown"}),
        ({"a": 9, "b": 3, "c": 12}, {"a": "not shown", "b": "not shown", "c": "12"}),
        ({"a": 0, "b": 50}, {"a": "0", "b": "50"}),
        ({"a": 3}, {"a": "not shown"}),
    ],
)
def test_a_small_count_is_hidden_and_so_is_what_would_give_it_away(
    counts: dict[str, int], shown: dict[str, str]
) -> None:
    assert _suppressed(counts) == shown


def test_the_page_is_for_those_who_treat(patient: Patient, people: People) -> None:
    assert signed_in(people["nurse"]).get("/measures").status_code == 200
    assert signed_in(people["nurse"]).get("/measures?month=2025-12").status_code == 200
    assert signed_in(people["nurse"]).get("/measures?month=soon").status_code == 422
    assert signed_in(people["admin"]).get("/measures").status_code == 403


def test_a_month_of_the_register_is_measured_and_only_the_own_clinic_reads_it(patient: Patient, people: People) -> None:
    append(patient, [result("wbc", "5.0", "2026-02-20")], None, NOW)
    other = person(Clinic.objects.create(name="Clinic two"), "nurse")
    first = month_before(NOW.date())
    assert signed_in(people["nurse"]).get("/measures/register?month=2026-02").status_code == 404
    made = measure(patient.clinic, first)
    text = made.read_text()
    assert f"As of {day(date(2026, 2, 28))}" in text
    assert patient.name not in text
    assert patient.pid not in text
    assert [path.name for path in made.parent.iterdir()] == [f"{patient.clinic.pk}-2026-02.html"]
    answer = signed_in(people["nurse"]).get("/measures/register?month=2026-02")
    assert (answer.status_code, answer["Content-Disposition"]) == (200, 'attachment; filename="measures-2026-02.html"')
    assert b"measures/register?month=2026-02" in signed_in(people["nurse"]).get("/measures?month=2026-02").content
    assert signed_in(other).get("/measures/register?month=2026-02").status_code == 404


@pytest.mark.parametrize(
    ("today", "first"), [("2026-03-01", "2026-02-01"), ("2026-03-31", "2026-02-01"), ("2026-01-15", "2025-12-01")]
)
def test_the_month_that_is_over(today: str, first: str) -> None:
    assert month_before(date.fromisoformat(today)).isoformat() == first
