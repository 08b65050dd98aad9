"""One laboratory result, read once: a span in the test's own unit, or the reason why it cannot be used.

Reading knows nothing of other results; which of several counts is the business of `specimens`.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from countwell.base.dates import Duration, Moment, add
from countwell.base.errors import Unreadable
from countwell.base.spans import INFINITY, Span
from countwell.model.records import Refused, Result
from countwell.vocabulary.numbers import read_number
from countwell.vocabulary.quantities import Quantity, read_limit, read_quantity, read_upper_limit
from countwell.vocabulary.tests import test

CACHED = 1 << 15
WITHDRAWN = ("cancelled", "entered-in-error")
CORRECTING = ("corrected", "amended")
A_YEAR = Duration(1, "years")


class Reading(NamedTuple):
    """A result as read. span None: not usable, with `problem`. upper: the laboratory's upper limit in the same unit;
    None also if it is not believed (`limit_problem`).

    doubted: its receipt, if that is a year or more after the collection: a slip of the year. A plain result is then taken as
    known when it was collected, so that no alarm is hidden; what corrects or withdraws another stays unknown until that day.
    """

    ref: str
    test: str
    span: Span | None
    unit: str
    as_sent: str
    value: str
    sent_unit: str | None
    collected: Moment
    known: Moment
    has_received: bool
    status: str
    order: str | None
    lab: str | None
    replaces: str | None
    id: str | None
    version: str | None
    upper: Decimal | None = None
    lower: Decimal | None = None
    problem: Refused | None = None
    doubted: Moment | None = None
    limit_problem: Refused | None = None

    @property
    def withdrawn(self) -> bool:
        """Cancelled, or entered in error: no value, and not a test done."""
        return self.status in WITHDRAWN

    @property
    def preliminary(self) -> bool:
        """May raise the advice, never lower it."""
        return self.status == "preliminary"


def read_result(result: Result) -> Reading:
    """Read one result. `result.test` and `result.collected` are given; everything else may be missing."""
    assert result.test is not None and result.collected is not None
    texts = _read_texts(result.test, result.value, result.unit, result.normal_low, result.normal_high)
    withdrawn = result.status in WITHDRAWN
    unreadable = None if withdrawn else texts.unreadable
    late = doubted(result.collected, result.received)
    received = None if late is not None and is_plain(result) else result.received
    # By place, in the order of the fields above: two hundred times a review, naming them is most of the cost.
    return Reading(
        result.ref,
        result.test,
        None if withdrawn else texts.span,
        texts.unit,
        texts.as_sent,
        result.value or "",
        result.unit,
        result.collected,
        received or result.collected,
        received is not None,
        result.status or "final",
        result.order,
        result.lab,
        result.replaces,
        result.id,
        result.version,
        texts.upper,
        texts.lower,
        _problem(result, texts.as_sent, unreadable) if unreadable is not None else None,
        late,
        _limit_problem(result, texts.doubt) if texts.doubt is not None else None,
    )


def doubted(collected: Moment, received: Moment | None) -> Moment | None:
    """The receipt, if it is a year or more after the collection: a slip of the year."""
    if received is None or received.day.year <= collected.day.year:
        return None
    return received if received.day >= add(collected.day, A_YEAR, "earlier") else None


def is_plain(result: Result) -> bool:
    """Whether a result neither corrects nor withdraws another one."""
    return result.status in ("preliminary", "final", None) and result.replaces is None


class Texts(NamedTuple):
    """What the texts of a result say: its span and limits in the test's own unit, or why its value cannot be read.

    doubt: why its upper limit is not believed, though it can be read.
    """

    span: Span | None
    unit: str
    as_sent: str
    upper: Decimal | None
    lower: Decimal | None
    unreadable: Unreadable | None
    doubt: Unreadable | None


@lru_cache(maxsize=CACHED)
def _read_texts(name: str, value: str | None, unit: str | None, low: str | None, high: str | None) -> Texts:
    """The same few hundred texts come again and again."""
    subject = test(name)
    as_sent = f"{value or ''} {unit or ''}".strip()
    (upper, doubt), lower = _upper_limit(name, high, unit), _lower_limit(name, low, unit)
    if subject.scale != "number":
        return Texts(None, subject.unit, as_sent, upper, lower, None, doubt)
    read = read_span(name, value or "", unit)
    if isinstance(read, Unreadable):
        return Texts(None, subject.unit, as_sent, upper, lower, read, doubt)
    return Texts(*read, as_sent, upper, lower, None, doubt)


@lru_cache(maxsize=CACHED)
def read_span(name: str, value: str, unit: str | None) -> tuple[Span, str] | Unreadable:
    """A test or measure as a span in its own unit, or why it cannot be read."""
    try:
        quantity = read_quantity(name, value, unit)
    except Unreadable as unreadable:
        return unreadable
    return span_of(quantity), quantity.unit


def span_of(quantity: Quantity) -> Span:
    """A quantity of the vocabulary as a span."""
    if quantity.high is None:
        return Span(quantity.low, INFINITY, quantity.low_open, True)
    return Span(quantity.low, quantity.high, quantity.low_open, quantity.high_open)


def _problem(result: Result, as_sent: str, unreadable: Unreadable) -> Refused:
    field = "unit" if unreadable.why in ("no-unit", "ambiguous-unit") else "value"
    return Refused(
        event=result.ref,
        field="unit" if unreadable.why == "implausible" and unreadable.likely else field,
        as_sent=as_sent,
        why=unreadable.why,
        says=unreadable.says,
        do=unreadable.do,
        tell="laboratory desk",
        test=result.test,
        at=result.collected,
        received=result.received,
        literal=unreadable.literal,
        likely=unreadable.likely,
        upper=_plain_limit(result.test, result.normal_high),
        held=unreadable.why in ("no-unit", "ambiguous-unit"),
    )


def _limit_problem(result: Result, doubt: Unreadable) -> Refused:
    """The limit alone is not used; the value beside it is."""
    return Refused(
        event=result.ref,
        field="normal_high",
        as_sent=f"{result.normal_high or ''} {result.unit or ''}".strip(),
        why=doubt.why,
        says=doubt.says,
        do=doubt.do,
        tell="laboratory desk",
        test=result.test,
        at=result.collected,
        received=result.received,
        kept=True,
    )


def _plain_limit(name: str | None, text: str | None) -> Decimal | None:
    """The limit as a bare number, for judging how urgent a value without a usable unit is; None also if it is doubted."""
    try:
        comparator, number = read_number(text or "")
    except Unreadable:
        return None
    believed = name is not None and test(name).is_upper_limit(number)
    return number if comparator is None and believed else None


def _upper_limit(name: str, text: str | None, unit: str | None) -> tuple[Decimal | None, Unreadable | None]:
    """The upper limit of the report, or None, and why it is doubted; one that cannot be read is one that was not sent."""
    try:
        return (read_upper_limit(name, text, unit), None) if text is not None else (None, None)
    except ValueError:
        return None, None
    except Unreadable as unreadable:
        return None, unreadable if unreadable.why == "implausible" else None


def _lower_limit(name: str, text: str | None, unit: str | None) -> Decimal | None:
    try:
        return read_limit(name, text, unit) if text is not None else None
    except (Unreadable, ValueError):
        return None
