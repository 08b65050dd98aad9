"""What is known of one fact as of an instant: a span or some words, with its date and the events behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from countwell.base.dates import Duration, Moment, add
from countwell.base.spans import EVERYTHING, NO, YES, YES_OR_NO, Op, Span, Truth, compare

WHY = (
    "missing lapsed pending preliminary unreadable no-unit ambiguous-unit implausible no-upper-limit censored "
    "disputed withdrawn invalid-sample not-asked too-early"
).split()


@dataclass(frozen=True, slots=True)
class Value:
    """One fact's value.

    span: of numbers; yes/no facts are 1 and 0. words: of word facts, every word still possible.
    origin: of time-since facts, the earliest and latest day it can have begun (None: unbounded); `until` is as of when.
    at: date of the newest event behind it; events: their refs. why: the reason it is not exactly known.
    silent: nothing requires it and nobody sent or asked it. several: `words` all hold at once (reasons of all stops).
    was: of a value that has lapsed, what it was while it vouched.
    parts: of a value made of several results, when each was collected and what it says alone (a lapsed one: what it said).
    """

    span: Span = EVERYTHING
    words: frozenset[str] | None = None
    origin: tuple[date | None, date | None] | None = None
    until: date | None = None
    unit: str = ""
    at: Moment | None = None
    events: tuple[str, ...] = ()
    as_sent: str | None = None
    why: str | None = None
    silent: bool = False
    several: bool = False
    was: Span | None = None
    parts: tuple[tuple[Moment, Span], ...] = ()

    def elapsed(self, op: Op, duration: Duration) -> Truth:
        """Compare time since `origin` with a duration, by the calendar: `<` is as-of before origin + duration."""
        assert self.origin is not None and self.until is not None
        return _for_both_ends(self.origin, self.until, duration, op)

    def open_before(self, op: Op, limit: Decimal) -> bool:
        """Whether a value that has lapsed left this comparison open while it still vouched."""
        return self.was is not None and compare(self.was, op, limit) is None


def _for_both_ends(origin: tuple[date | None, date | None], until: date, duration: Duration, op: Op) -> Truth:
    first = _elapsed(origin[0], until, duration, op)
    last = _elapsed(origin[1], until, duration, op)
    return first if first == last else None


def _elapsed(begin: date | None, until: date, duration: Duration, op: Op) -> Truth:
    if begin is None:
        return op in (">", ">=")
    due = add(begin, duration, "later")
    match op:
        case "<":
            return until < due
        case "<=":
            return until <= due
        case ">":
            return until > due
        case ">=":
            return until >= due


SILENT = Value(silent=True, why="not-asked")
SILENT_YES_NO = Value(span=YES_OR_NO, silent=True, why="not-asked")


def compare_value(value: Value, op: Op, limit: Decimal, duration: Duration | None) -> Truth:
    """Compare a fact with a named number: by the calendar for times, else by the span."""
    if value.origin is not None and duration is not None:
        return value.elapsed(op, duration)
    return compare(value.span, op, limit)


def is_yes(value: Value) -> Truth:
    """Whether a yes/no fact is yes."""
    span = value.span
    if span is YES or span is NO or span is YES_OR_NO:
        return None if span is YES_OR_NO else span is YES
    return True if span == YES else (False if span == NO else None)


def is_word(value: Value, words: frozenset[str]) -> Truth:
    """Whether a word fact is one of these words."""
    possible = value.words
    if possible is None:
        return None
    if value.several:
        return bool(possible & words)
    if possible <= words:
        return True
    return None if possible & words else False
