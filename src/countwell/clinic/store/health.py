"""Is the clinic sound? Everything that a person who runs it should look at, each with what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max

from countwell.base.clock import is_kept
from countwell.clinic.models import Audit, Clinic, Event, Run
from countwell.clinic.policy import check_addresses
from countwell.clinic.read_only import read_only
from countwell.clinic.store import audit, backup, canaries, clock, erase, offline, roles, vouched
from countwell.clinic.store.alarms import CALLED
from countwell.clinic.store.appended import APPENDED, ERASABLE
from countwell.clinic.store.reviews import compared
from countwell.clinic.store.watch import watch

ROUNDS_BY, BACKUP_BY = timedelta(hours=2), timedelta(hours=26)
CLOCKS_APART = timedelta(seconds=10)
UNFIT = "See to it before the next start: with rules that are not proven or not signed the clinic does not start."
WHO_WRITES = (
    "SQLite has no roles: whoever may write its file could take the triggers away.",
    "It only appends, where nothing may be changed, and owns no table.",
)
FREE = 1024**3  # bytes
FULL = "2"  # of SQLite: waits for the disk at every commit
SAFE_POSTGRESQL = ("fsync", "full_page_writes", "synchronous_commit")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. says: how it stands; do: what to do about it, when it is not well."""

    name: str
    well: bool
    says: str
    do: str = ""


Look = Callable[[datetime], Check]


def checks(at: datetime) -> Iterator[Check]:
    """All checks, in the order in which they rest on each other; without a database none of the others is made."""
    first = reached(at)
    yield first
    if not first.well:
        return
    tables = migrated(at)
    yield tables
    if not tables.well:
        return
    yield from (look(at) for look in LOOKS)


def reached(_: datetime) -> Check:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Check("database", False, "It does not answer.", "Start it, or mend COUNTWELL_DATABASE.")
    return Check("database", True, f"{connection.vendor} answers.")


def migrated(_: datetime) -> Check:
    """Its tables are those of this release."""
    behind = waiting_migrations()
    says = f"{len(behind)} changes of the tables are waiting." if behind else "They are those of this release."
    return Check("tables", not behind, says, "countwell upgrade")


def waiting_migrations() -> list[str]:
    """The changes of the tables that this release has and the database has not."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label} {migration.name}" for migration, _ in plan]


def guarded(_: datetime) -> Check:
    """What is only ever appended cannot be changed or deleted in the database either."""
    there = _triggers()
    wanted = {f"{table}_no_{verb}" for table in APPENDED for verb in ("update", "delete")}
    if connection.vendor == "postgresql":
        wanted = {f"{table}_append_only" for table in APPENDED} | {f"{table}_only_erased" for table in ERASABLE}
    missing = sorted(wanted - there)
    says = f"Missing: {', '.join(missing)}." if missing else f"All {len(wanted)} triggers are there."
    return Check("append only", not missing, says, "Somebody took them away. Ask who; restore from a backup of before.")


def _triggers() -> set[str]:
    of_sqlite = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    of_postgresql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"
    with connection.cursor() as cursor:
        cursor.execute(of_postgresql if connection.vendor == "postgresql" else of_sqlite)
        return {name for (name,) in cursor.fetchall()}


def apart(_: datetime) -> Check:
    """The role that serves the pages could not take the triggers away: another one owns the tables."""
    wrong = list(roles.faults())
    says = f"COUNTWELL_DATABASE could change what is only ever appended: {'; '.join(wrong)}."
    return Check("role", not wrong, says if wrong else WHO_WRITES[roles.postgresql()], roles.DO)


def lasting(_: datetime) -> Check:
    """What was acknowledged outlives a power cut."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            found = {name: _one(cursor, f"SHOW {name}") for name in SAFE_POSTGRESQL}
            unsafe = [f"{name} is {value}" for name, value in found.items() if value == "off"]
        else:
            found = {name: _one(cursor, f"PRAGMA {name}") for name in ("synchronous", "foreign_keys")}
            wanted = {"synchronous": FULL, "foreign_keys": "1"}
            unsafe = [f"{name} is {value}" for name, value in found.items() if value != wanted[name]]
    says = f"{', '.join(unsafe)}." if unsafe else "Every write waits for the disk."
    return Check("power cut", not unsafe, says, "Switch it on: a stop that was confirmed could be lost.")


def _one(cursor, sql: str) -> str:
    cursor.execute(sql)
    return str(cursor.fetchone()[0])


def chained(_: datetime) -> Check:
    """The audit is whole, and ends no earlier than the data folder says."""
    wrong = [*audit.broken()]
    lacks = backup.lost()
    if lacks.rows or lacks.other:
        wrong.append(lacks.says)
    says = " ".join(wrong[:3]) if wrong else f"All {Audit.objects.count()} rows follow each other."
    return Check("audit", not wrong, says, "Keep this database as it is, and tell the privacy officer.")


def decided_again(_: datetime) -> Check:
    """Decisions of before, made again, are the same byte for byte, or their rules are no longer those of then."""
    told = compared(newest=100)
    says = (
        f"Of the newest 100, {told.same} are the same, {told.changed} changed with their rules, {told.differ} differ."
    )
    return Check(
        "decisions", not told.differ, says, "Do not use this release; go back to the one of before, and report it."
    )


