"""How the staff read a draw: a plain table of limits from `parameters.yaml`, not the rules of any pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from countwell.simulate.laboratory import laboratory
from countwell.simulate.parameters import Parameters

WORST_FIRST = ("stop", "hold", "watch")
BLOOD, LIVER, PANCREAS = "leucopenia", "liver", "pancreatitis"
ENZYMES = ("alt", "ast")


@dataclass(frozen=True, slots=True)
class Verdict:
    """fine, watch, hold or stop, and for what."""

    says: str = "fine"
    reason: str | None = None


def judged(values: Mapping[str, float], condition: str, given: Parameters) -> Verdict:
    """The worst that a draw calls for."""
    found = list(_verdicts(values, condition, given))
    return min(found, key=lambda verdict: WORST_FIRST.index(verdict.says), default=Verdict())


def _verdicts(values: Mapping[str, float], condition: str, given: Parameters) -> Iterator[Verdict]:
    staff = given["staff"]
    for says in WORST_FIRST:
        own = {"wbc": staff[f"{says}_wbc"][condition]} if f"{says}_wbc" in staff else {}
        limits = {**staff[says], **own}
        if any(test in values and values[test] <= limit for test, limit in limits.items()):
            yield Verdict(says, BLOOD)
    if times(values, "lipase") >= staff["lipase_stop"]:
        yield Verdict("stop", PANCREAS)
    yield from _liver(max(times(values, test) for test in ENZYMES), condition, staff["liver"])


def _liver(highest: float, condition: str, limits: Mapping[str, float | str]) -> Iterator[Verdict]:
    if condition == limits["not_in"]:
        return
    for says in WORST_FIRST:
        if highest > float(limits[says]):
            yield Verdict(says, LIVER)


def times(values: Mapping[str, float], test: str) -> float:
    """How many times its upper limit a value is; 0 if it was not sent."""
    return values.get(test, 0.0) / float(laboratory().assays[test].high or 1)
