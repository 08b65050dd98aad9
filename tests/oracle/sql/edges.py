"""Records on the edges: each number of the packs just under, exactly and just over, censored there, and each window on its first day.

Read from the packs, so that a new number is met without anybody adding it here. Patients at random meet too few of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from countwell.base.dates import before
from countwell.model.pack import FactDefinition, Pack
from countwell.model.rules import Compare, atoms
from countwell.vocabulary.tests import test

from .tables import Plan, members

Json = dict[str, Any]
CENSORED = ("{}", "<{}", ">{}", "<={}", ">={}")
THOUSANDTH = Decimal("0.001")
UPPER = 40


def documents(packs: Sequence[Pack], today: date) -> list[Json]:
    """Records as `countwell.record/1`, asked about at the end of that day."""
    plan = Plan(packs)
    found = [*_at_numbers(plan, today), *_at_windows(plan, today), *_at_lapses(plan, today)]
    found += [*_at_times(plan, today), *_orders(today)]
    return [_record(number, events) for number, events in enumerate(found)]


def _record(number: int, events: Sequence[Json]) -> Json:
    head = {"id": f"edge-{number}", "time_zone": "Europe/London"}
    return {"schema": "countwell.record/1", "patient": head, "course": {}, "events": list(events)}


def _started(day: date) -> Json:
    return {
        "kind": "decision",
        "do": "start",
        "at": day.isoformat(),
        "mg_per_day": "100",
        "frequency": "once daily",
        "by": "dr",
    }


def _result(name: str, value: str, day: date) -> Json:
    return {
        "kind": "result",
        "test": name,
        "value": value,
        "unit": test(name).unit,
        "normal_high": str(UPPER),
        "collected": day.isoformat(),
        "status": "final",
    }


def _compared(plan: Plan) -> Iterator[tuple[Pack, FactDefinition, str]]:
    """Every fact with the name of each number that it is compared with."""
    for placed in plan.rules:
        for part in (placed.rule.when, placed.rule.unless):
            for one in atoms(part):
                if isinstance(one, Compare) and one.number is not None:
                    yield placed.pack, placed.pack.facts[one.fact], one.number


def _at_numbers(plan: Plan, today: date) -> Iterator[list[Json]]:
    """The newest result on, under and over each number, and censored there."""
    values = _numbers_of_tests(plan)
    start = _started(today - timedelta(days=200))
    for name, value in values:
        texts = [text.format(f"{value:f}") for text in CENSORED]
        texts += [f"{value + step:f}" for step in (-THOUSANDTH, THOUSANDTH)]
        yield from ([start, _result(name, text, today)] for text in texts)


def _numbers_of_tests(plan: Plan) -> Iterable[tuple[str, Decimal]]:
    """Each test with each number that its newest value is compared with."""
    return dict.fromkeys(
        (name, pack.numbers[number].value * (UPPER if fact.param("as") == "limits" else 1))
        for pack, fact, number in _compared(plan)
        if fact.kind in ("latest", "highest")
        for name in fact.of
    )


def _at_windows(plan: Plan, today: date) -> Iterator[list[Json]]:
    """Two results, the older on the first day of a window, on the day before it and on the day after it; and what it fell to."""
    windows = dict.fromkeys(
        (name, pack.numbers[str(fact.param("within"))].duration)
        for placed in plan.rules
        for pack in [placed.pack]
        for fact in (pack.facts[one] for one in placed.facts)
        if fact.kind in ("highest", "change", "baseline") and fact.param("within")
        for name in (pack.facts[fact.of[0]].of if fact.kind == "baseline" else fact.of)
    )
    for name, duration in windows:
        assert duration is not None
        for begun, older in [
            (day, one) for day in (1, 30) for one in _around(before(today - timedelta(days=1), duration))
        ]:
            for then, now in (("500", "100"), ("100", "500"), ("4", "1"), ("1", "4")):
                start = _started(today - timedelta(days=begun))
                yield [start, _result(name, then, older), _result(name, now, today)]
                yield [start, _result(name, then, older + timedelta(days=1)), _result(name, now, today)]


def _at_lapses(plan: Plan, today: date) -> Iterator[list[Json]]:
    """A long course, and a result just not late, on its last day, just late: a good one and one at each number."""
    every = dict.fromkeys(
        (name, placed.pack.numbers[placed.rule.due.every].duration)
        for placed in plan.every
        if placed.rule.due is not None and placed.rule.due.every is not None
        for group in placed.rule.due.groups
        for name in members(group)
    )
    values = _numbers_of_tests(plan)
    for name, duration in every:
        assert duration is not None
        for taken in _around(before(today, duration)):
            for value in {v * factor for tested, v in values if tested == name for factor in (1, 3)}:
                yield [_started(today - timedelta(days=500)), _result(name, f"{value:f}", taken)]
                yield [_started(taken + timedelta(days=1)), _result(name, f"{value:f}", taken - timedelta(days=1))]


def _at_times(plan: Plan, today: date) -> Iterator[list[Json]]:
    """A course begun just under, exactly and just over each duration ago, also at the end of a month; every symptom as of now."""
    durations = dict.fromkeys(
        pack.numbers[number].duration for pack, fact, number in _compared(plan) if fact.kind == "since"
    )
    symptoms = dict.fromkeys(
        name for pack in plan.packs for fact in pack.facts.values() if fact.kind == "symptom" for name in fact.of
    )
    said: list[Json] = [{"kind": "symptom", "symptom": name, "since": today.isoformat()} for name in symptoms]
    for duration in filter(None, durations):
        for day in _around(before(today, duration), 3):
            yield [_started(day)]
            yield [_started(day), *said]
            yield [_started(day - timedelta(days=500)), {**_started(day), "do": "reduce", "mg_per_day": "50"}]


def _around(day: date, days: int = 1) -> Iterable[date]:
    return [day + timedelta(days=step) for step in range(-days, days + 1)]


def _orders(today: date) -> Iterator[list[Json]]:
    """An order, and a result or a genotype of the day before, of the same day, of the day after."""
    ordered = today - timedelta(days=5)
    order: Json = {"kind": "test-ordered", "test": "tpmt", "at": ordered.isoformat(), "status": "pending"}
    for day in _around(ordered):
        yield [order, {"kind": "genotype", "gene": "TPMT", "result": "*1/*1", "at": day.isoformat()}]