def proven(_: datetime) -> Check:
    """Each pack that is followed is proven, signed where that is wanted, and not older than what was approved."""
    packs = canaries.packs()
    wrong = [says for pack in packs for says in vouched.faults(pack)]
    signed = "signed by a key of this clinic's" if settings.PACK_KEYS else "not signed: no key is named"
    return Check("packs", not wrong, " ".join(wrong) or f"{len(packs)} packs are proven, and {signed}.", UNFIT)


def singing(_: datetime) -> Check:
    """Each rule that is followed speaks where it must, and is silent where it must be."""
    wrong = [fault for protocol in canaries.followed() for fault in canaries.wrong(protocol)]
    says = " ".join(wrong[:10]) if wrong else "Every rule says what it must."
    return Check("canaries", not wrong, says, "Judge results without the rules until it is mended; tell every clinic.")


def _when(at: datetime | None) -> str:
    return f"{at:%-d %b %Y, %H:%M} UTC" if at is not None else "never"


def went_round(at: datetime) -> Check:
    """The rules run by themselves, and have run for everybody."""
    last = Run.objects.filter(what="rules").aggregate(last=Max("began_at"))["last"]
    late = Clinic.objects.exists() and (last is None or at - last >= ROUNDS_BY)
    stale = sum(watch(clinic, at).not_run for clinic in Clinic.objects.all())
    says = f"Last round: {_when(last)}. Patients for whom the rules have not run today: {stale}."
    return Check("rounds", not late and not stale, says, "Start countwell serve again; its log says what failed.")


def on_time(at: datetime) -> Check:
    """The clock is not behind what was written before, and agrees with the database's; whether the system keeps it is told."""
    newest = [Event.objects.aggregate(last=Max("recorded_at"))["last"], clock.newest_written()]
    ahead = [moment for moment in newest if moment is not None and moment > at]
    apart = abs(at - clock.of_database(at))
    well = not ahead and apart < CLOCKS_APART
    says = "It agrees with the database." if well else "It is behind what was written before, or not the database's."
    kept = "" if is_kept() else " The system does not say that a time server keeps it."
    return Check("clock", well, says + kept, "Set this machine's clock by a time server: due days hang on it.")


def room(_: datetime) -> Check:
    """There is space left."""
    free = shutil.disk_usage(settings.DATA).free
    return Check("disk", free >= FREE, f"{free // 1024**2} MB are free.", "Make room: a full disk refuses every write.")


def kept(at: datetime) -> Check:
    """There is a backup of the last day."""
    do = "countwell backup, every night, and a copy elsewhere."
    return _of_last_night("backup", Path(settings.DATA) / backup.FOLDER, "clinic-*", do, at)


def readable(at: datetime) -> Check:
    """There is a list with everybody's plan of the last day that can be read without the service."""
    do = "countwell backup writes it too, every night: bring it to where it can be reached when this machine cannot."
    return _of_last_night("offline", Path(settings.DATA) / offline.FOLDER, offline.FILES, do, at)


def _of_last_night(name: str, folder: Path, files: str, do: str, at: datetime) -> Check:
    made = [datetime.fromtimestamp(one.stat().st_mtime, UTC) for one in folder.glob(files)]
    newest = max(made, default=None)
    well = newest is not None and at - newest < BACKUP_BY
    return Check(name, well, f"The newest: {_when(newest)}.", do)


def closed(_: datetime) -> Check:
    """No page is open to everybody by oversight."""
    wrong = [str(fault.msg) for fault in check_addresses()]
    return Check("addresses", not wrong, " ".join(wrong) or "Each has a line in the policy.", "Report it.")


def gone(_: datetime) -> Check:
    """No record that was erased is here again, out of a backup."""
    back = erase.brought_back()
    says = f"{len(back)} erased records are here again: {', '.join(back)}." if back else "None came back."
    return Check("erased", not back, says, "Ask for their erasure again: a backup of before has brought them back.")


def writable(_: datetime) -> Check:
    """What is restored has been reconciled."""
    why = read_only()
    return Check("writing", not why, why or "It can be written.", "countwell reconcile")


def called(_: datetime) -> Check:
    """Somebody is written to when nobody answers what stands under Now, and the last message about it went."""
    without = [f"{clinic}" for clinic in Clinic.objects.filter(alarm_email="").order_by("pk")]
    newest = [Run.objects.filter(what=CALLED, clinic=one).order_by("-began_at").first() for one in Clinic.objects.all()]
    failed = [f"{run.clinic}" for run in newest if run is not None and run.faults]
    says = f"Nobody is named at: {', '.join(without)}. " if without else ""
    says += f"The last message did not go at: {', '.join(failed)}." if failed else ""
    do = "An admin gives the address under People; see that mail goes out (COUNTWELL_MAIL)."
    return Check("unanswered", not says, says.strip() or "Each clinic has an address that is written to.", do)


LOOKS: tuple[Look, ...] = (
    on_time, guarded, apart, lasting, chained, decided_again, proven, singing, went_round, room, kept, readable,
    closed, gone, writable,
    called,
)  # fmt: skip
