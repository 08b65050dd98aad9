"""Backups while the clinic runs, and the way back: restored, read-only, until a person has reconciled what came since.

The head of the audit is noted in the data folder too, outside the database: it shows how much a restored one lacks.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from countwell.base.errors import StoreError, UsageError
from countwell.clinic import read_only
from countwell.clinic.models import Audit
from countwell.clinic.store import audit, clock, encrypted

HEAD, FOLDER = "audit-head.json", "backups"
OWNER_ONLY = 0o600
NO_DUMP = "There is no pg_dump on this machine. Install PostgreSQL's client programs, or let its administrator back up."
NOT_HERE = "A PostgreSQL is restored by its own means: pg_restore of the dump, then `countwell restore --opened`."
PUT_BACK = "This database is not the one that was written here last, and has not been reconciled yet."
OWN = "This is the clinic's own database, not a backup of it. Name a backup."


@dataclass(frozen=True, slots=True)
class Lost:
    """What a restored database lacks of what the data folder knows. rows: of the audit; since: its own last row."""

    rows: int
    since: datetime | None
    other: bool

    @property
    def says(self) -> str:
        """In a sentence."""
        if self.other:
            return "The audit of this database is not the one that was written in this data folder."
        if not self.rows:
            return "Nothing is missing: the audit ends where the data folder says it ended."
        return f"{self.rows} rows of the audit are missing: all that was seen and done after {self.since}."


def note_head() -> None:
    """Notes in the data folder where the audit ends now; a head that is further on already is left."""
    last = Audit.objects.order_by("-number").values("number", "hash").first()
    if last is None or last["number"] < noted()[0]:
        return
    place = Path(settings.DATA) / HEAD
    new = place.with_suffix(".new")
    new.write_text(json.dumps(last) + "\n", encoding="utf-8")
    new.replace(place)


def noted() -> tuple[int, str]:
    """Number and hash of the last row of the audit, as the data folder knows them; (0, "") if it knows none."""
    place = Path(settings.DATA) / HEAD
    if not place.exists():
        return 0, ""
    sent = json.loads(place.read_text(encoding="utf-8"))
    return int(sent["number"]), str(sent["hash"])


def lost() -> Lost:
    """What the database lacks of what the data folder knows."""
    number, seal = noted()
    last = Audit.objects.order_by("-number").first()
    there = Audit.objects.filter(number=number).first()
    own = last.number if last else 0
    return Lost(max(0, number - own), last.at if last else None, there is not None and there.hash != seal)


def notice_put_back() -> None:
    """Read-only from now on, if the audit ends before the head that the data folder knows, or is another: this database was
    put in the place of the one that was written here, and nobody has said what became of what it lacks."""
    found = lost()
    if (found.rows or found.other) and not read_only.read_only():
        read_only.begin(f"{PUT_BACK} {found.says}")


def backup(at: datetime, into: Path | None = None) -> Path:
    """Copies the whole database while it is in use, checks the copy, and encrypts it if the settings name a key.

    into: a folder; left out, `backups` in the data folder. Raises StoreError if any of this is not possible; what does not
    check, or cannot be encrypted, is deleted, not kept.
    """
    folder = into or Path(settings.DATA) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    note_head()
    place = encrypted.first(folder) / f"clinic-{at:%Y%m%dT%H%M%S}Z"
    made = _dumped(place.with_suffix(".dump")) if connection.vendor == "postgresql" else _checked(place)
    return encrypted.kept(made, folder)


def _checked(place: Path) -> Path:
    made = place.with_suffix(".sqlite3")
    copied(Path(connection.settings_dict["NAME"]), made)
    if wrong := list(wrong_with(made)):
        made.unlink()
        raise StoreError(f"The backup is not sound and was deleted: {' '.join(wrong)}")
    return made


def copied(source: Path, target: Path) -> None:
    """SQLite's own copy of a database that is being written to: a state that was there at one instant."""
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL, OWNER_ONLY))
    with closing(sqlite3.connect(read_only_of(source), uri=True)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
        other.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it


def read_only_of(place: Path) -> str:
    """The address by which SQLite opens a file to be read alone, whatever signs its name holds."""
    return f"{place.absolute().as_uri()}?mode=ro"


def _dumped(target: Path) -> Path:
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreError(NO_DUMP)
    given = connection.settings_dict
    where = {"PGHOST": given["HOST"], "PGPORT": given["PORT"], "PGUSER": given["USER"], "PGPASSWORD": given["PASSWORD"]}
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_EXCL, OWNER_ONLY))
    command = [program, "--format=custom", f"--file={target}", str(given["NAME"])]
    done = subprocess.run(command, env=os.environ | {name: str(value) for name, value in where.items() if value})
    if done.returncode:
        target.unlink()
        raise StoreError("pg_dump could not copy the database. It has said why above.")
    return target


