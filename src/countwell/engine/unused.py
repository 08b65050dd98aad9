"""Inputs that were not used, which of them are critical, and results that a later one put aside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from countwell.base.dates import Moment
from countwell.base.spans import compare, exactly
from countwell.engine.doubted import OF_THE_DOSE, dose_in_doubt
from countwell.engine.joined import Joined, PlacedRule
from countwell.engine.standing import Standing
from countwell.facts.readings import Reading
from countwell.facts.specimens import Replaced
from countwell.model.answers import NotUsed, Superseded
from countwell.model.pack import FactDefinition, Pack
from countwell.model.records import Decision, Refused
from countwell.model.rules import Compare, atoms

HOLD = "hold"


def not_used(standing: Standing) -> list[tuple[NotUsed, bool]]:
    """Every refused or held input known by now, and whether it still matters (no newer final result of its test)."""
    found = [*_structural(standing), *_unreadable(standing), *_in_the_future(standing), *_received_late(standing)]
    doubted = [*_doubted_limits(standing), *dose_in_doubt(standing)]
    refused = sorted([*found, *doubted], key=lambda item: (item.event or "", item.field, item.says))
    return [(_shown(standing, item), _matters(standing, item)) for item in refused]


def _structural(standing: Standing) -> Iterator[Refused]:
    for item in (*standing.past.record.refused, *standing.past.unreadable_weights):
        known = item.received or item.at
        if known is None or known.at <= standing.known_at.at:
            yield item


def _unreadable(standing: Standing) -> Iterator[Refused]:
    as_of, gone = standing.as_of.at, _put_aside(standing)
    to_come = (r for r in standing.past.collected_after(standing.known_at.at) if not r.has_received)
    for reading in (*standing.past.timeline(standing.known_at).problems, *to_come):
        if reading.problem is not None and reading.ref not in gone and reading.collected.at <= as_of:
            yield reading.problem


def _put_aside(standing: Standing) -> set[str]:
    return {replaced.reading.ref for replaced in standing.past.timeline(standing.known_at).put_aside}


def _in_the_future(standing: Standing) -> Iterator[Refused]:
    gone = _put_aside(standing)
    for reading in standing.past.collected_after(standing.as_of.at):
        if reading.ref not in gone and not reading.withdrawn and _is_visible(reading, standing.known_at.at):
            yield _future(reading, _disputed_by(standing, reading))


def _is_visible(reading: Reading, known_at: datetime) -> bool:
    """Whether it has come by then, or came at no known time."""
    return reading.known.at <= known_at or not reading.has_received


def _disputed_by(standing: Standing, reading: Reading) -> tuple[Decimal, ...]:
    """The value that the day is reckoned with where another collection of the same day says otherwise.

    What has no time of receipt may have come with all the others.
    """
    ever = max((one.known for one in standing.past.readings[reading.test]), key=lambda known: known.at)
    timeline = standing.past.timeline(standing.known_at if reading.has_received else ever)
    of_its_own = [s for s in timeline.specimens.get(reading.test, ()) if reading in s.readings]
    spans = [s.span for s in of_its_own if s.reading not in s.readings]
    return tuple(span.low for span in spans if span is not None and span.exact)


def _future(reading: Reading, disputed_by: tuple[Decimal, ...]) -> Refused:
    literal = reading.span.low if reading.span is not None and reading.span.exact else None
    return Refused(
        event=reading.ref,
        field="collected",
        as_sent=str(reading.collected),
        why="implausible",
        says="It was collected after the day that is asked about.",
        do="Ask the laboratory when it was collected.",
        tell="laboratory desk",
        test=reading.test,
        at=None,
        literal=literal,
        likely=disputed_by,
    )


def _received_late(standing: Standing) -> Iterator[Refused]:
    """Results that by their receipt are not known yet, though nobody believes it: a slip of the year must hide no alarm."""
    known_at = standing.known_at.at
    for reading in standing.past.doubted:
        if reading.doubted is not None and reading.collected.at <= known_at < reading.doubted.at:
            yield _late(reading, reading.doubted)


def _late(reading: Reading, received: Moment) -> Refused:
    exact = reading.span is not None and reading.span.exact
    return Refused(
        event=reading.ref,
        field="received",
        as_sent=str(received),
        why="implausible",
        says="It was received a year or more after it was collected.",
        do="Ask the laboratory when it was received.",
        tell="laboratory desk",
        test=reading.test,
        at=reading.collected,
        literal=reading.span.low if reading.span is not None and exact else None,
        upper=reading.upper,
        kept=True,
    )


def _doubted_limits(standing: Standing) -> Iterator[Refused]:
    """Upper limits that were not believed: the value beside each is used as if no limit had been sent."""
    as_of, known_at, gone = standing.as_of.at, standing.known_at.at, _put_aside(standing)
    for reading in standing.past.doubted_limits:
        seen = reading.collected.at <= as_of and reading.known.at <= known_at and reading.ref not in gone
        if seen and reading.limit_problem is not None:
            yield reading.limit_problem


def _matters(standing: Standing, item: Refused) -> bool:
    if item.kind == "weight" and item.at is not None:
        weight = standing.past.weight(standing.as_of)
        return weight is None or weight.at.at <= item.at.at
    if item.test is None or item.at is None:
        return True
    row = standing.facts.settled(item.test)
    if not row:
        return True
    newest = row[-1].collected
    same_day = newest.day == item.at.day and (newest.whole_day or item.at.whole_day)
    return same_day or newest.at <= item.at.at


def _shown(standing: Standing, item: Refused) -> NotUsed:
    critical = _matters(standing, item) and (item.field in OF_THE_DOSE or is_critical(standing.joined, item))
    return NotUsed(
        event=item.event,
        field=item.field,
        as_sent=item.as_sent,
        why=item.why,
        says=item.says,
        critical=critical,
        do=item.do,
        tell=item.tell,
        held=item.held,
        test=item.test,
        kind=item.kind,
        kept=item.kept,
    )


def is_critical(joined: Joined, item: Refused) -> bool:
    """Whether a value it may stand for is at or past a number at which the packs hold or stop."""
    key = (item.test, item.literal, item.likely, item.upper)
    if key not in joined.critical:
        values = [value for value in (item.literal, *item.likely) if value is not None]
        test = item.test
        joined.critical[key] = test is not None and any(_calls_for_hold(joined, test, v, item.upper) for v in values)
    return joined.critical[key]


def _calls_for_hold(joined: Joined, test: str, value: Decimal, upper: Decimal | None) -> bool:
    return any(
        _is_past(placed, atom, test, value, upper)
        for placed in joined.rules
        if placed.rule.advice is not None and placed.rule.advice.at_least(HOLD)
        for atom in atoms(placed.rule.when)
        if isinstance(atom, Compare) and atom.number is not None
    )


def _is_past(placed: PlacedRule, atom: Compare, test: str, value: Decimal, upper: Decimal | None) -> bool:
    definition = placed.pack.facts[atom.fact]
    if test not in definition.of or definition.kind not in ("latest", "highest"):
        return False
    limit = placed.pack.numbers[atom.number or ""].value
    if definition.param("as") != "limits":
        return bool(compare(exactly(value), atom.op, limit))
    highest_normal = upper or _lowest_limit(placed.pack, definition)
    return highest_normal is not None and bool(compare(exactly(value / highest_normal), atom.op, limit))


def _lowest_limit(pack: Pack, definition: FactDefinition) -> Decimal | None:
    """The lowest upper limit in use that the fact names; None if it names none: then any value may be critical."""
    between = definition.params.get("limit-between")
    return min(pack.numbers[name].value for name in between) if isinstance(between, tuple) else Decimal(1)


def superseded(standing: Standing) -> list[Superseded]:
    """Results that a correction or a withdrawal put aside, with the decisions that rested on them."""
    decisions = [d for d in standing.past.of(Decision) if d.at.at <= standing.as_of.at]
    put_aside = standing.past.timeline(standing.known_at).put_aside
    return [_superseded(replaced, decisions) for replaced in put_aside if _tells(replaced, standing.as_of)]


def _tells(replaced: Replaced, as_of: Moment) -> bool:
    """A preliminary value that its own final report confirms is no news."""
    if replaced.reading.collected.at > as_of.at or replaced.reading.withdrawn:
        return False
    return not (
        replaced.reading.preliminary and not replaced.by.withdrawn and replaced.reading.span == replaced.by.span
    )


def _superseded(replaced: Replaced, decisions: list[Decision]) -> Superseded:
    ref = replaced.reading.ref
    return Superseded(
        event=ref,
        as_sent=replaced.reading.as_sent,
        by=replaced.by.ref,
        status="withdrawn" if replaced.by.withdrawn else "corrected",
        decisions=tuple(decision.ref for decision in decisions if ref in decision.rests_on),
    )
