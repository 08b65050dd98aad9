"""The clinic as a running service: made ready, then served, with the rounds in a process beside it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from pathlib import Path

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


def migrate() -> None:
    """Brings the store to the tables of this release; does nothing if it is there already."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


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
