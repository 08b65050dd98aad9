"""What is not known and matters: which facts keep the advice open, why, and the one thing that would settle each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from countwell.engine.outcomes import State
from countwell.engine.standing import Standing
from countwell.engine.words import display_of
from countwell.model.advice import LADDERS, Advice, join
from countwell.model.answers import Unknown
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition


def unknowns(standing: Standing, at_least: Advice) -> list[Unknown]:
    """One entry for each answer that would narrow the advice."""
    open_states = [
        state
        for placed in standing.awake
        for state in standing.outcome(placed).states
        if state.truth is None and state.accepted is None and _widens(at_least, state)
    ]
    entries: dict[tuple[str, str], tuple[FactDefinition, Value, list[State]]] = {}
    for state in open_states:
        for definition, value in _open_facts(standing, state):
            why = value.why or "missing"
            entries.setdefault((subject(definition), why), (definition, value, []))[2].append(state)
    return [_entry(definition, value, at_least, states) for definition, value, states in entries.values()]


def _widens(at_least: Advice, state: State) -> bool:
    return state.placed.rule.advice is not None and join([at_least, state.placed.rule.advice]) != at_least


def _open_facts(standing: Standing, state: State) -> Iterator[tuple[FactDefinition, Value]]:
    pack = state.placed.pack
    for atom in state.placed.atoms:
        if standing.truth(atom) is None:
            for name in atom.facts:
                yield pack.facts[name], standing.facts.value(pack, name)


def subject(definition: FactDefinition) -> str:
    """What one answer would settle: a test, a symptom, a list."""
    match definition.kind:
        case "medicine":
            return "medicines"
        case "history":
            return "history"
        case "change" | "streak" | "latest":
            return definition.of[0]
        case "highest" | "baseline":
            return definition.name
        case _:
            return definition.of[0] if definition.of else definition.name


def _entry(definition: FactDefinition, value: Value, at_least: Advice, states: Iterable[State]) -> Unknown:
    at_most = join([at_least, *(s.placed.rule.advice for s in states if s.placed.rule.advice is not None)])
    part = (
        next(part for part in LADDERS if getattr(at_most, part) != getattr(at_least, part))
        if _ladders_differ(at_least, at_most)
        else "precautions"
    )
    widens = f"{part}: {getattr(at_least, part)} … {getattr(at_most, part)}" if part in LADDERS else part
    return Unknown(subject(definition), value.why or "missing", settle(definition, value), widens)


def _ladders_differ(one: Advice, other: Advice) -> bool:
    return any(getattr(one, part) != getattr(other, part) for part in LADDERS)


def _details(definition: FactDefinition) -> list[str]:
    """What else is asked about a symptom."""
    words = definition.params.get("with-any")
    return [word.replace("-", " ") for word in words] if isinstance(words, tuple) else []


def _in_sentence(display: str) -> str:
    """A display name inside a sentence: small letters, but ALT stays ALT."""
    return " ".join(word if word.isupper() else word.lower() for word in display.split(" "))


def settle(definition: FactDefinition, value: Value) -> str:
    """The one thing that would make a fact known."""
    what = _in_sentence(display_of(definition))
    match definition.kind, value.why:
        case (("medicine" | "history"), _):
            listed = "medicines" if definition.kind == "medicine" else "past illnesses"
            return f"Go through the list of {listed} with the patient."
        case "symptom", _ if (details := _details(definition)) and value.events:
            return f"Ask the patient about {what}: {' or '.join(details)}?"
        case (("symptom" | "circumstance"), _):
            return f"Ask the patient: {what}?"
        case "label", _:
            return "Read the dose on the pharmacy label."
        case "vaccinated", _:
            return "Ask which vaccine product was given."
        case "condition", _:
            return "Record the condition that is treated."
        case "baseline", _:
            return "The result from before the first dose."
        case _, "no-upper-limit":
            return f"The result of {what} with the laboratory's upper limit."
        case _, "preliminary":
            return f"The final result of {what}."
        case _, "disputed":
            return f"Ask the laboratory which {what} is right."
        case "latest" | "highest" | "change" | "streak", _:
            return f"A new result of {what}."
        case "gene", _:
            return f"The result of {what}."
        case "dose", _:
            return "The daily dose and a recent weight."
        case _:
            return f"{what[:1].upper()}{what[1:]}."
