"""Why a rule never held: what its condition needs that no patient of the register has, read from the condition itself.

Nothing missing: the register contains all that the rule reads, and the rule was too rare, or wants looking at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from countwell.model.pack import FactDefinition, Pack
from countwell.model.rules import And, Compare, Condition, Holds, IsWord, Or
from countwell.pack.load import load
from countwell.simulate.laboratory import laboratory
from countwell.simulate.parameters import Parameters
from countwell.vocabulary.medicines import medicine

PROTOCOLS = ("cidp", "mg", "aih")
STATES = frozenset({"active", "held"})
GENES = frozenset({"normal", "intermediate", "untested"})
CIRCUMSTANCES = frozenset({"pregnant"})
OF_TESTS = ("latest", "highest", "change", "streak", "baseline")
NOWHERE = {"history": "an illness of the past", "label": "a pharmacy label", "vaccinated": "a vaccination",
           "pending": "a test ordered and not back", "asked": "a question", "missed": "a missed dose"}  # fmt: skip
REDUCED = "a dose reduced without a hold"  # the simulated staff hold, and restart at half
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Contents:
    """What there is in a register."""

    symptoms: frozenset[str]
    medicines: tuple[str, ...]
    tests: frozenset[str]
    reasons: frozenset[str]

    def lacks(self, pack: Pack, condition: Condition) -> frozenset[str]:
        """What a condition needs and no patient has; empty if it could hold."""
        match condition:
            case And(of):
                return frozenset().union(*(self.lacks(pack, part) for part in of))
            case Or(of):
                parts = [self.lacks(pack, part) for part in of]
                return NOTHING if NOTHING in parts else frozenset().union(*parts)
            case Compare(fact):
                return self._of_fact(pack, pack.facts[fact])
            case Holds(fact, negated):
                return NOTHING if negated else self._of_fact(pack, pack.facts[fact])
            case IsWord(fact, words, negated):
                return NOTHING if negated else self._of_words(pack.facts[fact], words)
            case _:
                return NOTHING

    def _of_words(self, fact: FactDefinition, words: frozenset[str]) -> frozenset[str]:
        known = {"state": STATES, "gene": GENES, "reason": self.reasons}.get(fact.kind)
        return NOTHING if known is None or known & words else frozenset({f"{fact.kind}: {' or '.join(sorted(words))}"})

    def _of_fact(self, pack: Pack, fact: FactDefinition) -> frozenset[str]:
        if fact.kind in NOWHERE:
            return frozenset({NOWHERE[fact.kind]})
        if fact.kind == "since" and fact.of == ("reduce",):
            return frozenset({REDUCED})
        if fact.kind == "baseline":
            return self._of_fact(pack, pack.facts[fact.of[0]])
        if self._has(fact):
            return NOTHING
        detail = " with details" if fact.params.get("with-any") and self.symptoms & set(fact.of) else ""
        return frozenset({f"{'test' if fact.kind in OF_TESTS else fact.kind}{detail}: {' or '.join(fact.of)}"})

    def _has(self, fact: FactDefinition) -> bool:
        match fact.kind:
            case "symptom":
                return not fact.params.get("with-any") and bool(self.symptoms & set(fact.of))
            case "medicine":
                return any(medicine(name).is_a(wanted) for name in self.medicines for wanted in fact.of)
            case "circumstance":
                return bool(CIRCUMSTANCES & set(fact.of))
            case kind if kind in OF_TESTS:
                return bool(self.tests & set(fact.of))
            case _:
                return True


def contents(given: Parameters) -> Contents:
    """What there is in the register of these parameters."""
    told = [name for row in given["episodes"].values() for name in row.get("told", {})]
    staff = given["staff"]
    paused = {"none", "leucopenia", "liver", *staff["pause_for"].values()} - set(staff["off_for_good"])
    return Contents(
        symptoms=frozenset({*given["symptoms"], *told}),
        medicines=tuple(given["medicines"]),
        tests=frozenset(test for name in PROTOCOLS for test in laboratory().panels[name]) | {"lipase"},
        reasons=frozenset(paused),
    )


def rules_of_packs() -> Mapping[str, tuple[Pack, Condition]]:
    """Every rule that gives advice in the packs of the three conditions, by its full name."""
    return dict(_rules())


def _rules() -> Iterator[tuple[str, tuple[Pack, Condition]]]:
    for protocol in PROTOCOLS:
        for pack in load(protocol, None).packs:
            for table in pack.tables:
                for rule in table.rules:
                    if rule.advice is not None and not table.asks:
                        yield f"{pack.name}/{table.name}/{rule.name}", (pack, rule.when)


def silent(held: set[str], given: Parameters) -> dict[str, list[str]]:
    """The rules that never held, by what they lack; under an empty text those that lack nothing."""
    there, found = contents(given), {}
    for name, (pack, condition) in sorted(rules_of_packs().items()):
        if name not in held:
            lacking = "; ".join(sorted(there.lacks(pack, condition)))
            found.setdefault(lacking, []).append(name)
    return found
