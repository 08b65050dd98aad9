"""Facts about what reached the patient beside the decisions: vaccines that were given, and what the pharmacy label says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from countwell.base.dates import before
from countwell.base.errors import Unreadable
from countwell.base.spans import NO, YES, YES_OR_NO, Truth
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition, Pack
from countwell.model.records import Kept, Vaccination
from countwell.vocabulary import lists
from countwell.vocabulary.numbers import read_number
from countwell.vocabulary.vaccines import live_vaccines

if TYPE_CHECKING:
    from countwell.facts.of_patient import Facts

DOUBLE = 2
# A vaccine that is only asked about is supposed, not given.
SUPPOSED = "supposed "


def vaccinated(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether a live vaccine was given within that time. What no list knows, or covers two products, is refused before."""
    duration = pack.numbers[str(definition.param("within"))].duration
    assert duration is not None
    first = before(facts.as_of.day, duration)
    given = [v for v in facts.past.of(Vaccination) if v.at.at <= facts.as_of.at and v.at.day >= first]
    live = [v for v in given if v.vaccine in live_vaccines() and not v.ref.startswith(SUPPOSED)]
    if not live:
        return Value(NO)
    newest = max(live, key=lambda v: (v.at.at, v.ref))
    names = ", ".join(dict.fromkeys(v.vaccine for v in live))
    return Value(YES, at=newest.at, events=tuple(v.ref for v in live), as_sent=names)


def label(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether the newest label since the dose was last decided says another dose (`differs`), or twice as much (`doubled`)."""
    newest = _newest_label(facts)
    if newest is None:
        return Value(NO)
    truth = _is_doubled(facts, newest) if definition.of[0] == "doubled" else _differs(facts, newest)
    why = "missing" if truth is None else None
    span = YES_OR_NO if truth is None else (YES if truth else NO)
    return Value(span, at=newest.at, events=(newest.ref,), as_sent=_as_sent(newest), why=why)


def _newest_label(facts: Facts) -> Kept | None:
    """The newest label that is not older than the dose now in force; None if there is none."""
    change = facts.course.change
    if change is None:
        return None
    labels = [
        (k.at.at, k.ref, k)
        for k in facts.past.of(Kept)
        if k.kind == "label" and k.at is not None and k.at.at <= facts.as_of.at and k.at.day >= change.at.day
    ]
    return max(labels)[2] if labels else None


def _differs(facts: Facts, newest: Kept) -> Truth:
    """Another dose a day, or another frequency; what only one of the two says cannot differ."""
    answers = [_other_dose(facts, newest), _other_frequency(facts, newest)]
    return True if True in answers else (None if None in answers else False)


def _other_dose(facts: Facts, newest: Kept) -> Truth:
    written, decided = _mg(newest), facts.course.mg_per_day
    return None if written is None or decided is None else written != decided


def _other_frequency(facts: Facts, newest: Kept) -> Truth:
    sent, decided = newest.content.get("frequency"), facts.course.frequency
    if sent is None or decided is None:
        return False
    written = lists.named("frequencies", str(sent))
    return None if written is None else written != decided


def _is_doubled(facts: Facts, newest: Kept) -> Truth:
    written, decided = _mg(newest), facts.course.mg_per_day
    return None if written is None or decided is None else written >= DOUBLE * decided


def _mg(newest: Kept) -> Decimal | None:
    """The dose a day on the label in mg; None if there is none, or none that can be read."""
    try:
        comparator, mg = read_number(str(newest.content.get("mg_per_day", "")))
    except Unreadable:
        return None
    return mg if comparator is None else None


def _as_sent(newest: Kept) -> str:
    said = [f"{newest.content['mg_per_day']} mg a day"] if "mg_per_day" in newest.content else []
    said += [str(newest.content["frequency"])] if "frequency" in newest.content else []
    return ", ".join(said) or "no dose"
