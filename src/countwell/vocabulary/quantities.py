"""Reads a sent value and unit into a span in the test's own unit, exactly, or says why it cannot be used. Never mends.

Refusals are `Unreadable`: `literal` is the number taken at its word, `likely` what may have been meant. Both only tell how
urgent the question to the sender is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from countwell.base.dates import Duration, add
from countwell.base.errors import Unreadable
from countwell.vocabulary.numbers import Comparator, numbers_in, read_number
from countwell.vocabulary.tests import Test, test
from countwell.vocabulary.units import Unit

__all__ = [
    "Comparator",
    "Quantity",
    "in_its_own_unit",
    "plain",
    "read_limit",
    "read_number",
    "read_quantity",
    "read_upper_limit",
    "read_weight",
]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value as a span in `unit`: exact where low = high; high None is without end. as_sent: as it came."""

    low: Decimal
    high: Decimal | None
    low_open: bool
    high_open: bool
    unit: str
    as_sent: str


def read_quantity(test_name: str, value_text: str, unit_text: str | None) -> Quantity:
    """The value of a test (or of weight, height, temperature) as a span in the test's own unit.

    `<0.5` is [0, 0.5): nothing measured here is negative. A censored value is judged by its known end.
    Raises Unreadable: no-unit, ambiguous-unit (not listed, or listed as something else), implausible, unreadable,
    invalid-sample, pending, missing. Raises KeyError if there is no such test, ValueError if its results are no numbers.
    """
    asked = _numeric(test_name)
    comparator, number = _number(asked, value_text, unit_text)
    unit = _unit(asked, number, unit_text)
    end = unit.to_canonical(number)
    as_sent = f"{value_text} {unit_text or ''}".strip()
    if not asked.is_plausible(end) or (comparator == "<" and end == 0):
        raise _implausible(asked, number, unit, as_sent)
    return _span(comparator, end, unit.canonical, as_sent)


def read_weight(value_text: str, unit_text: str | None, born: date | None, day: date) -> Quantity:
    """A body weight on a day. Raises Unreadable as `read_quantity` does, and for an adult's that no adult has.

    born: None, not known: then as for everybody.
    """
    quantity, asked = read_quantity("weight", value_text, unit_text), test("weight")
    is_adult = born is not None and add(born, Duration(asked.adult_from, "years"), "later") <= day
    if is_adult and asked.adult is not None and not asked.adult[0] <= quantity.low <= asked.adult[1]:
        says = f"{asked.display} {quantity.as_sent}: no adult weighs that."
        raise Unreadable("implausible", says, literal=quantity.low, do="Weigh the patient again.")
    return quantity


def read_limit(test_name: str, value_text: str, unit_text: str | None) -> Decimal:
    """A limit of the laboratory's normal range, in the test's own unit. Read like a value, but exact.

    A lower limit of 0 is a limit of any test. Raises Unreadable as `read_quantity` does, and for a comparator.
    """
    comparator, number = read_number(value_text)
    if comparator:
        raise Unreadable("unreadable", f"The limit {value_text} has a comparator.")
    return Decimal(0) if number == 0 else read_quantity(test_name, value_text, unit_text).low


def read_upper_limit(test_name: str, value_text: str, unit_text: str | None) -> Decimal:
    """The upper end of the laboratory's normal range, in the test's own unit.

    Raises Unreadable as `read_limit` does, and for 0. `implausible` is one that is doubted: it lies outside those in use, and a
    slip of one digit would make an alarm look normal.
    """
    asked = _numeric(test_name)
    try:
        limit = read_limit(test_name, value_text, unit_text)
    except Unreadable as refusal:
        raise (_doubted(asked, value_text, unit_text) if refusal.why == "implausible" else refusal) from None
    if limit == 0:
        raise Unreadable("unreadable", "An upper limit of 0 is none.")
    if not asked.is_upper_limit(limit):
        raise _doubted(asked, value_text, unit_text)
    return limit


def _doubted(asked: Test, value_text: str, unit_text: str | None) -> Unreadable:
    sent = f"{value_text} {unit_text or ''}".strip()
    if asked.upper_limits is None:
        return Unreadable("unreadable", f"No laboratory has an upper limit of {sent}.")
    low, high = asked.upper_limits
    says = (
        f"The upper limit {sent} that was sent lies outside those in use ({plain(low)} to {plain(high)} {asked.unit})."
    )
    return Unreadable("implausible", says, do="Ask the laboratory for its upper limit.")


