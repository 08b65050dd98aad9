"""Asking the solver whether there is any patient of a kind. No answer in time is a fault, never a yes or a no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import z3

from countwell.base.errors import EngineFault
from countwell.engine.prove.axioms import ONE_SAMPLE, always, of_one_sample
from countwell.engine.prove.symbols import Formula, Symbol

PATIENCE = timedelta(minutes=1)
Primes = Mapping[Symbol, Formula]


@dataclass(frozen=True, slots=True)
class Found:
    """Whether any patient meets the formula.

    symbols: the facts it reads; primes: second constants of those that change; axioms: what held of them.
    assuming: the axiom without which there would have been such a patient.
    """

    formula: Formula
    symbols: Sequence[Symbol]
    primes: Primes
    axioms: tuple[Formula, ...]
    possible: bool
    assuming: str = ""

    def meeting(self, formula: Formula) -> Found:
        """The same search for another formula, which the caller knows that some patient meets."""
        return replace(self, formula=formula)


def find(formula: Formula, symbols: Sequence[Symbol], primes: Primes | None = None) -> Found:
    """Looks for a patient. Axioms of one blood sample are used only if without them there would be one."""
    second = primes or {}
    sure, sample = (both(axioms, second) for axioms in (always(symbols), of_one_sample(symbols)))
    if not decided(solver([formula, *sure])):
        return Found(formula, symbols, second, sure, False)
    if sample and not decided(solver([formula, *sure, *sample])):
        return Found(formula, symbols, second, (*sure, *sample), False, ONE_SAMPLE)
    return Found(formula, symbols, second, (*sure, *sample), True)


def both(axioms: list[Formula], primes: Primes) -> tuple[Formula, ...]:
    """The axioms of the first constants and of the second."""
    return (*axioms, *(primed(axiom, primes) for axiom in axioms)) if primes else tuple(axioms)


def primed(formula: Formula, primes: Primes) -> Formula:
    """The same formula of the patient after the change."""
    return z3.substitute(formula, *((symbol.z3, prime) for symbol, prime in primes.items()))


def solver(formulas: Iterable[Formula]) -> z3.Solver:
    """A solver that knows the formulas."""
    fresh = z3.Solver()
    fresh.set("timeout", PATIENCE // timedelta(milliseconds=1))
    fresh.add(*formulas)
    return fresh


def decided(asked: z3.Solver, *also: Formula) -> bool:
    """Whether all can be met. Raises EngineFault if the solver comes to no answer."""
    answer = asked.check(*also)
    if answer == z3.unknown:
        raise EngineFault(f"the solver came to no answer: {asked.reason_unknown()}. Make the table smaller.")
    return bool(answer == z3.sat)
