"""Which of several readings of one test counts, told as states over time: what each collection came to, from when until when.

A state is known from one instant until another takes its place; at any instant the states known then are the specimens.
Readings meet only on one day or by naming each other, so a history falls into small families; nearly all are one plain reading.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from countwell.base.dates import Moment
from countwell.base.spans import Span, worst
from countwell.cohort.readings import CORRECTING, Reading, Wholes

T = TypeVar("T")


class Specimen(NamedTuple):
    """What one collection comes to. span: None of an unreadable or withdrawn one. reading: whose limit and laboratory count.

    own: its own reading; of one instant the specimens stand in the order of its ref. Another's counts where a day is disputed.
    mere_report: nothing but preliminary reports speak of it.
    """

    collected: Moment
    status: str
    span: Span | None
    reading: Reading
    own: Reading
    mere_report: bool = False


class State(NamedTuple):
    """A specimen as it was known from `known` until `until`; None: nothing has taken its place."""

    specimen: Specimen
    known: Moment
    until: Moment | None


class Aside(NamedTuple):
    """A reading that another one put aside, from `known` until `until`; None: it still does."""

    reading: Reading
    by: Reading
    known: Moment
    until: Moment | None


def states(readings: Sequence[Reading], worse: str, wholes: Wholes | None = None) -> tuple[list[State], list[Aside]]:
    """All readings of one test of one patient -> its states, and what was put aside when. The order does not matter.

    worse: the direction of the test, to reckon with the worse of two values that cannot both be right. wholes: what the
    readings are held to, if they are parts.
    """
    found: list[State] = []
    aside: list[Aside] = []
    for family in families(readings):
        beside = wholes.beside(family) if wholes else []
        if not beside and len(family) == 1 and family[0].status == "final" and (only := family[0]).span is not None:
            found.append(State(Specimen(only.collected, "final", only.span, only, only), only.known, None))
        else:
            over_time, gone = _over_time(family, worse, wholes if beside else None)
            found += over_time
            aside += gone
    return found, aside


def families(readings: Sequence[Reading]) -> list[list[Reading]]:
    """The readings in groups that say nothing of each other: by day, days joined where one names a reading of the other."""
    days: dict[date, list[Reading]] = defaultdict(list)
    for reading in readings:
        days[reading.collected.day].append(reading)
    if all(reading.replaces is None for reading in readings):
        return list(days.values())
    places = {id(reading): place for place, reading in enumerate(readings)}
    joined = _joined(days, {reading.id: reading.collected.day for reading in readings if reading.id})
    return [sorted(family, key=lambda reading: places[id(reading)]) for family in joined]


def _joined(days: Mapping[date, list[Reading]], home: Mapping[str, date]) -> list[list[Reading]]:
    family_of = {day: [day] for day in days}
    for day, row in days.items():
        for reading in row:
            other = family_of[home.get(reading.replaces or "", day)]
            if other is not family_of[day]:
                other += family_of[day]
                family_of |= dict.fromkeys(other, other)
    different = {id(family): family for family in family_of.values()}
    return [[reading for day in family for reading in days[day]] for family in different.values()]


def _over_time(family: list[Reading], worse: str, wholes: Wholes | None) -> tuple[list[State], list[Aside]]:
    """Resolved anew at each instant at which one of the family, or a whole, became known; what stays the same is one state."""
    instants = {reading.known.at: reading.known for reading in (*family, *(wholes.beside(family) if wholes else ()))}
    found: list[State] = []
    aside: list[Aside] = []
    standing: dict[Specimen, Moment] = {}
    standing_aside: dict[tuple[Reading, Reading], Moment] = {}
    for instant in sorted(instants):
        now = instants[instant]
        known = [reading for reading in family if reading.known.at <= instant]
        specimens, gone = resolved([wholes.held(one, instant) for one in known] if wholes else known, worse)
        found += [State(s, since, now) for s, since in _ended(standing, specimens)]
        aside += [Aside(one, by, since, now) for (one, by), since in _ended(standing_aside, gone.items())]
        standing = {s: standing.get(s, now) for s in specimens}
        standing_aside = {pair: standing_aside.get(pair, now) for pair in gone.items()}
    found += [State(s, since, None) for s, since in standing.items()]
    return found, aside + [Aside(one, by, since, None) for (one, by), since in standing_aside.items()]


def _ended(standing: Mapping[T, Moment], now: Collection[T]) -> list[tuple[T, Moment]]:
    return [(what, since) for what, since in standing.items() if what not in now]


def resolved(known: Sequence[Reading], worse: str) -> tuple[list[Specimen], dict[Reading, Reading]]:
    """The readings that are known by one instant -> the specimens in order of collection, and who put whom aside."""
    aside = _by_name(known)
    for meeting in _meetings(known):
        _by_meeting(meeting, aside)
    collections: dict[tuple[datetime, bool], list[Reading]] = defaultdict(list)
    for reading in known:
        if reading not in aside:
            collections[reading.collected.at, reading.collected.whole_day].append(reading)
    specimens = [_specimen(row, worse) for row in collections.values()]
    specimens.sort(key=lambda specimen: (specimen.collected.at, specimen.own.ref))
    return _days_last_disputed(specimens, worse), aside


def _by_name(known: Sequence[Reading]) -> dict[Reading, Reading]:
    """What readings put aside because they name it. An unreadable one puts none aside, nor a preliminary one, nor a ring."""
    named = {reading.id: reading for reading in known if reading.id}
    aside: dict[Reading, Reading] = {}
    for reading in known:
        target = named.get(reading.replaces) if reading.replaces else None
        if target is None or target is reading or reading.problem is not None or reading.preliminary:
            continue
        if _one_sender(target, reading) and not _comes_back(target, reading, named):
            aside[target] = reading
    return aside


def _one_sender(target: Reading, reading: Reading) -> bool:
    """Whether the name can mean the target: both of one laboratory; a laboratory that is not named is any, on the same day."""
    if target.lab and reading.lab:
        return target.lab == reading.lab
    return target.lab == reading.lab or target.collected.day == reading.collected.day


def _comes_back(target: Reading, reading: Reading, named: Mapping[str, Reading]) -> bool:
    """Whether going on from the target, from each to what it replaces, one comes to the reading itself."""
    step: Reading | None = target
    for _ in named:
        if step is None or step is reading:
            break
        step = named.get(step.replaces or "")
    return step is reading


def _meetings(known: Sequence[Reading]) -> Iterator[list[Reading]]:
    """Readings of one instant, order number and laboratory; what names none goes with each."""
    instants: dict[datetime, list[Reading]] = defaultdict(list)
    for reading in known:
        instants[reading.collected.at].append(reading)
    for row in instants.values():
        numbers = sorted({reading.order for reading in row if reading.order})
        for number in numbers or (None,):
            met = [reading for reading in row if not reading.order or reading.order == number]
            labs = sorted({reading.lab for reading in met if reading.lab})
            yield from (
                [reading for reading in met if not reading.lab or reading.lab == lab] for lab in labs or (None,)
            )


def _by_meeting(meeting: list[Reading], aside: dict[Reading, Reading]) -> None:
    """Adds to `aside` the readings of a meeting that give way to the one that speaks last."""
    last = _speaks_last([reading for reading in meeting if not reading.preliminary] or meeting)
    for reading in meeting:
        if reading is not last and reading not in aside and _gives_way(reading, last):
            aside[reading] = last


def _speaks_last(row: Sequence[Reading]) -> Reading:
    """By version if all have one; else a correction or withdrawal before a plain one, then the one known later."""
    if all(reading.version is not None for reading in row):
        return max(row, key=lambda r: (r.version or 0, _rank(r)))
    return max(row, key=lambda r: (_rank(r), r.known.at, r.ref))


def _rank(reading: Reading) -> int:
    if reading.preliminary:
        return 0
    return 2 if reading.withdrawn or reading.status in CORRECTING else 1


def _gives_way(reading: Reading, last: Reading) -> bool:
    """Two finals without a correction do not: they are in dispute. Nor does anything to a preliminary or unreadable value, to
    the withdrawal of another order, or to a correction that came at the same instant."""
    if last.preliminary or last.problem is not None or (last.withdrawn and reading.order != last.order):
        return False
    if reading.version is not None and last.version is not None and reading.version != last.version:
        return True
    if reading.preliminary:
        return True
    if _rank(reading) == _rank(last) and reading.known.at == last.known.at:
        return False
    return last.withdrawn or last.status in CORRECTING


def _specimen(row: list[Reading], worse: str) -> Specimen:
    """What the readings left of one collection come to: any withdrawn beside a final one counts as one without a value."""
    final = [reading for reading in row if not (reading.preliminary or reading.withdrawn)]
    spoken = [reading for reading in row if not reading.preliminary] if final else []
    valued = [reading for reading in spoken if reading.span is not None]
    if spoken:
        return _spoken(spoken, valued, worse)
    if preliminary := [reading for reading in row if reading.preliminary]:
        return _preliminary(sorted(preliminary, key=lambda r: r.ref), worse, alone=len(preliminary) == len(row))
    return Specimen(row[0].collected, "withdrawn", None, row[0], row[0])


def _spoken(spoken: list[Reading], valued: list[Reading], worse: str) -> Specimen:
    collected = spoken[0].collected
    if not valued:
        return Specimen(collected, "unreadable", None, spoken[0], spoken[0])
    if len(valued) == len(spoken) and len({reading.span for reading in valued}) == 1:
        best = min(valued, key=lambda r: (r.upper is None, r.upper or 0, r.ref))
        return Specimen(collected, "final", best.span, best, best)
    worst_one = _worst(valued, worse)
    return Specimen(collected, "disputed", worst_one.span, worst_one, worst_one)


def _preliminary(row: list[Reading], worse: str, alone: bool) -> Specimen:
    """What preliminary readings come to. alone: no other speaks of that collection."""
    valued = [reading for reading in row if reading.span is not None]
    if not valued:
        return Specimen(row[0].collected, "unreadable", None, row[0], row[0], alone)
    worst_one = _worst(valued, worse)
    return Specimen(row[0].collected, "preliminary", worst_one.span, worst_one, worst_one, alone)


def _worst(valued: Sequence[Reading], worse: str) -> Reading:
    """The first of the readings with the worst value."""
    span = worst([reading.span for reading in valued if reading.span is not None], worse)
    return next(reading for reading in valued if reading.span == span)


def _days_last_disputed(specimens: list[Specimen], worse: str) -> list[Specimen]:
    """A value dated by the day alone is not older than one of nine o'clock: where they differ, the day's last is disputed."""
    days: dict[date, list[int]] = defaultdict(list)
    for place, specimen in enumerate(specimens):
        if specimen.status in ("final", "disputed"):
            days[specimen.collected.day].append(place)
    for places in days.values():
        row = [specimens[place] for place in places]
        if len({s.collected.whole_day for s in row}) > 1 and len({s.span for s in row}) > 1:
            span = worst([s.span for s in row if s.span is not None], worse)
            reading = next(s.reading for s in row if s.span == span)
            specimens[places[-1]] = row[-1]._replace(status="disputed", span=span, reading=reading)
    return specimens
