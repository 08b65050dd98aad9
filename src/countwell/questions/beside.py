"""Sentences that stand beside every answer: what decisions rested on, what is waited for, late, not used or not known yet."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.engine.decide import Decided, may_have_stopped
from countwell.engine.unknowns import subject
from countwell.engine.words import (
    day_in_words,
    days_in_words,
    display_of,
    group_in_words,
    number_in_words,
)
from countwell.model.answers import DueGroup, NotUsed
from countwell.model.records import Decision, Died
from countwell.vocabulary.tests import tests


def rested(decided: Decided) -> str:
    """The last decision in force that rested on a result which another one has put aside."""
    timeline = decided.standing.past.timeline(decided.standing.known_at)
    put_aside = {replaced.reading.ref: replaced for replaced in timeline.put_aside}
    course = decided.standing.facts.course
    in_force = {decision.ref: decision for decision in (course.run, course.change, course.halt) if decision is not None}
    rests = [(ref, item.event) for item in decided.superseded for ref in item.decisions if ref in in_force]
    told = [(in_force[ref], put_aside[event]) for ref, event in rests]
    if not told:
        return ""
    decision, replaced = max(told, key=lambda pair: (pair[0].at.at, pair[0].ref))
    now = "withdrawn since" if replaced.by.withdrawn else f"since corrected to {replaced.by.as_sent}"
    was = f"{tests()[replaced.reading.test].display} {replaced.reading.as_sent}"
    return f"The {decision.do} of {day_in_words(decision.at.day)} rested on {was}, {now}: tell those who acted on it."


def pending(decided: Decided) -> Iterator[str]:
    """Results that are waited for, unless the review has named them already."""
    packs = {pack.name: pack for pack in decided.standing.joined.packs}
    waited = ((f, b) for f in decided.findings if f.holds != "yes" for b in f.because if b.why == "pending")
    named = dict.fromkeys(_named(decided, subject(packs[f.layer].facts[b.fact])) for f, b in waited)
    open_ = unsettled(decided)
    return (f"{name[:1].upper()}{name[1:]} pending." for name in named if name not in open_)


def taken_already(question: str, decided: Decided) -> str:
    """Asked whether it may be begun, while it is being taken."""
    if question not in ("start", "restart") or decided.course.state != "active":
        return ""
    mg = decided.course.mg_per_day
    return f"Azathioprine is being taken already{f' ({number_in_words(mg)} mg a day)' if mg is not None else ''}."


def halts_later(decided: Decided) -> str:
    """A hold, a stop or a death dated after the instant asked about: a plan, or a slip of the date."""
    past, as_of = decided.standing.past, decided.standing.as_of
    halts = [(d.at, d.do) for d in past.of(Decision) if d.do in ("hold", "stop")] + [
        (d.at, "death") for d in past.of(Died)
    ]
    at, what = min(((at, what) for at, what in halts if at.at > as_of.at), default=(None, ""))
    if at is None:
        return ""
    return f"A {what} is recorded for {day_in_words(at.day)}, later than asked about: not yet in force."


def late_tests(decided: Decided) -> str:
    """The groups of tests that are late, and by how much."""
    late = [row for row in decided.schedule if row.overdue_days > 0]
    rows = [f"{group_in_words(row.group)}{_missing(row)} {days_in_words(row.overdue_days)} late" for row in late]
    return f"{'; '.join(rows)}." if rows else ""


def _missing(row: DueGroup) -> str:
    """Which tests of the group have never come."""
    names = [" or ".join(group_in_words(part) for part in name.split(" or ")) for name in row.missing]
    return f" (no {', '.join(names)})" if names else ""


def unused_inputs(decided: Decided) -> str:
    """Of the inputs that were not used what is critical, and what may be a stop; else the first."""
    if not decided.input_wanting:
        return ""
    critical = next((item for item in decided.refused if item.critical), None)
    lost = next((item for item in decided.refused if may_have_stopped(item)), None)
    told = [item for item in (critical, lost) if item is not None] or decided.refused[:1]
    return " ".join(map(_not_used, dict.fromkeys(told)))


def _not_used(item: NotUsed) -> str:
    lost = may_have_stopped(item)
    when = " today" if item.critical or lost else ""
    display = tests()[item.test].display if item.test is not None and item.test in tests() else ""
    name = f"{display} " if display and display not in item.says else ""
    name = name or (f"{item.kind} " if item.kind not in (None, "result") else "")
    until = " Nothing is released until it is known." if lost else ""
    doubt = "In doubt" if item.field in ("do", "received") and item.kept else "Not used"
    return f"{doubt}: {name}{item.as_sent}. {item.says} Tell the {item.tell}{when}.{until}"


def unsettled(decided: Decided) -> str:
    """Between which ends the drug part lies, and what would settle it."""
    low, high = decided.at_least.drug, decided.at_most.drug
    if low == high or not decided.unknown:
        return ""
    widest = next(
        (u for u in decided.unknown if u.widens.startswith("drug") and u.widens.endswith(high)), decided.unknown[0]
    )
    open_ = f"{_named(decided, widest.fact)} not known ({widest.why})"
    return f"Cannot say yet: from {low} to {high}, because {open_}. {widest.settle}"


def _named(decided: Decided, fact: str) -> str:
    """A fact as people call it, with its verb."""
    if fact in ("medicines", "history"):
        return f"the list of {'medicines' if fact == 'medicines' else 'past illnesses'} is"
    shown = _display(decided, fact)
    if " or " in shown:
        return f"{shown} is"
    return f"{shown if shown.isupper() else shown.lower()} {'are' if shown.endswith('s') else 'is'}"


def _display(decided: Decided, fact: str) -> str:
    if fact in tests():
        return tests()[fact].display
    definitions = (pack.facts[fact] for pack in decided.standing.joined.packs if fact in pack.facts)
    return next((display_of(definition) for definition in definitions), fact.replace("_", " ").replace("-", " "))
