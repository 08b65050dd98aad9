"""Where a rule stands: its own source and place, and those of the numbers it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from countwell.model.answers import Cited
from countwell.model.pack import Pack
from countwell.model.rules import Rule, numbers_of


def cited(pack: Pack, rule: Rule) -> Iterator[Cited]:
    """The sources of a rule: its own place and those of the numbers in its conditions, each once."""
    seen: set[tuple[str, str]] = set()
    for source, at, reading, verified in _places(pack, rule):
        if (source, at) not in seen:
            seen.add((source, at))
            yield Cited(source, at, reading, verified, pack.sources[source].title)


def _places(pack: Pack, rule: Rule) -> Iterable[tuple[str, str, str | None, bool]]:
    if rule.source is not None:
        yield rule.source, rule.at or "", rule.reading, pack.sources[rule.source].verified
    for name in (*numbers_of(rule.when), *numbers_of(rule.unless), *_other_numbers(rule)):
        number = pack.numbers[name]
        yield number.source, number.at, number.reading, number.verified


def _other_numbers(rule: Rule) -> Iterator[str]:
    """Numbers that what follows rests on."""
    due, dose, window = rule.due, rule.dose, rule.window
    named = [due.every, due.within, due.from_] if due else []
    named += [dose.first, dose.ceiling, dose.times, dose.confirm, dose.step, *(dose.target or ())] if dose else []
    named += [window.low, window.high] if window else []
    named += [rule.decide_within]
    return (name for name in named if name is not None)
