"""What a table says, taken apart into claims that each hold or do not: `drug hold`, `cbc within 1 week`, `ceiling 3 mg/kg/day`.

A claim is kept by any rule that says as much or more, so a stricter rule may take over from a milder one. Worse facts must
lose no claim that is marked strict; two versions say the same if every claim holds for the same patients.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import TypeAlias

import z3

from countwell.base.dates import Duration
from countwell.engine.prove.lengths import never_longer
from countwell.engine.prove.symbols import Formula, real
from countwell.engine.prove.world import Place, World
from countwell.model.advice import LADDERS
from countwell.model.rules import Dose, Due, Rule

NO, YES = z3.BoolVal(False), z3.BoolVal(True)


@dataclass(frozen=True, slots=True)
class Amount:
    """A dose as a formula, in `unit` (mg/day, or mg/kg/day of this `weight`); `says` in words."""

    value: Formula
    unit: str
    says: str
    weight: Formula

    def at_most(self, other: Amount) -> Formula:
        """That this dose is not above the other, for whatever weight."""
        if self.unit == other.unit:
            return self.value <= other.value
        return self._per_day() <= other._per_day()

    def _per_day(self) -> Formula:
        return self.value * self.weight if self.unit == "mg/kg/day" else self.value


@dataclass(frozen=True, slots=True)
class Step:
    """A rise by at most `by`, at least `every` apart."""

    by: Amount
    every: Duration | None


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of a ladder, from the lowest (0)."""

    rank: int


@dataclass(frozen=True, slots=True)
class Exactly:
    """Something that is said or not: a word, a precaution, a window."""

    says: str


@dataclass(frozen=True, slots=True)
class Anything:
    """More than any limit: no dose at all, or a stop where a hold would name its day."""


Level: TypeAlias = Rung | Exactly | Duration | Amount | Step | Anything


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """One thing that a rule says. part: what of (`drug`, `due cbc every`); says: in words; holds: when it is said.

    strict: worse facts may not take it away. offer: an offer of a dose, where saying nothing is the tightest.
    """

    part: str
    says: str
    level: Level
    holds: Formula
    strict: bool = True
    offer: bool = False


def sayings(world: World, place: Place) -> list[Said]:
    """Everything that the rules of a table say, the worst first."""
    kinds = (_advice, _decide, _due, _dose, _words, _windows)
    found = chain.from_iterable(
        kind(world, place, rule, world.holds(place, rule)) for kind in kinds for rule in place.table.rules
    )
    return sorted(found, key=lambda said: -said.level.rank if isinstance(said.level, Rung) else 0)


def claims(*sayings: Iterable[Said]) -> list[Said]:
    """One of all sayings that say the same. For whom it holds: `holds`."""
    every = (said for some in sayings for said in some if not isinstance(said.level, Anything))
    return list({(said.part, said.says): said for said in every}.values())


def said_of(part: Iterable[Said], kept: Collection[Said]) -> str:
    """What is said of one part, in words: the highest rung, or the tightest of what is kept, `due cbc every 1 week`."""
    name, level = next((claim.part, claim.level) for claim in part)
    if isinstance(level, Rung):
        rungs = [claim.level.rank for claim in kept if isinstance(claim.level, Rung)]
        return f"{name} {LADDERS[name][max(rungs, default=0)]}"
    told = [claim.says for claim in kept if not any(_tighter(other, claim) for other in kept)]
    return f"{name} {', '.join(told) or 'nothing'}"


def _tighter(one: Said, other: Said) -> bool:
    return _surely(one, other) and not _surely(other, one)


def _surely(one: Said, other: Said) -> bool:
    return bool(z3.is_true(z3.simplify(_covers(one.level, other.level))))


def holds(claim: Said, sayings: Iterable[Said]) -> Formula:
    """That a table with these sayings says as much as the claim, or more."""
    of_part = [said for said in sayings if said.part == claim.part]
    enough = [z3.And(said.holds, _covers(said.level, claim.level)) for said in of_part]
    if claim.offer:
        enough.append(z3.Not(z3.Or([said.holds for said in of_part if not isinstance(said.level, Anything)])))
    return z3.Or(enough)


def _covers(one: Level, other: Level) -> Formula:
    """Whether one says as much as the other, or more."""
    match one, other:
        case Anything(), _:
            return YES
        case Rung(mine), Rung(its):
            return YES if mine >= its else NO
        case Duration(), Duration():
            return YES if never_longer(one, other) else NO
        case Amount(), Amount():
            return one.at_most(other)
        case Step(by, every), Step(its_by, its_every):
            return by.at_most(its_by) if _as_far_apart(every, its_every) else NO
        case _:
            return YES if one == other else NO


def _as_far_apart(every: Duration | None, other: Duration | None) -> bool:
    return other is None or (every is not None and never_longer(other, every))


def _advice(_world: World, _place: Place, rule: Rule, holds: Formula) -> Iterator[Said]:
    if rule.advice is None:
        return
    for part, ladder in LADDERS.items():
        for rank in range(1, ladder.index(getattr(rule.advice, part)) + 1):
            yield Said(part, ladder[rank], Rung(rank), holds)
    for precaution in sorted(rule.advice.precautions):
        yield Said("precautions", precaution, Exactly(precaution), holds)


