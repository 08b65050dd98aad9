"""How benches of millions measure: wall and CPU time of a round, the peak memory of a fresh process, how busy the machine was.

CPU time (all threads of the process) stands beside wall time because other work on the machine stretches only the second.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Round(NamedTuple):
    """Seconds of one round."""

    wall: float
    cpu: float


def timed(call: Callable[[], object]) -> Round:
    """One round."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return Round(time.perf_counter() - wall, time.process_time() - cpu)


def peak_of(command: Sequence[str]) -> float:
    """Peak resident memory in MB of this Python running that command alone."""
    told = (
        "import os,resource,subprocess,sys;subprocess.run(sys.argv[1:],check=True,stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    run = subprocess.run(
        [sys.executable, "-c", told, sys.executable, *command], check=True, capture_output=True, text=True
    )
    return int(run.stdout) / 1024


def own_peak() -> float:
    """Peak resident memory in MB of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def busy() -> str:
    """How much else is running: the load of the last minute against the cores."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
