"""The demonstration clinic: it opens with its situations, its check finds what is wrong, and every page says what it is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker, Settings

from clinic.making import signed_in
from countwell.base.dates import of_instant, zone
from countwell.base.errors import UsageError
from countwell.clinic.demo import faults, opening
from countwell.clinic.demo.faults import pages
from countwell.clinic.demo.opening import Opened, open_demo
from countwell.clinic.demo.staff import code_now
from countwell.clinic.models import Act, Held, Letter, Message, Patient, Person, Relation, Run
from countwell.clinic.store.hand_over import offers_to, untracked
from countwell.clinic.store.worklist import ANSWERED, worklist
from countwell.simulate.situations import situations

AT = datetime(2026, 3, 2, 10, 0, 0, 123456, UTC)
SHOWN = {f"demo-{number}" for number in "01 02 03 10 11 12 13 22 24 26 31 35 36 37 39".split()}
BRIEF = [one for one in situations(of_instant(AT, zone("UTC"))) if one.id in SHOWN]


@pytest.fixture(scope="module")
def opened(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Opened]:
    """Opened once, with some of the situations and one patient of the register; no canaries, which have their own tests."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr("countwell.clinic.demo.patients.situations", lambda _: BRIEF)
        patch.setattr("countwell.clinic.demo.faults.situations", lambda _: BRIEF)
        patch.setattr("countwell.clinic.store.canaries.followed", list)
        patch.setattr("countwell.clinic.store.clock.of_database", lambda at: at)
        with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            yield open_demo(AT, number=1)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def at_its_instant(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: AT)


def who(opened: Opened, role: str) -> Person:
    return next(one.person for one in opened.sign_ins if one.person.role == role)


def test_there_is_an_account_for_each_role_with_what_is_needed_to_sign_in(opened: Opened) -> None:
    assert {one.person.role for one in opened.sign_ins} == {
        "prescriber", "nurse", "pharmacist", "auditor", "admin", "patient",
    }  # fmt: skip
    for one in opened.sign_ins:
        assert one.person.check_password(one.password)
        assert bool(one.secret) is one.person.is_staff_member


def test_a_secret_gives_a_code_of_six_digits(opened: Opened) -> None:
    code = code_now(opened.sign_ins[0].secret)
    assert len(code) == 6
    assert code.isdigit()


def test_its_check_finds_nothing(opened: Opened) -> None:
    assert [*faults._wrong_sums(opened), *faults._wrong_lists(opened, AT), *faults._wrong_answers(opened, AT)] == []
    assert list(faults._wrong_runs()) == []


def test_the_list_shows_each_kind_of_work(opened: Opened) -> None:
    groups = {group.name for group in worklist(who(opened, "prescriber"), AT, {}).groups}
    assert {"Now", "Hold past its day", "Today", "Late", "A result may be waiting", ANSWERED} <= groups


def test_people_have_acted_phoned_written_and_handed_over(opened: Opened) -> None:
    told = set(Act.objects.values_list("what", flat=True))
    assert {"done", "monitor", "own", "contact", "pause", "offer", "transfer-out", "take-on"} <= told
    assert Letter.objects.filter(way="print").exists()
    assert sum(len(offers_to(one.person)) for one in opened.sign_ins) == 1
    assert Relation.objects.filter(kind="break-glass", looked_at=None).exists()


def test_messages_wait_that_fit_nobody_and_one_would_stop_a_treatment(opened: Opened) -> None:
    waiting = Held.objects.filter(settled_at=None)
    assert {"identity", "unknown-patient", "disputed"} <= set(waiting.values_list("why", flat=True))
    assert waiting.filter(critical=True, why="identity").exists()


def test_a_patient_without_a_plan_of_whom_a_result_came_is_told(opened: Opened) -> None:
    assert [one.number for one, _ in untracked(Patient.objects.all())] == ["demo-26"]


def test_a_patient_of_the_register_is_seen_up_to_yesterday(opened: Opened) -> None:
    one = Patient.objects.get(number="sim-000001")
    days = sorted(event.body.partition('"collected":"')[2][:10] for event in one.events.filter(kind="result"))
    assert days[0] < "2025-03-02"
    assert "2026-01-01" < days[-1] <= "2026-03-01"


@pytest.mark.parametrize("name", ["chart", "letters", "hand-over"])
def test_a_page_of_a_patient_says_that_it_is_a_demonstration(opened: Opened, name: str, settings: Settings) -> None:
    settings.DEMONSTRATION = True
    browser = signed_in(who(opened, "prescriber"))
    address = dict(pages(who(opened, "prescriber"), Patient.objects.get(number="demo-12").pid))[name]
    assert "every patient and every person here is invented" in browser.get(address).content.decode()


def test_a_real_clinic_does_not_say_so(opened: Opened) -> None:
    assert b"Demonstration:" not in signed_in(who(opened, "nurse")).get("/today").content


def test_the_addresses_of_a_patient_are_among_the_pages_that_are_looked_at(opened: Opened) -> None:
    names = {name for name, _ in pages(who(opened, "prescriber"), "0")}
    assert {"chart", "results", "plan", "asked", "decisions", "letters", "hand-over", "looked"} <= names


def test_a_sum_that_is_wrong_is_found(opened: Opened) -> None:
    assert any("add up" in says for says in faults._wrong_sums(replace(opened, sums=opened.sums + opened.sums)))
    message = Message.objects.filter(clinic=opened.clinic, filed__gt=0).first()
    assert message is not None
    Message.objects.filter(pk=message.pk).update(filed=message.filed - 1, refused=message.refused + 1)
    assert list(faults._wrong_sums(opened))


def test_an_answer_that_the_situation_does_not_promise_is_found(opened: Opened) -> None:
    Patient.objects.filter(number="demo-03").update(number="demo-0x")
    Patient.objects.filter(number="demo-01").update(number="demo-03")
    Patient.objects.filter(number="demo-0x").update(number="demo-01")
    assert any(says.startswith("demo-01: missing ['stop'") for says in faults._wrong_answers(opened, AT))


def test_a_page_that_fails_is_found(opened: Opened) -> None:
    browser = signed_in(who(opened, "auditor"))
    assert list(faults._wrong(browser, "today", "/today")) == ["the page today answers 403."]


def test_a_canary_that_fell_is_found(opened: Opened) -> None:
    Run.objects.create(what="canaries", began_at=AT, faults=1, says="a rule is silent")
    assert any("a rule is silent" in says for says in faults._wrong_runs())


def test_it_is_opened_in_an_empty_store_alone(opened: Opened) -> None:
    with pytest.raises(UsageError, match="empty folder"):
        opening.open_demo(AT)


def test_a_worker_can_make_a_letter_after_the_opening_has_made_some() -> None:
    script = Path(__file__).parent / "served_demo.py"
    assert subprocess.run([sys.executable, str(script)], capture_output=True, timeout=60).returncode == 0
