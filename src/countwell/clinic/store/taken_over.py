"""A table with a row for each patient who has been treated elsewhere for long, taken over at one sitting.

Each row becomes a record with the decision by which this clinic takes over, and comes in as any other source does. What
cannot be used is refused with its line, and keeps none of the others out.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import transaction

from countwell import read_record
from countwell.base.dates import zone
from countwell.base.errors import RecordError
from countwell.clinic.models import Patient, Person
from countwell.clinic.store.intake import take_in
from countwell.clinic.store.reached import why_not
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack

NEEDED = ("number", "name", "born", "protocol", "mg_per_day", "since")
KEPT_HERE = ("phone", "gp", "email", "gp_email")
FURTHER = ("condition", "sex", "frequency", "time_zone", "country", "released", *KEPT_HERE)
Row = Mapping[str, str]


@dataclass
class TakenOver:
    """What became of the rows: rows = taken on + held + refused. says: of each that was refused, its line and why."""

    rows: int = 0
    taken_on: int = 0
    held: int = 0
    says: list[str] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many were refused."""
        return len(self.says)


@transaction.atomic
def take_over(source: bytes, owner: Person, at: datetime) -> TakenOver:
    """Takes everybody of a table on, in the care of their owner.

    Columns: NEEDED, and any of FURTHER. `since` is the day or year of the first tablet, `born` a day, `released` yes or
    no (whether messages may go to the patient). A number that is here already is refused, not changed; somebody with the
    name and birth date of a patient who is here is held, for a person to look at.

    Raises RecordError if the table as a whole cannot be read; nothing is kept of it then.
    """
    done = TakenOver()
    for line, row in _rows(source):
        done.rows += 1
        why = _why_not(row, owner)
        record = b"" if why else _record(row, owner, at)
        why = why or _unreadable(record)
        if why:
            done.says.append(f"line {line}: {why}")
        elif take_in(owner.clinic, record, owner, at, name="taken over", take_on=owner).held:
            done.held += 1
        else:
            _keep_here(row, owner)
            done.taken_on += 1
    return done


def _rows(source: bytes) -> Iterator[tuple[int, Row]]:
    """Line and fields of each row that holds anything."""
    try:
        table = csv.DictReader(io.StringIO(source.decode("utf-8-sig")), skipinitialspace=True, strict=True)
        _check([str(name).strip() for name in table.fieldnames or ()])
        for row in table:
            if any(row.values()):
                yield table.line_num, {str(name).strip(): str(value or "").strip() for name, value in row.items()}
    except UnicodeDecodeError as error:
        raise RecordError("The table is not UTF-8. Save it as CSV, UTF-8.") from error
    except csv.Error as error:
        raise RecordError(f"The table is no CSV that can be read: {error}.") from error


def _check(columns: list[str]) -> None:
    missing, unknown = sorted(set(NEEDED) - set(columns)), sorted(set(columns) - {*NEEDED, *FURTHER})
    if missing:
        raise RecordError(f"The table has no column {', '.join(missing)}.")
    if unknown or len(set(columns)) != len(columns):
        says = ", ".join(unknown) or "the same name twice"
        raise RecordError(f"The table has columns that nothing is done with: {says}. Take them out.")


def _why_not(row: Row, owner: Person) -> str:
    """Why this row cannot be used, without a word of the patient; empty if it can."""
    missing = [name for name in NEEDED if not row.get(name)]
    if missing:
        return f"{', '.join(missing)} missing."
    if not _is_day(row["born"]):
        return "born is no day such as 1974-02-03."
    if row["protocol"] not in _protocols():
        return f"there is no such protocol. Known: {', '.join(_protocols())}."
    if row.get("released", "") not in ("", "yes", "no"):
        return "released is yes or no."
    if wrong := [f"{name} {why}." for name in KEPT_HERE if (why := why_not(name, row.get(name, "")))]:
        return wrong[0]
    if Patient.objects.filter(clinic_id=owner.clinic_id, number__iexact=row["number"]).exists():
        return "there is a patient with this number already; nothing was changed."
    return ""


def _is_day(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


@cache
def _protocols() -> list[str]:
    packs = (read_pack(find(name), cases=False) for name in shipped())
    return sorted(pack.name for pack in packs if pack.kind == "protocol")


def _record(row: Row, owner: Person, at: datetime) -> bytes:
    """The row as a record: who it is, which protocol, and that this clinic takes over, with the dose and since when."""
    home = row.get("time_zone") or owner.clinic.zone
    takes_over: dict[str, Any] = {
        "kind": "decision",
        "do": "transfer-in",
        "at": at.astimezone(zone(home)).date().isoformat(),
        "by": str(owner.pk),
        "mg_per_day": row["mg_per_day"],
        "frequency": row.get("frequency") or "once daily",
        "since": row["since"],
    }
    who = {
        "id": row["number"],
        "names": [row["name"]],
        "born": row["born"],
        "sex": row.get("sex") or None,
        "time_zone": home,
        "country": row.get("country") or None,
    }
    course = {"condition": row.get("condition") or None, "protocol": row["protocol"]}
    document = {"schema": "countwell.record/1", "patient": who, "course": course, "events": [takes_over]}
    return json.dumps(document, ensure_ascii=False).encode()


def _unreadable(record: bytes) -> str:
    """Which field the reader of records cannot use, without its value; empty if it can use all."""
    try:
        refused = read_record(record).refused
    except RecordError:
        return "a field cannot be read."
    return f"{refused[0].field or 'a field'} cannot be read." if refused else ""


def _keep_here(row: Row, owner: Person) -> None:
    """How the patient and the GP are reached."""
    fields: dict[str, Any] = {name: row[name] for name in KEPT_HERE if row.get(name)}
    fields["released"] = row.get("released") == "yes"
    Patient.objects.filter(clinic_id=owner.clinic_id, number=row["number"]).update(**fields)
