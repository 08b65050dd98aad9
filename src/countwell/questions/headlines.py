"""The first sentence of each answer. A hold, a stop or a death comes before everything else, whatever was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from countwell.engine.decide import Decided
from countwell.engine.tell import course_in_words, headline
from countwell.engine.words import (
    advice_in_words,
    day_in_words,
    days_in_words,
    display_of,
    finding_in_words,
    group_in_words,
    value_in_words,
)
from countwell.model.answers import DueGroup
from countwell.questions.beside import halts_later, late_tests, pending, rested, taken_already, unsettled, unused_inputs

Details = Mapping[str, Any]
SHOWN = 3
METABOLITES = frozenset({"tgn", "mmp"})


def headline_of(question: str, decided: Decided, details: Details, actions: Sequence[str]) -> str:
    """The headline of an answer."""
    standing = course_in_words(decided.course, decided.standing.as_of)
    if decided.over:
        return standing
    own = OWN[question](decided, details) if question in OWN else ""
    today = decided.standing.as_of.day
    review = headline(decided.findings, decided.called_for, unused_inputs(decided), unsettled(decided), today)
    calm = _calm(decided) if "continue" in actions else ""
    late = late_tests(decided) if question != "schedule" else ""
    taking = taken_already(question, decided)
    said = [standing, rested(decided), taking, own, review or (calm if not own else ""), late, halts_later(decided)]
    found = " ".join(sentence for sentence in said if sentence) or _nothing(decided)
    return " ".join([found, *pending(decided)])


def _calm(decided: Decided) -> str:
    if any(row.state in ("due", "overdue", "never-done") for row in decided.schedule):
        return f"Nothing calls for a change. {_schedule(decided, {})}"
    days = [row.due_by for row in decided.schedule if row.due_by is not None]
    following = f" Next tests by {day_in_words(min(days))}." if days else ""
    return f"Tests are in date and nothing calls for a change.{following}"


def _nothing(decided: Decided) -> str:
    if decided.course.state == "proposed":
        return "Azathioprine has not been started."
    return "Nothing further is called for."


def _schedule(decided: Decided, details: Details) -> str:
    rows = [_row(row) for row in decided.schedule]
    return " ".join(rows) or "No schedule of tests is in force."


def _row(row: DueGroup) -> str:
    name = group_in_words(row.group)
    if row.state == "overdue":
        return f"{name}: {days_in_words(row.overdue_days)} late (due by {_day(row)})."
    if row.state == "never-done":
        by = f", due by {day_in_words(row.due_by)}" if row.due_by is not None else ""
        return f"{name}: no complete test yet (missing: {', '.join(row.missing)}){by}."
    return f"{name}: {'due now, at the latest' if row.state == 'due' else 'due by'} {_day(row)}."


def _day(row: DueGroup) -> str:
    return day_in_words(row.due_by) if row.due_by is not None else "now"


def _dose(decided: Decided, details: Details) -> str:
    options = [option["mg_per_day"] for option in details.get("options", [])]
    span = details.get("range_mg_per_day")
    if options and span:
        return f"Range {span[0]} to {span[1]} mg a day; doses that can be made: {', '.join(options)} mg."
    if options:
        return f"Dose that can be given: {', '.join(options)} mg a day."
    reasons = details.get("because") or []
    if reasons:
        return f"No dose can be given: {_bare(reasons[0])}"
    return (
        "No target dose is in force here: the dose is for the prescriber to name."
        if span is None
        else "No dose can be made."
    )


def _bare(reason: str) -> str:
    """A reason without the name of its rule; of several sentences the first, for the findings tell the rest."""
    text = reason.split(" [")[0].split(". ")[0]
    return text if text.endswith(".") else f"{text}."


def _check(decided: Decided, details: Details) -> str:
    mg = details.get("mg_per_day")
    match details.get("accepted"):
        case True:
            if not details.get("confirm"):
                return f"{mg} mg a day is within every limit."
            return (
                f"{mg} mg a day is within every limit. A named person confirms it first: {_bare(details['because'][0])}"
            )
        case None:
            return f"{mg} mg a day keeps every ceiling; no target is in force, so the prescriber judges it."
        case _:
            return f"{mg} mg a day is refused: {_bare(details['because'][0])}"


def _restart(decided: Decided, details: Details) -> str:
    if details["allowed"] is False:
        return "Not to be given again as things stand: " + " ".join(
            _bare(reason) for reason in details["because"][:SHOWN]
        )
    return "A restart is the prescriber's decision; no rule here stands against it."


def _split(decided: Decided, details: Details) -> str:
    parts = details.get("parts_mg")
    if details.get("accepted") is False:
        return _check(decided, details)
    if not parts and (decided.course.state != "active" or decided.at_least.at_least("hold")):
        return "Dividing the dose is not the answer now."
    if not parts:
        return "This dose cannot be divided with the tablets recorded: ask the prescriber."
    return f"The day's dose in two parts: {parts[0]} mg and {parts[1]} mg. The total stays."


def _missed(decided: Decided, details: Details) -> str:
    take = details.get("take_mg")
    if decided.course.state != "active" or decided.at_least.at_least("hold"):
        return "Do not take the missed dose, nor the next one until the team has spoken to you."
    if take not in (None, "0"):
        return f"Take the missed {take} mg today, then go on as usual. Never two doses at once."
    if take is None:
        return "What a single dose is, or what was taken today, is not known: ask before taking the missed dose."
    return "Leave the missed dose out and go on as usual. Never two doses at once."


def _supply(decided: Decided, details: Details) -> str:
    words = {
        "release": "The repeat may be released",
        "short": "Release a short supply only",
        "withhold": "Do not release the repeat",
    }
    until = details.get("until")
    by = f", until {day_in_words(date.fromisoformat(until))}" if until else ""
    reasons = details.get("because") or [""]
    return f"{words[details['supply']]}{by}. {reasons[0]}".strip()


def _travel(decided: Decided, details: Details) -> str:
    if details.get("tablets_needed") is None:
        return "How many tablets to carry cannot be worked out: the dose or the tablets are not recorded."
    return (
        f"Carry {details['tablets_needed']} tablets for {details['days']} days and the reserve: "
        f"{details['bag_one']} in one bag, {details['bag_two']} in the other."
    )


def _response(decided: Decided, details: Details) -> str:
    words = {
        "too-early": "It is too early to judge the effect.",
        "within": "An effect is to be expected in this time.",
        "past": "The time in which an effect was to be expected is over.",
        "after-stop": "Azathioprine is no longer taken; its effect may last for some months.",
        "not-stated": "No time to response is stated.",
    }
    return words[details["state"]]


def _pregnancy(decided: Decided, details: Details) -> str:
    days = details.get("wait_until")
    if not days:
        return ""
    return f"The waiting time ends on {day_in_words(date.fromisoformat(max(days)))} at the latest."


def _said(decided: Decided, details: Details) -> str:
    """The questions that packs answer in their own words."""
    keys = set(details.get("changed", []))
    if decided.standing.asked.question == "medicine" and not keys and not decided.refused:
        name = decided.standing.asked.details.get("name", "it")
        return f"{name[:1].upper()}{name[1:]}: no rule here speaks against it beside azathioprine."
    today = decided.standing.as_of.day
    told = [
        finding_in_words(f, today)
        for f in decided.findings
        if f"{f.layer}/{f.table}/{f.rule}" in keys and f.holds == "yes"
    ]
    return " ".join(dict.fromkeys(told[1:] if _leads(decided, keys) else told))


def _leads(decided: Decided, keys: set[str]) -> bool:
    """Whether the review's own headline already begins with the first of them."""
    sure = [f for f in decided.findings if f.holds == "yes" and f.accepted is None]
    leads = bool(sure) and f"{sure[0].layer}/{sure[0].table}/{sure[0].rule}" in keys
    return leads and bool(advice_in_words(decided.called_for, decided.standing.as_of.day))


def _metabolites(decided: Decided, details: Details) -> str:
    packs = decided.standing.joined.packs
    read = [(pack, fact) for pack in packs for fact in pack.facts.values() if METABOLITES & set(fact.of)]
    if not read:
        return "Thiopurine metabolites are shown as sent; no pack in force interprets them."
    values = {display_of(fact): decided.standing.facts.value(pack, fact.name) for pack, fact in read}
    told = [f"{name} {value_in_words(value)}" for name, value in values.items() if value.as_sent is not None]
    return f"{', '.join(told)}." if told else "Neither 6-TGN nor 6-MMP has been sent."


OWN: Mapping[str, Callable[[Decided, Details], str]] = {
    "schedule": _schedule,
    "dose": _dose,
    "start": _dose,
    "check-dose": _check,
    "restart": _restart,
    "split": _split,
    "missed-dose": _missed,
    "supply": _supply,
    "travel": _travel,
    "response": _response,
    "pregnancy": _pregnancy,
    "medicine": _said,
    "vaccine": _said,
    "lifestyle": _said,
    "metabolites": _metabolites,
}
