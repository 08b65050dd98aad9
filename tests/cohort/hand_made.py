"""Small registers made by hand for the measures: a few patients, decisions, results, as arrays with the columns of the store."""

from datetime import date

import numpy as np

from countwell.cohort import columns
from countwell.cohort.columns import (
    DECISION,
    DIED,
    EVENTS,
    LABS,
    NEVER,
    NEVER_DAY,
    NO_DAY,
    NO_VALUE,
    PATIENTS,
    SCALE,
    WEIGHT,
)
from countwell.cohort.measures.seen import Seen
from countwell.cohort.store import RowGroup
from countwell.cohort.vocabularies import Words

DAY_ZERO = date(1970, 1, 1)
MICROSECONDS = 86_400_000_000
AS_OF = (date(2026, 6, 30) - DAY_ZERO).days
RULES = ("p/white-cells/stop", "p/white-cells/watch", "p/schedule/always")
GROUPS = ("cbc", "liver")


def day(text):
    """The number of a day."""
    return (date.fromisoformat(text) - DAY_ZERO).days


class Made:
    """A row group in the making; `seen()` gives it to a measure."""

    def __init__(self, patients=1, first=0):
        self.words, self.first, self.size = Words(), first, patients
        self.of_patients = {name: np.zeros(patients, dtype=np.int64) for name in PATIENTS.names}
        self.of_patients["patient"] = np.arange(first, first + patients)
        self.of_patients["born"] = np.full(patients, NO_DAY)
        self.events, self.labs = [], []

    def of(self, patient, name, word):
        """Give a patient a word of a column: `sex`, or any `by_…`."""
        if name.startswith("by_"):
            self.of_patients.setdefault(name, np.full(self.size, "", dtype=object))[patient] = word
        else:
            listed = "sexes" if name == "sex" else f"{name}s"
            self.of_patients[name][patient] = word if name == "born" else self.words.place(listed, word)

    def event(self, patient, on, kind, **fields):
        """An event on a day."""
        row = dict.fromkeys(EVENTS.names, 0) | {
            "value": NO_VALUE,
            "other": NO_VALUE,
            "end": NEVER,
            "end_day": NEVER_DAY,
        }
        row |= {"patient": patient + self.first, "at": on * MICROSECONDS, "at_day": on, "kind": kind, "bits": NO_DAY}
        self.events.append(row | fields)

    def decide(self, patient, on, do, mg=None, since=NO_DAY):
        """A decision; `died` is one here."""
        if do == "died":
            self.event(patient, on, DIED)
            return
        value = NO_VALUE if mg is None else int(mg * SCALE)
        self.event(patient, on, DECISION, code=self.words.place("dos", do), value=value, other=0, bits=since)

    def weigh(self, patient, on, kg, upto=None):
        """A weight, exact or a span."""
        self.event(patient, on, WEIGHT, value=int(kg * SCALE), other=int((upto or kg) * SCALE))

    def test(self, patient, on, name, low=5.0, high=None, status=columns.FINAL, lab=""):
        """A result known on the day of its collection."""
        row = dict.fromkeys(LABS.names, 0) | {
            "patient": patient + self.first, "collected": on * MICROSECONDS, "collected_day": on, "known_day": on,
            "until_day": NEVER_DAY, "until": NEVER, "test": self.words.place("tests", name), "status": status,
            "low": round(low * SCALE), "high": round((low if high is None else high) * SCALE), "lab": self.words.place("labs", lab),
        }  # fmt: skip
        self.labs.append(row)

    def seen(self, as_of=AS_OF, episodes=(), delays=(), status=None, mine=None, rules=RULES):
        """The row group. episodes: (patient, rule, begun); delays: (patient, group, due_by, done)."""
        group = RowGroup(self.words.lists, self.of_patients, table(self.labs, LABS), table(self.events, EVENTS))
        return Seen(
            group, as_of, np.ones(self.size, dtype=bool) if mine is None else mine, status,
            rows(episodes, ("patient", "rule", "begun_day"), self.first), rows(delays, ("patient", "group", "due_by", "done_day"), self.first),
            rules, GROUPS,
        )  # fmt: skip


def table(made, schema):
    """Rows as columns, in the order of the store."""
    made = sorted(made, key=lambda row: (row["patient"], row.get("collected", row.get("at"))))
    return {name: np.array([row[name] for row in made], dtype=np.int64) for name in schema.names}


def rows(tuples, names, first=0):
    """Tuples as columns."""
    array = np.array(list(tuples), dtype=np.int64).reshape(-1, len(names))
    return dict(zip(names, array.T, strict=True)) | {"patient": array[:, 0] + first}
