"""The worked cases of packs, at and about each limit: a hospital's own pack has no other canaries.

Those of the protocol that it extends go the whole way for it, from message to answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from countwell.engine.cases import broken_cases
from countwell.pack.load import load
from countwell.questions.ask import joined


def faults(protocol: str) -> Iterator[str]:
    """The cases of a protocol and its layers that do not hold, in words. Raises PackError if a pack cannot be read."""
    for pack in load(protocol).packs:
        for case in broken_cases(pack):
            yield f"{pack.name}: the case {case.case} does not hold: {case.says}"


def sent_for(protocol: str) -> str:
    """Whose canaries go down for a protocol: its own, or those of the protocol that a hospital's own pack extends."""
    pack = joined(protocol).protocol
    return pack.name if pack.extends is None else pack.extends.pack
