"""Collects what is wrong in one file, so that an author sees all of it at once, and guesses what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from countwell.base.errors import Fault, PackError


class Faults:
    """The faults of one file, each with its line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[tuple[int, str], Fault] = {}

    def add(self, line: int, what: str, do: str = "") -> None:
        """One thing wrong: in which line, what, and what to do. The same thing twice counts once."""
        self._found.setdefault((line, what), Fault(f"{self.file}:{line}", what, do))

    def sorted(self) -> list[Fault]:
        """All faults, in the order of the file."""
        return [self._found[place] for place in sorted(self._found)]

    def raise_if_any(self) -> None:
        """Raise PackError with all of them, if there is one."""
        if self._found:
            raise PackError(self.sorted())


def meant(word: str, known: Iterable[str]) -> str:
    """'Did you mean …?' if a known word is close to `word`, else the few words there are, else nothing."""
    words = sorted(set(known))
    if len(words) > 1000:
        return ""
    if close := difflib.get_close_matches(word.casefold(), words, n=2):
        return f"Did you mean {' or '.join(close)}?"
    return f"One of: {', '.join(words)}." if 0 < len(words) < 20 else ""