def _decide(_world: World, place: Place, rule: Rule, holds: Formula) -> Iterator[Said]:
    """A hold's day to decide by, and what ends it; a stop needs neither."""
    if rule.decide_within:
        duration = duration_of(place, rule.decide_within)
        yield Said("decide", f"within {duration}", duration, holds)
    if rule.advice and rule.advice.until:
        yield _exactly("hold until", rule.advice.until, holds)
    if rule.advice and rule.advice.at_least("stop"):
        yield Said("decide", "stop", Anything(), holds)


def _due(_world: World, place: Place, rule: Rule, holds: Formula) -> Iterator[Said]:
    """A due date, from the last test (`every`) or from what happened (`within`): the two are never compared."""
    for group in rule.due.groups if rule.due else ():
        assert rule.due is not None
        for how, name in (("every", rule.due.every), ("within", rule.due.within)):
            if name:
                duration = duration_of(place, name)
                yield Said(f"due {group} {how}", str(duration), duration, holds)
        yield from _due_from(place, group, rule.due, holds)


def _due_from(place: Place, group: str, due: Due, holds: Formula) -> Iterator[Said]:
    """From when on a test counts as due is no matter of safety, but versions should agree on it."""
    if due.from_ and due.every:
        says = f"every {duration_of(place, due.every)}, not before {duration_of(place, due.from_)}"
        yield _exactly(f"due {group} from", says, holds)


def duration_of(place: Place, name: str) -> Duration:
    """The duration that a number of the pack is."""
    duration = place.pack.numbers[name].duration
    if duration is None:
        raise ValueError(f"{place.pack.name}: the number {name} is no duration.")
    return duration


def _dose(world: World, place: Place, rule: Rule, holds: Formula) -> Iterator[Said]:
    dose = rule.dose
    if dose is None:
        return
    if dose.none:
        yield _exactly("dose", "none", holds, strict=True)
        yield from (Said(part, "none", Anything(), holds) for part in (*_LIMITS, *_OFFERS, "dose step"))
    for part, amount in _limits(world, place, dose):
        yield Said(part, amount.says, amount, holds)
    for part, name in _offers(dose):
        amount = amount_of(world, place, name)
        yield Said(part, amount.says, amount, holds, offer=True)
        yield _exactly(f"{part} offered", "at all", holds)
    if dose.step:
        yield _step(world, place, dose, holds)


_LIMITS = ("dose ceiling", "dose confirmed above")
_OFFERS = ("dose first", "dose target from", "dose target to")


def _limits(world: World, place: Place, dose: Dose) -> Iterator[tuple[str, Amount]]:
    if dose.of is not None:
        yield "dose ceiling", _multiple(world, place, dose)
    elif dose.ceiling is not None:
        yield "dose ceiling", amount_of(world, place, dose.ceiling)
    if dose.confirm is not None:
        yield "dose confirmed above", amount_of(world, place, dose.confirm)


def _offers(dose: Dose) -> Iterator[tuple[str, str]]:
    named = (dose.first, *(dose.target or (None, None)))
    return ((part, name) for part, name in zip(_OFFERS, named, strict=True) if name is not None)


def _step(world: World, place: Place, dose: Dose, holds: Formula) -> Said:
    assert dose.step is not None
    by = amount_of(world, place, dose.step)
    every = duration_of(place, dose.step_every) if dose.step_every else None
    return Said("dose step", f"{by.says} every {every}", Step(by, every), holds)


def _multiple(world: World, place: Place, dose: Dose) -> Amount:
    """A ceiling that is a share of a dose fact."""
    assert dose.of is not None
    base = amount_of(world, place, dose.of)
    if dose.times is None:
        return base
    times = place.pack.numbers[dose.times]
    share = times.value / 100 if times.unit == "%" else times.value
    return Amount(real(share) * base.value, base.unit, f"{_plain(share)} x {base.says}", base.weight)


def amount_of(world: World, place: Place, name: str) -> Amount:
    """A dose given by a number of the pack, or by one of its dose facts."""
    weight = weight_of(world)
    if name in place.pack.numbers:
        number = place.pack.numbers[name]
        return Amount(real(number.value), number.unit, f"{_plain(number.value)} {number.unit}", weight)
    fact = world.symbols.fact(place.pack, name)
    return Amount(fact.z3, fact.unit, fact.label, weight)


def weight_of(world: World) -> Formula:
    """The patient's weight in kg."""
    symbol = world.symbols.get(("latest", ("weight",), ()), "number", "weight", "weight")
    symbol.unit = "kg"
    return symbol.z3


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _words(_world: World, place: Place, rule: Rule, holds: Formula) -> Iterator[Said]:
    yield from (_exactly("words", word, holds) for word in sorted(rule.words))
    if rule.gate:
        yield _exactly("gate", f"of {rule.name}", holds)
    if rule.reserve:
        numbers = [place.pack.numbers[name] for name in (rule.reserve.days, rule.reserve.share) if name]
        yield _exactly("reserve", " or ".join(f"{_plain(number.value)} {number.unit}" for number in numbers), holds)


def _windows(_world: World, place: Place, rule: Rule, holds: Formula) -> Iterator[Said]:
    if rule.window:
        ends = [str(duration_of(place, name)) for name in (rule.window.low, rule.window.high) if name]
        yield _exactly("window", f"{' to '.join(ends)} after {rule.window.after}", holds)


def _exactly(part: str, says: str, holds: Formula, *, strict: bool = False) -> Said:
    return Said(part, says, Exactly(says), holds, strict=strict)
