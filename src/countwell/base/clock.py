"""The only place that reads the clock. Everywhere else the instant is an argument."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

NOT_KEPT = 5  # what Linux answers when nothing has set its clock by another for long (TIME_ERROR of adjtimex)
ROOM = 512  # bytes, more than what it fills in


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def is_kept() -> bool:
    """Whether the system says that a time server keeps its clock; where it cannot be asked, it is taken at its word."""
    if not sys.platform.startswith("linux"):
        return True
    import ctypes  # few ask, and it takes time to load

    answer: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(ROOM))
    return answer != NOT_KEPT
