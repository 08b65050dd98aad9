"""The clinic as a running service: made ready, then served, with the rounds in a process beside it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from pathlib import Path

THREADS = 16  # requests that one process answers at once; further ones wait
ROUND = 60  # seconds between two looks at what is due
LOG = logging.getLogger("countwell.rounds")


def begin(data: Path | None = None) -> Path:
    """Django with the settings of the clinic; the data folder that is used. data: instead of COUNTWELL_DATA."""
    if data is not None:
        os.environ["COUNTWELL_DATA"] = str(data.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "countwell.clinic.settings")
    import django

    django.setup()
    from django.conf import settings

    return Path(settings.DATA)


def migrate() -> Path | None:
    """Brings the store to the tables of this release; a store that is behind is backed up first: gives that backup."""
    from django.core.management import call_command
    from django.db import connection

    from countwell.base.clock import now
    from countwell.clinic.store.backup import backup
    from countwell.clinic.store.health import waiting_migrations

    behind = waiting_migrations()
    kept = backup(now()) if behind and "clinic_audit" in connection.introspection.table_names() else None
    if behind:
        call_command("migrate", verbosity=0, interactive=False)
    return kept


def serve(host: str, port: int, workers: int) -> None:
    """Serves until it is told to end. A worker that dies is started again; so are the rounds."""
    from granian import Granian
    from granian.constants import Interfaces

    beside = multiprocessing.get_context("spawn").Process(target=rounds_for_ever, daemon=True)
    beside.start()
    try:
        Granian(
            "countwell.clinic.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            backpressure=THREADS,
            websockets=False,
            respawn_failed_workers=True,
            log_access=False,
        ).serve()
    finally:
        beside.terminate()
        beside.join()


def rounds_for_ever() -> None:
    """Looks every minute at what is due. A round that fails is logged, and the next one tries again."""
    begin()
    from countwell.base.clock import now
    from countwell.clinic.store.rounds import all_rounds

    parent = os.getppid()
    while os.getppid() == parent:
        try:
            for run in all_rounds(now()):
                LOG.info("%s: %s patients, %s faults", run.what, run.patients, run.faults)
        except Exception:
            LOG.exception("a round failed")
        time.sleep(ROUND)
