"""One JSON object, read field by field: the value in the wanted type, or a fault that names the field.

Knows the types of a record and nothing of medicine. An absent field and `null` are the same: not known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from countwell.base.dates import Moment, moment
from countwell.base.errors import CountwellError, RecordError
from countwell.exchange.limits import LONGEST_TEXT
from countwell.exchange.strict_json import Node

_AMOUNT = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")
_DATES = "Write 2026-03-01 or 2026-03-01T09:00:00-05:00."


class FieldFault(CountwellError):
    """One field that cannot be used. why: a word of the answer's closed list, or not-listed; held: a person must look."""

    def __init__(
        self, field: str, why: str, says: str, do: str = "Correct it and send it again.", held: bool = False
    ) -> None:
        super().__init__(f"{field}: {says}")
        self.field, self.why, self.says, self.do, self.held = field, why, says, do, held


def unreadable(field: str, says: str, do: str = "Correct it and send it again.") -> FieldFault:
    """The fault of a field of the wrong form."""
    return FieldFault(field, "unreadable", says, do)


@dataclass(frozen=True, slots=True)
class Fields:
    """An object, the patient's time zone, and what stands before its fields' names in a fault (`patient.`)."""

    content: Mapping[str, Node]
    zone: ZoneInfo
    path: str = ""

    def text(self, name: str) -> str | None:
        """A text; None if absent or empty."""
        value = self.content.get(name)
        if value is None:
            return None
        if type(value) is not str:
            raise unreadable(self.path + name, "not a text.")
        if len(value) > LONGEST_TEXT:
            raise unreadable(self.path + name, "longer than any text of a record.")
        return value.strip() or None

    def needed(self, name: str) -> str:
        """A text that must be there."""
        value = self.text(name)
        if value is None:
            raise FieldFault(self.path + name, "missing", "missing.")
        return value

    def value(self, name: str) -> str | None:
        """A text or a number, as the text that was sent, blanks and all."""
        value = self.content.get(name)
        if value is not None and not isinstance(value, str):
            raise unreadable(self.path + name, "neither a text nor a number.")
        if value is not None and len(value) > LONGEST_TEXT:
            raise unreadable(self.path + name, "longer than any value.")
        return None if value is None else str(value)

    def amount(self, name: str) -> Decimal | None:
        """A number above 0, given as text or number, such as `"50"`."""
        value = self.value(name)
        return None if value is None else amount(self.path + name, value)

    def yes_no(self, name: str, absent: bool | None = None) -> bool | None:
        """true, false or null; `absent` if the field is not there at all."""
        value = self.content.get(name, absent)
        if value is not None and not isinstance(value, bool):
            raise unreadable(self.path + name, "neither true nor false nor null.")
        return value

    def one_of(self, name: str, words: Collection[str]) -> str:
        """A text that must be one of a closed list."""
        value = self.needed(name)
        if value not in words:
            raise FieldFault(self.path + name, "not-listed", f"not one of {' '.join(words)}.", held=True)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; empty if absent."""
        value = self.content.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(type(item) is str for item in value):
            raise unreadable(self.path + name, "not a list of texts.")
        return tuple(str(item) for item in value)

    def within(self, name: str) -> Fields | None:
        """An object inside this one."""
        value = self.content.get(name)
        if value is not None and not isinstance(value, dict):
            raise unreadable(self.path + name, "not an object.")
        return None if value is None else Fields(value, self.zone, f"{self.path}{name}.")

    def objects(self, name: str) -> tuple[Fields, ...]:
        """A list of objects inside this one; empty if absent."""
        value = self.content.get(name)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise unreadable(self.path + name, "not a list.")
        items = [(item, f"{self.path}{name}[{place}]") for place, item in enumerate(value)]
        return tuple(Fields(_as_object(item, path), self.zone, f"{path}.") for item, path in items)

    def moment(self, name: str, partial: bool = False) -> Moment | None:
        """A day, or an instant with its offset. partial: `2019` and `2019-05` will do."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return moment(value, self.zone, partial=partial)
        except RecordError as error:
            raise unreadable(self.path + name, f"{str(error).partition('.')[0]}.", _DATES) from error

    def when(self, name: str, partial: bool = False) -> Moment:
        """A day or an instant that must be there."""
        value = self.moment(name, partial)
        if value is None:
            raise FieldFault(self.path + name, "missing", "missing.", _DATES)
        return value

    def day(self, name: str) -> date | None:
        """A calendar day; of an instant, the patient's day."""
        value = self.moment(name)
        return None if value is None else value.day


def _as_object(item: Node, path: str) -> Mapping[str, Node]:
    if not isinstance(item, dict):
        raise unreadable(path, "not an object.")
    return item


def amount(name: str, text: str) -> Decimal:
    """A plain number above 0. Raises FieldFault, naming the field."""
    if not _AMOUNT.fullmatch(text.strip()) or not (number := Decimal(text.strip())):
        raise unreadable(name, "not a number above 0.")
    return number
