"""`countwell demo` with an opening that only makes a letter, and a worker that only makes another; run by a test as a process.

The worker is a process begun as the server begins its own. Ends with 0 if the worker has ended with its letter.
"""

from __future__ import annotations

import multiprocessing
import sys
from unittest.mock import patch

import typst

from countwell.cli import demo
from countwell.clinic import serving

LONG = 15  # seconds for one letter, on a machine that has other work


def letter(*_: object) -> None:
    """As PDF."""
    typst.compile(b"= Letter", format="pdf")


def worker(*_: object) -> None:
    """Says by the code of the whole process whether its letter was made."""
    process = multiprocessing.Process(target=letter)
    process.start()
    process.join(LONG)
    made = process.exitcode == 0
    process.kill()
    sys.exit(0 if made else 1)


if __name__ == "__main__":
    with (
        patch.object(demo, "_opened", letter),
        patch.object(demo, "_print_sign_ins"),
        patch.object(serving, "serve", worker),
    ):
        demo._served(8000)
