"""Drawn patients as a store `countwell.cohort/1`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from cohort_drawn import (
    BELOW,
    CONDITIONS,
    COUNTRIES,
    DISPUTED,
    LABS,
    PRELIMINARY,
    TESTS,
    UNREADABLE,
    WITHDRAWN,
    WRONG,
    ZONES,
    People,
    Results,
    instants,
)
from cohort_happenings import UNKNOWN_DAY, Happenings

from countwell.cohort import columns as c
from countwell.cohort.writing import StoreWriter

Lists = Mapping[str, Sequence[str]]
STATUS_OF = {
    DISPUTED: c.DISPUTED,
    UNREADABLE: c.UNREADABLE,
    WITHDRAWN: c.WITHDRAWN,
    PRELIMINARY: c.PRELIMINARY,
}
SITES = np.array([f"site-{lab % 20:02d}" for lab in range(len(LABS))])
WHY = "no-unit"  # of one that cannot be read
REASONS = ("leucopenia", "liver", "infection", "other")
KINDS = {
    "decision": c.DECISION,
    "weight": c.WEIGHT,
    "symptom": c.SYMPTOM,
    "medicine": c.MEDICINE,
    "list-confirmed": c.LIST_CONFIRMED,
    "history": c.HISTORY,
    "genotype": c.GENOTYPE,
    "circumstance": c.CIRCUMSTANCE,
    "died": c.DIED,
}
LISTS_OF = {
    "decision": "dos",
    "symptom": "symptoms",
    "medicine": "medicines",
    "list-confirmed": "lists",
    "history": "histories",
    "circumstance": "circumstances",
}


def write(folder: Path, drawn: Iterable[tuple[People, Results, list[Happenings]]]) -> int:
    """A store of all chunks; gives back how many rows of results it holds."""
    count = 0
    with StoreWriter(folder, further=("by_site",)) as store:
        for name, words in (("zones", ZONES), ("countries", COUNTRIES), ("protocols", CONDITIONS), ("labs", LABS)):
            for word in words:
                store.words.place(name, word)
        for of, rows, more in drawn:
            refs = np.bincount(rows.who, minlength=len(of))
            labs = labs_table(of, rows, store.words.lists)
            store.add(patients_table(of, store.words.lists), labs, events_table(of, more, refs, store.words.lists))
            count += len(labs)
    return count


def patients_table(of: People, lists: Lists) -> pa.Table:
    """One row per patient."""
    numbers = of.first + np.arange(len(of))
    conditions = places(lists["conditions"], CONDITIONS)
    given = {
        "patient": np.arange(len(of)),
        "id": pa.array([f"p{number}" for number in numbers.tolist()]),
        "born": of.born,
        "sex": places(lists["sexes"], ("female", "male"))[of.sex],
        "country": places(lists["countries"], COUNTRIES)[of.zone],
        "zone": places(lists["zones"], ZONES)[of.zone],
        "condition": conditions[of.condition],
        "protocol": places(lists["protocols"], CONDITIONS)[of.condition],
    }
    return _table(given, c.PATIENTS).append_column("by_site", pa.array(SITES[of.lab]))


def labs_table(of: People, drawn: Results, lists: Lists) -> pa.Table:
    """One row per state of a result."""
    zone = of.zone[drawn.who]
    tests = places(lists["tests"], tuple(TESTS))
    assert (np.diff(tests) > 0).all(), "TESTS of cohort_drawn.py have to stand in the order of the vocabulary"
    collected = instants(zone, drawn.day, drawn.minute)
    known = instants(zone, drawn.known_day, drawn.known_minute)
    until, until_day = np.full(len(known), c.NEVER), np.full(len(known), c.NEVER_DAY)
    replaced = np.flatnonzero((drawn.of == PRELIMINARY) | (drawn.of == WRONG))
    until[replaced], until_day[replaced] = known[replaced + 1], drawn.known_day[replaced + 1]
    below = drawn.of == BELOW
    unread = (drawn.of == UNREADABLE) | (drawn.of == WITHDRAWN)
    given = {
        "patient": drawn.who,
        "collected": collected,
        "collected_day": drawn.day,
        "test": tests[drawn.test],
        "known": known,
        "known_day": drawn.known_day,
        "until": until,
        "until_day": until_day,
        "low": np.where(unread, c.NO_VALUE, np.where(below, 0, drawn.value)),
        "high": np.where(unread, c.NO_VALUE, drawn.value),
        "upper": np.where(drawn.upper > 0, drawn.upper, c.NO_VALUE),
        "status": _looked_up(drawn.of, STATUS_OF),
        "flags": np.where(drawn.minute < 0, c.WHOLE_DAY, 0)
        + np.where(below, c.HIGH_OPEN, 0)
        + np.where(drawn.of == PRELIMINARY, c.MERE_REPORT, 0),
        "lab": places(lists["labs"], LABS)[of.lab[drawn.who]],
        "why": np.where(drawn.of == UNREADABLE, places(lists["whys"], (WHY,))[0], 0),
        "ref": _number_within(drawn.who),
    }
    return _table(given, c.LABS)


def events_table(of: People, drawn: Sequence[Happenings], refs: np.ndarray, lists: Lists) -> pa.Table:
    """One row per event. refs: results of each patient, after which the events are numbered."""
    parts = [_events(of, rows, lists) for rows in drawn]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((joined["kind"], joined["at"], joined["patient"]))
    joined = {name: column[order] for name, column in joined.items()}
    who = joined["patient"]
    joined["ref"] = refs[who] + _number_within(who)
    return _table(joined, c.EVENTS)


def _events(of: People, rows: Happenings, lists: Lists) -> dict[str, np.ndarray]:
    count, zone = len(rows.who), of.zone[rows.who]
    undated = rows.day == UNKNOWN_DAY
    open_end = rows.end < 0
    end = instants(zone, np.where(open_end, rows.day, rows.end), np.full(count, -1))
    return {
        "patient": rows.who,
        "at": np.where(undated, c.LONG_AGO, instants(zone, rows.day, rows.minute)),
        "at_day": np.where(undated, c.NO_DAY, rows.day),
        "kind": np.full(count, KINDS[rows.kind]),
        "end": np.where(open_end, c.NEVER, end),
        "end_day": np.where(open_end, c.NEVER_DAY, rows.end),
        "upper": np.full(count, c.NO_VALUE),
        "flags": np.where((rows.minute < 0) & ~undated, c.WHOLE_DAY, 0) + np.where(open_end, 0, c.END_WHOLE_DAY),
        **_held(rows, lists),
    }


def _held(rows: Happenings, lists: Lists) -> dict[str, np.ndarray]:
    """code, value, other, more and bits of a kind, as columns.py says."""
    count = len(rows.who)
    none = np.full(count, c.NO_VALUE)
    held = {"code": np.zeros(count), "value": none, "other": none, "more": np.zeros(count), "bits": np.zeros(count)}
    if rows.kind in LISTS_OF:
        held["code"] = places(lists[LISTS_OF[rows.kind]], rows.words)[rows.what]
    match rows.kind:
        case "decision":
            halts = np.isin(rows.what, [rows.words.index("hold"), rows.words.index("stop")])
            reasons = places(lists["reasons"], REASONS)[rows.more % len(REASONS)]
            held["value"] = np.where(rows.amount > 0, rows.amount, c.NO_VALUE)
            held["other"] = np.zeros(count)
            held["more"] = np.where(halts, reasons, 0)
            held["bits"] = np.full(count, c.NO_DAY)
        case "weight":
            held["value"] = held["other"] = rows.amount
        case "symptom":
            held["more"] = rows.more
            held["value"] = held["other"] = np.where(rows.amount > 0, rows.amount, c.NO_VALUE)
        case "circumstance":
            held["more"] = rows.more
        case "genotype":
            held["code"] = np.full(count, places(lists["genes"], ("TPMT",))[0])
            held["bits"] = (1 << places(lists["phenotypes"], rows.words))[rows.what]
    return held


def places(words: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """The place of each wanted word in a list of the store. Raises ValueError if one is not listed."""
    listed = list(words)
    return np.array([listed.index(word) for word in wanted])


def _looked_up(given: np.ndarray, meaning: Mapping[int, int]) -> np.ndarray:
    table = np.zeros(256, np.uint8)
    table[list(meaning)] = list(meaning.values())
    return table[given]


def _number_within(who: np.ndarray) -> np.ndarray:
    """0, 1, 2 … within each patient; who is ascending."""
    new = np.ones(len(who), bool)
    new[1:] = who[1:] != who[:-1]
    starts = np.flatnonzero(new)
    return np.arange(len(who)) - np.repeat(starts, np.diff(np.append(starts, len(who))))


def _table(given: Mapping[str, object], schema: pa.Schema) -> pa.Table:
    columns = [
        given[field.name]
        if isinstance(given[field.name], pa.Array)
        else pa.array(np.asarray(given[field.name]).astype(field.type.to_pandas_dtype(), copy=False))
        for field in schema
    ]
    return pa.table(columns, schema=schema)
