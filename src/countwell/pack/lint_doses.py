"""Checks the dose and reserve parts of a rule: that the units fit what is limited."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.model.pack import Pack
from countwell.model.rules import Dose, Rule
from countwell.pack.kinds import WORDS

Found = Iterator[tuple[str, str]]

_DOSES = WORDS["dose unit"]
_SHARES = ("times", "%")


def dose_faults(pack: Pack, rule: Rule) -> Found:
    """What is wrong with how a rule limits the dose, and with the reserve it asks for."""
    if rule.dose is not None:
        yield from _dose(pack, rule.dose)
    if rule.reserve is not None:
        yield from _in_units(pack, rule.reserve.share, _SHARES)
        if rule.reserve.days is None and rule.reserve.share is None:
            yield "`reserve` says nothing.", "Give `days` or `share`."


def _dose(pack: Pack, dose: Dose) -> Found:
    if dose == Dose():
        yield "`dose` says nothing.", "Give `first`, `target`, `ceiling`, `none: yes`, `confirm` or `step`."
    if dose.step_every is not None and dose.step is None:
        yield "`every` in a dose goes with `step`.", "Say by how much the dose may rise."
    for name in (dose.first, *(dose.target or ()), dose.ceiling, dose.confirm, dose.step):
        yield from _in_units(pack, name, _DOSES)
    yield from _in_units(pack, dose.times, _SHARES)
    yield from _target(pack, dose)
    if dose.of is not None and pack.facts[dose.of].kind != "dose":
        yield f"`of` names `{dose.of}`, which is no dose.", "Name a fact of the kind `dose`."


def _target(pack: Pack, dose: Dose) -> Found:
    if dose.target is None:
        return
    low, high = (pack.numbers[name] for name in dose.target)
    if low.unit != high.unit:
        yield "the two ends of `target` have different units.", "Give both in the same."
    elif low.value > high.value:
        yield "`target` runs from the higher to the lower dose.", "Write [low, high]."


def _in_units(pack: Pack, name: str | None, units: tuple[str, ...]) -> Found:
    if name is not None and pack.numbers[name].unit not in units:
        yield f"`{name}` is in {pack.numbers[name].unit}.", f"Wanted: {' or '.join(units)}."