def wrong_with(copy: Path) -> Iterator[str]:
    """Everything that is wrong with a copy of an SQLite database as a file; nothing if it is whole."""
    try:
        with closing(sqlite3.connect(read_only_of(copy), uri=True)) as one:
            for (says,) in one.execute("PRAGMA integrity_check"):
                if says != "ok":
                    yield str(says)
            tables = {name for (name,) in one.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.DatabaseError:
        yield "It is no SQLite database, or it is damaged."
        return
    if "clinic_audit" not in tables:
        yield "It is no database of a clinic."


def restore(source: Path, at: datetime) -> Path:
    """Puts a backup in the place of the database, which is kept beside it; nothing can be written from then on.

    Gives where the database of before is now. Raises UsageError on PostgreSQL, for the database itself or an encrypted file;
    StoreError if the backup is not sound.
    """
    if source.suffix == encrypted.ENDING:
        raise UsageError(encrypted.DECRYPT.format(source))
    if connection.vendor == "postgresql":
        raise UsageError(NOT_HERE)
    if wrong := list(wrong_with(source)):
        raise StoreError(f"{source} cannot be restored: {' '.join(wrong)}")
    place = Path(connection.settings_dict["NAME"])
    if place.exists() and place.samefile(source):
        raise UsageError(OWN)
    connection.close()
    read_only.begin("Being restored from a backup.")
    aside = place.with_name(f"before-restore-{at:%Y%m%dT%H%M%S}Z.sqlite3")
    if place.exists():
        copied(place, aside)
        for name in (place, Path(f"{place}-wal"), Path(f"{place}-shm")):
            name.unlink(missing_ok=True)
    copied(source, place)
    opened()
    return aside


def opened() -> Lost:
    """Looks at a database that was restored just now, by whatever means, and keeps it read-only with the reason."""
    found = lost()
    broken = list(audit.broken())
    chain = f" The chain of the audit is broken: {broken[0]}" if broken else ""
    read_only.begin(f"Restored from a backup, and not reconciled yet. {found.says}{chain}")
    return found


def reconcile(by: str, note: str, at: datetime) -> None:
    """A person has seen to what came after the backup, or to what was written by a wrong clock: everything can be written
    again, and the audit says by whom.

    Raises UsageError if nothing is to be reconciled, who and how were not said, or the clock is not the database's.
    """
    if other := clock.other_clock(at):
        raise UsageError(other)
    if not clock.why_read_only(at):
        raise UsageError("The clinic is not read-only. There is nothing to reconcile.")
    if not by.strip() or not note.strip():
        raise UsageError("Say who has reconciled it, and how.")
    audit.seal(
        at=at, person=None, role="", clinic=None, action="run", route=clock.RECONCILED, patient="", outcome=200,
        purpose=f"{by}: {note}"[:200], request="",
    )  # fmt: skip
    (Path(settings.DATA) / HEAD).unlink(missing_ok=True)
    note_head()
    read_only.end()
