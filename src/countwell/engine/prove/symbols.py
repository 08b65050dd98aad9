"""Facts as the solver sees them: one symbol for each meaning, so that packs that mean the same fact share it.

Numbers are reals, counts and times whole numbers (times in days), yes/no facts Booleans, word facts numbered words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import z3

from countwell.base.dates import Duration
from countwell.engine.prove.lengths import bounds, difference
from countwell.model.pack import FactDefinition, Pack
from countwell.pack.measures import Measure, measure
from countwell.vocabulary.tests import Test, tests

Formula: TypeAlias = Any  # an expression of Z3, which carries no types
Key: TypeAlias = tuple[Any, ...]
Sort = Literal["number", "count", "time", "yes-no", "word"]

OTHER = "another"
# Parameters that say when a value is known, not which value it is: of no account where every fact is known.
_WHEN_KNOWN = {"confirmed", "weight-within", "limit-within", "limit-between"}
_NUMBER_PARAMS = {"within", "step", "after", *_WHEN_KNOWN}
_FACT_PARAMS = {("done", "after"), ("streak", "since"), ("dose", "before")}


@dataclass(slots=True, eq=False)
class Symbol:
    """One fact: its Z3 constant and that one's name, how it is shown, and what it is compared with.

    limits: the numbers it is compared with; durations: likewise for times, each with its length in days.
    directions: by pack, in which way it is worse (`lower`, `higher`). decimals: of a single test.
    """

    key: Key
    sort: Sort
    z3: Formula
    name: str
    label: str
    unit: str = ""
    directions: dict[str, str] = field(default_factory=dict)
    decimals: int | None = None
    words: tuple[str, ...] = ()
    limits: set[Decimal] = field(default_factory=set)
    durations: dict[Duration, Formula] = field(default_factory=dict)

    def length(self, duration: Duration) -> Formula:
        """The days of a duration that begins with this time's start."""
        if duration not in self.durations:
            low, high = bounds(duration)
            name = f"{duration} of {self.name}"
            self.durations[duration] = z3.IntVal(low) if low == high else z3.Int(name)
        return self.durations[duration]

    def directs(self, pack: str, worse: str) -> None:
        """Takes note of the way in which a pack says that the fact is worse; of two facts of one meaning, either says it."""
        if self.directions.get(pack, "none") == "none":
            self.directions[pack] = worse

    def worse(self, pack: str) -> str:
        """The way in which it is worse for that pack: its own, else what another pack says."""
        return self.directions.get(pack) or next((way for way in self.directions.values() if way != "none"), "none")

    @property
    def step(self) -> Decimal:
        """A small step: in the last digit that the test is given with, or one digit finer than its limits."""
        written = [-exponent for limit in self.limits if isinstance(exponent := limit.as_tuple().exponent, int)]
        return Decimal(1).scaleb(-max([1 if self.decimals is None else self.decimals, *written]))

    def of_word(self, word: str) -> Formula:
        """That the fact is this word."""
        return self.z3 == self.words.index(word)

    def possible(self) -> Iterable[Formula]:
        """What holds of the symbol by its sort alone."""
        if self.words:
            yield z3.And(self.z3 >= 0, self.z3 < len(self.words))
        yield from self._calendar()

    def _calendar(self) -> Iterable[Formula]:
        for duration, days in self.durations.items():
            low, high = bounds(duration)
            yield z3.And(days >= low, days <= high)
            for other, its_days in self.durations.items():
                least, most = difference(duration, other)
                yield z3.And(days - its_days >= least, days - its_days <= most)


