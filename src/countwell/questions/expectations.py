"""Windows of time: when an effect is to be expected, how long to wait after stopping."""

from __future__ import annotations

from datetime import date
from typing import Any

from countwell.base.dates import Duration, add
from countwell.engine.decide import Decided
from countwell.engine.joined import PlacedRule
from countwell.model.rules import Window


def _windows(decided: Decided, after: str) -> list[tuple[Duration, Duration | None]]:
    """Every window after that event which a rule gives now."""
    found = []
    for placed in decided.standing.joined.rules:
        window = placed.rule.window
        if window is not None and window.after == after and _holds(decided, placed):
            found.append((placed.duration(window.low), _end(placed, window)))
    return found


def _end(placed: PlacedRule, window: Window) -> Duration | None:
    return placed.duration(window.high) if window.high is not None else None


def _holds(decided: Decided, placed: PlacedRule) -> bool:
    if placed.table.asks and decided.standing.asked.question not in placed.table.asks:
        return False
    state = decided.standing.state(placed)
    return state is not None and state.truth is True


def response(decided: Decided) -> dict[str, Any]:
    """`details` of `response`: the window in which an effect is to be expected, and where today stands in it."""
    course = decided.standing.facts.course
    windows = _windows(decided, "start")
    if course.state in ("stopped", "ended"):
        return {"window": None, "state": "after-stop"}
    if course.first_start is None or not windows:
        return {"window": None, "state": "too-early" if course.first_start is None else "not-stated"}
    begin = (course.first_start.since or course.first_start.at).day
    low, high = windows[0]
    first = add(begin, low, "later")
    last = add(begin, high, "later") if high is not None else None
    return {"window": [first.isoformat(), _text(last)], "state": _place(decided.standing.as_of.day, first, last)}


def _place(today: date, first: date, last: date | None) -> str:
    if today < first:
        return "too-early"
    return "past" if last is not None and today > last else "within"


def _text(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def waiting(decided: Decided) -> dict[str, Any]:
    """`details` of `pregnancy`: the days until which to wait after a stop, in whole calendar months."""
    stop = decided.standing.facts.course.stop
    if stop is None or decided.course.state != "stopped":
        return {"wait_until": None}
    days = [
        add(stop.at.day, duration, "later")
        for low, high in _windows(decided, "stop")
        for duration in (low, high or low)
    ]
    return {"wait_until": [day.isoformat() for day in sorted(set(days))] or None}
