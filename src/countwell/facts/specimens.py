"""Which of several results of one test counts: versions, corrections, withdrawals, doubles and disputes.

What came first does not matter. The outcome is, per test, a row of specimens in order of collection.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from countwell.base.dates import Moment
from countwell.base.spans import Span, worst
from countwell.facts.readings import CORRECTING, Reading


class Specimen(NamedTuple):
    """What one collection says of one test.

    status: final, disputed, preliminary, unreadable or withdrawn. span: None for the last two.
    """

    test: str
    collected: Moment
    status: str
    span: Span | None
    reading: Reading
    readings: tuple[Reading, ...]

    @property
    def settled(self) -> bool:
        """A final value (also a disputed one): the test was done."""
        return self.status in ("final", "disputed")

    @property
    def mere_report(self) -> bool:
        """Nothing but preliminary reports speak of it: no event that puts off a date."""
        return self.status in ("preliminary", "unreadable") and all(reading.preliminary for reading in self.readings)


@dataclass(frozen=True, slots=True)
class Replaced:
    """A reading that another one put aside."""

    reading: Reading
    by: Reading


def resolve(readings: Sequence[Reading], worse: str) -> tuple[list[Specimen], list[Replaced]]:
    """All readings of one test that are known by some instant -> its specimens by collection, and what was put aside.

    worse: the direction of the test, to reckon with the worse of two disputed values.
    """
    if _is_plain(readings):
        plain = [Specimen(r.test, r.collected, "final", r.span, r, (r,)) for r in readings]
        return sorted(plain, key=lambda s: (s.collected.at, s.reading.ref)), []
    put_aside = _put_aside(readings)
    gone = {replaced.reading.ref for replaced in put_aside}
    groups: dict[tuple[object, ...], list[Reading]] = defaultdict(list)
    for reading in readings:
        if reading.ref not in gone:
            groups[(reading.collected.at, reading.collected.whole_day)].append(reading)
    specimens = sorted(
        (_specimen(group, worse) for group in groups.values()), key=lambda s: (s.collected.at, s.reading.ref)
    )
    return _without_order_of_day(specimens, worse), put_aside


def _without_order_of_day(specimens: list[Specimen], worse: str) -> list[Specimen]:
    """A value dated by the day alone is not older than one of nine o'clock: where they differ, the day's last is disputed."""
    by_day: dict[date, list[int]] = defaultdict(list)
    for place, specimen in enumerate(specimens):
        if specimen.settled:
            by_day[specimen.collected.day].append(place)
    for places in by_day.values():
        row = [specimens[place] for place in places]
        spans = [s.span for s in row if s.span is not None]
        if len({s.collected.whole_day for s in row}) > 1 and len(set(spans)) > 1:
            span = worst(spans, worse)
            reading = next(s.reading for s in row if s.span == span)
            last = specimens[places[-1]]
            specimens[places[-1]] = last._replace(status="disputed", span=span, reading=reading)
    return specimens


def _is_plain(readings: Sequence[Reading]) -> bool:
    """Whether every reading is final, readable, replaces none and stands alone on its day: nothing to resolve."""
    alone = len({reading.collected.day for reading in readings}) == len(readings)
    return alone and all(r.status == "final" and r.span is not None and r.replaces is None for r in readings)


def _put_aside(readings: Sequence[Reading]) -> list[Replaced]:
    named = {reading.id: reading for reading in readings if reading.id}
    put_aside: dict[str, Replaced] = {}
    for reading in readings:
        target = named.get(reading.replaces or "")
        if target is not None and _may_replace(reading, target) and not _names_in_turn(target, reading, named):
            put_aside[target.ref] = Replaced(target, reading)
    for group in _same_specimen(readings):
        _put_aside_in(group, put_aside)
    return list(put_aside.values())


def _may_replace(reading: Reading, target: Reading) -> bool:
    """A preliminary value puts nothing aside, not even another one; nor does a value that cannot be read: an alarm stands."""
    usable = target is not reading and reading.problem is None and not reading.preliminary
    return usable and _of_one_laboratory(reading, target)


def _of_one_laboratory(reading: Reading, target: Reading) -> bool:
    """Names of results are a laboratory's own: another's speaks of another result. Where one is not named, of one day only."""
    if reading.lab == target.lab:
        return True
    return None in (reading.lab, target.lab) and reading.collected.day == target.collected.day


def _names_in_turn(target: Reading, reading: Reading, named: Mapping[str, Reading]) -> bool:
    """Whether readings claim to replace one another in a ring; then none of them does."""
    seen = {reading.ref}
    step: Reading | None = target
    while step is not None and step.ref not in seen:
        seen.add(step.ref)
        step = named.get(step.replaces or "")
    return step is reading


def _same_specimen(readings: Iterable[Reading]) -> list[list[Reading]]:
    groups: dict[object, list[Reading]] = defaultdict(list)
    for reading in readings:
        groups[reading.collected.at].append(reading)
    by_order = [part for group in groups.values() if len(group) > 1 for part in _apart(group, lambda r: r.order)]
    return [part for group in by_order for part in _apart(group, lambda r: r.lab)]


def _apart(group: list[Reading], named: Callable[[Reading], str | None]) -> list[list[Reading]]:
    """Readings of one collection by order number, or by laboratory; those without one go with each."""
    names = {name for reading in group if (name := named(reading))}
    if len(names) < 2:
        return [group]
    return [[r for r in group if not named(r) or named(r) == name] for name in sorted(names)]


def _put_aside_in(group: list[Reading], put_aside: dict[str, Replaced]) -> None:
    winner = _winner(group)
    for reading in group:
        if reading is not winner and reading.ref not in put_aside and _yields(reading, winner):
            put_aside[reading.ref] = Replaced(reading, winner)


def _winner(group: list[Reading]) -> Reading:
    """The reading that speaks last: by version if all have one, else by what it is and when it became known."""
    group = [reading for reading in group if not reading.preliminary] or group
    versions = [_version(reading) for reading in group]
    if all(version is not None for version in versions):
        return max(zip(versions, group, strict=True), key=lambda pair: (pair[0], _weight(pair[1])))[1]
    return max(group, key=lambda r: (_weight(r), r.known.at, r.ref))


def _weight(reading: Reading) -> int:
    if reading.preliminary:
        return 0
    return 2 if reading.withdrawn or reading.status in CORRECTING else 1


def _version(reading: Reading) -> Decimal | None:
    try:
        number = Decimal(reading.version) if reading.version and reading.version.isascii() else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _yields(reading: Reading, winner: Reading) -> bool:
    """Whether a reading gives way to the winner: two finals without a correction do not, they are in dispute.

    Nothing gives way to a preliminary value, to one that cannot be read, to a withdrawal of another order, or to a correction
    of the same instant.
    """
    if winner.preliminary or winner.problem is not None or (winner.withdrawn and reading.order != winner.order):
        return False
    if _version(reading) is not None and _version(winner) is not None and _version(reading) != _version(winner):
        return True
    if reading.preliminary:
        return True
    if _weight(reading) == _weight(winner) and reading.known.at == winner.known.at:
        return False
    return winner.withdrawn or winner.status in CORRECTING


def _specimen(group: list[Reading], worse: str) -> Specimen:
    final = [r for r in group if not r.preliminary and not r.withdrawn]
    if final and len(final) < len(group) and any(r.withdrawn for r in group):
        final = [r for r in group if not r.preliminary]
    readable = [r for r in final if r.span is not None]
    if final and len(readable) < len(final):
        return _unreadable(group, final, readable, worse)
    if readable:
        return _final(group, readable, worse)
    preliminary = [r for r in group if r.preliminary]
    if preliminary:
        return _preliminary(group, preliminary, worse)
    return Specimen(group[0].test, group[0].collected, "withdrawn", None, group[0], tuple(group))


def _unreadable(group: list[Reading], final: list[Reading], readable: list[Reading], worse: str) -> Specimen:
    """One of the final values cannot be read or is withdrawn: a readable one beside it stands at its good end only."""
    first = next(r for r in final if r.span is None)
    if readable:
        span = worst([r.span for r in readable if r.span is not None], worse)
        reading = next(r for r in readable if r.span == span)
        return Specimen(first.test, first.collected, "disputed", span, reading, tuple(group))
    return Specimen(first.test, first.collected, "unreadable", None, first, tuple(group))


def _final(group: list[Reading], readable: list[Reading], worse: str) -> Specimen:
    spans = {r.span for r in readable if r.span is not None}
    if len(spans) == 1:
        best = min(readable, key=lambda r: (r.upper is None, r.upper or 0, r.ref))
        return Specimen(best.test, best.collected, "final", best.span, best, tuple(group))
    span = worst(spans, worse)
    reading = next(r for r in readable if r.span == span)
    return Specimen(reading.test, reading.collected, "disputed", span, reading, tuple(group))


def _preliminary(group: list[Reading], preliminary: list[Reading], worse: str) -> Specimen:
    """Of several preliminary values the worst: none of them may lower what another has raised."""
    readable = [r for r in preliminary if r.span is not None]
    if not readable:
        first = min(preliminary, key=lambda r: r.ref)
        return Specimen(first.test, first.collected, "unreadable", None, first, tuple(group))
    span = worst([r.span for r in readable if r.span is not None], worse)
    reading = min((r for r in readable if r.span == span), key=lambda r: r.ref)
    return Specimen(reading.test, reading.collected, "preliminary", span, reading, tuple(group))
