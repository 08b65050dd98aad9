"""Of what the solver found, a patient whom a person can picture: plain values near the limits, and only what matters.

Every value is exact: the patient shown is a true one, not a rounded one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import z3

from countwell.engine.prove.lengths import bounds
from countwell.engine.prove.solving import Found, both, decided, solver
from countwell.engine.prove.symbols import Formula, Symbol

Value = Fraction | bool | str


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient. values: of each constant that matters, by its name; model: all of them, for the solver's formulas."""

    found: Found
    values: dict[str, Value]
    model: z3.ModelRef

    def meets(self, formula: Formula) -> bool:
        """Whether a formula holds of the patient."""
        return bool(z3.is_true(self.model.eval(formula, model_completion=True)))

    def in_words(self) -> dict[str, str]:
        """Each fact that matters with its value; a fact that changes with both: `3.1 → 2.9 10*9/L`."""
        said = {symbol.label: " → ".join(self._ends(symbol)) for symbol in self.found.symbols}
        return {label: value for label, value in said.items() if value}

    def _ends(self, symbol: Symbol) -> Iterator[str]:
        for constant in _constants(self.found, symbol):
            if (value := self.values.get(str(constant))) is not None:
                yield shown(symbol, value) + "".join(self._calendar(symbol, value))

    def _calendar(self, symbol: Symbol, value: Value) -> Iterator[str]:
        """How long a month was meant to be, where that decides."""
        for duration, days in symbol.durations.items():
            low, high = bounds(duration)
            if low != high and isinstance(value, Fraction) and low <= value <= high:
                yield f" ({duration} being {self.model.eval(days, model_completion=True)} days)"


def patient(found: Found) -> Patient:
    """A patient who meets the formula that was found possible. A fact that can stay as it is stays."""
    asked = solver([found.formula, *found.axioms])
    decided(asked)
    same = [symbol for symbol, prime in found.primes.items() if _keep(asked, symbol.z3 == prime)]
    constants = [(constant, symbol) for symbol in found.symbols for constant in _constants(found, symbol, same)]
    for constant, symbol in constants:
        any(_keep(asked, _is(symbol, constant, value)) for value in _candidates(symbol, constant, asked))
    decided(asked)
    model = asked.model()
    values = {str(constant): _value(symbol, model, constant) for constant, symbol in constants}
    fixed = {str(constant): _is(symbol, constant, values[str(constant)]) for constant, symbol in constants}
    matters = _what_matters(
        found, fixed, [*_lengths(found, model), *(symbol.z3 == found.primes[symbol] for symbol in same)]
    )
    return Patient(found, {name: value for name, value in values.items() if name in matters}, model)


def _constants(found: Found, symbol: Symbol, same: Iterable[Symbol] = ()) -> Iterator[Formula]:
    yield symbol.z3
    if symbol in found.primes and symbol not in same:
        yield found.primes[symbol]


def _keep(asked: z3.Solver, formula: Formula) -> bool:
    """Adds the formula if the rest can still be met."""
    if not decided(asked, formula):
        return False
    asked.add(formula)
    return True


def _is(symbol: Symbol, constant: Formula, value: Value) -> Formula:
    match value:
        case bool():
            return constant if value else z3.Not(constant)
        case str():
            return constant == symbol.words.index(value)
        case _:
            return constant == z3.RealVal(str(value))


def _candidates(symbol: Symbol, constant: Formula, asked: z3.Solver) -> Iterator[Value]:
    """Plain values first, the solver's own last: so one of them always fits."""
    match symbol.sort:
        case "yes-no":
            yield from (False, True)
        case "word":
            yield from symbol.words
        case "time":
            yield from _near(Decimal(days.as_long()) for days in symbol.durations.values() if _fixed(days))
        case _:
            yield from _near(symbol.limits, symbol.step)
    decided(asked)
    own = _value(symbol, asked.model(), constant)
    if isinstance(own, Fraction):
        yield from (Fraction(round(own)), round(own, 1), round(own, 2))
    yield own


def _fixed(days: Formula) -> bool:
    return bool(z3.is_int_value(days))


def _near(limits: Iterable[Decimal], step: Decimal = Decimal(1)) -> Iterator[Fraction]:
    """Each limit, then a step to either side, then the middles between them."""
    ordered = sorted(limits)
    for change in (0, -step, step):
        yield from (Fraction(limit + change) for limit in ordered)
    yield from (Fraction(low + high) / 2 for low, high in pairwise(ordered))


def _value(symbol: Symbol, model: z3.ModelRef, constant: Formula) -> Value:
    value = model.eval(constant, model_completion=True)
    match symbol.sort:
        case "yes-no":
            return bool(z3.is_true(value))
        case "word":
            return symbol.words[int(value.as_long())]
        case _:
            return _fraction(value)


def _fraction(value: Formula) -> Fraction:
    rational = value.approx() if z3.is_algebraic_value(value) else value
    return Fraction(str(rational.as_fraction()) if z3.is_rational_value(rational) else rational.as_long())


def _lengths(found: Found, model: z3.ModelRef) -> list[Formula]:
    days = (days for symbol in found.symbols for days in symbol.durations.values())
    return [length == model.eval(length, model_completion=True) for length in days if not _fixed(length)]


def _what_matters(found: Found, fixed: dict[str, Formula], also: list[Formula]) -> set[str]:
    """The facts without which the formula would not have to be met; what is absent is left out first.

    What an axiom would add is shown all the same: the reader does not know the axioms.
    """
    sorts = both([axiom for symbol in found.symbols for axiom in symbol.possible()], found.primes)
    asked = solver([z3.Not(found.formula), *sorts, *also])
    matters = dict(fixed)
    for name in sorted(fixed, key=lambda name: not z3.is_not(fixed[name])):
        rest = [formula for other, formula in matters.items() if other != name]
        if not decided(asked, *rest):
            del matters[name]
    return set(matters)


def shown(symbol: Symbol, value: Value) -> str:
    """A value for people: `3.0 10*9/L`, `13 days`, `yes`."""
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case _ if symbol.sort == "time":
            return f"{value} {'day' if value == 1 else 'days'}"
        case _ if symbol.sort == "count":
            return str(value)
        case _:
            return f"{decimal(value, symbol.step)} {symbol.unit}".strip()


def decimal(value: Fraction, step: Decimal) -> str:
    """The exact value with the digits of `step`, or more if it has more; one without an end as a fraction.

    >>> decimal(Fraction(3), Decimal("0.1")), decimal(Fraction(1, 3), Decimal("0.1"))
    ('3.0', '1/3')
    """
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    if Fraction(exact) != value:
        return str(value)
    return f"{exact:f}" if exact % step else f"{exact.quantize(step):f}"
