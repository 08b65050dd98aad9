"""The chart in sentences, for those who do not see it: title and description."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from countwell.paper.course import Happening, Step, step_words
from countwell.paper.limits import band_of
from countwell.paper.plain import day, listing, with_unit
from countwell.paper.series import Point, Series
from countwell.paper.words import POINTS, WHY, shown


def title(series: Sequence[Series], as_of: date) -> str:
    """The picture in one sentence: the newest value that lies in a band, else the first panel's."""
    told = sorted((one for one in series if one.latest is not None), key=_gravity)
    if not told:
        return f"No blood test on record by {day(as_of)}."
    return f"{_sentence(told[0])} As of {day(as_of)}."


def _gravity(one: Series) -> int:
    found = band_of(one.latest.span, one.limits) if one.latest else None
    return found.rank.place if found else 100


def _sentence(one: Series) -> str:
    latest = one.latest
    assert latest is not None
    words = f"{one.display} {_value(latest, one)} on {day(latest.day)}"
    first = next((point for point in one.points if point.joined and point is not latest), None)
    if first is not None:
        words += f", {first.text} on {day(first.day)}"
    found = band_of(latest.span, one.limits)
    return f"{words}: {found.rank.words.lower()} {found.words} ({found.layer})." if found else f"{words}."


def _value(point: Point, one: Series) -> str:
    if point.span is None or point.kind == "span":
        return f"not known ({shown(WHY, point.why or point.kind)}; sent: {point.as_sent})"
    return with_unit(point.text, one.unit)


def description(series: Sequence[Series], steps: Sequence[Step], events: Sequence[Happening], known: str) -> str:
    """Range and count of draws, first to last for each panel; corrections, what is not known; dose, holds, events."""
    parts = [*(words for one in series for words in _panel(one)), *_dose(steps), *_events(events)]
    return " ".join([f"As known on {known}.", *parts])


def _panel(one: Series) -> Iterator[str]:
    stand = [point for point in one.points if not point.struck and point.kind != "withdrawn"]
    if not stand:
        return
    first, last = stand[0], stand[-1]
    period, values = f"{day(first.day)} to {day(last.day)}", f"{_value(first, one)} to {_value(last, one)}"
    yield f"{one.display}: {len(stand)} results from {period}, {values}."
    if one.limits:
        yield f"Limits: {listing([f'{limit.rank.words.lower()} {limit.words}' for limit in one.limits])}."
    for point in stand:
        if point.was is not None:
            yield f"{day(point.day)}: {point.was} was corrected to {point.text}."
        elif point.kind not in ("exact", "corrected") and point is not last:
            yield f"{day(point.day)}: {shown(POINTS, point.kind)}, sent as {point.as_sent}."


def _dose(steps: Sequence[Step]) -> Iterator[str]:
    words = [f"{step_words(step)} from {day(step.day)}" for step in steps]
    if words:
        yield f"Dose: {', '.join(words)}."


def _events(events: Sequence[Happening]) -> Iterator[str]:
    told = [f"{day(event.day)} {event.words}" for event in events]
    if told:
        yield f"Events: {'; '.join(told)}."
