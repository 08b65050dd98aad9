"""The clinic as a running service: made ready, then served, with the rounds in a process beside it."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from countwell.base.errors import UsageError

THREADS = 16  # requests that one process takes at once; further ones wait
ROUND = 60  # seconds between two looks at what is due
IN_USE = "This clinic is being served, or upgraded, or restored. Stop the service, or wait, then do this again."
LOG = logging.getLogger("countwell.rounds")


def begin(data: Path | None = None) -> Path:
    """Django with the settings of the clinic; the data folder that is used. data: instead of COUNTWELL_DATA."""
    gc.enable()  # commands are short and go without; a clinic goes on for weeks, and its memory would grow without end
    if data is not None:
        os.environ["COUNTWELL_DATA"] = str(data.absolute())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "countwell.clinic.settings")
    import django

    django.setup()
    from django.conf import settings

    return Path(settings.DATA)


def migrate() -> Path | None:
    """Brings the store to the tables of this release; a store that is behind is backed up first: gives that backup.

    Raises UsageError if it is behind and served meanwhile: the release of before would go on writing into it. And if this role
    may not change the tables, or not even read them.
    """
    from countwell.base.clock import now
    from countwell.clinic.store import roles
    from countwell.clinic.store.health import waiting_migrations
    from countwell.clinic.store.upgrade import upgrade

    with roles.as_owner():
        roles.refuse_shut_out()
        if not waiting_migrations():
            return None
        roles.refuse_change()
        with alone():
            return upgrade(now())


@contextmanager
def alone() -> Iterator[None]:
    """While this lasts, nobody serves this data folder. Raises UsageError if somebody does."""
    with _marked(alone=True):
        yield


@contextmanager
def _marked(*, alone: bool) -> Iterator[None]:
    """A mark on the data folder that goes with its process, however that ends: of all who serve, or of one who is alone."""
    from django.conf import settings

    if os.name == "nt":  # it has no such marks; the manual says to stop the service first
        yield
        return
    import fcntl

    with (Path(settings.DATA) / "in-use").open("a") as mark:
        try:
            fcntl.flock(mark, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(IN_USE) from error
        yield


def serve(host: str, port: int, workers: int) -> None:
    """Serves until it is told to end. A worker that dies is started again; so are the rounds."""
    with _marked(alone=False):
        _serve(host, port, workers)


def _serve(host: str, port: int, workers: int) -> None:
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
            blocking_threads=min(THREADS, 2 * (os.cpu_count() or 1) + 1),
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
    from countwell.clinic.store.backup import notice_put_back
    from countwell.clinic.store.rounds import all_rounds

    parent = os.getppid()
    while os.getppid() == parent:
        try:
            notice_put_back()
            for run in all_rounds(now()):
                LOG.info("%s: %s patients, %s faults", run.what, run.patients, run.faults)
        except Exception:
            LOG.exception("a round failed")
        time.sleep(ROUND)
