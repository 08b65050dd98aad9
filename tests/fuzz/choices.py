"""Bytes read as choices, so that the same function serves a fuzzer (atheris), Hypothesis, and a crash kept as a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Choices:
    """Decisions taken from bytes, front to back; when they are used up every decision is the first one."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def rest(self) -> bytes:
        """All bytes that are left."""
        return self._take(len(self._data))

    def below(self, count: int) -> int:
        """A number from 0 to count - 1."""
        size = 1 if count <= 256 else 3
        return int.from_bytes(self._take(size), "little") % max(count, 1)

    def one_of(self, options: Sequence[T]) -> T:
        """One of several."""
        return options[self.below(len(options))]

    def chance(self, in_256: int) -> bool:
        """Yes in so many of 256 cases."""
        return self.below(256) < in_256

    def text(self, longest: int = 24) -> str:
        """Any text: no half characters, but everything else."""
        return self._take(self.below(longest + 1)).decode("utf-8", "replace")

    def _take(self, size: int) -> bytes:
        taken = self._data[self._place : self._place + size]
        self._place += len(taken)
        return taken