def plain(value: Decimal) -> str:
    """A number for people: without exponent, with the digits that were sent.

    >>> plain(Decimal("3E+3"))
    '3000'
    """
    return f"{value:f}"


def _numeric(test_name: str) -> Test:
    asked = test(test_name)
    if asked.scale != "number":
        raise ValueError(f"results of {test_name} are not numbers")
    return asked


def _number(asked: Test, value_text: str, unit_text: str | None) -> tuple[Comparator | None, Decimal]:
    try:
        return read_number(value_text)
    except Unreadable as refusal:
        meant = (value for number in numbers_in(value_text) for value in _meant(asked, number, unit_text))
        raise Unreadable(
            refusal.why, f"{asked.display}: {refusal.says}", likely=tuple(sorted(set(meant))), do=refusal.do
        ) from None


def _meant(asked: Test, number: Decimal, unit_text: str | None) -> tuple[Decimal, ...]:
    """What a number inside an unreadable text may be: in the unit that was sent, else in any that fits."""
    unit = asked.units.get((unit_text or "").strip())
    if unit and asked.is_plausible(value := unit.to_canonical(number)):
        return (value,)
    return _likely(asked, number)


def _unit(asked: Test, number: Decimal, unit_text: str | None) -> Unit:
    spelling = (unit_text or "").strip()
    if spelling in asked.units:
        return asked.units[spelling]
    sent = f"{asked.display} {plain(number)}"
    if not spelling:
        raise Unreadable("no-unit", f"{sent} came without a unit.", likely=_likely(asked, number), do=_ASK_UNIT)
    if spelling in asked.percentages:
        raise Unreadable("ambiguous-unit", f"{sent} {spelling} is a percentage.", do=in_its_own_unit(asked))
    meaning = asked.not_units.get(spelling)
    says = f"is {meaning}" if meaning else "is not a listed unit of this test"
    raise Unreadable("ambiguous-unit", f"{sent}: {spelling!r} {says}.", likely=_likely(asked, number))


def in_its_own_unit(asked: Test) -> str:
    """What to send in place of a share or of something that is merely called alike."""
    unit = f" in {asked.unit}" if asked.unit else ""
    return f"Send {asked.display}{unit}: it is not worked out from anything else."


_ASK_UNIT = "Ask the laboratory for the unit."


def _likely(asked: Test, number: Decimal) -> tuple[Decimal, ...]:
    """What `number` may have meant, smallest first: itself in the canonical unit if plausible, and its readings in
    other units that are likely values of this test."""
    readings = {(unit.to_canonical(number), as_is) for unit, as_is in _conversions(asked.name)}
    return tuple(sorted({value for value, as_is in readings if _fits(asked, value, as_is)}))


@cache
def _conversions(test_name: str) -> Collection[tuple[Unit, bool]]:
    """The units of a test, of those that convert alike one, each with whether it is the canonical one."""
    units = [(unit, unit.ucum == unit.canonical) for unit in test(test_name).units.values()]
    return {(unit.times, unit.divide, unit.minus, as_is): (unit, as_is) for unit, as_is in units}.values()


def _fits(asked: Test, value: Decimal, as_is: bool) -> bool:
    within = asked.plausible if as_is else asked.likely
    return within is not None and within[0] <= value <= within[1]


def _implausible(asked: Test, number: Decimal, unit: Unit, as_sent: str) -> Unreadable:
    literal = unit.to_canonical(number)
    likely = _likely(asked, number)
    says = f"{asked.display} {as_sent} would be {plain(literal)} {unit.canonical}, which no patient has."
    if likely:
        says += f" Perhaps {' or '.join(f'{plain(value)} {unit.canonical}' for value in likely)} was meant."
    return Unreadable("implausible", says, literal=literal, likely=likely)


def _span(comparator: Comparator | None, end: Decimal, unit: str, as_sent: str) -> Quantity:
    match comparator:
        case None:
            return Quantity(end, end, False, False, unit, as_sent)
        case "<" | "<=":
            return Quantity(Decimal(0), end, False, comparator == "<", unit, as_sent)
        case _:
            return Quantity(end, None, comparator == ">", False, unit, as_sent)
