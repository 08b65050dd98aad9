"""Inputs that are not used: one row for each, so that nothing disappears and its urgency can be judged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from countwell.base.dates import Moment
from countwell.base.spans import Span
from countwell.cohort.columns import NOT_USED
from countwell.cohort.events import Row, event_row
from countwell.cohort.integers import NOTHING, beginning, ending, limit, stored
from countwell.cohort.readings import FOR_EVER, Reading, Wholes
from countwell.cohort.resolve import Aside, State
from countwell.cohort.vocabularies import Words
from countwell.model.records import Refused

# Kinds that may be lost without anything about the patient or the treatment being lost.
SAYS_LITTLE = (
    "result test-ordered weight list-confirmed vaccination dose-taken dose-missed label supply told measure responsible "
    "admitted note other-result"
).split()
NAMES = ("name", "medicine", "vaccine")


class Unused(NamedTuple):
    """An input that is not used.

    what: a word of `not_used`. at: the collection or event it is about. since, until: from when until when it stands (None:
    ever). values: what it may mean, in the unit of `test`; upper: the limit of normal beside it.
    """

    what: str
    at: Moment | None
    since: Moment | None
    until: Moment | None = None
    test: str | None = None
    values: tuple[Decimal, ...] = ()
    upper: Decimal | None = None


def unused_row(item: Unused, ref: int, words: Words) -> Row:
    """Its row. Of the values the lowest and the highest stand for all: a limit is passed by one of these or by none."""
    span = Span(min(item.values), max(item.values)) if item.values else None
    return event_row(
        NOT_USED,
        item.at,
        ref,
        code=words.place("not_used", item.what),
        value=NOTHING if span is None else stored(span),
        more=words.place("tests", item.test),
        bits=ending(item.until)[0],
        ends=beginning(item.since)[:2],
        upper=limit(item.upper)[0],
    )


def of_refused(item: Refused) -> Unused:
    """An event that the reader of records refused or holds; one without any date stands ever."""
    values = (*(() if item.literal is None else (item.literal,)), *item.likely)
    since = item.received or item.at
    return Unused(_what(item), item.at, since, test=item.test, values=values, upper=item.upper)


def _what(item: Refused) -> str:
    """What was lost: the gravest thing that fits."""
    if item.event is not None and not item.kept and item.test is None and item.kind not in SAYS_LITTLE:
        return "patient"
    if item.field == "symptom":
        return "symptom"
    if item.field in NAMES:
        return "name"
    return "other" if item.test is None else "result"


def of_receipt(test: str, reading: Reading) -> Iterator[Unused]:
    """A result whose receipt is not believed, until it."""
    if reading.doubted is not None:
        values = (reading.span.low,) if reading.span is not None and reading.span.exact else ()
        yield Unused("result", reading.collected, reading.collected, reading.doubted, test, values, reading.upper)


def of_reading(test: str, reading: Reading, end: Moment | None, aside: Sequence[Aside]) -> Iterator[Unused]:
    """A result that cannot be used, for each time up to an end (None: ever) in which nothing puts it aside.

    aside: of this reading alone.
    """
    problem = reading.problem
    if problem is None:
        return
    for since, until in standing(reading, aside):
        last = until if end is None or (until is not None and until.at <= end.at) else end
        if last is None or since.at < last.at:
            yield Unused("result", reading.collected, since, last, test, problem.values, problem.upper)


def to_come(
    test: str, row: Iterable[Reading], found: Iterable[State], wholes: Wholes | None
) -> Iterator[tuple[str, Unused]]:
    """By ref, results without a receipt that have no row of their own: asked about before its collection, each is told."""
    own = {state.specimen.own.ref for state in found if state.until is None}
    for reading in row:
        if reading.received or reading.withdrawn or reading.ref in own:
            continue
        span = (wholes.held(reading, FOR_EVER) if wholes else reading).span
        if span is not None and span.exact:
            yield reading.ref, Unused("result", reading.collected, None, reading.collected, test, (span.low,))


def standing(reading: Reading, aside: Sequence[Aside]) -> Iterator[tuple[Moment, Moment | None]]:
    """From when until when (None: ever) a reading is known, collected and not put aside."""
    since: Moment | None = _later(reading.collected, reading.known)
    for item in sorted(aside, key=lambda item: item.known.at):
        if since is not None and since.at < item.known.at:
            yield since, item.known
        since = None if since is None or item.until is None else _later(since, item.until)
    if since is not None:
        yield since, None


def _later(one: Moment, other: Moment) -> Moment:
    return max(one, other, key=lambda moment: moment.at)
