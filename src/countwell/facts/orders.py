"""Facts about tests as acts: whether a group was done since an event, whether an order still waits for its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countwell.base.dates import Moment
from countwell.base.spans import NO, YES
from countwell.facts.specimens import Specimen
from countwell.facts.treatment import event_moment
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition, Pack
from countwell.model.records import Genotype, TestOrdered
from countwell.vocabulary.tests import Group, groups, test

if TYPE_CHECKING:
    from countwell.facts.of_patient import Facts


def done(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether a group (or test) was collected at or after an event: no while the event has not come; `after` left out: ever."""
    after = definition.param("after")
    moment = event_moment(facts, pack, after) if after is not None else None
    if after is not None and moment is None:
        return Value(NO)
    group = groups().get(definition.of[0])
    days = [_last(facts, name, moment) for name in (group.must if group else definition.of)]
    if group is not None and group.one_of:
        days.append(_last_of_any(facts, group, moment))
    if any(day is None for day in days):
        return Value(NO, at=moment)
    found = [day for day in days if day is not None]
    oldest = min(found, key=lambda s: s.collected)
    return Value(YES, at=oldest.collected, events=tuple(s.reading.ref for s in found))


def _last(facts: Facts, name: str, moment: Moment | None) -> Specimen | None:
    row = facts.settled(name)
    if not row or (moment is not None and _is_before(row[-1].collected, moment)):
        return None
    return row[-1]


def _is_before(collected: Moment, moment: Moment) -> bool:
    """Whether a collection came before an event; whole days are compared as days."""
    if collected.whole_day or moment.whole_day:
        return collected.day < moment.day
    return collected.at < moment.at


def _last_of_any(facts: Facts, group: Group, moment: Moment | None) -> Specimen | None:
    found = [s for name in group.one_of if (s := _last(facts, name, moment)) is not None]
    return max(found, key=lambda s: s.collected, default=None)


def pending(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Whether a test was ordered and has no result yet."""
    waiting = [order for name in definition.of for order in _orders(facts, name)]
    if not waiting:
        return Value(NO)
    newest = max(waiting, key=lambda o: (o.at.at, o.ref))
    return Value(YES, at=newest.at, events=tuple(order.ref for order in waiting))


def is_pending(facts: Facts, name: str) -> bool:
    """Whether a test was ordered and has no result yet."""
    return bool(_orders(facts, name))


def _orders(facts: Facts, name: str) -> list[TestOrdered]:
    orders = [o for o in facts.past.of(TestOrdered) if o.test == name and o.at.at <= facts.as_of.at]
    return [o for o in orders if o.status in (None, "pending") and not _answered(facts, name, o)]


def _answered(facts: Facts, name: str, order: TestOrdered) -> bool:
    results = any(s.collected.day >= order.at.day for s in facts.settled(name))
    gene = test(name).gene
    typed = any(
        g.gene == gene and g.at.day >= order.at.day and g.at.at <= facts.as_of.at for g in facts.past.of(Genotype)
    )
    return results or (bool(gene) and typed)
