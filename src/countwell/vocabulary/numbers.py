"""Reads a number, or a word, out of a value field. Strict: what is not plainly a number is refused with the reason it gives."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Literal, TypeAlias

from countwell.base.errors import Unreadable
from countwell.vocabulary.load import Row, read_list
from countwell.vocabulary.names import key

Comparator: TypeAlias = Literal["<", "<=", ">", ">="]

_COMPARATOR = r"(<=|>=|<|>|≤|≥)?"
_DIGITS = r"([+-]?(?:[0-9]{1,15}(?:\.[0-9]{1,10})?|\.[0-9]{1,10})(?:[eE][+-]?[0-9]{1,2})?)"
_NUMBER = re.compile(rf"{_COMPARATOR}[ \t]*{_DIGITS}")
_COMPARATORS: dict[str, Comparator] = {"<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">="}
_WITH_COMMA = re.compile(r"[^0-9A-Za-z]*[0-9][0-9., ]*,[0-9., ]*")
_INSIDE = re.compile(r"[0-9]{1,15}(?:[.,][0-9]{1,10})*")
_WORDS = re.compile(r"[^\W_]+")
_LARGEST_EXPONENT = 12


def read_number(text: str) -> tuple[Comparator | None, Decimal]:
    """A number with its comparator, if it has one: `3.0`, `-3.1`, `<0.5`, `>= 90`, `≤ 2`, `3.0E9`.

    ASCII digits and a decimal point only. Raises Unreadable for anything else: a comma (decimal or thousands?), NaN,
    Infinity, digits of other scripts, nothing at all, a placeholder such as 9999999, words (with the reason they give).
    """
    stripped = text.strip(" \t\r\n")
    found = _NUMBER.fullmatch(stripped)
    if not found:
        raise _not_a_number(stripped)
    number = Decimal(found[2])
    if number in _placeholders():
        raise Unreadable("unreadable", f"{stripped} is what some systems send in place of a value that is no number.")
    if number and abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise Unreadable("unreadable", f"{stripped} is not a number that a laboratory gives.")
    return _COMPARATORS.get(found[1] or ""), number


def read_word(text: str) -> str:
    """`positive`, `negative` or `equivocal`, for tests whose results are words.

    Raises Unreadable for a word that is not listed, with its reason if it names one (no result, spoilt sample, pending).
    """
    word = _words().get(key(text))
    if word is None:
        raise _not_a_number(text.strip())
    return word


def numbers_in(text: str) -> tuple[Decimal, ...]:
    """Every number that an unreadable text may hold, a comma read both ways. Never a value: it only tells how urgent it is.

    >>> numbers_in("1,8 L")
    (Decimal('18'), Decimal('1.8'))
    """
    found = _INSIDE.findall(unicodedata.normalize("NFKC", text))
    spellings = {reading for digits in found for reading in (digits.replace(",", ""), digits.replace(",", "."))}
    numbers = {Decimal(spelling) for spelling in spellings if spelling.count(".") < 2}
    return tuple(sorted(numbers - _placeholders(), reverse=True))


def _not_a_number(text: str) -> Unreadable:
    if not text:
        return Unreadable("missing", "The value is empty.")
    if why := _reason(text):
        return Unreadable(why, f"{text!r} came in place of a value.")
    if _WITH_COMMA.fullmatch(text):
        return Unreadable("unreadable", f"{text!r} has a comma, which may be decimal or mark thousands.")
    return Unreadable("unreadable", f"{text!r} is not a number.")


def spoils(text: str) -> bool:
    """Whether a remark says that the sample was not fit to be measured: clotted, contaminated, the wrong tube."""
    return _reason(text) == "invalid-sample"


def _reason(text: str) -> str | None:
    padded = f" {' '.join(_WORDS.findall(text.casefold()))} "
    return next((why for why, words in _reasons().items() if any(f" {word} " in padded for word in words)), None)


@cache
def _values() -> Row:
    return Row("values", read_list("values"))


@cache
def _reasons() -> dict[str, tuple[str, ...]]:
    return {why: _values().texts(why) for why in ("invalid-sample", "pending", "missing")}


@cache
def _placeholders() -> frozenset[Decimal]:
    return frozenset(Decimal(text) for text in _values().texts("placeholders"))


@cache
def _words() -> dict[str, str]:
    words = _values().row("words")
    return {key(spelling): word for word in words.fields for spelling in words.texts(word)}
