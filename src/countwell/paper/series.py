"""What the chart draws, as plain data: per test its points and limits, the steps of the dose, what happened when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from countwell.base.dates import Moment
from countwell.base.spans import Span, exactly
from countwell.engine.joined import Joined
from countwell.facts import laboratory
from countwell.facts.of_patient import Facts
from countwell.facts.past import Past, past_of
from countwell.facts.readings import Reading
from countwell.facts.specimens import Replaced, Specimen
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.paper.limits import Limit, limits_of, limits_of_ratio, ratio_of
from countwell.paper.plain import clean, number, short
from countwell.vocabulary.tests import test

PANELS = ("wbc", "neutrophils", "platelets", "hb", "lymphocytes", "alt", "mcv")
AS_RATIO = frozenset({"alt"})


@dataclass(frozen=True, slots=True)
class Point:
    """One draw of one test. low, high: the value's span in the unit of the panel, None where nothing can be drawn.

    kind: exact, below, above, span, corrected, preliminary, disputed, unreadable or withdrawn. text: the value as read.
    as_sent: with the laboratory's digits. was: the value that a correction struck out. struck: this is that value.
    """

    day: date
    kind: str
    text: str
    as_sent: str
    low: Decimal | None = None
    high: Decimal | None = None
    was: str | None = None
    struck: bool = False
    why: str | None = None
    ref: str = ""

    @property
    def span(self) -> Span | None:
        """The value as a span, for placing it among the limits; None unless it counts."""
        if self.low is None or self.high is None or self.struck or self.kind in ("disputed", "unreadable", "withdrawn"):
            return None
        return Span(self.low, self.high, self.kind == "above", self.kind == "below" or not self.high.is_finite())

    @property
    def joined(self) -> bool:
        """Whether the line goes through it."""
        return self.kind in ("exact", "corrected", "preliminary") and not self.struck


@dataclass(frozen=True, slots=True)
class Series:
    """One test over time, oldest first. limits: from mild to grave. normal: the newest report's own normal range.

    gap: days without a value after which the line breaks: twice the longest interval that any rule allows.
    """

    test: str
    display: str
    unit: str
    points: tuple[Point, ...]
    limits: tuple[Limit, ...] = ()
    normal: tuple[Decimal | None, Decimal | None] = (None, None)
    gap: int | None = None

    @property
    def latest(self) -> Point | None:
        """The newest point that stands."""
        return next((point for point in reversed(self.points) if not point.struck and point.kind != "withdrawn"), None)


@dataclass(frozen=True)
class AsItWas:
    """Read at the moment of a draw: nothing has lapsed and nothing is required."""

    def requires(self, test: str) -> bool:  # noqa: ARG002
        """No test is."""
        return False

    def due_by(self, test: str, collected: Moment) -> date | None:  # noqa: ARG002
        """No result lapses."""
        return None


def series_of(
    past: Past | Record, packs: Sequence[Pack], as_of: Moment, known_at: Moment, tests: Sequence[str] = PANELS
) -> list[Series]:
    """One series for each test that has any result, in the order of `tests`."""
    past = past_of(past) if isinstance(past, Record) else past
    facts = Facts(past, as_of, known_at, AsItWas())
    return [_series(facts, name, packs) for name in tests if facts.specimens(name)]


def _series(facts: Facts, name: str, packs: Sequence[Pack]) -> Series:
    specimens = facts.specimens(name)
    ratio = name in AS_RATIO
    limits = limits_of_ratio(name, packs) if ratio else limits_of(name, packs)
    points = [_point(facts, specimen, packs, limits) for specimen in specimens]
    aside = [r for r in facts.past.timeline(facts.known_at).put_aside if r.reading.test == name]
    struck = [point for r in aside if (point := _struck(r, specimens, ratio)) is not None]
    points = [_with_was(point, aside) for point in points]
    reading = specimens[-1].reading
    return Series(
        test=name,
        display=test(name).display,
        unit="times" if ratio else test(name).unit,
        points=tuple(sorted([*points, *struck], key=lambda point: (point.day, not point.struck))),
        limits=limits,
        normal=(None, None) if ratio else (reading.lower, reading.upper),
        gap=_gap(name, packs),
    )


def _gap(name: str, packs: Sequence[Pack]) -> int | None:
    rules = Joined(packs).every.get(name, ())
    intervals = [
        placed.duration(placed.rule.due.every) for placed in rules if placed.rule.due and placed.rule.due.every
    ]
    return 2 * max(interval.about_days for interval in intervals) if intervals else None


def _point(facts: Facts, specimen: Specimen, packs: Sequence[Pack], limits: Sequence[Limit]) -> Point:
    reading = specimen.reading
    bare = Point(specimen.collected.day, "exact", "", _as_sent(specimen), ref=reading.ref)
    if specimen.span is None or specimen.status in ("disputed", "unreadable", "withdrawn"):
        kind = "unreadable" if specimen.status in ("final", "preliminary") else specimen.status
        return replace(bare, kind=kind, why=_why(specimen))
    span = specimen.span
    if reading.test in AS_RATIO:
        span = _ratio(facts, specimen, packs)
    return _placed(bare, span, specimen, limits)


def _as_sent(specimen: Specimen) -> str:
    if specimen.status != "disputed":
        return clean(specimen.reading.as_sent)
    texts = dict.fromkeys(r.as_sent for r in specimen.readings if not r.preliminary and not r.withdrawn)
    return clean(" or ".join(texts))


def _why(specimen: Specimen) -> str:
    problem = next((r.problem for r in specimen.readings if r.problem is not None), None)
    if specimen.status in ("disputed", "withdrawn") or problem is None:
        return specimen.status
    return problem.why


def _ratio(facts: Facts, specimen: Specimen, packs: Sequence[Pack]) -> Span:
    """As a multiple of the upper limit: of the report, else as the packs read a limit that was not sent."""
    span, upper = specimen.span, specimen.reading.upper
    assert span is not None
    if upper is not None and upper > 0:
        return Span(span.low / upper, span.high / upper, span.low_open, span.high_open)
    found = ratio_of(specimen.test, packs)
    if found is None or specimen.status != "final":
        return Span(Decimal(0), Decimal("Infinity"), False, True)
    pack, definition = found
    then = Facts(facts.past, specimen.collected, facts.known_at, facts.schedule)
    return laboratory.highest(then, pack, replace(definition, of=(specimen.test,))).span


def _placed(bare: Point, span: Span, specimen: Specimen, limits: Sequence[Limit]) -> Point:
    read = specimen.span
    assert read is not None
    values = [limit.value for limit in limits]
    low, high = span.low, span.high
    if span.exact:
        kind = "preliminary" if specimen.status == "preliminary" else "exact"
        return replace(bare, kind=kind, low=low, high=high, text=short(low, values) if span != read else number(low))
    if read.exact:
        why = "no-upper-limit"
        return replace(bare, kind="span" if high.is_finite() else "unreadable", low=low, high=high, text="?", why=why)
    below = low <= 0 or not low.is_finite()
    text = f"< {short(high, values)}" if below else f"> {short(low, values)}"
    return replace(bare, kind="below" if below else "above", low=low, high=high, text=text, why="censored")


def _struck(replaced: Replaced, specimens: Sequence[Specimen], ratio: bool) -> Point | None:
    """The value that a correction put aside, where it stood; a preliminary one that became final is not struck."""
    old = replaced.reading
    span = old.span
    if old.preliminary or all(s.collected.at != old.collected.at for s in specimens):
        return None
    if span is not None and ratio:
        span = exactly(span.low / old.upper) if old.upper and span.exact else None
    text = _digits(old)
    low = span.low if span is not None and span.exact else None
    return Point(old.collected.day, "corrected", text, clean(old.as_sent), low, low, struck=True, ref=old.ref)


def _digits(reading: Reading) -> str:
    """The number of a struck value as sent, without its unit."""
    return clean(reading.as_sent.split(" ")[0]) or "?"


def _with_was(point: Point, aside: Sequence[Replaced]) -> Point:
    old = next((r.reading for r in aside if r.by.ref == point.ref and not r.reading.preliminary), None)
    if old is None or point.kind == "withdrawn":
        return point
    kind = "corrected" if point.kind == "exact" else point.kind
    return replace(point, kind=kind, was=_digits(old))


def draws(series: Sequence[Series]) -> Iterator[date]:
    """Every day on which blood was drawn, once."""
    yield from sorted({point.day for one in series for point in one.points if point.kind != "withdrawn"})
