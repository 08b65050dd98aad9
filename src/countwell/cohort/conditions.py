"""Conditions as two plain Python expressions: *surely*, and *possibly* (not ruled out, silence left out).

Over the ends of spans no third truth is needed: `x <= k` is sure as `high <= k` and possible as `low <= k`. Silence, in a
`when`, is false: its ends that say what may be are crossed over (`spans.put`). In an `unless` only what is sure counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from countwell.base.spans import Op
from countwell.cohort.days import DAYS, counted
from countwell.cohort.plan import Placed, Plan
from countwell.cohort.wanted import Fact
from countwell.cohort.words import Words, words_of
from countwell.model.advice import LADDER_OF, RANK
from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Or

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MIRRORED: dict[Op, tuple[str, str]] = {
    "<": ("HIGH", "LOW"),
    "<=": ("HIGH", "LOW"),
    ">": ("LOW", "HIGH"),
    ">=": ("LOW", "HIGH"),
}
_PART = {"drug": "DRUG", "patient": "PATIENT", "prescriber": "PRESCRIBER"}


def constant(fact: Fact) -> str:
    """The name of a fact in generated text: its own and its number, so that no two are alike and none is a word of Python.

    Raises ValueError for a name with any other sign than small letters, digits and _ : a pack cannot write code.
    """
    return f"{checked(fact.name)}_{fact.number}"


def checked(name: str) -> str:
    """A name that may stand in generated text. Raises ValueError if it may not."""
    if not _NAME.fullmatch(name):
        raise ValueError("a name of a pack that cannot stand in generated text: use a-z, 0-9 and _.")
    return name


def table_constant(plan: Plan, name: str) -> str:
    """The name of a table's outcome in generated text."""
    return f"{checked(name.replace('-', '_'))}_table_{plan.read_names.index(name)}"


class Printer:
    """Prints the conditions of one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.words: Words = words_of(plan)

    def surely(self, rule: Placed, condition: Condition) -> str:
        """The expression that is true if the condition surely holds."""
        return self._tree(rule, condition, self.sure_atom)

    def possibly(self, rule: Placed, condition: Condition) -> str:
        """The expression that is true if the condition is not ruled out."""
        return self._tree(rule, condition, self.possible_atom)

    def _tree(self, rule: Placed, condition: Condition, atom: Callable[[Placed, Atom], str]) -> str:
        match condition:
            case And(of):
                return "(" + " and ".join(self._tree(rule, part, atom) for part in of) + ")"
            case Or(of):
                return "(" + " or ".join(self._tree(rule, part, atom) for part in of) + ")"
            case _:
                return atom(rule, condition)  # type: ignore[arg-type]

    def sure_atom(self, rule: Placed, atom: Atom) -> str:
        """One atom, surely."""
        match atom:
            case Compare():
                return self._compare(rule, atom, sure=True)
            case Holds(fact, negated):
                end = "HIGH] == 0" if negated else "LOW] == 1"
                return f"span[{self._fact(rule, fact)}, {end}"
            case IsWord(fact, words, negated):
                return self._word(rule, fact, words, negated, sure=True)
            case AtLeast():
                return self._reached(atom, sure=True)

    def possible_atom(self, rule: Placed, atom: Atom) -> str:
        """One atom, possibly."""
        match atom:
            case Compare():
                return self._compare(rule, atom, sure=False)
            case Holds(fact, negated):
                end = "MAYBE_LOW] == 0" if negated else "MAYBE_HIGH] == 1"
                return f"span[{self._fact(rule, fact)}, {end}"
            case IsWord(fact, words, negated):
                return self._word(rule, fact, words, negated, sure=False)
            case AtLeast():
                return self._reached(atom, sure=False)

    def _fact(self, rule: Placed, name: str) -> str:
        return constant(self.plan.fact(rule, name))

    def _compare(self, rule: Placed, atom: Compare, *, sure: bool) -> str:
        fact = self.plan.fact(rule, atom.fact)
        if atom.other is not None:
            return self._two_facts(constant(fact), atom.op, self._fact(rule, atom.other), sure=sure)
        number = rule.pack.numbers[atom.number or ""]
        if number.duration is not None and fact.kind in ("since", "person"):
            return self._elapsed(constant(fact), atom.op, counted(number.duration), sure=sure)
        sure_end, possible_end = _MIRRORED[atom.op]
        end = sure_end if sure else f"MAYBE_{possible_end}"
        return f"span[{constant(fact)}, {end}] {atom.op} {exact(Fraction(number.value))}"

    def _two_facts(self, one: str, op: Op, other: str, *, sure: bool) -> str:
        """Sure if it holds for every pair of values; possible if for some, and neither is silent."""
        ends = _MIRRORED[op]
        sure_text = f"span[{one}, {ends[0]}] {op} span[{other}, {ends[1]}]"
        if sure:
            return sure_text
        heard = f"value[{one}, SILENT] == 0 and value[{other}, SILENT] == 0"
        return f"({sure_text} or ({heard} and span[{one}, {ends[1]}] {op} span[{other}, {ends[0]}]))"

    def _elapsed(self, fact: str, op: Op, duration: tuple[int, int], *, sure: bool) -> str:
        count, unit = duration
        name = {"<": "LESS", "<=": "AT_MOST", ">": "MORE", ">=": "AT_LEAST"}[op]
        asked = f"elapsed(p, s, {fact}, {name}, {count}, {'DAYS' if unit == DAYS else 'MONTHS'})"
        return f"{asked} == HOLDS" if sure else f"{asked} != 0"

    def _word(self, rule: Placed, name: str, words: frozenset[str], negated: bool, *, sure: bool) -> str:
        fact = self.plan.fact(rule, name)
        mask = sum(1 << self.words.bit_of(fact, word) for word in words)
        if fact.kind == "reason" and fact.of[0] == "ever":
            return f"value[{constant(fact)}, WORDS] & {mask} {'==' if negated else '!='} 0"
        function = {
            (True, False): "is_in",
            (False, False): "may_be_in",
            (True, True): "is_not_in",
            (False, True): "may_not_be_in",
        }
        return f"{function[sure, negated]}(value[{constant(fact)}, WORDS], {mask})"

    def _reached(self, atom: AtLeast, *, sure: bool) -> str:
        """Of a table that is silent neither that it reached a rung nor that it did not is said."""
        table, part, rung = table_constant(self.plan, atom.table), _PART[LADDER_OF[atom.word]], RANK[atom.word]
        if not atom.negated:
            return f"reached[{table}, {'SURE' if sure else 'MAYBE'}_{part}] >= {rung}"
        below = f"reached[{table}, {'MAYBE' if sure else 'SURE'}_{part}] < {rung}"
        return f"(reached[{table}, SAYS_NOTHING] == 0 and {below})"


def exact(number: Fraction) -> str:
    """A number as the one float that is nearest to it."""
    return repr(number.numerator / number.denominator)
