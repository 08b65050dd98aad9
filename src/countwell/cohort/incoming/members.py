"""Lines of NDJSON as places: where in a block of bytes each known member of each object stands.

Compiled, as every byte is looked at once. It finds where values begin and end, and no more: what stands inside is read by the
strict reader of JSON, once for each distinct text. An object with a member that is not known, or with one twice, is not plain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from countwell.cohort.kept import compiled_and_kept
from countwell.cohort.shape import compiled

QUOTE, BACKSLASH, COMMA, COLON, NEW_LINE = b'"\\,:\n'
OPEN, CLOSE, OPEN_LIST, CLOSE_LIST = b"{}[]"
SPACE, TAB, RETURN = b" \t\r"
BEGIN, END = 0, 1
# What each byte is inside a text: a control character may not stand there.
WITHIN, CONTROL, CLOSING, ESCAPING = range(4)
IN_TEXT = np.zeros(256, np.uint8)
IN_TEXT[:SPACE], IN_TEXT[QUOTE], IN_TEXT[BACKSLASH] = CONTROL, CLOSING, ESCAPING
# Places are unsigned: then compiled code need not ask whether one counts from the end.
Place = np.uint64
ZERO, ONE, TWO, NOWHERE = Place(0), Place(1), Place(2), Place(2**63)


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects of one block. places: of each object and name where the value begins and ends, both 0 if it is not there; plain:
    the object has no other member, and none twice."""

    block: np.ndarray
    names: tuple[str, ...]
    places: np.ndarray
    plain: np.ndarray

    def only(self, rows: np.ndarray) -> Objects:
        """Some of the objects, by their numbers."""
        return Objects(self.block, self.names, self.places[rows], self.plain[rows])

    def place(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Where each value of that name begins and ends."""
        found = self.places[:, self.names.index(name)]
        return found[:, BEGIN], found[:, END]

    def within(self, name: str, names: Sequence[str]) -> Objects:
        """The members of the objects that stand under a name; not plain where none stands there."""
        return objects(self.block, *self.place(name), names)

    def values(self, name: str) -> pa.Array:
        """Each value of that name as it was sent; empty where it is not there."""
        return cut(self.block, *self.place(name))

    def is_there(self, name: str) -> np.ndarray:
        """Whether the object has that member."""
        return self.place(name)[1] > 0

    def is_text(self, name: str) -> np.ndarray:
        """Whether the value of that name is there, and a text."""
        begins, ends = self.place(name)
        return (ends > begins) & (self.block[begins] == QUOTE)

    def texts(self, name: str) -> pa.Array:
        """Each text of that name without its quotes, escapes as they were sent; empty where there is none."""
        begins, ends = self.place(name)
        quotes = self.is_text(name).astype(Place)
        return cut(self.block, begins + quotes, np.where(quotes, ends - quotes, begins))


def objects(block: np.ndarray, begins: np.ndarray, ends: np.ndarray, names: Sequence[str]) -> Objects:
    """The members of that name of the objects that begin and end there in a block of UTF-8."""
    found = Objects(block, tuple(names), np.zeros((len(begins), len(names), 2), Place), np.zeros(len(begins), np.bool_))
    spelled = np.array([name.encode() + b"\0" for name in names])
    _find(block, begins, ends, spelled.view(np.uint8).reshape(len(names), -1), found.places, found.plain)
    return found


def lines_of(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each line of a block begins and ends; what comes after the last line end is a line too."""
    ends = np.flatnonzero(block == NEW_LINE)
    if len(block) and (not len(ends) or ends[-1] + 1 < len(block)):
        ends = np.append(ends, len(block))
    return np.append(0, ends[:-1] + 1)[: len(ends)].astype(Place), ends.astype(Place)


def cut(block: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> pa.Array:
    """Pieces of a block of UTF-8 as an array of strings."""
    offsets = np.zeros(len(begins) + 1, np.int32)
    np.cumsum(ends - begins, out=offsets[1:])
    taken = np.empty(int(offsets[-1]), np.uint8)
    _copy(block, begins, ends, taken)
    return pa.StringArray.from_buffers(len(begins), pa.py_buffer(offsets), pa.py_buffer(taken))


@compiled_and_kept
def _copy(block: Any, begins: Any, ends: Any, taken: Any) -> None:
    to = ZERO
    for piece in range(len(begins)):
        begin, size = begins[piece], ends[piece] - begins[piece]
        for letter in range(size):
            taken[to + letter] = block[begin + letter]
        to += size


@compiled
def _blank(block, at, end):
    """The first place from `at` on that is no blank."""
    while at < end and (block[at] == SPACE or block[at] == TAB or block[at] == RETURN):
        at += ONE
    return at


@compiled
def _after_text(block, at, end):
    """The place after a text whose first character stands at `at`; NOWHERE if it is not closed or holds a control character."""
    while at < end:
        what = IN_TEXT[block[at]]
        at += ONE
        if what != WITHIN:
            if what == CLOSING:
                return at
            if what == CONTROL:
                return NOWHERE
            at += ONE
    return NOWHERE


@compiled
def _after_nested(block, at, end):
    """The place after an object or a list that begins at `at`; NOWHERE if it is not closed."""
    depth = 0
    while at < end:
        letter = block[at]
        at += ONE
        if letter == QUOTE:
            at = _after_text(block, at, end)
        elif letter in (OPEN, OPEN_LIST):
            depth += 1
        elif letter in (CLOSE, CLOSE_LIST):
            depth -= 1
            if depth == 0:
                return at
    return NOWHERE


@compiled
def _after_value(block, at, end):
    """The place after the value that begins at `at`; NOWHERE if there is none."""
    if at >= end:
        return NOWHERE
    letter = block[at]
    if letter == QUOTE:
        return _after_text(block, at + ONE, end)
    if letter in (OPEN, OPEN_LIST):
        return _after_nested(block, at, end)
    begin = at
    while at < end and block[at] > SPACE and block[at] != COMMA and block[at] != CLOSE:
        at += ONE
    return at if at > begin else NOWHERE


@compiled
def _which(block, begin, end, letters):
    """The number of the name that stands there; that of none if it is none of them."""
    for name in range(len(letters)):
        size = ZERO
        while begin + size < end and letters[name, size] == block[begin + size]:
            size += ONE
        if begin + size == end and letters[name, size] == 0:
            return name
    return len(letters)


@compiled
def _members(block, at, end, letters, places):
    """Fills in the places of one object; whether it is plain and nothing stands after it."""
    at = _blank(block, at, end)
    if at >= end or block[at] != OPEN:
        return False
    while True:
        begin = _blank(block, at + ONE, end) + ONE
        if begin > end or block[begin - ONE] != QUOTE:
            return False
        at = _after_text(block, begin, end)
        if at > end:
            return False
        name = _which(block, begin, at - ONE, letters)
        at = _blank(block, at, end)
        if name == len(letters) or places[name, END] > 0 or at >= end or block[at] != COLON:
            return False
        begin = _blank(block, at + ONE, end)
        at = _after_value(block, begin, end)
        if at > end:
            return False
        places[name, BEGIN], places[name, END] = begin, at
        at = _blank(block, at, end)
        if at >= end or (block[at] != COMMA and block[at] != CLOSE):
            return False
        if block[at] == CLOSE:
            return _blank(block, at + ONE, end) == end


@compiled_and_kept
def _find(block: Any, begins: Any, ends: Any, letters: Any, places: Any, plain: Any) -> None:
    for row in range(len(begins)):
        plain[row] = _members(block, begins[row], ends[row], letters, places[row])
