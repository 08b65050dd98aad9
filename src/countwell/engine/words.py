"""Words for values, dates, advice and findings. English now; every word stands here or in a pack. Nothing here decides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from countwell.model.advice import Advice
from countwell.model.answers import Finding
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import groups, tests

MONTHS = "January February March April May June July August September October November December".split()
_SLOT = re.compile(r"\{([a-z][a-z0-9_-]*)\}")

DRUG_WORDS = {
    "continue": "continue",
    "do-not-raise": "do not raise the dose",
    "reduce": "reduce the dose",
    "hold": "hold azathioprine",
    "stop": "stop azathioprine",
}
PATIENT_WORDS = {
    "tell": "tell the patient",
    "phone": "phone the patient",
    "seen-today": "the patient is to be seen today",
    "emergency": "emergency: the patient goes to hospital now",
}
PRESCRIBER_WORDS = {
    "this-week": "tell the prescriber this week",
    "today": "ask the prescriber today",
    "now": "call the prescriber now",
}


_OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "drug": DRUG_WORDS,
    "patient": PATIENT_WORDS | {"none": "nothing to the patient"},
    "prescriber": PRESCRIBER_WORDS | {"none": "nothing to the prescriber"},
    "clear": {"nothing": "that there is something to do", "nothing to do": "that there is nothing to do"},
}
_DOSES = {
    "dose first": "first dose",
    "dose target from": "target of at least",
    "dose target to": "target of at most",
    "dose ceiling": "highest dose",
    "dose step": "rise by",
    "words": "the word",
}


def outcome_in_words(outcome: str) -> str:
    """One part of an outcome as the proofs name it (`drug hold`, `due cbc every 2 weeks`) as a clause for people.

    >>> outcome_in_words("drug hold"), outcome_in_words("due cbc every nothing"), outcome_in_words("dose ceiling 3 mg/kg/day")
    ('hold azathioprine', 'no blood count again and again', 'highest dose 3 mg/kg/day')
    """
    part, _, rest = outcome.partition(" ")
    if part in _OUTCOMES:
        return _OUTCOMES[part].get(rest, rest)
    if part == "due":
        return _due_in_words(*rest.split(" ", 2))
    named = next((name for name in _DOSES if outcome.startswith(f"{name} ")), None)
    if named is None:
        return outcome
    said = outcome.removeprefix(named).strip()
    return f"no {_DOSES[named].removeprefix('the ')}" if said == "nothing" else f"{_DOSES[named]} {said}"


def _due_in_words(group: str, how: str, what: str) -> str:
    name = group_in_words(group)
    name = name if name[1:2].isupper() else name[:1].lower() + name[1:]
    if what == "nothing":
        return f"no {name} {'again and again' if how == 'every' else 'asked for'}"
    return f"{name} {how} {what}"


def day_in_words(day: date) -> str:
    """A day as people write it: 1 March 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def number_in_words(value: Decimal) -> str:
    """A number without superfluous zeros: doses are never written 50.0."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def display_of(definition: FactDefinition) -> str:
    """What people call the thing a fact is about."""
    name = definition.of[0] if definition.of else definition.name
    if name in tests():
        return " or ".join(tests()[test].display for test in definition.of)
    if name in symptoms():
        return symptoms()[name].display
    return name.replace("-", " ")


def group_in_words(name: str) -> str:
    """What people call a group of tests."""
    if name in groups():
        return groups()[name].display
    return tests()[name].display if name in tests() else name


def value_in_words(value: Value) -> str:
    """A fact's value as it was sent, with its date."""
    if value.as_sent is None:
        return "not known"
    sent = value.as_sent.replace(" Cel", " °C").replace("[degF]", "°F")
    if value.origin is not None:
        return f"since {day_in_words(value.origin[1])}" if value.origin[1] is not None else "since an unknown day"
    return f"{sent} on {day_in_words(value.at.day)}" if value.at is not None else sent


def fill(sentence: str, values: Mapping[str, Value]) -> str:
    """A pack's sentence with its slots filled."""
    return _SLOT.sub(lambda slot: value_in_words(values[slot[1]]) if slot[1] in values else slot[0], sentence)


def advice_in_words(advice: Advice, today: date) -> str:
    """What is called for, worst first, as one clause; a date that has passed is late."""
    return ", ".join(advice_parts(advice, today))


def advice_parts(advice: Advice, today: date) -> list[str]:
    """The same, part by part. While the drug is not taken there is nothing to hold or stop."""
    parts = [
        PATIENT_WORDS.get(advice.patient, "") if advice.patient in ("seen-today", "emergency") else "",
        DRUG_WORDS[advice.drug] if advice.drug != "continue" and not advice.paused else "",
        *(_test_in_words(group, day, today) for group, day in sorted(advice.tests.items())),
        *(f"{precaution} precautions" for precaution in sorted(advice.precautions)),
        PRESCRIBER_WORDS.get(advice.prescriber, ""),
        PATIENT_WORDS.get(advice.patient, "") if advice.patient in ("tell", "phone") else "",
    ]
    return [part for part in parts if part]


def _test_in_words(group: str, day: date, today: date) -> str:
    late = (today - day).days
    shown = group_in_words(group)
    name = shown if shown.isupper() else shown.lower()
    if late == 0:
        return f"{name} today"
    return f"{name} by {day_in_words(day)}" if late < 0 else f"{name} now ({days_in_words(late)} late)"


def days_in_words(count: int) -> str:
    """1 day, 2 days."""
    return f"{count} day" if count == 1 else f"{count} days"


def finding_in_words(finding: Finding, today: date) -> str:
    """A finding's own sentence for a clinician, else its table and what it calls for."""
    sentence = finding.tell.get("clinician")
    if sentence:
        return sentence
    called = advice_in_words(finding.advice, today)
    return f"{finding.table.replace('-', ' ').capitalize()}: {called or finding.rule.replace('-', ' ')}."
