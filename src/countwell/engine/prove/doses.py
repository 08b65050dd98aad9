"""For every weight a range that is not empty, and where no tablets make a dose inside it: those weights are named.

Plain exact arithmetic over intervals of weights, so every weight is covered, not only those of a sweep.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from countwell.engine.prove.patients import decimal
from countwell.engine.prove.verdict import Verdict, in_words
from countwell.model.pack import Number, Pack
from countwell.model.rules import Rule, Table
from countwell.vocabulary.load import rows
from countwell.vocabulary.tests import measures

Span = tuple[Fraction, Fraction]
_WHOLE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Tablet:
    """A product and the smallest part in mg that may be given of it: the half of a scored tablet, else the whole."""

    name: str
    part_mg: Fraction


def tablets() -> tuple[Tablet, ...]:
    """The tablets of the vocabulary. One product alone is the hardest case: more of them only add doses."""
    listed = (row for row in rows("products") if row.text("form") == "tablet")
    return tuple(
        Tablet(row.text("display"), Fraction(row.text("strength_mg")) / (2 if row.text("scored") == "yes" else 1))
        for row in listed
    )


def likely_weights() -> Span:
    """The weights that the vocabulary takes as likely, in kg."""
    weight = measures()["weight"]
    low, high = weight.likely or weight.plausible or (0, 0)
    return Fraction(low), Fraction(high)


def prove_doses(
    packs: Sequence[Pack], weights: Span | None = None, products: Sequence[Tablet] | None = None
) -> list[Verdict]:
    """Every target of the packs, over all weights (kg) and each product alone."""
    span = weights or likely_weights()
    with_ = tablets() if products is None else products
    rules = ((pack, table, rule) for pack in packs for table in pack.tables for rule in table.rules)
    return [
        verdict
        for pack, table, rule in rules
        if rule.dose is not None and rule.dose.target is not None
        for verdict in _target(
            _Target(pack, table, rule, *(pack.numbers[name] for name in rule.dose.target)), span, with_
        )
    ]


@dataclass(frozen=True, slots=True)
class _Target:
    """The target of one rule."""

    pack: Pack
    table: Table
    rule: Rule
    low: Number
    high: Number

    def range_mg(self, weight: Fraction) -> Span:
        """The range in mg a day at that weight."""
        return _mg(self.low, weight), _mg(self.high, weight)

    def verdict(self, check: str, ok: bool, weight: Fraction | None, says: str) -> Verdict:
        """A verdict, with the patient of that weight as witness."""
        witness = None if weight is None else {"weight": f"{_kg(weight)} kg", "target": _shown(self.range_mg(weight))}
        return Verdict(
            self.pack.name, self.table.name, check, ok, witness, f"`{self.rule.name}`: {says}", self.rule.line
        )


def _target(target: _Target, weights: Span, products: Sequence[Tablet]) -> Iterator[Verdict]:
    empty = next((weight for weight in weights if _is_empty(target.range_mg(weight))), None)
    if empty is not None:
        words = in_words({"weight": f"{_kg(empty)} kg", "target": _shown(target.range_mg(empty))})
        yield target.verdict("dose", False, empty, f"the range is empty: {words}")
        return
    yield target.verdict(
        "dose", True, None, f"the range is not empty for any weight from {_kg(weights[0])} to {_kg(weights[1])} kg"
    )
    yield from (_makeable(target, weights, product) for product in products)


def _is_empty(range_mg: Span) -> bool:
    """Both ends are straight lines in the weight: a range that is proper at the ends of the weights is so between."""
    return range_mg[0] > range_mg[1]


def _makeable(target: _Target, weights: Span, product: Tablet) -> Verdict:
    gaps = list(_gaps(target, weights, product.part_mg))
    if not gaps:
        return target.verdict("makeable", True, None, f"{product.name}: a dose can be made for every weight")
    nowhere = sum(high - low for low, high in gaps) == weights[1] - weights[0]
    spans = ", ".join(f"{_kg(low)}–{_kg(high)}" for low, high in gaps)
    says = f"{product.name}: nothing makeable inside the range between {spans} kg: there the answer has to say so"
    return target.verdict("makeable", not nowhere, _plain(*gaps[0]), says)


def _gaps(target: _Target, weights: Span, part: Fraction) -> Iterator[Span]:
    """The stretches of weights, ends not included, for which no multiple of the part lies in the range."""
    multiple = target.range_mg(weights[0])[0] // part
    while (low := _weight_above(target.low, multiple * part, weights)) < weights[1]:
        high = _weight_reaching(target.high, (multiple + 1) * part, weights)
        if low < high:
            yield low, high
        multiple += 1


def _weight_above(end: Number, mg: Fraction, weights: Span) -> Fraction:
    """The weight from which on the low end of the range lies above `mg`."""
    if end.unit == "mg/kg/day":
        return max(weights[0], mg / Fraction(end.value))
    return weights[0] if Fraction(end.value) > mg else weights[1]


def _weight_reaching(end: Number, mg: Fraction, weights: Span) -> Fraction:
    """The weight at which the high end of the range reaches `mg`."""
    if end.unit == "mg/kg/day":
        return min(weights[1], mg / Fraction(end.value))
    return weights[0] if Fraction(end.value) >= mg else weights[1]


def _plain(low: Fraction, high: Fraction) -> Fraction:
    """A weight between two, with as few digits as can be."""
    middle = (low + high) / 2
    short = (Fraction(round(middle)), round(middle, 1), round(middle, 2))
    return next((weight for weight in short if low < weight < high), middle)


def _mg(end: Number, weight: Fraction) -> Fraction:
    return Fraction(end.value) * (weight if end.unit == "mg/kg/day" else 1)


def _shown(range_mg: Span) -> str:
    low, high = (decimal(round(end, 2), _WHOLE) for end in range_mg)
    return f"{low} to {high} mg a day"


def _kg(weight: Fraction) -> str:
    return decimal(round(weight, 2), _WHOLE)
