"""A pack in sentences: each rule's own condition in words, what follows, and where it stands. No text beside the condition."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.engine.cited import cited
from countwell.engine.words import DRUG_WORDS, PATIENT_WORDS, PRESCRIBER_WORDS, display_of, group_in_words
from countwell.model.advice import Advice
from countwell.model.pack import FactDefinition, Number, Pack
from countwell.model.rules import And, AtLeast, Compare, Condition, Dose, Due, Holds, IsWord, Or, Rule, Table

SIGNS = {"<": "below", "<=": "at or below", ">": "above", ">=": "at or above"}
EVENTS = {
    "run": "the run began",
    "first-start": "the first start",
    "change": "the last change of dose",
    "stop": "the last stop or hold",
    "reduce": "the last reduction",
}
TIME_SIGNS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least"}


def fact_in_words(definition: FactDefinition) -> str:
    """What a fact is about, as the subject of a sentence."""
    what = display_of(definition)
    match definition.kind:
        case "highest":
            return f"the highest of {what}" + (
                ", in upper limits of normal" if definition.param("as") == "limits" else ""
            )
        case "baseline":
            return f"{definition.of[0].replace('_', ' ')} before the first start"
        case "change":
            return f"the {definition.param('direction') or 'rise'} of {what} against {definition.param('against')}"
        case "streak":
            return f"successive {'falls' if definition.param('direction') == 'fall' else 'rises'} of {what}"
        case "since":
            return f"time since {EVENTS[definition.of[0]]}"
        case "done":
            return f"{group_in_words(definition.of[0]).lower()} done" + (" since" if definition.param("after") else "")
        case "vaccinated":
            return "a live vaccine given"
        case "label":
            return "the pharmacy label gives another dose"
        case "recovered":
            return "every one of these tests that was raised is back within its limit"
        case "dose":
            return f"the dose in {definition.of[0]}" + (" before" if definition.param("before") else "")
        case "medicine" | "history" | "symptom" | "circumstance":
            return " or ".join(name.replace("-", " ") for name in definition.of)
        case "gene":
            return definition.of[0]
        case "state" | "condition":
            return f"the {definition.of[0] if definition.kind == 'state' else 'condition'}"
        case _:
            return definition.name.replace("_", " ")


def condition_in_words(pack: Pack, condition: Condition) -> str:
    """A condition as a clause."""
    match condition:
        case And(of):
            return " and ".join(_bracketed(pack, part) for part in of)
        case Or(of):
            return " or ".join(_bracketed(pack, part) for part in of)
        case Compare(fact, op, number, other):
            subject = fact_in_words(pack.facts[fact])
            if other is not None:
                return f"{subject} is {SIGNS[op]} {fact_in_words(pack.facts[other])}"
            limit = pack.numbers[number or ""]
            sign = TIME_SIGNS[op] if limit.duration is not None else SIGNS[op]
            return f"{subject} is {sign} {number_in_words(limit)}"
        case Holds(fact, negated):
            return ("no " if negated else "") + fact_in_words(pack.facts[fact])
        case IsWord(fact, words, negated):
            named = " or ".join(sorted(words))
            return f"{fact_in_words(pack.facts[fact])} is {'not ' if negated else ''}{named}"
        case AtLeast(table, word, negated):
            return f"the table {table} says {'less than' if negated else 'at least'} {word}"
        case _:
            raise AssertionError("conditions of a pack are normal")


def _bracketed(pack: Pack, condition: Condition) -> str:
    words = condition_in_words(pack, condition)
    return f"({words})" if isinstance(condition, And | Or) else words


def number_in_words(number: Number) -> str:
    """A number with its unit."""
    if number.duration is not None:
        return str(number.duration)
    value = format(number.value, "f")
    return f"{value} {number.unit}" if number.unit not in ("count", "gap") else value


def rule_in_words(pack: Pack, rule: Rule) -> str:
    """When … then …, in one sentence."""
    clause = condition_in_words(pack, rule.when)
    if rule.unless is not None:
        clause += f", unless it is known that {condition_in_words(pack, rule.unless)}"
    return f"When {clause}: {follows_in_words(pack, rule)}."


def follows_in_words(pack: Pack, rule: Rule) -> str:
    """All that follows from a rule."""
    return "; ".join(_follows(pack, rule)) or "nothing further"


def _follows(pack: Pack, rule: Rule) -> Iterator[str]:
    if rule.advice is not None:
        yield from _advice(rule.advice)
    if rule.decide_within is not None:
        yield f"decide within {number_in_words(pack.numbers[rule.decide_within])}"
    if rule.due is not None:
        yield due_in_words(pack, rule.due)
    if rule.dose is not None:
        yield from dose_in_words(pack, rule.dose)
    yield from sorted(word.replace("-", " ") for word in rule.words)
    if rule.window is not None:
        ends = [number_in_words(pack.numbers[name]) for name in (rule.window.low, rule.window.high) if name is not None]
        yield f"{' to '.join(ends)} after the {rule.window.after}"


def _advice(advice: Advice) -> Iterator[str]:
    if advice.drug != "continue":
        yield DRUG_WORDS[advice.drug]
    if advice.patient != "none":
        yield PATIENT_WORDS[advice.patient]
    if advice.prescriber != "none":
        yield PRESCRIBER_WORDS[advice.prescriber]
    yield from (f"{precaution} precautions" for precaution in sorted(advice.precautions))


def due_in_words(pack: Pack, due: Due) -> str:
    """Which tests, and how often or how soon."""
    tests = " and ".join(group_in_words(group).lower() for group in due.groups)
    if due.within is not None:
        return f"{tests} within {number_in_words(pack.numbers[due.within])}"
    begin = f", from {number_in_words(pack.numbers[due.from_])}" if due.from_ is not None else ""
    return f"{tests} every {number_in_words(pack.numbers[due.every or ''])}{begin}"


def dose_in_words(pack: Pack, dose: Dose) -> Iterator[str]:
    """Each thing that a dose rule says."""
    numbers = pack.numbers
    if dose.first:
        yield f"first dose {number_in_words(numbers[dose.first])}"
    if dose.target:
        low, high = (numbers[name] for name in dose.target)
        yield f"target {low.value:f} to {number_in_words(high)}"
    if dose.ceiling:
        yield f"never above {number_in_words(numbers[dose.ceiling])}"
    if dose.times and dose.of:
        yield f"never above {numbers[dose.times].value:f} times {fact_in_words(pack.facts[dose.of])}"
    if dose.none:
        yield "no dose"
    if dose.confirm:
        yield f"above {number_in_words(numbers[dose.confirm])} a named person confirms"
    if dose.step and dose.step_every:
        step, apart = (number_in_words(numbers[name]) for name in (dose.step, dose.step_every))
        yield f"raise by at most {step}, at least {apart} apart"


def table_in_words(pack: Pack, table: Table) -> Iterator[tuple[str, str, str]]:
    """Each rule of a table: its name, its sentence, its sources and places."""
    for rule in table.rules:
        places = "; ".join(
            f"{source.id}: {source.at}" + ("" if source.verified else " (not verified)") for source in cited(pack, rule)
        )
        yield rule.name, rule_in_words(pack, rule), places
    if table.clear is not None:
        yield "clear", f"Nothing to do when {condition_in_words(pack, table.clear)}.", ""
