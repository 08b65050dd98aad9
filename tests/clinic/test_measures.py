"""The monthly report counts what happened in that month of that clinic; nobody is found in it, nor by comparing two."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from clinic.making import NOW, patient_of, person, result, signed_in
from countwell.clinic.models import Act, Clinic, Patient, Person, Standing
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.measured import measure, month_before
from countwell.clinic.store.records import append
from countwell.clinic.store.report import FEW, in_tens, report
from countwell.paper.plain import day

People = dict[str, Person]
IN_FEBRUARY = datetime.fromisoformat("2026-02-10T10:00:00+00:00")
APRIL = datetime.fromisoformat("2026-04-01T00:00:00+00:00")


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> None:
    """Each test keeps its reports for itself."""
    settings.DATA = tmp_path


def counted(clinic: Clinic, month: str, at: datetime = NOW) -> dict[str, str]:
    """Every line of a month."""
    return {line.says: line.count for section in report(clinic, month, at).sections for line in section.lines}


def results(patient: Patient, count: int, at: datetime = IN_FEBRUARY) -> None:
    """So many results, filed at an instant."""
    append(
        patient, [result("wbc", f"{5 + place / 10}", "2026-02-09", id=f"w{place}") for place in range(count)], None, at
    )


def test_what_was_done_counts_in_its_month_and_clinic_alone(patient: Patient, people: People) -> None:
    other = Clinic.objects.create(name="Clinic two")
    stranger = patient_of(other, [person(other, "nurse")])
    results(patient, 10)
    results(stranger, 25)
    Act.objects.bulk_create(
        Act(patient=patient, what="stop", reason="liver", at=IN_FEBRUARY, by=people["nurse"]) for _ in range(12)
    )
    february, january = counted(patient.clinic, "2026-02"), counted(patient.clinic, "2026-01")
    assert (february["Results filed"], february["Stops recorded"]) == ("10", "10")
    assert (january["Results filed"], january["Stops recorded"]) == (FEW, FEW)
    assert counted(other, "2026-02")["Results filed"] == "20"
    assert [says for says in february if says.startswith("stop:")]


@pytest.mark.parametrize(
    ("count", "shown"), [(0, FEW), (1, FEW), (9, FEW), (10, "10"), (11, "10"), (19, "10"), (20, "20"), (1239, "1,230")]
)
def test_a_count_is_rounded_down_to_tens_and_below_ten_it_is_not_shown(count: int, shown: str) -> None:
    assert in_tens(count) == shown


@pytest.mark.parametrize("before", range(31))
def test_around_one_arrival_no_count_differs_by_fewer_than_ten(before: int) -> None:
    one, other = in_tens(before), in_tens(before + 1)
    assert one == other or other == "10" or int(other) - int(one) == 10


def states(clinic: Clinic, counts: dict[str, int]) -> None:
    """So many patients in each state; only what is counted of them is there."""
    for state, count in counts.items():
        have = Standing.objects.filter(patient__clinic=clinic, state=state).count()
        made = [Patient(clinic=clinic, number=f"{state}{n}", born=NOW.date(), head="{}") for n in range(have, count)]
        Standing.objects.bulk_create(
            Standing(patient=one, ran_at=NOW, day=NOW.date(), holds_until=NOW, position=0, state=state, tier=0, place=0, place_at_most=0, open=False)
            for one in Patient.objects.bulk_create(made)
        )  # fmt: skip


def possible(total: str, parts: list[str]) -> list[tuple[int, ...]]:
    """Every way in which two parts can come to a sum, as far as a reader of the three can tell."""
    ranges = [range(10) if text == FEW else range(int(text), int(text) + 10) for text in (total, *parts)]
    return [(one, other) for one in ranges[1] for other in ranges[2] if one + other in ranges[0]]


@pytest.mark.parametrize("held", [0, 1, 5, 9])
@pytest.mark.parametrize("active", [10, 14, 19, 20])
def test_no_subtraction_tells_a_hidden_part(active: int, held: int) -> None:
    left = {part for _, part in possible(in_tens(active + held), [in_tens(active), in_tens(held)])}
    assert len(left) >= 9


def test_two_months_around_one_patient_s_arrival_give_nobody_away(clinic: Clinic, people: People) -> None:
    states(clinic, {"active": 13, "held": 4})
    february = counted(clinic, "2026-02")
    states(clinic, {"active": 13, "held": 5})
    march = counted(clinic, "2026-03", APRIL)
    assert february["Patients"] == "10"
    assert february == march


def test_a_month_is_counted_once_and_asking_again_gives_the_same_table(patient: Patient) -> None:
    results(patient, 10)
    first = report(patient.clinic, "2026-02", NOW)
    append(patient, [result("wbc", "4.0", "2026-02-09", id=f"x{n}") for n in range(20)], None, IN_FEBRUARY)
    states(patient.clinic, {"active": 40})
    assert report(patient.clinic, "2026-02", NOW) == first
    assert report(patient.clinic, "", APRIL - timedelta(seconds=1)).sections == first.sections


def test_of_two_who_ask_at_once_the_first_table_is_kept(
    patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from countwell.clinic.store import report as module

    kept = tmp_path / "measures" / f"{patient.clinic.pk}-2026-02.json"
    real = module._counted

    def counted_while_another_is_quicker(*sent: object, **more: object):
        kept.parent.mkdir()
        kept.write_text(json.dumps([{"title": "The quicker one", "lines": []}]))
        return real(*sent, **more)

    monkeypatch.setattr(module, "_counted", counted_while_another_is_quicker)
    assert [one.title for one in report(patient.clinic, "2026-02", NOW).sections] == ["The quicker one"]
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize(("month", "there"), [("2026-02", True), ("", True), ("2026-01", False), ("2019-06", False)])
def test_who_is_monitored_now_is_counted_in_the_last_month_alone(patient: Patient, month: str, there: bool) -> None:
    assert ("Patients" in counted(patient.clinic, month)) is there


@pytest.mark.parametrize("month", ["2026-03", "2026-04", "2030-01"])
def test_a_month_that_is_not_over_is_not_counted(clinic: Clinic, month: str) -> None:
    with pytest.raises(NotUsable, match="not over"):
        report(clinic, month, NOW)


def test_a_month_is_over_by_the_clinic_s_own_day(clinic: Clinic) -> None:
    clinic.zone = "America/New_York"
    midnight = datetime.fromisoformat("2026-04-01T04:00:00+00:00")
    assert report(clinic, "", midnight - timedelta(seconds=1)).month == date(2026, 2, 1)
    assert report(clinic, "", midnight).month == date(2026, 3, 1)


def test_the_page_is_for_those_who_treat(patient: Patient, people: People) -> None:
    assert signed_in(people["nurse"]).get("/measures").status_code == 200
    assert signed_in(people["nurse"]).get("/measures?month=2025-12").status_code == 200
    assert signed_in(people["nurse"]).get("/measures?month=2026-03").status_code == 422
    assert signed_in(people["nurse"]).get("/measures?month=soon").status_code == 422
    assert signed_in(people["admin"]).get("/measures").status_code == 403


def test_a_month_of_the_register_is_measured_once_and_only_the_own_clinic_reads_it(
    patient: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert "rounded down to steps of 10" in text
    append(patient, [result("wbc", "6.0", "2026-02-21")], None, NOW)
    monkeypatch.setattr("countwell.cohort.measured.measured", lambda *_: pytest.fail("measured twice"))
    assert measure(patient.clinic, first).read_text() == text


@pytest.mark.parametrize(
    ("today", "first"), [("2026-03-01", "2026-02-01"), ("2026-03-31", "2026-02-01"), ("2026-01-15", "2025-12-01")]
)
def test_the_month_that_is_over(today: str, first: str) -> None:
    assert month_before(date.fromisoformat(today)).isoformat() == first
