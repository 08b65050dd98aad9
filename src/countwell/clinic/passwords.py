"""Which passwords are taken: long ones that hold no name of ours, are no row of keys, and were never found elsewhere.

No kinds of signs are asked for and none is refused; no password grows old. Why so: ADR 0014.
"""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from countwell.clinic.breached import is_breached
from countwell.clinic.models import Person
from countwell.clinic.models.people import as_kept
from countwell.vocabulary.medicines import AZATHIOPRINE, medicines

SHORTEST, LONGEST = 15, 128  # signs
SHORTEST_WORD = 4  # letters: a shorter name stands in too many others
WORD, SIGN, ENOUGH = 4, 1, 11  # what a common password counts, and a row or another sign; what all must come to
SHORTEST_ROW = 3  # signs
ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop")
DIGITS = re.compile(r"[0-9]+")
FILLER = re.compile(r"[\s!-/:-@\[-`{-~]+")


class Wanted:
    """What is wanted of a password; each says in its docstring what it is."""

    def get_help_text(self) -> str:
        """For whoever chooses one."""
        return str(self.__doc__)


class Long(Wanted):
    """At least 15 signs, at most 128; each counts as one, whatever it is."""

    def validate(self, password: str, user: Person | None = None) -> None:  # noqa: ARG002
        """Raises ValidationError."""
        count = len(as_kept(password))
        if count < SHORTEST:
            raise ValidationError(
                f"This password has {count} characters. Take at least {SHORTEST}: several words do well."
            )
        if count > LONGEST:
            raise ValidationError(f"This password has {count} characters. Take at most {LONGEST}.")


class WithoutNames(Wanted):
    """It holds neither the person's nor the clinic's name, nor what this program and its medicine are called."""

    def validate(self, password: str, user: Person | None = None) -> None:
        """Raises ValidationError."""
        letters = "".join(sign for sign in as_kept(password).casefold() if sign.isalnum())
        if found := next((word for word in _names(user) if word in letters), None):
            raise ValidationError(f"This password holds “{found}”, which anybody would try here. Leave it out.")


def _names(user: Person | None) -> list[str]:
    of_person = [user.name, user.email.partition("@")[0], user.clinic.name] if user is not None else []
    called = [as_kept(text).casefold() for text in ("countwell", *_of_medicine(), *of_person)]
    words = {word for text in called for word in re.findall(r"[^\W_]+", text)}
    whole = {"".join(re.findall(r"[^\W_]+", text)) for text in called}
    return sorted(word for word in words | whole if len(word) >= SHORTEST_WORD)


@cache
def _of_medicine() -> tuple[str, ...]:
    return tuple(name for name in (medicines()[AZATHIOPRINE].name, *medicines()[AZATHIOPRINE].also) if name.isalpha())


class HardToGuess(Wanted):
    """It is not put together of common passwords, rows of keys, numbers and one thing again and again."""

    def validate(self, password: str, user: Person | None = None) -> None:  # noqa: ARG002
        """Raises ValidationError."""
        text = as_kept(password).casefold()
        if _is_repeated(text) or _worth(text) < ENOUGH:
            raise ValidationError(
                "This password is easy to guess: common passwords, rows of keys, numbers, or one thing again and again."
                " Take several words that do not belong together."
            )


def _is_repeated(text: str) -> bool:
    """Whether something shorter than a password stands there twice or more, and nothing else."""
    lengths = range(1, min(SHORTEST - 1, len(text) // 2) + 1)
    return any(text[length:] == text[:-length] for length in lengths)


def _worth(text: str) -> int:
    """What all parts come to: a common password counts once, however often it stands there; spaces and marks nothing."""
    words, count, at = set(), 0, 0
    while at < len(text):
        if filler := FILLER.match(text, at):
            at = filler.end()
        elif word := _common_at(text, at):
            words.add(word)
            at += len(word)
        else:
            long = _row_at(text, at)
            count, at = count + SIGN, at + long
    return count + WORD * len(words)


def _common_at(text: str, at: int) -> str:
    """The longest common password that stands here; "" for none. Mere digits are a row, however common."""
    longest = min(len(text) - at, _longest_common())
    found = (text[at : at + long] for long in range(longest, SHORTEST_WORD - 1, -1))
    return next((word for word in found if word in _common() and not word.isdigit()), "")


def _row_at(text: str, at: int) -> int:
    """How many signs from here are one row: digits, one sign again and again, letters as on the keys or in the alphabet."""
    digits = DIGITS.match(text, at)
    same = len(text) - at - len(text[at:].lstrip(text[at]))
    return max(digits.end() - at if digits else 1, same if same >= SHORTEST_ROW else 1, _along_keys(text, at))


def _along_keys(text: str, at: int) -> int:
    longest = 1
    for row in ROWS:
        for way in (row, row[::-1]):
            start, long = way.find(text[at]), 0
            while start >= 0 and text[at + long : at + long + 1] == way[start + long : start + long + 1] != "":
                long += 1
            longest = max(longest, long if long >= SHORTEST_ROW else 1)
    return longest


@cache
def _common() -> frozenset[str]:
    """The twenty thousand passwords that Django knows as common."""
    return frozenset(CommonPasswordValidator().passwords)


@cache
def _longest_common() -> int:
    return max(map(len, _common()))


class NeverFound(Wanted):
    """It is not among the passwords found in breaches, where the hospital has named a file of them."""

    def validate(self, password: str, user: Person | None = None) -> None:  # noqa: ARG002
        """Raises ValidationError."""
        if settings.BREACHED is not None and is_breached(settings.BREACHED, as_kept(password)):
            raise ValidationError(
                "This password is on a list of stolen ones, which are tried everywhere. Take another."
            )


class Another(Wanted):
    """It is not the one of before: a first password, which somebody else has seen, would stay."""

    def validate(self, password: str, user: Person | None = None) -> None:
        """Raises ValidationError."""
        if user is not None and user.check_password(password):
            raise ValidationError("This is the password that you have now. Take another.")
