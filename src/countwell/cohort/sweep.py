"""Who may be on azathioprine with nobody following: evidence of the drug or of a test made for it, and no open course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from countwell.cohort.columns import GENOTYPE, LABEL, LONG_AGO, MEDICINE, WITHDRAWN
from countwell.cohort.measures.courses import ON_TREATMENT, STATES, decisions_of, spells_of
from countwell.cohort.measures.seen import Ints, Mask, Seen, words
from countwell.vocabulary.tests import tests

DRUG, PRESCRIBED, DISPENSED = "azathioprine", "azathioprine among the medicines", "azathioprine dispensed with a label"
GENE, METABOLITE = "genotype for thiopurines", "thiopurine metabolite measured"
ACTIVITY = "TPMT activity measured"
METABOLITES = ("tgn", "mmp")
NEVER_STARTED = "never started here"
GONE = ("died", "ended")


@dataclass(frozen=True, slots=True)
class Found:
    """One patient without an open course. patient: number in the store; kind and on: the newest evidence (None: not dated);
    course: the state of the course, in words."""

    patient: int
    kind: str
    on: date | None
    course: str


def sweep(seen: Seen) -> list[Found]:
    """Every patient of a row group with evidence and no open course, by number; those who died or were passed on are left out.

    Where a course was stopped, only evidence of a later day counts: what came before belongs to it.
    """
    state, since = _courses(seen)
    found: dict[int, tuple[int, str]] = {}
    for kind, patient, day in _evidence(seen):
        kept = _untracked(state[patient]) & ((since[patient] < 0) | (day > since[patient]))
        for who, on in zip(patient[kept].tolist(), day[kept].tolist(), strict=True):
            if who not in found or (on, kind) > found[who]:
                found[who] = (on, kind)
    return [_told(seen, who, on, kind, state[who]) for who, (on, kind) in sorted(found.items())]


def newest_first(found: Sequence[Found]) -> list[Found]:
    """By the day of the evidence, what is not dated last."""
    return sorted(found, key=lambda one: (one.on is None, -(one.on or date.min).toordinal(), one.patient))


def _courses(seen: Seen) -> tuple[Ints, Ints]:
    """The state of every patient's course as its place in STATES, and since which day (both -1: nothing was decided)."""
    spells = spells_of(decisions_of(seen), seen.as_of)
    state, since = np.full(seen.size, -1), np.full(seen.size, -1)
    state[spells.patient], since[spells.patient] = spells.state, spells.begun
    return state, since


def _untracked(state: Ints) -> Mask:
    mask: Mask = ~np.isin(state, [STATES.index(name) for name in (*ON_TREATMENT, *GONE)])
    return mask


def _evidence(seen: Seen) -> Iterator[tuple[str, Ints, Ints]]:
    """Kind, patients, days. A medicine that has ended is evidence of its last day."""
    manifest = seen.group.manifest
    taken = seen.events(MEDICINE, ("code", "at", "at_day", "end_day"))
    mine = taken["code"] == words(manifest, "medicines").index(DRUG)
    last = np.where(taken["end_day"] <= seen.as_of, taken["end_day"], taken["at_day"])
    undated = taken["at"] == LONG_AGO
    yield PRESCRIBED, taken["patient"][mine], np.where(undated & (last > seen.as_of), _NOT_DATED, last)[mine]
    label = seen.events(LABEL, ("at_day",))
    yield DISPENSED, label["patient"], label["at_day"]
    gene = seen.events(GENOTYPE, ("at_day",))
    yield GENE, gene["patient"], gene["at_day"]
    yield from _measured(seen)


_NOT_DATED = np.iinfo(np.int32).min


def _measured(seen: Seen) -> Iterator[tuple[str, Ints, Ints]]:
    """Results of tests that are made for nothing else. That an unreadable one was taken is evidence enough."""
    labs = seen.group.labs
    for kind, names in ((METABOLITE, METABOLITES), (ACTIVITY, genes())):
        places = [place for place, name in enumerate(words(seen.group.manifest, "tests")) if name in names]
        known = np.isin(labs["test"], places) & (labs["known_day"] <= seen.as_of) & (labs["status"] != WITHDRAWN)
        rows = seen.of(labs, ("collected_day",), known)
        yield kind, rows["patient"], rows["collected_day"]


def genes() -> tuple[str, ...]:
    """The tests that tell a gene for thiopurines, or its activity."""
    return tuple(name for name, test in tests().items() if test.gene)


def _told(seen: Seen, who: int, on: int, kind: str, state: int) -> Found:
    dated = None if on < 0 else np.datetime64(on, "D").item()
    return Found(seen.first + who, kind, dated, NEVER_STARTED if state < 0 else STATES[state])
