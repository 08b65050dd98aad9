"""What is true of every patient's facts, whatever the packs say. Data first; no medicine beyond what a count is.

Facts that hang together in life (white cells now, and their fall in per cent) are otherwise taken as free of each other.
What is proven of free facts is proven of real ones too; a false alarm that comes of it is answered with a line here, never
with a weaker check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import z3

from countwell.engine.prove.symbols import Formula, Symbol

# Cells that are part of others: the sum of the parts is never above the whole. Holds of one blood sample; two tests may come
# from different samples, so a proof uses it only where it needs it, and says so.
PARTS_OF = ((("neutrophils",), "wbc"), (("lymphocytes",), "wbc"), (("neutrophils", "lymphocytes"), "wbc"))
ONE_SAMPLE = "cells of one blood sample: neutrophils and lymphocytes together are not above the white cells"

NEVER_NEGATIVE = {"latest", "highest", "baseline", "dose", "streak", "symptom", "missed"}
# Yes to fewer is yes to more: a nosebleed is also one of nosebleed or gum bleeding.
ANY_OF = {"symptom", "medicine", "history", "circumstance"}
# In per cent.
ALL_OF_IT = 100
NARROWING = {"cause", "with-any"}


def always(symbols: Iterable[Symbol]) -> list[Formula]:
    """Axioms that hold of every patient, for these symbols."""
    listed = list(symbols)
    kinds = (_sorts, _not_negative, _falls, _narrower, _highest, _reasons)
    return [axiom for kind in kinds for axiom in kind(listed)]


def of_one_sample(symbols: Iterable[Symbol]) -> list[Formula]:
    """Axioms that hold where blood counts come from one sample."""
    latest = {
        symbol.key[1][0]: symbol.z3 for symbol in symbols if _kind(symbol) == "latest" and symbol.sort == "number"
    }
    return [
        sum(latest[part] for part in parts) <= latest[whole]
        for parts, whole in PARTS_OF
        if whole in latest and set(parts) <= latest.keys()
    ]


def _kind(symbol: Symbol) -> str:
    return str(symbol.key[0])


def _params(symbol: Symbol) -> dict[str, str]:
    return dict(symbol.key[2]) if len(symbol.key) > 3 else {}


def _sorts(symbols: list[Symbol]) -> Iterator[Formula]:
    return (axiom for symbol in symbols for axiom in symbol.possible())


def _not_negative(symbols: list[Symbol]) -> Iterator[Formula]:
    for symbol in symbols:
        started = symbol.sort == "time" and "after" not in _params(symbol)
        if started or (symbol.sort in ("number", "count") and _kind(symbol) in NEVER_NEGATIVE):
            yield symbol.z3 >= 0


def _falls(symbols: list[Symbol]) -> Iterator[Formula]:
    """Nothing falls by more than all of it."""
    for symbol in symbols:
        params = _params(symbol)
        if _kind(symbol) == "change" and "%" in params.get("as", "") and "fall" in params.get("direction", ""):
            yield symbol.z3 <= ALL_OF_IT


def _pairs(symbols: list[Symbol], wanted: Callable[[Symbol], bool]) -> Iterator[tuple[Symbol, Symbol]]:
    chosen = [symbol for symbol in symbols if wanted(symbol)]
    return ((one, other) for one in chosen for other in chosen if one is not other)


def _narrower(symbols: list[Symbol]) -> Iterator[Formula]:
    for one, other in _pairs(symbols, lambda symbol: _kind(symbol) in ANY_OF and symbol.sort == "yes-no"):
        if one.key[0] == other.key[0] and _is_narrower(one, other):
            yield z3.Implies(one.z3, other.z3)


def _is_narrower(one: Symbol, other: Symbol) -> bool:
    mine, its = _params(one), _params(other)
    narrowed = {key for key in mine if mine[key] != its.get(key)}
    return set(one.key[1]) <= set(other.key[1]) and its.keys() <= mine.keys() and narrowed <= NARROWING - its.keys()


def _highest(symbols: list[Symbol]) -> Iterator[Formula]:
    """The highest of more tests is never below the highest of fewer."""
    for one, other in _pairs(symbols, lambda symbol: _kind(symbol) == "highest" and symbol.sort == "number"):
        if set(one.key[1]) <= set(other.key[1]) and one.key[2] == other.key[2]:
            yield one.z3 <= other.z3


def _reasons(symbols: list[Symbol]) -> Iterator[Formula]:
    """The last reason is one of all the reasons."""
    last = [symbol for symbol in symbols if symbol.key[:2] == ("reason", ("last",))]
    for ever in symbols:
        if ever.key[:2] == ("reason", ("ever",)):
            yield from (z3.Implies(one.of_word(ever.key[2]), ever.z3) for one in last if ever.key[2] in one.words)
