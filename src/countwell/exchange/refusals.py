"""What is said of an event that is not used: where, why, what to do, and the numbers from which its urgency is judged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

from countwell.base.dates import Moment
from countwell.base.errors import Unreadable
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.limits import clipped
from countwell.exchange.strict_json import Node
from countwell.model.records import Refused
from countwell.vocabulary.codes import Refused as OtherCode
from countwell.vocabulary.numbers import read_number
from countwell.vocabulary.quantities import Quantity, read_quantity
from countwell.vocabulary.tests import test_named, test_of_code

ABOUT_TREATMENT = ("decision", "died", "symptom", "medicine", "history", "circumstance", "genotype")


OF_A_DECISION = ("do", "mg_per_day", "reason", "at")
TELLING = "kind do what name symptom vaccine gene test list text value unit at since".split()


@dataclass(frozen=True, slots=True)
class Urgency:
    """What a refused result may mean: the test, when, and the numbers in the test's own unit."""

    test: str | None = None
    at: Moment | None = None
    received: Moment | None = None
    literal: Decimal | None = None
    likely: tuple[Decimal, ...] = ()
    upper: Decimal | None = None


def refused(ref: str, fields: Fields, fault: FieldFault) -> Refused:
    """The refusal of one event for one fault. What says how the patient is treated, or fares, is always for a person."""
    of_laboratory = fields.content.get("kind") == "result"
    urgency = urgency_of(fields) if of_laboratory else Urgency(at=_moment(fields, "at"))
    return Refused(
        event=ref,
        field=fault.field,
        as_sent=_value_sent(fields) if of_laboratory else _field_sent(fields, fault.field),
        why=fault.why,
        says=sentence(fault.says),
        do=fault.do,
        tell="laboratory desk" if of_laboratory else "clinic",
        test=urgency.test,
        at=urgency.at,
        received=urgency.received,
        literal=urgency.literal,
        likely=urgency.likely,
        upper=urgency.upper,
        held=fault.held or fields.content.get("kind") in ABOUT_TREATMENT,
        kind=kind if isinstance(kind := fields.content.get("kind"), str) else None,
    )


def no_object(ref: str, content: Node) -> Refused:
    """The refusal of something that is not even an event."""
    return Refused(ref, "", compact(content), "unreadable", "Not an object.", "Correct it and send it again.", "clinic")


def urgency_of(fields: Fields) -> Urgency:
    """What a result would say if it could be used, as far as it can be read."""
    test, value, unit = _test(fields), _text(fields, "value"), _text(fields, "unit")
    literal, likely = numbers(test, value, unit) if test and value is not None else (None, ())
    upper = _limit(_text(fields, "normal_high"))
    return Urgency(test, _moment(fields, "collected"), _moment(fields, "received"), literal, likely, upper)


def numbers(test: str, value: str, unit: str | None) -> tuple[Decimal | None, tuple[Decimal, ...]]:
    """The number a value says, and those it may mean; of a censored value its known end."""
    try:
        return _known_end(read_quantity(test, value, unit)), ()
    except Unreadable as error:
        return error.literal, error.likely
    except (KeyError, ValueError):
        return None, ()


def _limit(text: str | None) -> Decimal | None:
    """The laboratory's upper limit at its word."""
    try:
        comparator, number = read_number(text or "")
    except Unreadable:
        return None
    return number if comparator is None and number > 0 else None


def _known_end(quantity: Quantity) -> Decimal:
    return quantity.high if quantity.high is not None else quantity.low


def _test(fields: Fields) -> str | None:
    sent = _text(fields, "test")
    return (test_named(sent) if sent else None) or _coded_test(fields.content.get("code"))


def _coded_test(code: Node) -> str | None:
    if not isinstance(code, dict):
        return None
    system, value = code.get("system"), code.get("code")
    test = test_of_code(system, value) if isinstance(system, str) and isinstance(value, str) else None
    return test.near if isinstance(test, OtherCode) else test


def _text(fields: Fields, name: str) -> str | None:
    value = fields.content.get(name)
    return str(value) if isinstance(value, str) else None


def _moment(fields: Fields, name: str) -> Moment | None:
    try:
        return fields.moment(name)
    except FieldFault:
        return None


def _value_sent(fields: Fields) -> str:
    parts = (fields.content.get(name) for name in ("value", "unit"))
    return clipped(
        " ".join(str(part) if isinstance(part, str) else compact(part) for part in parts if part is not None)
    )


def _field_sent(fields: Fields, name: str) -> str:
    """What stood in the field, else the event in a few words; of a decision always what was decided."""
    value = fields.content.get(name)
    decided = fields.content.get("kind") == "decision"
    if isinstance(value, str) and not decided:
        return clipped(str(value))
    told = (*OF_A_DECISION, name) if decided else TELLING
    words = [str(word) for word in map(fields.content.get, dict.fromkeys(told)) if isinstance(word, str)]
    return clipped(" ".join(words)) or compact(dict(fields.content))


def sentence(text: str) -> str:
    """A sentence with its first letter large."""
    return text[:1].upper() + text[1:]


def compact(content: Node) -> str:
    """Anything that was sent, on one line, short enough to be shown."""
    return clipped(json.dumps(content, ensure_ascii=False, separators=(",", ":")))
