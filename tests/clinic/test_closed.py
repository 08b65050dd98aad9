"""What the rules close: only what calls for nothing at both ends with nothing open; a sample of it is checked by a person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.making import ASKED, CALM, GOOD, LOWISH, NOW, START, patient_of, result, signed_in
from countwell.clinic.models import Act, Clinic, Held, Patient, Person
from countwell.clinic.store import closed as store
from countwell.clinic.store.records import append
from countwell.model.advice import CALM as CALM_RANK

People = dict[str, Person]
CALM_PLACE = CALM_RANK.place
HELD = {"kind": "decision", "do": "hold", "at": "2026-02-25", "reason": "liver", "decide_by": "2026-03-20"}


@pytest.fixture
def calm(clinic: Clinic, people: People) -> Patient:
    """A patient whose results call for nothing."""
    return patient_of(clinic, [people["nurse"], people["prescriber"]], "1009", CALM, name="Bea Santos")


@pytest.fixture
def all_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every one is drawn for a check."""
    monkeypatch.setattr(store, "rules", lambda: {"one_in": 1, "days": 7})


def test_results_after_which_nothing_is_called_for_are_closed(calm: Patient, people: People) -> None:
    (row,) = store.closed(people["nurse"], NOW)
    assert (row.patient, row.results) == (calm, len(GOOD))


NOT_CLOSED = {
    "something is called for": [LOWISH],
    "something that matters is not known": [result("alt", "31", "2026-03-01", "U/L", id="a9")],
    "a value that could not be read": [result("wbc", "clumped", "2026-03-01", id="w9")],
    "on hold": [HELD],
}


@pytest.mark.parametrize("events", NOT_CLOSED.values(), ids=NOT_CLOSED)
def test_anything_else_is_neither_closed_nor_filed(
    calm: Patient, people: People, all_drawn: None, events: list[dict[str, object]]
) -> None:
    append(calm, events, None, NOW)
    assert store.closed(people["nurse"], NOW) == []
    page = signed_in(people["nurse"]).get(f"/patients/{calm.pid}").content.decode()
    token = page.partition('name="banner" value="')[2].partition('"')[0]
    answer = signed_in(people["nurse"]).post(f"/patients/{calm.pid}/checked", {"banner": token})
    assert (answer.status_code, "This is not filed" in answer.content.decode()) == (422, True)
    assert Act.objects.count() == 0


TODAY = NOW.date()
EACH = {
    "the treatment is not running": {"state": "held"},
    "something is called for": {"place": CALM_PLACE - 1},
    "it is not ruled out that something is called for": {"place_at_most": CALM_PLACE - 1},
    "something that matters is not known or could not be used": {"open": True},
    "a result changed after a decision rested on it": {"changed": 1},
    "a test is late": {"due": {"cbc": (TODAY - timedelta(days=1)).isoformat()}},
    "something came after the rules ran": {"position": 1},
    "the rules have not run today": {"day": TODAY - timedelta(days=1)},
}


@pytest.mark.parametrize("why", EACH)
def test_each_reason_alone_keeps_it_open(calm: Patient, why: str) -> None:
    standing = calm.standing
    assert store.why_open(standing, calm, NOW) == ""
    for field, value in EACH[why].items():
        setattr(standing, field, value)
    assert store.why_open(standing, calm, NOW) == why


def test_a_test_is_not_late_on_its_last_day(calm: Patient) -> None:
    calm.standing.due = {"cbc": TODAY.isoformat()}
    assert store.why_open(calm.standing, calm, NOW) == ""


def test_nothing_is_closed_on_rules_of_yesterday(calm: Patient, people: People) -> None:
    assert store.why_open(calm.standing, calm, NOW + timedelta(days=1)) == "the rules have not run today"


def test_a_held_message_that_may_be_the_patients_keeps_them_open(calm: Patient, people: People) -> None:
    held = Held.objects.create(clinic=calm.clinic, received_at=NOW, source="x", where="1", why="identity", says="", as_sent="", digest="d")  # fmt: skip
    held.may_be.add(calm)
    assert store.closed(people["nurse"], NOW) == []
    Held.objects.update(settled_at=NOW)
    assert len(store.closed(people["nurse"], NOW)) == 1


def test_a_person_who_agrees_is_named_and_a_newer_result_asks_again(
    calm: Patient, people: People, all_drawn: None
) -> None:
    browser = signed_in(people["nurse"])
    page = browser.get("/today/closed").content.decode()
    token = page.partition('name="banner" value="')[2].partition('"')[0]
    assert "1 is drawn" in page
    assert browser.post(f"/patients/{calm.pid}/checked", {"banner": token}).status_code == 302
    page = browser.get("/today/closed").content.decode()
    assert f"agreed, {people['nurse']}" in page
    assert Act.objects.get(what="file").review is not None
    append(calm, [result("wbc", "4.1", "2026-03-02", id="w2")], None, NOW + timedelta(hours=1))
    (row,) = store.closed(people["nurse"], NOW + timedelta(hours=1))
    assert (row.drawn, row.checked) == (True, None)


def test_about_one_in_twenty_is_drawn_and_always_the_same_ones() -> None:
    drawn = [store._drawn(f"digest {n}") for n in range(2000)]
    assert 60 < sum(drawn) < 140
    assert drawn == [store._drawn(f"digest {n}") for n in range(2000)]


def test_results_of_patients_of_others_are_not_shown(calm: Patient, people: People) -> None:
    other = Clinic.objects.create(name="Clinic two")
    patient_of(other, [], "1", [START, *ASKED, *GOOD])
    assert [row.patient for row in store.closed(people["nurse"], NOW)] == [calm]
    assert store.closed(people["pharmacist"], NOW) == []
