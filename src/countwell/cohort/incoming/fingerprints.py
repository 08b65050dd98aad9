"""A number for each text, alike for texts that are alike, and nearly always only for these."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from countwell.cohort.kept import compiled_and_kept

# Fowler, Noll and Vo: http://www.isthe.com/chongo/tech/comp/fnv/
BASIS, PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)


def fingerprints(texts: pa.Array) -> np.ndarray:
    """The fingerprint of each text of an array of strings without empty places: the same in every process."""
    found = np.full(len(texts), BASIS)
    _, offsets, letters = texts.buffers()
    if letters is not None and len(texts):
        ends = np.frombuffer(offsets, np.uint32)[texts.offset : texts.offset + len(texts) + 1]
        _mix(np.frombuffer(letters, np.uint8), ends, found)
    return found


@compiled_and_kept
def _mix(letters: Any, ends: Any, found: Any) -> None:
    for text in range(len(found)):
        mixed = found[text]
        for place in range(ends[text], ends[text + 1]):
            mixed = (mixed ^ letters[place]) * PRIME
        found[text] = mixed
