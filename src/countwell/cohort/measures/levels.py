"""By what a measure can be broken down: sex, age band, condition, protocol, laboratory, any `by_…` column of the patients."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from countwell.base.errors import UsageError
from countwell.cohort.columns import NO_DAY
from countwell.cohort.measures.choices import choice
from countwell.cohort.measures.seen import Coded, Ints, Seen, words

NOT_KNOWN = "not known"
LISTED = {"sex": "sexes", "condition": "conditions", "protocol": "protocols"}
OWN = "by_"


def columns_of(seen: Seen) -> tuple[str, ...]:
    """Every column by which measures of this store can be broken down."""
    own = sorted(name for name in seen.group.patients if name.startswith(OWN))
    return (*LISTED, "age", "lab", *own)


def column(seen: Seen, name: str) -> Coded:
    """One word per patient of the group. `site` means the column `by_site`. Raises UsageError if the store has no such column,
    or one with too many words to be one."""
    known = columns_of(seen)
    name = name if name in known else OWN + name
    if name not in known:
        raise UsageError(f"no column to break down by: {name.removeprefix(OWN)}. This store has {', '.join(known)}.")
    if name in LISTED:
        return _listed(seen.group.patients[name], words(seen.group.manifest, LISTED[name]))
    if name == "age":
        return ages(seen.group.patients["born"], seen.as_of)
    return labs(seen) if name == "lab" else _own(name, seen.group.patients[name])


def _listed(place: Ints, names: list[str]) -> Coded:
    return Coded(place.astype(np.int64), tuple(name or NOT_KNOWN for name in names))


def _own(name: str, said: Ints) -> Coded:
    found, place = np.unique(np.array([str(word or NOT_KNOWN) for word in said], dtype=object), return_inverse=True)
    if len(found) > choice("most_levels"):
        raise UsageError(f"{name} has more than {choice('most_levels')} different words. Choose a coarser column.")
    return Coded(place, tuple(str(word) for word in found))


def ages(born: Ints, as_of: int) -> Coded:
    """Age bands on a day; whole years, a birthday counts from its own day on."""
    bands = choice("age_bands")
    day = np.datetime64(as_of, "D")
    past = _days_between_birthdays(np.where(born == NO_DAY, 0, born), day)
    place = np.searchsorted(bands, past, side="right")
    names = (
        f"under {bands[0]}",
        *(f"{a} to {b - 1}" for a, b in pairwise(bands)),
        f"{bands[-1]} and over",
    )
    return Coded(np.where(born == NO_DAY, len(names), place), (*names, NOT_KNOWN))


def _days_between_birthdays(born: Ints, on: np.datetime64) -> Ints:
    """Whole years between a birth day and a day."""
    birth = born.astype("datetime64[D]")
    years = on.astype("datetime64[Y]").astype(np.int64) - birth.astype("datetime64[Y]").astype(np.int64)
    return years - (_of_year(birth) > _of_year(np.array([on]))[0])


def _of_year(days: Ints) -> Ints:
    """Month and day as one number that grows within every year alike."""
    months = days.astype("datetime64[M]")
    of_month = (days - months.astype("datetime64[D]")).astype(np.int64)
    return (months - days.astype("datetime64[Y]").astype("datetime64[M]")).astype(np.int64) * 100 + of_month


def labs(seen: Seen) -> Coded:
    """The laboratory of each patient's newest result."""
    rows = seen.of(seen.group.labs, ("lab",), seen.group.labs["collected_day"] <= seen.as_of)
    place = np.zeros(seen.size, dtype=np.int64)
    place[rows["patient"]] = rows["lab"]
    return _listed(place, words(seen.group.manifest, "labs"))
