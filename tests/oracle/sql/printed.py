"""Small things printed as SQL: names, words, numbers as facts count them, durations. A pack cannot write SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from countwell.base.dates import Duration
from countwell.base.spans import OPS, Op
from countwell.model.pack import Pack

from .macros import UNIT

NAME = re.compile(r"[a-z0-9][A-Za-z0-9_./ -]*", re.ASCII)


def name(text: str) -> str:
    """A quoted identifier. Raises ValueError for a name that a pack could not have."""
    if not NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no name of a pack. Rename it there.")
    return f'"{text}"'


def word(text: str) -> str:
    """A quoted word."""
    return "'" + text.replace("'", "''") + "'"


def words(texts: Iterable[str]) -> str:
    """Several words in brackets, for IN; of none, one that nothing is called."""
    return "(" + (", ".join(word(text) for text in texts) or "'-'") + ")"


def listed(texts: Iterable[str]) -> str:
    """Several words as one value."""
    return "[" + ", ".join(word(text) for text in texts) + "]::VARCHAR[]"


def number(value: Decimal) -> str:
    """A number as facts count it. Raises ValueError for one with more than 15 decimals."""
    whole = value * UNIT
    if whole != int(whole):
        raise ValueError(f"{value} has too many decimals to be compared exactly.")
    return f"{int(whole)}::HUGEINT"


def months_and_days(duration: Duration) -> tuple[int, int]:
    """A duration as whole months and days; hours count as the days they fill."""
    count = duration.count
    return {
        "hours": (0, count // 24),
        "days": (0, count),
        "weeks": (0, 7 * count),
        "months": (count, 0),
        "years": (12 * count, 0),
    }[duration.unit]


def duration_of(pack: Pack, number_name: str | None) -> Duration:
    """The duration that a number of a pack stands for. Raises ValueError if it is none."""
    found = pack.numbers[number_name or ""].duration
    if found is None:
        raise ValueError(f"{pack.name}: {number_name} is no duration.")
    return found


def moved(macro: str, day: str, pack: Pack, number_name: str | None) -> str:
    """A day moved by a duration of the pack. macro: `earlier`, `later` or `before`."""
    months, days = months_and_days(duration_of(pack, number_name))
    return f"{macro}({day}, {months}, {days})"


def compared(span: str, op: Op, bound: str) -> str:
    """A span against a number: true, false, or NULL for not known."""
    holds = f"is_below({span}, {bound})" if op in ("<", ">=") else f"is_at_most({span}, {bound})"
    return f"(NOT {holds})" if op in (">", ">=") else holds


def compared_spans(left: str, op: Op, right: str) -> str:
    """A span against another."""
    holds = f"lies_below({left}, {right})" if op in ("<", ">=") else f"lies_below({right}, {left})"
    return holds if op in ("<", ">") else f"(NOT {holds})"


def elapsed(fact: str, op: Op, day: str, pack: Pack, number_name: str | None) -> str:
    """The time since a beginning that lies between two days (NULL: unbounded), against a duration, by the calendar."""
    assert op in OPS
    ends = [
        f"coalesce({day} {op} {moved('later', f'{fact}.{end}', pack, number_name)}, {str(op in ('>', '>=')).lower()})"
        for end in ("first_day", "last_day")
    ]
    return f"(CASE WHEN {fact}.begun AND {ends[0]} = {ends[1]} THEN {ends[0]} END)"
