"""One row of laboratory CSV as an event, by the mapping. What cannot be read marks the event; the rest serves its urgency."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from countwell.exchange.csv_mapping import LabMapping
from countwell.exchange.entries import Event, mark, marking
from countwell.exchange.fields import FieldFault, unreadable
from countwell.exchange.kinds import as_kind
from countwell.exchange.meaning import Meaning, meaning
from countwell.model.records import Code
from countwell.vocabulary.tests import test_named

NOBODY = "no-patient-named"
WITH_COMMA = re.compile(r"([<>≤≥= ]*-?[0-9]+),([0-9]+)", re.ASCII)
RANGE_END = r"\s*([0-9]+(?:[.,][0-9]+)?)\s*"


class Cells:
    """The cells of a row, by our names."""

    def __init__(self, cells: dict[str, str], mapping: LabMapping) -> None:
        self.cells, self.mapping = cells, mapping

    def get(self, name: str) -> str | None:
        """What stands under our name in this row, or in every row by the mapping; None if nothing does."""
        sent = self.cells.get(self.mapping.columns.get(name, ""), "").strip()
        return sent or self.mapping.constants.get(name) or None


def result_of(sent: dict[str, str], mapping: LabMapping, owner: str) -> Event:
    """The event of one row."""
    cells = Cells(sent, mapping)
    unit = unit_of(cells)
    meant = meant_by(cells, unit)
    found: Event = {
        "id": cells.get("id"),
        "unit": unit or mapping.unit_of.get(meant.test or ""),
        "value": cells.get("value"),
        "order": cells.get("order"),
    }
    found |= {"status": status_of(cells), "lab": cells.get("lab"), "replaces": cells.get("replaces")}
    for read in (value, _limits, _collected, _received, _identity):
        _gather(found, cells, read)
    if owner == NOBODY:
        found["not_used"] = mark("patient", "no patient is named.", "missing", "Find out whose it is.")
    if meant.doubt:
        found["not_used"] = mark("test", meant.doubt, "disputed")
    name = cells.get("test")
    return as_kind(found, meant, (name,) if name else ())


def _gather(found: Event, cells: Cells, read: Callable[[Cells], Event]) -> None:
    try:
        found.update(read(cells))
    except FieldFault as fault:
        found.setdefault("not_used", marking(fault))


def meant_by(cells: Cells, unit: str | None) -> Meaning:
    """The test: by the mapping's own list or a listed name, else by code and name together."""
    name, code = cells.get("test") or "", cells.get("code")
    coded = Code(cells.mapping.system, code) if code else None
    if test := cells.mapping.tests.get(name) or (None if coded else test_named(name)):
        return Meaning(test, coded)
    return meaning((coded,) if coded else (), (name,) if name else (), unit)


def unit_of(cells: Cells) -> str | None:
    """The unit as sent, or as the mapping says it is meant."""
    sent = cells.get("unit")
    return cells.mapping.units.get(sent or "", sent)


def status_of(cells: Cells) -> str | None:
    """The status in our words, or as sent where the mapping does not list it."""
    sent = cells.get("status")
    return cells.mapping.statuses.get(sent or "", sent)


def value(cells: Cells) -> Event:
    """The value with its comparator, or the text that stands for none. Raises FieldFault if it cannot be told."""
    sent, comparator = cells.get("value"), cells.get("comparator")
    if sent in cells.mapping.missing:
        return {"value": None, "text": sent}
    sign = cells.mapping.comparators.get(comparator or "", "" if comparator is None else None)
    if sign is None:
        raise unreadable("comparator", "not a comparator that the mapping lists.")
    return {"value": None if sent is None else f"{sign}{number(sent, cells.mapping)}"}


def number(text: str, mapping: LabMapping) -> str:
    """A number with a decimal point. With a decimal comma a point is no part of a number. Other texts stay as they are."""
    if mapping.decimal == "point":
        return text
    if re.search(r"[0-9]\.[0-9]", text):
        raise unreadable("value", "a decimal point, where the mapping says comma.")
    found = WITH_COMMA.fullmatch(text)
    return f"{found[1]}.{found[2]}" if found else text


def _limits(cells: Cells) -> Event:
    low, high = cells.get("low"), cells.get("high")
    span = re.fullmatch(RANGE_END + re.escape(cells.mapping.range_separator) + RANGE_END, cells.get("range") or "")
    if span:
        low, high = low or span[1], high or span[2]
    return {"normal_low": low and number(low, cells.mapping), "normal_high": high and number(high, cells.mapping)}


def _collected(cells: Cells) -> Event:
    return {"collected": moment(cells, "collected")}


def _received(cells: Cells) -> Event:
    return {"received": moment(cells, "received")}


def _identity(cells: Cells) -> Event:
    """The patient as printed in the row, if the row prints more than the id."""
    born, name = cells.get("born"), cells.get("name")
    if not (born or name):
        return {}
    day = _parsed(born, cells.mapping.day or cells.mapping.date, "born").date().isoformat() if born else None
    return {"identity_on_report": {"id": cells.get("patient"), "born": day, "name": name}}


def moment(cells: Cells, name: str) -> str | None:
    """A time, or a day, as a record writes it."""
    sent, mapping = cells.get(name), cells.mapping
    if sent is None:
        return None
    if mapping.day and (day := _try(sent, mapping.day)):
        return day.date().isoformat()
    found = _parsed(sent, mapping.date, name)
    if mapping.midnight_is_day and (found.hour, found.minute, found.second) == (0, 0, 0):
        return found.date().isoformat()
    return found.isoformat() if found.tzinfo else _local(found, mapping, name)


def _try(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form) if text.isascii() else None  # noqa: DTZ007 - the zone is the mapping's
    except ValueError:
        return None


def _parsed(text: str, form: str, name: str) -> datetime:
    found = _try(text, form)
    if found is None:
        raise unreadable(name, f"not a date of the form {form or 'that the mapping names'}.")
    return found


def _local(found: datetime, mapping: LabMapping, name: str) -> str:
    """A clock time with the laboratory's offset. One that the clocks skipped, or showed twice, is not plain."""
    first, second = (found.replace(tzinfo=mapping.time_zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise unreadable(name, "the clocks were changed in this hour, so the time is not plain.")
    return first.isoformat()