class Symbols:
    """All symbols of one proof. strict: facts known under other conditions are other facts (to compare versions)."""

    def __init__(self, *, strict: bool = False) -> None:
        self.strict = strict
        self.all: dict[Key, Symbol] = {}
        self._looked_through: dict[int, tuple[Formula, frozenset[str]]] = {}

    def fact(self, pack: Pack, name: str, words: Iterable[str] = ()) -> Symbol:
        """The symbol of a pack's fact; `words` are some that it is compared with."""
        definition = pack.facts[name]
        kind = measure(definition, pack.facts)
        symbol = self.get(self._meaning(pack, name), _sort(kind), name, label(definition))
        symbol.unit, symbol.decimals = kind.unit, _decimals(definition)
        symbol.directs(pack.name, definition.worse)
        if kind.sort == "word":
            _more_words(symbol, (OTHER,) if kind.words is None else sorted(kind.words), words)
        return symbol

    def get(self, key: Key, sort: Sort, name: str, label: str) -> Symbol:
        """The symbol of that key, made at first use."""
        if key not in self.all:
            unique = f"{name}#{len(self.all)}"
            self.all[key] = Symbol(key, sort, _constant(sort, unique), unique, self._free(label))
        return self.all[key]

    def used_in(self, *formulas: Formula) -> list[Symbol]:
        """The symbols that stand in the formulas, in order of first use in the packs."""
        names = frozenset().union(*(self._constants(formula) for formula in formulas))
        return [symbol for symbol in self.all.values() if symbol.name in names]

    def _constants(self, formula: Formula) -> frozenset[str]:
        """The names of all constants in a formula. Formulas share their parts: each part is looked through once."""
        known = self._looked_through.get(formula.get_id())
        if known is None:
            known = self._looked_through[formula.get_id()] = formula, self._names_in(formula)
        return known[1]

    def _names_in(self, formula: Formula) -> frozenset[str]:
        if z3.is_const(formula):
            named = formula.decl().kind() == z3.Z3_OP_UNINTERPRETED
            return frozenset((formula.decl().name(),)) if named else frozenset()
        return frozenset().union(*(self._constants(part) for part in formula.children()))

    def _free(self, label: str) -> str:
        taken = {symbol.label for symbol in self.all.values()}
        return next(name for name in _numbered(label) if name not in taken)

    def _meaning(self, pack: Pack, name: str) -> Key:
        definition = pack.facts[name]
        of = [str(self._meaning(pack, word)) if definition.kind == "baseline" else word for word in definition.of]
        told = {key: value for key, value in definition.params.items() if self._tells(definition, key)}
        params = sorted((key, str(self._resolved(pack, definition, key))) for key in told)
        return definition.kind, tuple(sorted(of)), tuple(params), definition.worse if self.strict else ""

    def _tells(self, definition: FactDefinition, param: str) -> bool:
        when_known = param in _WHEN_KNOWN or (definition.kind, param) == ("baseline", "within")
        return self.strict or not when_known

    def _resolved(self, pack: Pack, definition: FactDefinition, param: str) -> object:
        value = definition.params[param]
        if isinstance(value, str) and (definition.kind, param) in _FACT_PARAMS and value in pack.facts:
            return self._meaning(pack, value)
        words = [value] if isinstance(value, str) else sorted(value)
        return [_number(pack, word) if param in _NUMBER_PARAMS else word for word in words]


def _number(pack: Pack, name: str) -> str:
    number = pack.numbers.get(name)
    return name if number is None else f"{number.value.normalize():f} {number.unit}"


def _sort(kind: Measure) -> Sort:
    return "count" if kind.unit == "count" else kind.sort


def _test(definition: FactDefinition) -> Test | None:
    return tests().get(definition.of[0]) if definition.kind == "latest" and definition.of else None


def _decimals(definition: FactDefinition) -> int | None:
    test = _test(definition)
    return None if test is None else test.decimals


def label(definition: FactDefinition) -> str:
    """What people call the fact: the test's name for a latest result, else the fact's own name."""
    test = _test(definition)
    if test is None:
        return definition.name.replace("_", " ").replace("-", " ")
    return test.display if test.display[1:2].isupper() else test.display[:1].lower() + test.display[1:]


def real(value: Decimal) -> Formula:
    """An exact decimal for the solver."""
    return z3.RealVal(format(value, "f"))


def _constant(sort: Sort, name: str) -> Formula:
    match sort:
        case "number":
            return z3.Real(name)
        case "yes-no":
            return z3.Bool(name)
        case "count" | "time" | "word":
            return z3.Int(name)


def _more_words(symbol: Symbol, closed: Iterable[str], words: Iterable[str]) -> None:
    symbol.words = (*symbol.words, *(word for word in (*closed, *sorted(words)) if word not in symbol.words))


def _numbered(label: str) -> Iterable[str]:
    yield label
    number = 2
    while True:
        yield f"{label} ({number})"
        number += 1
