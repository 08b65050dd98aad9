"""The store brought to the tables of this release: wholly or not at all, whatever interrupts it.

Django notes a change of the tables after it was made. If the power went between the two, the next start would make it again,
and fail for ever. So SQLite's are made in a copy that then takes the place of the file, PostgreSQL's in one transaction.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connection, transaction

from countwell.clinic.store.backup import backup, copied


def upgrade(at: datetime) -> Path | None:
    """Makes every change of the tables that is waiting; the backup of before, `None` if there was nothing to back up.

    Nobody may serve the clinic meanwhile.
    """
    kept = backup(at) if "clinic_audit" in connection.introspection.table_names() else None
    if connection.vendor == "postgresql":
        with transaction.atomic():
            _changed()
    else:
        _changed_in_a_copy(Path(connection.settings_dict["NAME"]))
    return kept


def _changed() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def _changed_in_a_copy(place: Path) -> None:
    connection.close()
    new = place.with_name(f"{place.name}-new")
    for leftover in place.parent.glob(f"{new.name}*"):
        leftover.unlink()
    without_wal(place)
    copied(place, new)
    connection.settings_dict["NAME"] = new
    try:
        _changed()
    finally:
        connection.close()
        connection.settings_dict["NAME"] = place
    without_wal(new)
    new.replace(place)
    _noted(place.parent)


def without_wal(database: Path) -> None:
    """Everything into the one file: what stands beside it must not be taken for the next one's."""
    with closing(sqlite3.connect(database)) as one:
        one.execute("PRAGMA journal_mode=DELETE")


def _noted(folder: Path) -> None:
    """The disk knows the folder's new entry: a power cut does not bring the old one back."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
