"""Whether tests that were raised have come back: within their limits several times in a row, far enough apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countwell.base.dates import Duration, add
from countwell.base.spans import NO, YES, YES_OR_NO, Truth, all_of
from countwell.facts.specimens import Specimen
from countwell.model.facts import Value
from countwell.model.pack import FactDefinition, Pack

if TYPE_CHECKING:
    from countwell.facts.of_patient import Facts


def recovered(facts: Facts, pack: Pack, definition: FactDefinition) -> Value:
    """Yes, if each of these tests that was above its upper limit in this run has since the last stop or hold been within it
    `times` times in a row, the first and the last of them `apart`. Not known if none is seen raised, or a limit is missing
    that might have shown another one raised."""
    halt, run = facts.course.halt, facts.course.run
    if halt is None or run is None:
        return Value(NO)
    raised = [name for name in definition.of if _was_raised(facts, name)]
    if not raised:
        return Value(YES_OR_NO, at=halt.at, why="missing")
    times = int(pack.numbers[str(definition.param("times"))].value)
    apart = pack.numbers[str(definition.param("apart"))].duration
    assert apart is not None
    backs = {name: _is_back(_since_stop(facts, name), times, apart) for name in definition.of}
    perhaps = [
        backs[name] or None for name in definition.of if name not in raised and _may_have_been_raised(facts, name)
    ]
    truth = all_of([*(backs[name] for name in raised), *perhaps])
    span = YES_OR_NO if truth is None else (YES if truth else NO)
    return Value(span, at=halt.at, events=(halt.ref,), why="no-upper-limit" if truth is None else None)


def _above(specimen: Specimen) -> Truth:
    """Whether it is above the upper limit of its own report; not known without one."""
    if specimen.span is None or specimen.reading.upper is None:
        return None
    if specimen.span.low > specimen.reading.upper:
        return True
    return False if specimen.span.high <= specimen.reading.upper else None


def _was_raised(facts: Facts, name: str) -> bool:
    return any(_above(specimen) for specimen in _in_run(facts, name))


def _may_have_been_raised(facts: Facts, name: str) -> bool:
    return any(_above(specimen) is None for specimen in _in_run(facts, name))


def _in_run(facts: Facts, name: str) -> list[Specimen]:
    run = facts.course.run
    return [s for s in facts.settled(name) if run is not None and s.collected.day >= run.at.day]


def _since_stop(facts: Facts, name: str) -> list[Specimen]:
    halt = facts.course.halt
    return [s for s in facts.settled(name) if halt is not None and s.collected.day > halt.at.day]


def _is_back(row: list[Specimen], times: int, apart: Duration) -> Truth:
    normal: list[Specimen] = []
    for specimen in reversed(row):
        above = _above(specimen)
        if above is None and specimen is row[-1]:
            return None
        if above is not False or specimen.status != "final":
            break
        normal.append(specimen)
    if len(normal) < times:
        return False
    return normal[0].collected.day >= add(normal[-1].collected.day, apart, "later")
