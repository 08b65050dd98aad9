"""What the compiled pass walks on without looking: places stand in their lists, days in the calendar and by their instants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countwell.base.errors import CohortError
from countwell.cohort import columns as c
from countwell.cohort.integers import A_DAY, day_number

Arrays = Mapping[str, NDArray[Any]]

# Column -> list of the manifest, or how many values there are.
LISTS: Mapping[str, Mapping[str, str | int]] = {
    "patients": {
        "sex": "sexes",
        "country": "countries",
        "zone": "zones",
        "condition": "conditions",
        "protocol": "protocols",
    },
    "labs": {"test": "tests", "lab": "labs", "why": "whys", "status": c.WITHDRAWN + 1},
    "events": {"kind": c.UNFOUNDED + 1},
}
# The same of what a kind of event holds.
OF_KIND: Mapping[int, Mapping[str, str | int]] = {
    c.DECISION: {"code": "dos", "other": "frequencies"},
    c.SYMPTOM: {"code": "symptoms", "more": 3},
    c.MEDICINE: {"code": "medicines"},
    c.LIST_CONFIRMED: {"code": "lists"},
    c.HISTORY: {"code": "histories", "more": "causes"},
    c.GENOTYPE: {"code": "genes", "more": 2},
    c.CIRCUMSTANCE: {"code": "circumstances", "more": 3},
    c.ORDER: {"code": "tests", "more": 2},
    c.VACCINATION: {"code": 2},
    c.LABEL: {"other": "frequencies"},
    c.NOT_USED: {"code": "not_used", "more": "tests"},
}
ACCEPT = "accept"
DAYS = {"patients": ("born",), "labs": ("collected_day", "known_day", "until_day"), "events": ("at_day", "end_day")}
INSTANTS = {"collected_day": "collected", "at_day": "at"}
FIRST, LAST = day_number(date.min), day_number(date.max)


def refuse_unsound(where: str, table: str, columns: Arrays, manifest: Mapping[str, Any]) -> None:
    """Raises CohortError, saying where and which column, if a place stands in no list of the manifest, a day is none from
    year 1 to 9999, or strays from its instant by more than a zone can account for.

    Checked are the columns that are there; what a kind of event holds, only beside its `kind`.
    """
    for name in DAYS[table]:
        _refuse_no_day(where, name, columns.get(name))
        _refuse_strayed(where, columns, name)
    for name, among in LISTS[table].items():
        _refuse(where, name, columns.get(name), among, manifest)
    if table == "events" and "kind" in columns:
        if "bits" in columns:
            _refuse_no_day(where, "bits", columns["bits"][columns["kind"] == c.DECISION])
        for rows, name, among in _of_kinds(columns, manifest):
            _refuse(where, name, columns[name][rows] if name in columns else None, among, manifest)


def _refuse_no_day(where: str, name: str, column: NDArray[Any] | None) -> None:
    if column is None or not len(column) or (column.min() >= FIRST and column.max() <= LAST):
        return
    outside = (column < FIRST) | (column > LAST)
    if (outside & (column != c.NO_DAY) & (column != c.NEVER_DAY)).any():
        raise CohortError(f"{where}: {name} holds what is no day of the calendar. Import it again.")


def _refuse_strayed(where: str, columns: Arrays, day: str) -> None:
    instant = INSTANTS.get(day, "")
    if day not in columns or instant not in columns:
        return
    into_the_day = columns[instant] - columns[day] * np.int64(A_DAY)
    strays = (into_the_day < -A_DAY) | (into_the_day >= 2 * A_DAY)
    if strays.any() and (strays & (columns[instant] != c.LONG_AGO)).any():
        raise CohortError(f"{where}: {day} is not the day of {instant}. Import it again.")


def _of_kinds(columns: Arrays, manifest: Mapping[str, Any]) -> Iterator[tuple[NDArray[Any], str, str | int]]:
    for kind, lists in OF_KIND.items():
        rows = np.flatnonzero(columns["kind"] == kind)
        yield from ((rows, name, among) for name, among in lists.items())
        if kind == c.DECISION and "code" in columns:
            accepts = columns["code"][rows] == manifest["dos"].index(ACCEPT)
            yield rows[accepts], "more", "findings"
            yield rows[~accepts], "more", "reasons"


def _refuse(where: str, name: str, column: NDArray[Any] | None, among: str | int, manifest: Mapping[str, Any]) -> None:
    if column is None or not len(column):
        return
    size = among if isinstance(among, int) else len(manifest[among])
    if column.min() < 0 or column.max() >= size:
        raise CohortError(f"{where}: {name} holds a place that its list does not have. Import it again.")
