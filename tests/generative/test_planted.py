"""Every law seen red: a fault is planted in the engine, and the check of the law must find it on a plain record.

Longer than other modules: each law has its planted fault, in one table.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from countwell.base.dates import moment, zone
from countwell.base.spans import EVERYTHING, NO, exactly
from countwell.engine import decide, doses, due, standing
from countwell.facts import laboratory, of_patient, past, readings, specimens
from countwell.facts.readings import Reading
from countwell.model import advice
from countwell.model.facts import Value
from countwell.questions import actions
from countwell.questions import ask as asking
from countwell.vocabulary.quantities import read_limit
from generative import properties as law
from generative.making import Json, decision, medicine, panel, record, result, steady, symptom, told

Patch = pytest.MonkeyPatch


def without(events: list[Json], test: str, day: str = "2026-03-01") -> list[Json]:
    """The events without the results of one test on one day."""
    return [e for e in events if not (e.get("test") == test and e["collected"].startswith(day))]


LOW = record([*without(steady(), "wbc"), result("wbc", "1.8", id="a1")])
CALM = record(steady())
PLANTED: list[tuple[str, Callable[[Patch], None], Callable[[], None]]] = []


def planted(says: str) -> Callable[[Any], Any]:
    """A pair of a fault and the check that must find it."""

    def keep(pair: Callable[[], tuple[Callable[[Patch], None], Callable[[], None]]]) -> object:
        PLANTED.append((says, *pair()))
        return pair

    return keep


@planted("a: a lapsed value says nothing any more")
def _alarm() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    return lambda patch: patch.setattr(laboratory, "worse_half", lambda *_: EVERYTHING), lambda: law.check_alarm_stands(
        LOW
    )


@planted("b: no result ever lapses")
def _lapse() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    def plant(patch: Patch) -> None:
        patch.setattr(laboratory, "_has_lapsed", lambda *_: False)
        _without_second_look(patch)

    return plant, lambda: law.check_reassurance_lapses(CALM)


def _without_second_look(patch: Patch) -> None:
    """A late required test opens everything by itself, too; each of the two must be seen to matter."""
    patch.setattr(decide.Decided, "_is_wanting", lambda _: False)


@planted("b: overdue two days late")
def _late() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    true = standing.Standing.due_by

    def later(self: Any, test: str, collected: Any) -> Any:
        day = true(self, test, collected)
        return day + timedelta(days=2) if day else None

    def plant(patch: Patch) -> None:
        patch.setattr(standing.Standing, "due_by", later)
        _without_second_look(patch)

    return plant, lambda: law.check_reassurance_lapses(CALM)


@planted("c: due dates run from today")
def _due() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    by, schedule = due._by, due.schedule
    today = [date.min]

    def moving(rule: Any, anchor: Any) -> Any:
        return by(rule, max(anchor, today[0]))

    def of_today(asked: Any) -> Any:
        today[0] = asked.as_of.day
        return schedule(asked)

    def plant(patch: Patch) -> None:
        patch.setattr(due, "_by", moving)
        patch.setattr(decide, "schedule", of_today)

    return plant, lambda: law.check_due_dates_stand(CALM)


@planted("d: what is very low is taken for a slip of the analyser")
def _milder() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    true = laboratory.latest

    def latest(facts: Any, pack: Any, definition: Any) -> Any:
        value = true(facts, pack, definition)
        slip = definition.of == ("wbc",) and value.span.high < Decimal("1.9")
        return replace(value, span=exactly(Decimal("6.1"))) if slip else value

    before = record([*without(steady(), "wbc"), result("wbc", "2.5", id="a1")])
    return (
        lambda patch: patch.setitem(of_patient.KINDS, "latest", latest),  # type: ignore[arg-type]
        lambda: law.check_not_milder(LOW, before),
    )


@planted("d: a good value is made up where none can be read")
def _made_up() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    true = laboratory.latest

    def latest(facts: Any, pack: Any, definition: Any) -> Any:
        value = true(facts, pack, definition)
        return value if value.span.exact else replace(value, span=exactly(5000), why=None)

    blind = record([*without(steady(), "platelets"), result("platelets", "clotted", id="a1")])
    before = record([*without(steady(), "platelets"), result("platelets", "90", id="a1")])
    return (
        lambda patch: patch.setitem(of_patient.KINDS, "latest", latest),  # type: ignore[arg-type]
        lambda: law.check_not_milder(blind, before, at_least=False),
    )


@planted("d: an upper limit is believed however far it lies")
def _limit() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    before = record([*without(steady(), "alt"), result("alt", "130", id="a1")])
    slipped = record([*without(steady(), "alt"), result("alt", "130", id="a1", normal_high="400")])

    def plant(patch: Patch) -> None:
        patch.setattr(readings, "_read_texts", readings._read_texts.__wrapped__)
        patch.setattr(readings, "read_upper_limit", read_limit)

    return plant, lambda: law.check_not_milder(slipped, before, at_least=False)


@planted("d: other medicines are not looked at")
def _medicines() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    before = record(steady())
    worse = record([*before["events"], medicine("allopurinol")])

    def check() -> None:
        law.check_not_milder(worse, before)
        assert "do-not-combine" in told(worse)["actions"]

    return lambda patch: patch.setattr(past, "_names_of", lambda name: frozenset({"nothing"})), check


@planted("e: a list counts as confirmed for ever")
def _lists() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    unconfirmed = record([e for e in steady() if e["kind"] != "list-confirmed"])

    def plant(patch: Patch) -> None:
        for module in modules_with("_absent"):
            patch.setattr(module, "_absent", lambda *_: Value(NO))

    return plant, lambda: law.check_no_continue_in_doubt(unconfirmed)


def modules_with(name: str) -> list[Any]:
    """The modules of facts that hold a function of that name."""
    return [m for key, m in list(sys.modules.items()) if key.startswith("countwell.facts") and hasattr(m, name)]


@planted("f: the event sent last counts as the newest")
def _order() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    two = [result("wbc", "1.8", "2026-03-02T08:00", id="a1"), result("wbc", "6.0", "2026-02-20T08:00", id="a2")]
    one = record([*without(steady(), "wbc"), *two])
    other = record([*without(steady(), "wbc"), *reversed(two)])

    def upto(self: Any, name: str, as_of: Any) -> Any:
        row = self.specimens.get(name) or []
        return sorted(row, key=lambda s: places.get(s.reading.ref, 0))

    places: dict[str, int] = {}

    def plant(patch: Patch) -> None:
        true = past.past_of

        def past_of(sent: Any) -> Any:
            places.clear()
            places.update({e.ref: n for n, e in enumerate(sent.events)})
            return true(sent)

        patch.setattr(asking, "past_of", past_of)
        patch.setattr(past.Timeline, "upto", upto)

    return plant, lambda: law.check_same_answer(one, other)


@planted("g: at most leaves out what cannot be ruled out")
def _ends() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    open_ = record(
        [*without(steady(), "platelets"), result("platelets", "<120", id="a1"), symptom("fever", "2026-03-01")]
    )

    def plant(patch: Patch) -> None:
        patch.setattr(decide.Decided, "at_most", property(lambda self: advice.NOTHING))

    return plant, lambda: law.check_ends_in_order(told(open_))


@planted("g: continue is said although a test is not known")
def _continue() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    return (
        lambda patch: patch.setattr(actions, "_may_continue", lambda *_: True),
        lambda: law.check_actions(told(LOW)),
    )


@planted("h: what came later was known all along")
def _known() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    late = record([*steady(), result("wbc", "1.8", "2026-03-02T07:00", id="a1", received="2026-03-02T09:30")])
    true = past._timeline

    def plant(patch: Patch) -> None:
        always = moment("2099-01-01", zone("UTC"))
        patch.setattr(past, "_timeline", lambda readings, known_at: true(readings, always))

    return plant, lambda: law.check_known_at(late, "2026-03-02T09:00:00-05:00")


@planted("i: a preliminary result counts as final")
def _preliminary() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    added = result("wbc", "6.0", "2026-03-02T08:00", id="a2", status="preliminary")
    return (
        lambda patch: patch.setattr(Reading, "preliminary", property(lambda self: False)),
        lambda: law.check_adds_nothing_mild(LOW, added),
    )


@planted("i: a withdrawn result makes the test done")
def _withdrawn() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    late = record([decision("start", "2025-06-02", "150"), *panel("2026-01-01")])
    added = result("wbc", None, "2026-03-02T08:00", id="a2", status="cancelled")

    def plant(patch: Patch) -> None:
        patch.setattr(specimens.Specimen, "settled", property(lambda self: True))
        for module in modules_with("settled"):
            patch.setattr(module, "settled", lambda row: list(row))

    def check() -> None:
        law.check_adds_nothing_mild(late, added)

    return plant, check


@planted("i: a preliminary result makes a test done that nothing asked for before")
def _done_by_report() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    stopped = record(
        [
            decision("start", "2025-06-02", "150"),
            *panel("2026-01-01", wbc=None),
            decision("stop", "2026-01-10", reason="patient"),
        ]
    )
    added = result("wbc", "1.9", "2026-03-02T08:00", id="a2", status="preliminary")

    def plant(patch: Patch) -> None:
        with_reports = property(lambda self: self.status in ("final", "disputed", "preliminary"))
        patch.setattr(specimens.Specimen, "settled", with_reports)

    def check() -> None:
        assert "cbc" not in {row["group"] for row in told(stopped)["details"]["tests"]}
        law.check_adds_nothing_mild(stopped, added)

    return plant, check


@planted("i: a preliminary report begins the time for a test anew")
def _anew() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    low = record([*without(steady(), "wbc"), result("wbc", "2.9", id="a1")])
    added = result("wbc", "2.5", "2026-03-02T08:00", id="a2", status="preliminary")
    return (
        lambda patch: patch.setattr(standing.Standing, "as_reports_came", property(lambda self: [])),
        lambda: law.check_adds_nothing_mild(low, added),
    )


@planted("j: a raise waits for no test after the last change")
def _raised() -> tuple[Callable[[Patch], None], Callable[[], None]]:
    true = doses._counted
    soon = record([*steady(mg="75"), decision("raise", "2026-02-20", "100")])

    def ungated(now: Any) -> Any:
        return [pair for pair in true(now) if not pair[0].placed.rule.name.endswith("-after-change")]

    return lambda patch: patch.setattr(doses, "_counted", ungated), lambda: law.check_no_raise_without_tests(soon)


@pytest.mark.parametrize(("says", "plant", "check"), PLANTED, ids=[says for says, *_ in PLANTED])
def test_a_planted_fault_turns_its_law_red(
    says: str, plant: Callable[[Patch], None], check: Callable[[], None], monkeypatch: Patch
) -> None:
    check()
    plant(monkeypatch)
    with pytest.raises(AssertionError):
        check()
