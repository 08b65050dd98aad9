"""A simulated register through the real service, in small: on no evening does anything that calls for a person stand nowhere.

`bench/clinic_register.py` is the same at length. Each fault planted here is seen by the evening's look.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from countwell.clinic.models import Act, Event, Message, Run
from countwell.clinic.store import standing, worklist
from countwell.clinic.store.standing import Calling
from countwell.clinic.store.worklist import ANSWERED, Item
from countwell.model.advice import CALM
from countwell.simulate.parameters import parameters

sys.path.append(str(Path(__file__).parents[2] / "bench"))

from clinic_register import Service
from clinic_sent import LABORATORY, Sent

STOP_LEVEL = 16  # the seed of a register in which white cells fall within a week
FLAWS = {"lost": 0.05, "late": 0.2, "twice": 0.3, "again": 0.3, "mistyped": 0.1}
LOST = {"lost": 1.0}


def opened(
    seed: int, months: int, flaws: dict[str, float], *, staff: tuple[str, ...] = ("prescriber", "admin")
) -> Service:
    """A register of three patients to whom much happens."""
    service = Service(3, months, seed, parameters(often=30), flaws, staff)
    service.open()
    return service


def evenings(service: Service, last: int, every: int = 1) -> list[str]:
    """The faults of so many days on which nobody acts."""
    service.colleagues = []
    for day in list(service.days())[:last:every]:
        service.live(day)
    return service.watcher.seen.faults


@pytest.mark.usefixtures("db")
def test_nothing_that_calls_for_a_person_stands_nowhere_with_a_staff_that_forgets_and_leaves() -> None:
    service = opened(STOP_LEVEL, 1, FLAWS, staff=("prescriber", "prescriber", "nurse", "admin"))
    days = list(service.days())
    for day in days[2:5]:
        service.live(day)
    service.leaves(days[5])
    service.live(days[5])
    seen = service.watcher.seen
    assert not seen.faults
    assert seen.stops
    assert seen.overdue_days
    assert Act.objects.filter(what__in=("done", "less", "monitor", "contact")).exists()
    assert service.lost() == 0
    assert not Run.objects.exists()


@pytest.mark.usefixtures("db")
def test_what_came_adds_up_however_it_came() -> None:
    service = opened(5, 2, FLAWS)
    assert not evenings(service, 60, every=20)
    assert sum(1 for one in Message.objects.all() if one.received != one.filed + one.held + one.refused) == 0
    assert Message.objects.filter(held__gt=0).exists()
    assert service.sums["sources"] > Message.objects.count()
    assert service.lost() == 0


def hidden_when_old(real: Callable[..., Item]) -> Callable[..., Item]:
    """A list from which a row goes when it is a week late."""

    def item(*sent: Any) -> Item:
        found = real(*sent)
        return Item(found.patient, found.name, found.owner, ANSWERED, 11, 11, 0, "", False) if found.late > 7 else found

    return item


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("planted", [False, True])
def test_a_late_test_stands_on_the_list_however_late_it_is(planted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if planted:
        monkeypatch.setattr(worklist, "_item", hidden_when_old(worklist._item))
    service = opened(5, 2, LOST)
    found = evenings(service, 60, every=20)
    assert service.watcher.seen.overdue_days
    assert any("late since" in fault for fault in found) == planted


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("planted", [False, True])
def test_what_nobody_answered_stands_on_the_list(planted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if planted:
        monkeypatch.setattr(worklist, "unanswered", lambda *_: {})
    service = opened(STOP_LEVEL, 1, {})
    found = evenings(service, 5)
    assert service.watcher.seen.stops
    assert any("tier 1, is not answered" in fault for fault in found) == planted


def corrected(service: Service) -> Sent:
    """An older result of the patient at stop level, sent again a little different."""
    patient, _ = next(iter(service.watcher.seen.stops))
    body = next(e.body for e in Event.objects.filter(patient=patient, kind="result") if '"platelets"' in e.body)
    sent = json.loads(body)
    again = {**sent, "id": "again", "replaces": sent["id"], "status": "corrected", "value": "251"}
    head = json.loads(Event.objects.filter(patient=patient)[0].patient.head)
    document = {"schema": "countwell.record/1", **head, "events": [again]}
    return Sent(service.at + timedelta(minutes=1), head["patient"]["id"], LABORATORY, json.dumps(document).encode())


def without_corrected(real: Callable[..., Calling]) -> Callable[..., Calling]:
    """Rules that call for nothing once anything was corrected."""

    def calling(answer: Any, names: frozenset[str]) -> Calling:
        found = real(answer, names)
        return Calling(found.day, CALM.place, {}) if answer.superseded else found

    return calling


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("planted", [False, True])
def test_a_correction_of_something_else_takes_no_row_away(planted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if planted:
        monkeypatch.setattr(standing, "calling", without_corrected(standing.calling))
    service = opened(STOP_LEVEL, 1, {})
    assert not evenings(service, 5)
    service.sources.append(corrected(service))
    found = evenings(service, 6, every=5)
    assert bool(found) == planted
