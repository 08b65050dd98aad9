"""One laboratory result, read for the store: a span in the test's own unit, or why it cannot be used.

Also what is told of several readings before their order matters: one sent twice is one, and a part is not more than its whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from countwell.base.dates import Duration, Moment, add
from countwell.base.errors import Unreadable
from countwell.base.spans import INFINITY, Span
from countwell.model.records import Result
from countwell.vocabulary.numbers import read_number
from countwell.vocabulary.quantities import Quantity, read_quantity, read_upper_limit
from countwell.vocabulary.tests import test

CACHED = 1 << 15
WITHDRAWN = frozenset({"cancelled", "entered-in-error"})
CORRECTING = frozenset({"corrected", "amended"})
PLAIN = frozenset({"preliminary", "final"})
A_YEAR = Duration(1, "years")
PERCENT = Decimal(100)
FOR_EVER = datetime.max.replace(tzinfo=UTC)


class Problem(NamedTuple):
    """Why a result cannot be used; values: what it may mean, in the test's own unit; upper: the limit beside it."""

    why: str
    values: tuple[Decimal, ...] = ()
    upper: Decimal | None = None


class Reading(NamedTuple):
    """A result as read. span None: withdrawn, no number, or not usable (`problem`). known: received, else collected.

    doubted: a receipt that is a year or more after the collection; of a plain result it is not believed, as if none were sent.
    """

    ref: str
    collected: Moment
    known: Moment
    received: bool
    status: str
    span: Span | None
    upper: Decimal | None = None
    problem: Problem | None = None
    lab: str | None = None
    order: str | None = None
    id: str | None = None
    replaces: str | None = None
    version: Decimal | None = None
    sent: tuple[str, str | None] = ("", None)  # value and unit as they came
    doubted: Moment | None = None

    @property
    def withdrawn(self) -> bool:
        """Cancelled, or entered in error."""
        return self.status in WITHDRAWN

    @property
    def preliminary(self) -> bool:
        """Not final yet."""
        return self.status == "preliminary"


def read_results(results: Iterable[Result]) -> dict[str, list[Reading]]:
    """The readings of one patient by test, each by itself, in the order of the record; results without a test or a collection
    are left out."""
    rows: dict[str, list[Reading]] = defaultdict(list)
    for result in results:
        if result.test is not None and result.collected is not None:
            rows[result.test].append(read(result))
    return {name: once_each(row) for name, row in rows.items()}


def held_to_wholes(rows: Mapping[str, Sequence[Reading]]) -> dict[str, list[Reading]]:
    """The same, parts held to all wholes that ever came."""
    found = {name: (row, wholes_of(name, rows)) for name, row in rows.items()}
    return {
        name: [wholes.held(reading, FOR_EVER) for reading in row] if wholes else list(row)
        for name, (row, wholes) in found.items()
    }


def read(result: Result) -> Reading:
    """One result. `test` and `collected` are given; everything else may be missing."""
    assert result.test is not None
    assert result.collected is not None
    status = result.status or "final"
    wanted = status not in WITHDRAWN and test(result.test).scale == "number"
    found = _quantity(result.test, result.value or "", result.unit) if wanted else None
    doubted = result.received if _comes_late(result.collected, result.received) else None
    received = None if doubted and status in PLAIN and result.replaces is None else result.received
    return Reading(
        ref=result.ref,
        collected=result.collected,
        known=received or result.collected,
        received=received is not None,
        status=status,
        span=found if isinstance(found, Span) else None,
        upper=_limit(result.test, result.normal_high, result.unit),
        problem=_problem(result, found) if isinstance(found, Problem) else None,
        lab=result.lab,
        order=result.order,
        id=result.id,
        replaces=result.replaces,
        version=_version(result.version),
        sent=(result.value or "", result.unit),
        doubted=doubted,
    )


def _comes_late(collected: Moment, received: Moment | None) -> bool:
    return received is not None and add(collected.day, A_YEAR, "earlier") <= received.day


