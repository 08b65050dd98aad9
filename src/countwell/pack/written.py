"""Writes a condition back as text, so that reading it again gives the same condition."""

from __future__ import annotations

from collections.abc import Mapping

from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Not, Or


def written(condition: Condition, sets: Mapping[str, frozenset[str]] | None = None) -> str:
    """The condition as text that `parse` reads back; `sets` gives back the names of word lists."""
    return _written(condition, sets or {}, outer=0)


def _written(condition: Condition, sets: Mapping[str, frozenset[str]], outer: int) -> str:
    match condition:
        case Or(of):
            return _bracketed(" or ".join(_written(part, sets, 1) for part in of), outer > 0)
        case And(of):
            return _bracketed(" and ".join(_written(part, sets, 2) for part in of), outer > 1)
        case Not(of):
            return f"not {_written(of, sets, 2)}"
        case _:
            return _atom_written(condition, sets)


def _bracketed(text: str, needed: bool) -> str:
    return f"({text})" if needed else text


def _atom_written(atom: Atom, sets: Mapping[str, frozenset[str]]) -> str:
    match atom:
        case Compare(fact, op, number, other):
            return f"{fact} {op} {number or other}"
        case Holds(fact, negated):
            text = fact
        case IsWord(fact, words, negated):
            text = _words_written(fact, words, sets)
        case AtLeast(table, word, negated):
            text = f"{table} at least {word}"
    return f"not {text}" if negated else text


def _words_written(fact: str, words: frozenset[str], sets: Mapping[str, frozenset[str]]) -> str:
    name = next((name for name, members in sets.items() if members == words), None)
    if len(words) == 1 or name is None:
        return _bracketed(" or ".join(f"{fact} is {word}" for word in sorted(words)), len(words) > 1)
    return f"{fact} in {name}"
