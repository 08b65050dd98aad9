"""A clock that went back, or is not the database's, writes nothing; it ends by itself, or a named person ends it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape

import pytest

from clinic.making import NOW, banner_of, signed_in
from countwell.base.errors import UsageError
from countwell.clinic.models import Audit, Patient, Person
from countwell.clinic.store import audit, backup, clock, rounds

People = dict[str, Person]
SECOND, LIMIT = timedelta(seconds=1), timedelta(seconds=60)
Stands = Callable[[datetime], None]


@pytest.fixture
def stands(monkeypatch: pytest.MonkeyPatch) -> Stands:
    """Sets the clinic's clock."""
    return lambda at: monkeypatch.setattr("countwell.clinic.guard.now", lambda: at)


def written(at: datetime, route: str = "x") -> None:
    """A row of the audit, of an instant."""
    audit.seal(
        at=at, person=None, role="", clinic=None, action="run", route=route, patient="", outcome=200, purpose="", request=""
    )  # fmt: skip


def write(people: People, patient: Patient) -> tuple[int, str]:
    """The answer to a note on a patient, and its words."""
    browser = signed_in(people["nurse"])
    banner = banner_of(browser, f"/patients/{patient.pid}")
    answer = browser.post(f"/patients/{patient.pid}/own", {"banner": banner})
    return answer.status_code, unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("back", "code"), [(LIMIT - SECOND, 302), (LIMIT, 302), (LIMIT + timedelta(microseconds=1), 503), (LIMIT + SECOND, 503)]
)  # fmt: skip
def test_behind_what_was_written_by_more_than_a_minute_nothing_is_written(
    people: People, patient: Patient, back: timedelta, code: int
) -> None:
    written(NOW + back)
    before = patient.acts.count()
    answer, page = write(people, patient)
    assert (answer, patient.acts.count() > before) == (code, code == 302)
    assert ("The clock stands at 2 Mar 2026 10:00:00 UTC" in page) is (code == 503)


@pytest.mark.parametrize("ahead", [-1, 1])
@pytest.mark.parametrize(("off", "code"), [(LIMIT - SECOND, 302), (LIMIT, 302), (LIMIT + SECOND, 503)])
def test_further_than_a_minute_from_the_database_s_clock_nothing_is_written(
    people: People, patient: Patient, monkeypatch: pytest.MonkeyPatch, off: timedelta, code: int, ahead: int
) -> None:
    monkeypatch.setattr(clock, "of_database", lambda at: at + ahead * off)
    answer, page = write(people, patient)
    assert (answer, "and the database's at" in page) == (code, code == 503)


def test_far_ahead_of_what_was_written_last_all_is_well_as_after_a_night(people: People, patient: Patient) -> None:
    written(NOW - timedelta(days=400))
    assert write(people, patient)[0] == 302


def test_meanwhile_it_can_be_read_and_every_page_says_why_and_what_to_do(people: People, patient: Patient) -> None:
    written(NOW + LIMIT + SECOND)
    for page in ("/today", f"/patients/{patient.pid}", "/my-account"):
        answer = signed_in(people["nurse"]).get(page)
        assert answer.status_code == 200
        assert "Read only." in answer.content.decode()
        assert "set it by a time server" in answer.content.decode()
    answer = signed_in(people["nurse"]).get("/status")
    assert (answer.status_code, "The clock stands at" in answer.content.decode()) == (503, True)


def test_reading_meanwhile_does_not_make_it_well(people: People, patient: Patient) -> None:
    written(NOW + LIMIT + SECOND)
    assert [write(people, patient)[0] for _ in range(3)] == [503] * 3


def test_it_is_well_again_by_itself_when_the_clock_is(people: People, patient: Patient, stands: Stands) -> None:
    written(NOW)
    stands(NOW - timedelta(hours=1))
    assert write(people, patient)[0] == 503
    stands(NOW + SECOND)
    assert write(people, patient)[0] == 302


def test_after_a_clock_that_was_ahead_a_named_person_lets_it_be_written_again(people: People, patient: Patient) -> None:
    written(NOW + timedelta(days=365))
    assert write(people, patient)[0] == 503
    backup.reconcile("N. Harrow", "the clock was a year ahead for an hour; three results entered again", NOW)
    assert write(people, patient)[0] == 302
    last = Audit.objects.get(route=clock.RECONCILED)
    assert last.purpose.startswith("N. Harrow: the clock was a year ahead")
    assert list(audit.broken()) == []
    written(NOW + LIMIT + SECOND)
    assert write(people, patient)[0] == 503


@pytest.mark.django_db
def test_a_clock_that_is_right_is_not_reconciled() -> None:
    written(NOW)
    with pytest.raises(UsageError, match="nothing to reconcile"):
        backup.reconcile("N. Harrow", "x", NOW)


@pytest.mark.django_db
def test_no_word_of_a_person_makes_another_clock_than_the_database_s_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "of_database", lambda at: at + timedelta(hours=1))
    with pytest.raises(UsageError, match="Set both by a time server"):
        backup.reconcile("N. Harrow", "x", NOW)
    assert not Audit.objects.exists()


@pytest.mark.django_db
def test_no_round_runs_meanwhile() -> None:
    written(NOW + LIMIT + SECOND)
    assert rounds.all_rounds(NOW, lambda: NOW) == []
    assert rounds.all_rounds(NOW + SECOND, lambda: NOW) != []


def test_the_database_s_own_clock_is_asked_where_it_has_one(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    theirs = clock.of_database(NOW)
    assert (theirs == NOW) is (clock.connection.vendor == "sqlite")
    assert theirs.utcoffset() == timedelta()
