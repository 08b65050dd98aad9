"""What the packs of a protocol look at: every fact with the number it is compared with, and the ages at which something changes.

Read from the packs, so that a new number is met on, under and over without anybody adding it here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from cohort.chosen import packs_of
from countwell.base.dates import Duration, add, before
from countwell.model.advice import Advice
from countwell.model.pack import Number, Pack
from countwell.model.rules import And, AtLeast, Compare, Condition, Holds, IsWord, Or, Rule, atoms, normal
from countwell.vocabulary.tests import groups, tests

MEASURED = ("latest", "highest", "change", "streak")
DOSES = ("first", "ceiling", "confirm", "step")


class Look(NamedTuple):
    """One fact as one rule looks at it. number, op: what it is compared with, and how; words: what it is asked to be;
    negated: that it is not asked to be so."""

    kind: str
    of: tuple[str, ...]
    params: dict[str, object]
    number: Number | None = None
    words: tuple[str, ...] = ()
    op: str = ""
    negated: bool = False


class Either(NamedTuple):
    """One of several ways."""

    of: tuple[Aim, ...]


class Reaches(NamedTuple):
    """That a table comes to a word or worse."""

    table: str
    word: str
    negated: bool


Aim = tuple[Look | Either | Reaches, ...]


@dataclass(frozen=True)
class LookedAt:
    """All that the packs look at, as of a day. conditions: what the protocol speaks for.

    ages: days ago on which a duration of the packs is just not, just, or just over. aims: how each rule comes true; aims_of: the
    same by what it looks at, the kind of a fact, and of a person's facts their name.
    """

    rules: str
    conditions: tuple[str, ...]
    looks: tuple[Look, ...]
    ages: tuple[int, ...]
    edges: dict[str, tuple[Decimal, ...]]
    scheduled: tuple[str, ...]
    findings: tuple[str, ...]
    aims: tuple[Aim, ...]
    aims_of: dict[str, tuple[Aim, ...]]
    advising: tuple[tuple[str, Advice, Aim], ...]

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests whose results a rule looks at."""
        return tuple(dict.fromkeys(name for look in self.looks if look.kind in MEASURED for name in look.of))

    def reaching(self, wanted: Reaches) -> list[Aim]:
        """How each rule comes true by which that table reaches that word; of `advice` those of every table."""
        return [
            aim
            for table, advice, aim in self.advising
            if wanted.table in (table, "advice") and advice.at_least(wanted.word)
        ]


def looked_at(rules: str, day: date) -> LookedAt:
    """What rules, by their name, look at in a review."""
    packs = packs_of(rules)
    placed = [(pack, table, rule) for pack in packs for table in pack.tables if not table.asks for rule in table.rules]
    looks = list(dict.fromkeys(look for pack in packs for rule in _rules(pack) for look in _looks(pack, rule)))
    aims = tuple(_aim(p, normal(r.when)) for p, _, r in placed)
    return LookedAt(
        rules,
        packs[0].conditions,
        tuple(_thawed(look) for look in looks),
        tuple(sorted({age for pack in packs for age in _ages(pack, day)})),
        {name: tuple(sorted(_edges(name, looks))) for name in tests()},
        tuple(dict.fromkeys(name for pack in packs for rule in _rules(pack) if rule.due for name in rule.due.groups)),
        tuple(f"{p.name}/{t.name}/{r.name}" for p, t, r in placed if r.advice),
        aims,
        _by_kind(aims),
        tuple((t.name, r.advice, _aim(p, normal(r.when))) for p, t, r in placed if r.advice is not None),
    )


def _by_kind(aims: Iterable[Aim]) -> dict[str, tuple[Aim, ...]]:
    found: dict[str, list[Aim]] = {}
    for aim in aims:
        for kind in dict.fromkeys(_kinds(aim)):
            found.setdefault(kind, []).append(aim)
    return {kind: tuple(row) for kind, row in found.items()}


