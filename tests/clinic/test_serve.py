"""Serving: the store is made ready by itself, the rounds run what is due and say so, and nothing waits for them."""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
import time
import urllib.request
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from clinic.making import NOW, patient_of, signed_in
from countwell.base.errors import RecordError, UsageError
from countwell.cli import countwell
from countwell.clinic import serving
from countwell.clinic.models import Clinic, Patient, Person, Run, Standing
from countwell.clinic.store import rounds
from countwell.clinic.store.opening import open_clinic
from countwell.clinic.store.watch import watch

DAY = timedelta(days=1)
People = dict[str, Person]


@pytest.fixture(autouse=True)
def no_canaries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Canaries have tests of their own; here it only counts whether they are due."""
    monkeypatch.setattr(
        rounds.canaries, "keep", lambda at, clock: Run.objects.create(what="canaries", began_at=at, ended_at=clock())
    )


def test_when_the_day_has_changed_a_round_runs_the_rules_on_everybody(clinic: Clinic, patient: Patient) -> None:
    other = patient_of(clinic, [], number="1002")
    run = rounds.round_of(clinic, NOW + DAY, lambda: NOW + DAY)
    assert run is not None
    assert (run.patients, run.faults) == (2, 0)
    assert {one.ran_at for one in Standing.objects.filter(patient__in=(patient, other))} == {NOW + DAY}
    assert watch(Clinic.objects.get(), NOW + DAY).not_run == 0


def test_a_round_within_the_hour_with_nothing_to_do_leaves_no_row(clinic: Clinic, patient: Patient) -> None:
    assert rounds.round_of(clinic, NOW, lambda: NOW) is not None
    assert rounds.round_of(clinic, NOW + timedelta(minutes=59), lambda: NOW) is None


def test_an_hour_later_a_round_with_nothing_to_do_still_says_that_it_ran(clinic: Clinic, patient: Patient) -> None:
    rounds.round_of(clinic, NOW, lambda: NOW)
    assert rounds.round_of(clinic, NOW + timedelta(hours=1), lambda: NOW) is not None


def test_one_patient_whose_rules_fail_keeps_no_other_from_theirs(
    clinic: Clinic, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, real = patient_of(clinic, [], number="1002"), rounds.run_rules

    def failing(one: Patient, at: object) -> object:
        if one.pk == patient.pk:
            raise RecordError("the record cannot be read.")
        return real(one, at)

    monkeypatch.setattr(rounds, "run_rules", failing)
    run = rounds.round_of(clinic, NOW + DAY, lambda: NOW + DAY)
    assert run is not None
    assert (run.patients, run.faults) == (1, 1)
    assert Standing.objects.get(patient=other).ran_at == NOW + DAY
    assert watch(Clinic.objects.get(), NOW + DAY).not_run == 1


def test_the_canaries_are_sent_down_every_hour_and_not_more_often(clinic: Clinic) -> None:
    rounds.all_rounds(NOW, lambda: NOW)
    rounds.all_rounds(NOW + timedelta(minutes=59), lambda: NOW)
    assert Run.objects.filter(what="canaries").count() == 1
    rounds.all_rounds(NOW + timedelta(hours=1), lambda: NOW)
    assert Run.objects.filter(what="canaries").count() == 2


def test_without_any_round_the_list_says_for_how_many_the_rules_have_not_run(
    clinic: Clinic, patient: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: NOW + DAY)
    assert b"they have not run today" in signed_in(people["auditor"]).get("/audit").content
    assert watch(Clinic.objects.get(), NOW + DAY).not_run == 1


def test_a_new_clinic_has_one_admin_who_can_sign_in(db: None) -> None:
    password = open_clinic("North", "Europe/London", "Ada First", "Ada@north.example")
    admin = Person.objects.get(email="ada@north.example")
    assert admin.check_password(password)
    assert (admin.role, admin.clinic.name, admin.clinic.zone) == ("admin", "North", "Europe/London")


def test_a_clinic_is_not_opened_twice(clinic: Clinic) -> None:
    with pytest.raises(UsageError, match="already"):
        open_clinic(clinic.name, "UTC", "Ada First", "ada@north.example")


def test_beyond_this_machine_it_is_not_served_without_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COUNTWELL_HOSTS", raising=False)
    result = CliRunner().invoke(countwell, ["serve", "--host", "0.0.0.0"])
    assert isinstance(result.exception, UsageError)


def in_use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[None]:
    """Alone with a data folder, as an upgrade and a restore are."""
    monkeypatch.setattr("django.conf.settings.DATA", folder)
    return serving.alone()


def test_two_serve_one_folder_and_nobody_is_alone_with_it_until_both_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_use(tmp_path, monkeypatch), pytest.raises(UsageError), serving._marked(alone=False):
        pass
    with serving._marked(alone=False), serving._marked(alone=False), pytest.raises(UsageError), serving.alone():
        pass
    with serving.alone():
        pass


def test_a_demonstration_that_is_told_to_end_leaves_nothing_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "countwell", "demo", "--port", "18464"]
    opening = subprocess.Popen(command, env={**os.environ, "TMPDIR": str(tmp_path)}, stdout=subprocess.DEVNULL)
    try:
        for _ in range(450):
            if list(tmp_path.glob("countwell-demo-*/clinic.sqlite3")):
                break
            time.sleep(0.1)
        else:
            raise AssertionError("it never began")
    finally:
        opening.terminate()
        opening.wait(timeout=20)
    assert list(tmp_path.iterdir()) == []


def test_served_on_an_empty_folder_it_answers_and_ends_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {**os.environ, "COUNTWELL_DATA": str(tmp_path)} | {"COUNTWELL_HOSTS": "", "COUNTWELL_DATABASE": ""}
    command = [sys.executable, "-m", "countwell", "serve", "--port", "18463", "--workers", "1"]
    served = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        page = fetched("http://127.0.0.1:18463/status")
        assert "Is it safe to believe?" in page
        assert "<form" in fetched("http://127.0.0.1:18463/sign-in")
        with urllib.request.urlopen("http://127.0.0.1:18463/favicon.ico", timeout=5) as icon:
            assert icon.status == 200
        with pytest.raises(UsageError, match="is being served"), in_use(tmp_path, monkeypatch):
            pass
    finally:
        served.terminate()
        said, _ = served.communicate(timeout=20)
    assert re.search(r"http://127\.0\.0\.1:18463/", said), said
    assert "There is no clinic yet" in said
    assert (tmp_path / "clinic.sqlite3").exists()


def fetched(address: str) -> str:
    """The page at an address, once it answers."""
    for _ in range(450):  # a machine that is busy with other tests starts slowly
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.2)
    raise AssertionError("it never answered")


def test_a_clinic_lets_go_what_nobody_holds_any_more_though_commands_do_not() -> None:
    gc.disable()  # as `countwell` does before any command
    try:
        serving.begin()
        assert gc.isenabled()
    finally:
        gc.enable()
