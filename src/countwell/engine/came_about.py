"""When a finding came about: the newest event behind it, and each moment from which its dates count.

A rule can hold in several ways; one way more, and one report more, puts no date off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from countwell.base.dates import Moment
from countwell.base.spans import NO, compare, compare_spans
from countwell.engine.joined import PlacedRule
from countwell.engine.outcomes import State
from countwell.engine.ready import ReadyAtom
from countwell.engine.standing import Standing
from countwell.model.rules import AtLeast, Atom, Compare

BEGINNING_KINDS = frozenset({"medicine", "symptom", "circumstance"})
# Facts of several results of one test, of which a report that is not final may be one.
MEASURED_OFTEN = frozenset({"change", "streak"})
CONTEXT = frozenset({"since", "state", "condition", "person", "reason"})


def newest_event(standing: Standing, state: State) -> Moment | None:
    """The newest event that made the rule true: of the facts in those atoms that speak for it."""
    if state.placed not in standing.newest:
        standing.newest[state.placed] = _newest_event(standing, state)
    return standing.newest[state.placed]


def _newest_event(standing: Standing, state: State) -> Moment | None:
    placed = state.placed
    facts = dict.fromkeys(name for atom in _speaking(standing, placed) for name in atom.facts)
    known = [*_moments(standing, placed, facts), *_table_moments(standing, placed.atoms)]
    if known or state.truth is None:
        return max(known, default=None)
    return _begun(standing, placed)


def _moments(standing: Standing, placed: PlacedRule, facts: Iterable[str]) -> list[Moment]:
    values = (standing.facts.value(placed.pack, name) for name in facts)
    return [value.at for value in values if value.at is not None]


def _begun(standing: Standing, placed: PlacedRule) -> Moment | None:
    """Of a rule that holds without any dated fact: the newest test that it reads beside, else the beginning of the run."""
    dated = _moments(standing, placed, placed.facts)
    if dated:
        return max(dated)
    run = standing.facts.course.run
    return run.at if run is not None else None


def _speaking(standing: Standing, placed: PlacedRule) -> Sequence[ReadyAtom]:
    """The atoms that speak for a rule; calendar and course say when it applies, not what happened."""
    return _without_context([atom for atom in placed.atoms if standing.truth(atom) is not False])


def _without_context(atoms: Sequence[ReadyAtom]) -> Sequence[ReadyAtom]:
    return [atom for atom in atoms if not atom.kinds or not atom.kinds <= CONTEXT] or atoms


def _table_moments(standing: Standing, atoms: Iterable[ReadyAtom]) -> Iterator[Moment]:
    for ready in atoms:
        atom = ready.atom
        if isinstance(atom, AtLeast) and atom.table != "advice" and standing.truth(ready) is not False:
            for state in standing.outcome_named(atom.table).states:
                moment = newest_event(standing, state)
                if moment is not None:
                    yield moment


def counted_from(standing: Standing, state: State) -> Iterable[Moment]:
    """From when its dates count: in each way in which it holds or may hold, the newest event. One way more puts off no test."""
    ways = [way for way in state.placed.ways if _may_be_so(standing, state.placed, way)]
    moments = {moment for way in ways for moment in _of_way(standing, state.placed, way)}
    if moments or state.truth is None:
        return moments
    begun = _begun(standing, state.placed)
    return () if begun is None else (begun,)


def _may_be_so(standing: Standing, placed: PlacedRule, way: Sequence[ReadyAtom]) -> bool:
    truths = [standing.truth(atom) for atom in way]
    return False not in truths and not any_lapsed(standing, placed, way)


def _of_way(standing: Standing, placed: PlacedRule, way: Sequence[ReadyAtom]) -> Iterator[Moment]:
    """The moments at which one way can have come about: the newest of its facts' moments, for each choice of these."""
    speaking = _without_context(way)
    sure = all(standing.truth(atom) for atom in way)
    facts = dict.fromkeys((atom, name) for atom in speaking for name in atom.facts)
    found = (_beginnings(standing, placed, atom, name, sure=sure) for atom, name in facts)
    choices = [moments for moments in found if moments]
    choices += [[moment] for moment in _table_moments(standing, speaking)]
    for choice in product(*choices):
        if choice:
            yield max(choice)


def _beginnings(standing: Standing, placed: PlacedRule, atom: ReadyAtom, name: str, *, sure: bool) -> list[Moment]:
    """When a fact came about: each medicine, symptom or result that alone makes it so, or leaves it open, counts by itself."""
    value, definition = standing.facts.value(placed.pack, name), placed.pack.facts[name]
    if value.at is None or (
        definition.kind == "done" and value.span == NO
    ):  # what is not done has no moment of its own
        return []
    if definition.kind in BEGINNING_KINDS:
        begun = standing.facts.past.begun
        return list(dict.fromkeys(begun[ref] for ref in value.events if ref in begun)) or [value.at]
    if value.parts:
        return _of_parts(standing, placed, atom.atom, name) or [value.at]
    settled = standing.facts.last_settled(definition.of) if definition.kind in MEASURED_OFTEN and not sure else None
    return [settled if settled is not None and settled.at < value.at.at else value.at]


def _of_parts(standing: Standing, placed: PlacedRule, atom: Atom, name: str) -> list[Moment]:
    """When each result came that alone may make a comparison so. Of several tests none does, if all have to be low."""
    pack = placed.pack
    value = standing.facts.value(pack, name)
    if not isinstance(atom, Compare) or atom.fact != name:
        return []
    if pack.facts[name].kind == "highest" and atom.op in ("<", "<="):
        return []
    if atom.other is not None:
        other = standing.facts.value(pack, atom.other).span
        found = (at for at, span in value.parts if compare_spans(span, atom.op, other) is not False)
    else:
        limit = pack.numbers[atom.number or ""].value
        found = (at for at, span in value.parts if compare(span, atom.op, limit) is not False)
    return list(dict.fromkeys(found))


def any_lapsed(standing: Standing, placed: PlacedRule, atoms: Iterable[ReadyAtom]) -> bool:
    open_atoms = [atom for atom in atoms if standing.truth(atom) is None]
    values = [standing.facts.value(placed.pack, name) for atom in open_atoms for name in atom.facts]
    return any(value.why == "lapsed" for value in values)