@lru_cache(maxsize=CACHED)
def _quantity(name: str, value: str, unit: str | None) -> Span | Problem:
    try:
        return span_of(read_quantity(name, value, unit))
    except Unreadable as error:
        values = (*(() if error.literal is None else (error.literal,)), *error.likely)
        return Problem(error.why, values)


def span_of(quantity: Quantity) -> Span:
    """A quantity of the vocabulary as a span."""
    endless = quantity.high is None
    high = INFINITY if quantity.high is None else quantity.high
    return Span(quantity.low, high, quantity.low_open, quantity.high_open or endless)


@lru_cache(maxsize=CACHED)
def _limit(name: str, text: str | None, unit: str | None) -> Decimal | None:
    """The upper limit of the report; one that cannot be read, or lies outside those in use, was not sent."""
    try:
        return None if text is None else read_upper_limit(name, text, unit)
    except (Unreadable, ValueError):
        return None


def bare_limit(name: str, text: str | None) -> Decimal | None:
    """The upper limit at its word, whatever its unit: how urgent a value without a usable unit is. None if it is doubted."""
    try:
        comparator, number = read_number(text or "")
    except Unreadable:
        return None
    return number if not comparator and test(name).is_upper_limit(number) else None


def _problem(result: Result, found: Problem) -> Problem:
    return found._replace(upper=bare_limit(result.test or "", result.normal_high))


@lru_cache(maxsize=CACHED)
def _version(text: str | None) -> Decimal | None:
    if not text or not text.isascii():
        return None
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def once_each(row: Iterable[Reading]) -> list[Reading]:
    """Without the doubles: of readings without an id that say the same of the same specimen, the first."""
    seen: dict[object, Reading] = {}
    for reading in row:
        said = (
            reading.collected.at,
            _shown(reading),
            reading.status,
            reading.replaces,
            reading.upper,
            reading.known.at,
        )
        seen.setdefault(reading.ref if reading.id else said, reading)
    return list(seen.values())


def _shown(reading: Reading) -> str:
    value, unit = reading.sent
    return f"{value} {unit or ''}".strip()


class Wholes(NamedTuple):
    """What the readings of a test are held to: the exact wholes of each collection, and by how much a part may exceed them.

    A part that exceeds the largest whole known by then has lost its value: a percentage, or a slip. A final part is held to
    final wholes alone.
    """

    of: Mapping[Moment, Sequence[Reading]]
    margin: Decimal

    def beside(self, row: Iterable[Reading]) -> list[Reading]:
        """The wholes of the collections of a row."""
        return [whole for collected in {reading.collected for reading in row} for whole in self.of.get(collected, ())]

    def held(self, reading: Reading, by: datetime) -> Reading:
        """A reading, held to the wholes that are known by an instant."""
        wholes = (w for w in self.of.get(reading.collected, ()) if w.known.at <= by)
        largest = max(
            (w.span.low for w in wholes if w.span and (reading.preliminary or not w.preliminary)), default=None
        )
        if largest is None or reading.span is None or reading.span.low <= largest * self.margin:
            return reading
        problem = Problem("implausible", (largest * reading.span.low / PERCENT,))
        return reading._replace(span=None, problem=problem)

    def over_time(self, reading: Reading) -> Iterator[tuple[Reading, Moment | None]]:
        """A reading as it is held from when it is known on: each with the instant at which another whole is known."""
        later = {w.known.at: w.known for w in self.beside([reading]) if w.known.at > reading.known.at}
        steps = [reading.known, *(later[instant] for instant in sorted(later))]
        for since, until in zip(steps, [*steps[1:], None], strict=True):
            yield self.held(reading, since.at)._replace(known=since), until


def wholes_of(name: str, rows: Mapping[str, Sequence[Reading]]) -> Wholes | None:
    """The wholes of a test that is a part of another one; None if it is none, or there are none."""
    part = test(name)
    if not part.part_of or part.part_margin is None:
        return None
    found: dict[Moment, list[Reading]] = defaultdict(list)
    for whole in rows.get(part.part_of, ()):
        if whole.span is not None and whole.span.exact:
            found[whole.collected].append(whole)
    return Wholes(found, part.part_margin) if found else None
