"""The facts that a plan reads: equal definitions of several packs once, with their numbers, durations and what they hang on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from countwell.cohort.days import counted
from countwell.model.pack import FactDefinition, Pack
from countwell.vocabulary.tests import groups

EVENTS = ("run", "first-start", "change", "stop", "reduce")
_SPANS = ("within", "limit-within", "after", "apart", "confirmed", "weight-within")
_NUMBERS = ("step", "times")
_FACTS = ("after", "since", "before")


@dataclass(frozen=True)
class Fact:
    """One fact. number: its place. spans: parameter -> (count, unit of `days`); numbers: parameter -> value;
    event: the event of the course it runs from; hangs_on: the fact whose event or values it takes."""

    number: int
    name: str
    kind: str
    of: tuple[str, ...]
    worse: str
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)
    numbers: dict[str, Fraction] = field(default_factory=dict)
    between: tuple[Fraction, Fraction] | None = None
    words: dict[str, str | tuple[str, ...]] = field(default_factory=dict)
    event: str | None = None
    hangs_on: int | None = None

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that it reads."""
        if self.kind in ("latest", "highest", "baseline", "change", "streak", "recovered", "pending"):
            return self.of
        if self.kind == "done":
            return tuple(test for name in self.of for test in (groups()[name].members if name in groups() else (name,)))
        return ()


class Facts:
    """The facts read by (pack, name), each definition once; a fact stands after the one it hangs on."""

    def __init__(self, read: Iterable[tuple[Pack, str]]) -> None:
        self._found: dict[object, Fact] = {}
        self._named: dict[tuple[str, str], Fact] = {}
        for pack, name in read:
            self._add(pack, name)

    @property
    def all(self) -> tuple[Fact, ...]:
        """In the order of their numbers."""
        return tuple(self._found.values())

    def of(self, pack: Pack, name: str) -> Fact:
        """The fact that a pack means by that name."""
        return self._named[pack.name, name]

    def _add(self, pack: Pack, name: str) -> Fact:
        if (pack.name, name) not in self._named:
            self._named[pack.name, name] = self._once(pack, pack.facts[name])
        return self._named[pack.name, name]

    def _once(self, pack: Pack, definition: FactDefinition) -> Fact:
        if definition.kind == "baseline":
            return self._baseline(pack, definition)
        event, other = self._event(pack, definition)
        return self._numbered(pack, definition, definition, event, other)

    def _baseline(self, pack: Pack, definition: FactDefinition) -> Fact:
        """A baseline takes its tests and its measure from the fact that it is the baseline of."""
        measured = pack.facts[definition.of[0]]
        return self._numbered(pack, definition, measured, None, None)

    def _event(self, pack: Pack, definition: FactDefinition) -> tuple[str | None, int | None]:
        """The event of the course, or the fact, from which a definition runs."""
        if definition.kind == "since":
            return definition.of[0], None
        named = next((definition.param(name) for name in _FACTS if definition.param(name) is not None), None)
        if named is None:
            return None, None
        if named in EVENTS and (named not in pack.facts or definition.kind == "symptom"):
            return named, None
        return None, self._add(pack, named).number

    def _numbered(
        self, pack: Pack, definition: FactDefinition, measured: FactDefinition, event: str | None, other: int | None
    ) -> Fact:
        params = dict(measured.params) | dict(definition.params)
        spans, numbers, words = _sorted_out(pack, params, definition.kind)
        between = _between(pack, params)
        key = (
            definition.kind,
            measured.of,
            definition.worse,
            tuple(sorted(spans.items())),
            tuple(sorted(numbers.items())),
            between,
            tuple(sorted((name, str(word)) for name, word in words.items())),
            event,
            other,
        )
        if key not in self._found:
            number = len(self._found)
            self._found[key] = Fact(
                number,
                definition.name,
                definition.kind,
                measured.of,
                definition.worse,
                spans,
                numbers,
                between,
                words,
                event,
                other,
            )
        return self._found[key]


def _sorted_out(
    pack: Pack, params: dict[str, str | tuple[str, ...]], kind: str
) -> tuple[dict[str, tuple[int, int]], dict[str, Fraction], dict[str, str | tuple[str, ...]]]:
    """Parameters by what they are: times, numbers, or words."""
    spans, numbers, words = {}, {}, {}
    for name, value in params.items():
        if name in ("worse", "limit-between") or (name in _FACTS and not _is_span(kind, name)):
            continue
        duration = pack.numbers[value].duration if isinstance(value, str) and value in pack.numbers else None
        if name in _SPANS and duration is not None:
            spans[name] = counted(duration)
        elif name in _NUMBERS and isinstance(value, str):
            numbers[name] = Fraction(pack.numbers[value].value)
        else:
            words[name] = value
    return spans, numbers, words


def _is_span(kind: str, name: str) -> bool:
    """`after` is a time in a fact of kind `since`, and an event in every other."""
    return kind == "since" and name == "after"


def _between(pack: Pack, params: dict[str, str | tuple[str, ...]]) -> tuple[Fraction, Fraction] | None:
    names = params.get("limit-between")
    if not isinstance(names, tuple):
        return None
    values = [Fraction(pack.numbers[name].value) for name in names]
    return min(values), max(values)
