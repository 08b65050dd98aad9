"""What a proof says: held, or did not, with the patient for whom it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """One check of one table.

    check: `coverage`, `clear`, `fires`, `worse`, `dose`, `makeable`, `versions` or `units`. says: a sentence for people.
    witness: the facts of a patient for whom it fails, in words with units; None if there is none.
    line: of the table or rule, in the file of the pack.
    """

    pack: str
    table: str
    check: str
    ok: bool
    witness: Mapping[str, str] | None
    says: str
    line: int = 0

    def __str__(self) -> str:
        told = "" if self.check == "versions" else f"{self.check} {'proven' if self.ok else 'FAILED'}: "
        return f"{self.pack}/{self.table}: {told}{self.says}"


# Values of facts that call for nothing; of many such facts only some are named in a sentence.
_QUIET = {"no", "continue", "none"}


def in_words(witness: Mapping[str, str]) -> str:
    """A patient in words, or `any patient` where no fact matters.

    >>> in_words({"white cells": "3.0 10*9/L", "fever": "no"})
    'white cells 3.0 10*9/L, fever no'
    """
    quiet = [fact for fact, value in witness.items() if value in _QUIET]
    left_out = quiet[10:]
    said = [f"{fact} {value}" for fact, value in witness.items() if fact not in left_out]
    rest = [f"and {len(left_out)} more facts that call for nothing"] if left_out else []
    return ", ".join([*said, *rest]) or "any patient"
