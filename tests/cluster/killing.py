"""Kills what a test itself has started: the worker that began its work last, or what stands above it."""

import os
import signal
import time
from pathlib import Path


def kill_newest(begun, levels_up, at_least=3):
    """Once some work has begun (see works.slowly): kill -9 of the worker that began last, or of its parents.

    levels_up: 0 the Python worker, 2 the executor's JVM above the daemon that forked it.
    """
    wait_until(lambda: len(list(begun.iterdir())) >= at_least)
    newest = max(begun.iterdir(), key=lambda file: int(file.name.split("-")[2]))
    pid = int(newest.name.split("-")[1])
    for _ in range(levels_up):
        pid = parent(pid)
    assert parent(pid) > 1, "not a process of this test"
    os.kill(pid, signal.SIGKILL)


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def wait_until(true, seconds=300):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)
