"""The facts of a pack as parameters of its library: which there are for each fact, by how its conditions read it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from countwell.base.errors import Fault, PackError
from countwell.cql.written import quoted
from countwell.model.pack import FactDefinition, Pack
from countwell.model.rules import Atom, Compare, Holds, IsWord, atoms
from countwell.pack.uses import conditions

AS_OF = "as of"
QUESTION = "question"
ACCEPTED = "accepted rules"
VIEWS = "views"
TIME_KINDS = ("since",)
TIMES_OF_PERSON = ("age", "weight-age")


class Shape(Enum):
    """How conditions read a fact."""

    NUMBER = "number"
    TIME = "time"
    YES_NO = "yes or no"
    WORDS = "words"


PARAMETERS: dict[Shape, tuple[tuple[str, str], ...]] = {
    Shape.NUMBER: (
        (" low", "Decimal"),
        (" low is open", "Boolean"),
        (" high", "Decimal"),
        (" high is open", "Boolean"),
    ),
    Shape.TIME: ((" has begun", "Boolean"), (" earliest", "Date"), (" latest", "Date")),
    Shape.YES_NO: (("", "Boolean"),),
    Shape.WORDS: (("", "List<String>"),),
}
SILENT = (" is silent", "Boolean")
# Of a result that has lapsed also what it was while it vouched: what it left open then stays open.
LAPSED, WAS = (" has lapsed", "Boolean"), " was"
LAPSING = ("latest", "highest")


def is_time(definition: FactDefinition) -> bool:
    """Whether a fact is a time that has passed, compared by the calendar."""
    return definition.kind in TIME_KINDS or (definition.kind == "person" and definition.of[0] in TIMES_OF_PERSON)


def holds_all(definition: FactDefinition) -> bool:
    """Whether the words of a fact hold all at once (reasons of all stops), and are not the words still possible."""
    return definition.kind == "reason" and definition.of[0] == "ever"


def may_lapse(definition: FactDefinition) -> bool:
    """Whether a fact is a result that vouches for a time."""
    return definition.kind in LAPSING


def atoms_of(pack: Pack) -> tuple[Atom, ...]:
    """Every atom of every condition, each once, in the order of the pack."""
    return tuple(dict.fromkeys(atom for _, _, condition in conditions(pack) for atom in atoms(condition)))


def shapes(pack: Pack) -> dict[str, Shape]:
    """How each fact that a condition reads is read, in the order of the pack.

    Raises PackError for a fact that is read in two ways: then one parameter would have two types.
    """
    found: dict[str, Shape] = {}
    for name, shape in _read(pack):
        if found.setdefault(name, shape) is not shape:
            says = f"the fact `{name}` is read as {found[name].value} and as {shape.value}."
            raise PackError([Fault(f"{pack.path}:{pack.facts[name].line}", says, "Make two facts of it.")])
    return {name: found[name] for name in pack.facts if name in found}


def _read(pack: Pack) -> Iterator[tuple[str, Shape]]:
    for atom in atoms_of(pack):
        match atom:
            case Compare(fact, _, _, other):
                for name in (fact, other) if other is not None else (fact,):
                    yield name, Shape.TIME if is_time(pack.facts[name]) else Shape.NUMBER
            case Holds(fact):
                yield fact, Shape.YES_NO
            case IsWord(fact):
                yield fact, Shape.WORDS


def parameters_of(pack: Pack) -> Iterator[str]:
    """The declarations of all facts that a condition reads."""
    for name, shape in shapes(pack).items():
        was = [(WAS + ending, kind) for ending, kind in PARAMETERS[shape]] if may_lapse(pack.facts[name]) else []
        for ending, kind in (*PARAMETERS[shape], SILENT, *([LAPSED, *was] if was else [])):
            yield f"parameter {quoted(name + ending)} {kind}"
