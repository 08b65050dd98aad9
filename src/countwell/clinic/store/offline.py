"""The list and every patient's plan as one file for each clinic, to be read and printed when nothing can be served.

The newest replaces the one before: it says on every page when it was made, and is of no use once it is old.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from countwell.base.dates import zone
from countwell.base.errors import CountwellError
from countwell.clinic.models import Clinic, Patient, Standing
from countwell.clinic.never import never_with
from countwell.clinic.store import audit, clock, encrypted
from countwell.clinic.store.chase import supplies_of
from countwell.clinic.store.standing import answer_for
from countwell.clinic.store.worklist import Item, everybody
from countwell.paper.markup import Safe, el
from countwell.paper.plan import plan_section

FOLDER, FILES = "offline", "list-*.html*"
FOLDER_RIGHTS, FILE_RIGHTS = 0o700, 0o600  # for the owner alone
NO_PLAN = "The plan could not be worked out. Look at the doses in the paper record."


@dataclass(frozen=True, slots=True)
class Sheet:
    """One patient on a page. plan: markup; empty where there is none; failed: why it is not known."""

    item: Item
    standing: Standing
    plan: Safe | None
    never: str
    supply_until: object
    failed: str

    @property
    def patient(self) -> Patient:
        """Whose page it is."""
        return self.standing.patient


def write_all(at: datetime, into: Path | None = None) -> list[Path]:
    """Writes the file of each clinic into a folder (left out: `offline` in the data folder), and takes those of before away.

    Raises StoreError if it is to be encrypted and cannot be.
    """
    folder = into or Path(settings.DATA) / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_RIGHTS)
    before = list(folder.glob(FILES))
    made = [_write(clinic, at, folder) for clinic in Clinic.objects.order_by("pk")]
    for old in set(before) - set(made):
        old.unlink()
    return made


def _write(clinic: Clinic, at: datetime, folder: Path) -> Path:
    place = encrypted.first(folder) / f"list-{clinic.pk}-{at:%Y%m%dT%H%M%S}Z.html"
    items = everybody(clinic, at)
    with os.fdopen(os.open(place, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, FILE_RIGHTS), "w", encoding="utf-8") as file:
        for part in _parts(clinic, items, at):
            file.write(part)
    made = encrypted.kept(place, folder)
    if not clock.why_read_only(at):
        _seal(clinic, len(items), at)
    return made


def _parts(clinic: Clinic, items: list[Item], at: datetime) -> Iterator[str]:
    """The file, piece by piece: a clinic of thousands is never in memory as a whole."""
    rows = Standing.objects.filter(patient__clinic=clinic).select_related("patient__owner", "patient__clinic")
    whole = rows.defer("answer").in_bulk()
    supplies = supplies_of(whole)
    told = {
        "clinic": clinic, "made": at.astimezone(zone(clinic.zone)), "count": len(items),
        "not_run": sum(1 for one in whole.values() if one.holds_until <= at),
    }  # fmt: skip
    lines = [(item, whole[item.patient]) for item in items]
    yield render_to_string("clinic/offline_list.html", {**told, "lines": lines, "look": _look()})
    for item, standing in lines:
        sheet = _sheet(item, standing, supplies.get(item.patient), at)
        yield render_to_string("clinic/offline_sheet.html", {**told, "sheet": sheet})
    yield "</main></body></html>\n"


def _look() -> Safe:
    """The look, in the file itself: there is nobody to ask for another one."""
    return el("style", Safe(files("countwell.clinic").joinpath("offline.css").read_text(encoding="utf-8")))


def _sheet(item: Item, standing: Standing, supply_until: object, at: datetime) -> Sheet:
    try:
        answer, record = answer_for(standing.patient, at, "dose")
    except CountwellError:
        return Sheet(item, standing, None, "", supply_until, NO_PLAN)
    return Sheet(item, standing, plan_section(answer), never_with(record.course), supply_until, "")


def _seal(clinic: Clinic, count: int, at: datetime) -> None:
    """The audit keeps that the list left the database, and of how many it was."""
    audit.seal(
        at=at, person=None, role="", clinic=clinic.pk, action="run", route="offline", patient="", outcome=200,
        purpose=f"list and plans of {count} patients written as a file", request="",
    )  # fmt: skip


def forget() -> None:
    """Takes the files in the data folder away: somebody on them was erased."""
    for one in (Path(settings.DATA) / FOLDER).glob(FILES):
        one.unlink()
