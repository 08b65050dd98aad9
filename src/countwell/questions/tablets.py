"""Doses in real tablets: which daily doses can be made, from which tablets, and how one divides in two.

Halves only where the tablet is scored and the clinic allows it. Nothing is rounded across a limit: a dose can be made or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from countwell.engine.words import number_in_words
from countwell.model.records import Course, Product
from countwell.vocabulary.lists import entries

MOST_PIECES = 100


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """A tablet, or half of one. mg is what the piece holds."""

    mg: Decimal
    strength_mg: Decimal
    half: bool


@dataclass(frozen=True, slots=True)
class Tablets:
    """A dose as pieces: (piece, how many), largest first."""

    pieces: tuple[tuple[Piece, int], ...]

    @property
    def mg(self) -> Decimal:
        """The dose that they make."""
        return sum((piece.mg * count for piece, count in self.pieces), Decimal(0))

    def to_json(self) -> list[dict[str, str]]:
        """Strength and count, halves as 0.5: the shape of the answer's `tablets`."""
        counts: dict[Decimal, Decimal] = {}
        for piece, count in self.pieces:
            counts[piece.strength_mg] = counts.get(piece.strength_mg, Decimal(0)) + count * piece.mg / piece.strength_mg
        return [
            {"strength_mg": number_in_words(strength), "count": number_in_words(count)}
            for strength, count in sorted(counts.items(), reverse=True)
        ]


@cache
def every_tablet() -> tuple[Product, ...]:
    """Every azathioprine tablet that there is, as the vocabulary lists them."""
    listed = [entry.facts for entry in entries("products").values() if entry.facts.get("form") == "tablet"]
    return tuple(Product(Decimal(facts["strength_mg"]), facts.get("scored") == "yes") for facts in listed)


def is_in_tablets(course: Course, mg: Decimal) -> bool:
    """Whether a daily dose can be made: from the course's tablets; if none are recorded, from any that there are."""
    tablets = course if course.products else replace(course, products=every_tablet(), may_halve=True)
    return tablets_for(tablets, mg) is not None


def pieces_of(course: Course) -> tuple[Piece, ...]:
    """Every piece that the course's tablets allow, largest first, whole before half."""
    return _pieces(course.products, course.may_halve)


@lru_cache
def _pieces(products: tuple[Product, ...], may_halve: bool) -> tuple[Piece, ...]:
    whole = {Piece(p.strength_mg, p.strength_mg, False) for p in products if p.strength_mg > 0}
    halves = {
        Piece(p.strength_mg / 2, p.strength_mg, True) for p in products if p.scored and may_halve and p.strength_mg > 0
    }
    return tuple(sorted(whole | halves, key=lambda piece: (-piece.mg, piece.half)))


def makeable(pieces: Sequence[Piece], ceiling_mg: Decimal) -> dict[Decimal, Tablets]:
    """Every dose above nothing and up to the ceiling that these pieces make, each from the fewest pieces and fewest halves."""
    return dict(_makeable(tuple(pieces), ceiling_mg))


@lru_cache(maxsize=512)
def _makeable(pieces: tuple[Piece, ...], ceiling_mg: Decimal) -> dict[Decimal, Tablets]:
    made: dict[Decimal, Tablets] = {Decimal(0): Tablets(())}
    for piece in pieces:
        for mg, tablets in list(made.items()):
            for count in range(1, int((ceiling_mg - mg) // piece.mg) + 1):
                _keep_simpler(made, Tablets((*tablets.pieces, (piece, count))))
    del made[Decimal(0)]
    return dict(sorted(made.items()))


def _keep_simpler(made: dict[Decimal, Tablets], tablets: Tablets) -> None:
    known = made.get(tablets.mg)
    if known is None or _effort(tablets) < _effort(known):
        made[tablets.mg] = tablets


def _effort(tablets: Tablets) -> tuple[int, int, int]:
    halves = sum(count for piece, count in tablets.pieces if piece.half)
    return halves, sum(count for _, count in tablets.pieces), len(tablets.pieces)


def tablets_for(course: Course, mg: Decimal) -> Tablets | None:
    """The tablets that make exactly this dose; None if none do, or only a handful beyond counting would."""
    pieces = pieces_of(course)
    return makeable(pieces, mg).get(mg) if _can_be_counted(pieces, mg) else None


def _can_be_counted(pieces: Sequence[Piece], mg: Decimal) -> bool:
    return bool(pieces) and mg <= pieces[0].mg * MOST_PIECES


def halves(course: Course, mg: Decimal) -> tuple[Tablets, Tablets] | None:
    """A daily dose in two parts that can be made, as equal as the tablets allow, larger first; None if it cannot be divided."""
    if not _can_be_counted(pieces_of(course), mg):
        return None
    parts = makeable(pieces_of(course), mg)
    pairs = [(parts[mg - small], parts[small]) for small in parts if small * 2 <= mg and mg - small in parts]
    return min(pairs, key=lambda pair: (pair[0].mg - pair[1].mg, *_effort(pair[0])), default=None)


def largest_up_to(doses: Iterable[Decimal], limit: Decimal) -> Decimal | None:
    """The largest of these doses that does not pass the limit."""
    return max((mg for mg in doses if mg <= limit), default=None)


def as_json(mg: Decimal, tablets: Tablets | None) -> dict[str, Any]:
    """A dose with its tablets."""
    return {"mg_per_day": number_in_words(mg), "tablets": tablets.to_json() if tablets is not None else []}
