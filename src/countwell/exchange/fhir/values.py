"""The value of an Observation, or of one of its components: the text, unit and limits of a result, as they were sent."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from countwell.exchange.fhir.parts import UCUM, chosen, first_text, number
from countwell.exchange.fields import FieldFault, Fields, unreadable
from countwell.vocabulary.tests import test as test_listed

ONE = Decimal(1)
COMPARATORS = ("<", "<=", ">=", ">")


class Value(NamedTuple):
    """How much, as sent."""

    value: str | None = None
    unit: str | None = None


def value_of(part: Fields, test: str | None) -> Value:
    """What `value[x]` says. Raises FieldFault for a form that must not be read as a laboratory value.

    No value at all is `None`: the test was not done, whatever the status says.
    """
    found = chosen(part, "value")
    if len(found) > 1:
        raise unreadable(f"{part.path}value[x]", f"{len(found)} values at once.")
    if found and part.content.get("dataAbsentReason") is not None:
        raise unreadable(f"{part.path}dataAbsentReason", "a value, and a reason why there is none.")
    match found:
        case ():
            return Value()
        case ("valueQuantity",):
            return quantity(part, test)
        case ("valueString",):
            return Value(value=part.text("valueString"))
        case ("valueCodeableConcept",):
            return Value(value=first_text(part, "valueCodeableConcept"))
        case ("valueInteger",):
            return Value(value=number(part, "valueInteger"))
        case _:
            raise unreadable(part.path + found[0], "not a form in which a laboratory value can be read.")


def plain_quantity(part: Fields) -> Value:
    """What a quantity says at its word: only to judge how urgent a result is that cannot be used."""
    content = part.content.get("valueQuantity")
    sent = content if isinstance(content, dict) else {}
    value, unit = sent.get("value"), sent.get("code") or sent.get("unit")
    comparator = sent.get("comparator") if sent.get("comparator") in COMPARATORS else ""
    return Value(
        value=f"{comparator}{value}" if isinstance(value, str) else None,
        unit=str(unit) if isinstance(unit, str) else None,
    )


def quantity(part: Fields, test: str | None) -> Value:
    """A Quantity with its comparator. Raises FieldFault without a UCUM code, or where code and unit contradict each other."""
    sent = part.within("valueQuantity")
    assert sent is not None
    value, comparator, unit = number(sent, "value"), sent.text("comparator"), unit_of(sent, test)
    if comparator and comparator not in COMPARATORS:
        raise unreadable(f"{sent.path}comparator", f"not one of {' '.join(COMPARATORS)}.")
    if value is None and comparator:
        raise unreadable(f"{sent.path}comparator", "a comparator without a value.")
    return Value(value=None if value is None else f"{comparator or ''}{value}", unit=unit)


def unit_of(sent: Fields, test: str | None) -> str | None:
    """The UCUM code of a quantity. Raises FieldFault if a number has none, or if the printed unit is another one."""
    system, code, printed = sent.text("system"), sent.text("code"), sent.text("unit")
    if sent.content.get("value") is None:
        return code or printed
    if system != UCUM or not code:
        raise FieldFault(
            f"{sent.path}code", "ambiguous-unit", "no UCUM code of the unit.", "Ask for the unit.", held=True
        )
    if test and printed and contradict(test, code, printed):
        raise FieldFault(f"{sent.path}unit", "ambiguous-unit", "unit and code name two different units.", held=True)
    return code


def contradict(test: str, code: str, printed: str) -> bool:
    """Whether two listed spellings of a unit mean different ones."""
    units = test_listed(test).units
    one, other = units.get(code), units.get(printed)
    return one is not None and other is not None and one.to_canonical(ONE) != other.to_canonical(ONE)


def limits(part: Fields, unit: str | None) -> dict[str, str | None]:
    """The laboratory's normal range, if it gave exactly one, in the unit of the value."""
    ranges = [item for item in part.objects("referenceRange") if _is_normal(item)]
    if len(ranges) != 1:
        return {}
    return {"normal_low": _limit(ranges[0], "low", unit), "normal_high": _limit(ranges[0], "high", unit)}


def _is_normal(item: Fields) -> bool:
    kind = item.within("type")
    codes = [coding.text("code") for coding in kind.objects("coding")] if kind else []
    return not codes or "normal" in codes


def _limit(item: Fields, name: str, unit: str | None) -> str | None:
    """One end of a range; one in another unit than the value is no limit of it."""
    sent = item.within(name)
    if sent is None or (sent.text("code") or sent.text("unit") or unit) != unit:
        return None
    return number(sent, "value")
