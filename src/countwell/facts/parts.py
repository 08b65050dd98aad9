"""A part cannot be more than its whole: neutrophils above the white cells of the same specimen are a percentage or a slip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from countwell.base.dates import Moment
from countwell.facts.readings import Reading
from countwell.model.records import Refused
from countwell.vocabulary.tests import Test, test

HUNDRED = Decimal(100)


def parts_checked(name: str, row: list[Reading], readings: Mapping[str, Sequence[Reading]]) -> list[Reading]:
    """The readings of a test; those that exceed their whole lose their value and say why.

    A preliminary whole judges preliminary parts only: it takes nothing away from a final value.
    """
    part = test(name)
    if not part.part_of:
        return row
    exact = sorted((r for r in readings.get(part.part_of, ()) if _is_exact(r)), key=_value)
    reported = _largest(exact)
    final = _largest([reading for reading in exact if not reading.preliminary])
    return [_checked(part, reading, reported if reading.preliminary else final) for reading in row]


def _largest(ascending: Sequence[Reading]) -> dict[Moment, Reading]:
    """Of several wholes of one collection the largest: a part may fit one of them."""
    return {reading.collected: reading for reading in ascending}


def _value(reading: Reading) -> Decimal:
    return reading.span.low if reading.span is not None else Decimal(0)


def _is_exact(reading: Reading) -> bool:
    return reading.span is not None and reading.span.exact


def _checked(part: Test, reading: Reading, wholes: Mapping[Moment, Reading]) -> Reading:
    whole = wholes.get(reading.collected)
    if whole is None or whole.span is None or reading.span is None or part.part_margin is None:
        return reading
    if reading.span.low <= whole.span.low * part.part_margin:
        return reading
    return reading._replace(span=None, problem=_problem(part, reading, whole.span.low))


def _problem(part: Test, reading: Reading, whole: Decimal) -> Refused:
    value = reading.span.low if reading.span is not None else whole
    return Refused(
        event=reading.ref,
        field="value",
        as_sent=reading.as_sent,
        why="implausible",
        says=f"{part.display} {reading.as_sent}: more than all white cells of the same specimen. A percentage?",
        do="Ask the laboratory what was meant.",
        tell="laboratory desk",
        test=part.name,
        at=reading.collected,
        received=reading.known if reading.has_received else None,
        likely=(whole * value / HUNDRED,),
    )
