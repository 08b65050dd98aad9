"""Facts that stand on lists: medicines taken, and past illnesses.

What is not on a list is *no* only if the list was gone through recently enough; else it is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from countwell.base.dates import Duration, Moment, before
from countwell.base.spans import NO, YES, YES_OR_NO
from countwell.facts.life import instant
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition, Pack
from countwell.model.records import History, ListConfirmed

if TYPE_CHECKING:
    from countwell.facts.of_patient import Facts


def medicine(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether one of these medicines (or of these classes) is taken now."""
    wanted = frozenset(definition.of)
    taken = [m for m, names in facts.past.medicines if names & wanted and _is_open(m.start, m.end, facts.as_of)]
    if not taken:
        return _absent(facts, pack, definition, "medicines")
    taken.sort(key=lambda m: (instant(m.start), m.ref))
    names = ", ".join(dict.fromkeys(m.name for m in taken))
    return Value(YES, at=taken[-1].start, events=tuple(m.ref for m in taken), as_sent=names)


def _is_open(start: Moment | None, end: Moment | None, as_of: Moment) -> bool:
    return (start is None or start.at <= as_of.at) and (end is None or end.at > as_of.at)


def _absent(facts: Facts, pack: Pack, definition: FactDefinition, name: str) -> Value:
    """Absent from a list: no, if the list was gone through recently enough; else not known."""
    duration = pack.numbers[str(definition.param("confirmed"))].duration
    assert duration is not None
    known = facts.absent.get((name, duration.count, duration.unit))
    if known is None:
        known = facts.absent[name, duration.count, duration.unit] = _unlisted(facts, name, duration)
    return known


def _unlisted(facts: Facts, name: str, duration: Duration) -> Value:
    confirmed = [c for c in facts.past.of(ListConfirmed) if c.list == name and c.at.at <= facts.as_of.at]
    last = max(confirmed, key=lambda c: (c.at.at, c.ref), default=None)
    if last is not None and last.at.day >= before(facts.as_of.day, duration):
        return Value(NO, at=last.at, events=(last.ref,))
    return Value(YES_OR_NO, why="lapsed" if last is not None else "not-asked")


def history(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether something happened before (`cause`: through a medicine)."""
    cause = definition.param("cause")
    found = [
        h
        for h in facts.past.of(History)
        if h.what in definition.of
        and (cause is None or h.cause == cause)
        and (h.at is None or h.at.at <= facts.as_of.at)
    ]
    if not found:
        return _absent(facts, pack, definition, "history")
    found.sort(key=lambda h: (instant(h.at), h.ref))
    return Value(YES, at=found[-1].at, events=tuple(h.ref for h in found), as_sent=", ".join(h.what for h in found))
