"""For rows of some patients on some days: the last row of another table before, or the next one after."""

from __future__ import annotations

import numpy as np

from countwell.cohort.measures.seen import Ints


class ByDay:
    """Rows sorted by patient and day, to be looked up by both."""

    def __init__(self, patient: Ints, day: Ints) -> None:
        """patient: from 0. day: any whole numbers; rows that are not in order are put in order."""
        self.order = np.lexsort((day, patient))
        self.patient = patient[self.order].astype(np.int64)
        self.day = day[self.order].astype(np.int64)
        self.day_of_row = day
        self.low = int(self.day.min(initial=0)) - 1
        self.span = int(self.day.max(initial=0)) - self.low + 2
        self._keys = self._key(self.patient, self.day)

    def _key(self, patient: Ints, day: Ints) -> Ints:
        inside = np.clip(day.astype(np.int64), self.low, self.low + self.span - 1)
        keys: Ints = patient.astype(np.int64) * self.span + (inside - self.low)
        return keys

    def last(self, patient: Ints, day: Ints) -> Ints:
        """The row of the same patient on that day or the last one before; -1 if there is none."""
        place = np.searchsorted(self._keys, self._key(patient, day), side="right") - 1
        return self._row(place, patient)

    def next(self, patient: Ints, day: Ints) -> Ints:
        """The row of the same patient on that day or the first one after; -1 if there is none."""
        place = np.searchsorted(self._keys, self._key(patient, day), side="left")
        return self._row(np.where(place < len(self._keys), place, -1), patient)

    def next_day(self, patient: Ints, day: Ints, never: int) -> Ints:
        """The day of that next row; `never` if there is none."""
        row = self.next(patient, day)
        return np.where(row >= 0, self.day_of_row[row], never) if len(self.day) else np.full(len(row), never)

    def _row(self, place: Ints, patient: Ints) -> Ints:
        if not len(self._keys):
            return np.full(len(place), -1)
        same = (place >= 0) & (self.patient[place] == patient)
        return np.where(same, self.order[place], -1)