def _kinds(aim: Aim) -> Iterator[str]:
    for part in aim:
        if isinstance(part, Look):
            yield part.of[0] if part.kind == "person" else part.kind
        elif isinstance(part, Either):
            yield from (kind for way in part.of for kind in _kinds(way))


def _rules(pack: Pack) -> Iterator[Rule]:
    for table in pack.tables:
        if not table.asks:
            yield from table.rules


def _aim(pack: Pack, condition: Condition) -> Aim:
    match condition:
        case And(of):
            return tuple(part for each in of for part in _aim(pack, each))
        case Or(of):
            return (Either(tuple(_aim(pack, each) for each in of)),)
        case AtLeast(table, word, negated):
            return (Reaches(table, word, negated),)
        case Compare(fact, op, number, _):
            return (_thawed(_look(pack, fact, pack.numbers[number] if number else None, op=op)),)
        case IsWord(fact, words, negated):
            return (_thawed(_look(pack, fact, None, tuple(sorted(words)), negated=negated)),)
        case Holds(fact, negated):
            return (_thawed(_look(pack, fact, None, negated=negated)),)
        case _:
            return ()


def _looks(pack: Pack, rule: Rule) -> Iterator[Look]:
    for part in (rule.when, rule.unless):
        for atom in atoms(part):
            if isinstance(atom, Compare):
                number = pack.numbers[atom.number] if atom.number else None
                yield _look(pack, atom.fact, number)
                if atom.other is not None:
                    yield _look(pack, atom.other, number)
            elif hasattr(atom, "fact"):
                words = tuple(sorted(atom.words)) if isinstance(atom, IsWord) else ()
                yield _look(pack, atom.fact, None, words)
    if rule.dose is not None:
        for name in (*(getattr(rule.dose, part) for part in DOSES), *(rule.dose.target or ())):
            if name is not None:
                unit = pack.numbers[name].unit
                yield Look("dose", (unit,), _frozen({}), pack.numbers[name])


def _look(
    pack: Pack, fact: str, number: Number | None, words: tuple[str, ...] = (), op: str = "", *, negated: bool = False
) -> Look:
    definition = pack.facts[fact]
    measured = pack.facts.get(definition.of[0]) if definition.kind == "baseline" and definition.of else None
    durations = {key: _plain(pack, value) for key, value in definition.params.items()}
    kind, of = (measured.kind, measured.of) if measured is not None else (definition.kind, definition.of)
    params = (
        durations
        if measured is None
        else {**{k: _plain(pack, v) for k, v in measured.params.items()}, "baseline": True}
    )
    return Look(kind, of, _frozen(params), number, words, op, negated)


def _plain(pack: Pack, value: object) -> object:
    """A parameter: the duration or the number that it names, else the word itself."""
    if isinstance(value, str) and value in pack.numbers:
        number = pack.numbers[value]
        return number.duration or number.value
    return value


def _frozen(params: dict[str, object]) -> tuple:
    return tuple(sorted(params.items(), key=lambda item: item[0]))


def _thawed(look: Look) -> Look:
    return look._replace(params=dict(look.params))


def _ages(pack: Pack, day: date) -> Iterator[int]:
    for number in pack.numbers.values():
        if number.duration is not None:
            first = (day - before(day, number.duration)).days
            yield from (age for age in range(first - 1, first + 3) if age >= 0)
            yield from (age for age in range(max(first - 4, 0), first + 5) if _turns(day, age, number.duration))


def _turns(day: date, age: int, duration: Duration) -> bool:
    """Whether something so many days ago runs out on this very day, whatever the ends of months do."""
    begun = date.fromordinal(day.toordinal() - age)
    return day in (add(begun, duration, "earlier"), add(begun, duration, "later"))


def _edges(name: str, looks: list[Look]) -> set[Decimal]:
    """Numbers that a test is compared with, in its own unit."""
    return {
        look.number.value
        for look in looks
        if look.number is not None
        and name in look.of
        and look.kind in ("latest", "highest")
        and look.number.unit != "times"
    }


def members(group: str) -> tuple[str, ...]:
    """The tests of a group; a test stands for itself."""
    return groups()[group].members if group in groups() else (group,)
