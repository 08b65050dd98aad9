"""What the numbers of rows mean in the store: readings, limits and laboratories as columns, and states as laboratory rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from countwell.base.dates import Moment
from countwell.base.spans import Span
from countwell.cohort import columns as c
from countwell.cohort.incoming.bucket import Bucket
from countwell.cohort.incoming.moments import EPOCH_DAY
from countwell.cohort.incoming.readings import Limits, Reading
from countwell.cohort.incoming.settled import RANK_OF, RANKS, States
from countwell.cohort.incoming.tenfold import Place, step_of
from countwell.cohort.integers import EPOCH, NOTHING, limit, stored
from countwell.cohort.readings import Problem, read
from countwell.cohort.vocabularies import Words
from countwell.exchange.strict_json import Node
from countwell.model.records import Result
from countwell.vocabulary.tests import test

VALUED = (c.FINAL, c.DISPUTED, c.PRELIMINARY)
REPORTED = (c.PRELIMINARY, c.UNREADABLE)  # a state that rests on a preliminary report alone
WORSE = {"lower": -1, "higher": 1, "none": 0}
WHEN = Moment(EPOCH, EPOCH_DAY)


class Meanings:
    """Columns by the number of a reading (test, low, high, open, exact, fits, usable, aside, why, may_low, may_high, place), of
    limits (upper, upper_open, bare) and of a laboratory (lab); worse: by the place of a test."""

    def __init__(
        self, readings: Sequence[Reading], limits: Sequence[Limits], labs: Sequence[str], words: Words
    ) -> None:
        self.words = words
        spans = [stored(reading.span) if reading.span is not None else NOTHING for reading in readings] or [NOTHING]
        self.test = np.array([words.place("tests", reading.test) for reading in readings] or [0], np.int16)
        self.low, self.high, self.open = (np.array([span[place] for span in spans], np.int32) for place in range(2 + 1))
        self.aside = np.array([reading.aside for reading in readings] or [False])
        self.usable = np.array([reading.span is not None for reading in readings] or [False])
        self.exact = np.array([reading.span is not None and reading.span.exact for reading in readings] or [False])
        self.fits = np.array([_fits(reading.span) for reading in readings] or [True])
        problems = [_problem(reading) for reading in readings] or [None]
        self.why = [problem.why if problem else "" for problem in problems]
        self.why_place = np.array([words.place("whys", why) for why in self.why], np.uint8)
        may = [stored(Span(min(one.values), max(one.values))) if one and one.values else NOTHING for one in problems]
        self.may_low, self.may_high, self.may_open = (
            np.array([span[place] for span in may], np.int32) for place in range(2 + 1)
        )
        uppers = [limit(one.high) for one in limits] or [(c.NO_VALUE, False)]
        self.upper = np.array([upper for upper, _ in uppers], np.int32)
        self.upper_open = np.array([c.UPPER_OPEN * is_open for _, is_open in uppers], np.uint8)
        self.bare = np.array([limit(one.bare)[0] for one in limits] or [c.NO_VALUE], np.int32)
        self.lab = np.array([words.place("labs", lab) for lab in labs] or [0], np.uint16)
        self.worse = np.array([0, *(WORSE[test(name).worse] for name in words.lists["tests"][1:])], np.int8)
        self.place, self.places = _places(readings)

    def labs(self, bucket: Bucket, states: States, kept: np.ndarray, numbers: np.ndarray) -> pa.Table:
        """States as laboratory rows. kept: the number of each patient in the store; numbers: of each reading."""
        at, since, until = states.place, states.since, np.maximum(states.until, 0)
        stands, valued = states.until < 0, np.isin(states.status, VALUED)
        mere = (RANK_OF[bucket.status[at]] == RANKS["preliminary"]) & np.isin(states.status, REPORTED)
        reading, limits = bucket.reading[at], bucket.limits[at]
        flags = np.where(valued, self.open[reading], 0) | self.upper_open[limits]
        flags = flags | (bucket.whole[at] * c.WHOLE_DAY) | (bucket.without_receipt[at] * c.NO_RECEIPT)
        flags = flags | (mere * c.MERE_REPORT)
        return typed(
            c.LABS,
            {
                "patient": kept[bucket.patient[at]],
                "collected": bucket.collected[at],
                "collected_day": bucket.day[at],
                "test": self.test[reading],
                "known": bucket.known[since],
                "known_day": bucket.known_day[since],
                "until": np.where(stands, c.NEVER, bucket.known[until]),
                "until_day": np.where(stands, c.NEVER_DAY, bucket.known_day[until]),
                "low": np.where(valued, self.low[reading], c.NO_VALUE),
                "high": np.where(valued, self.high[reading], c.NO_VALUE),
                "upper": self.upper[limits],
                "status": states.status,
                "flags": flags,
                "lab": self.lab[bucket.lab[at]],
                "why": np.where(states.status == c.UNREADABLE, self.why_place[reading], 0),
                "ref": numbers[at],
            },
        )

    def not_used(self, bucket: Bucket, rows: np.ndarray, kept: np.ndarray, numbers: np.ndarray) -> pa.Table:
        """Results that cannot be used as events."""
        reading = bucket.reading[rows]
        later = bucket.known[rows] > bucket.collected[rows]
        columns = {
            "value": self.may_low[reading],
            "other": self.may_high[reading],
            "bits": np.full(len(rows), c.NEVER),
            "end": np.where(later, bucket.known[rows], bucket.collected[rows]),
            "end_day": np.where(later, bucket.known_day[rows], bucket.day[rows]),
            "flags": bucket.whole[rows] * c.WHOLE_DAY | self.may_open[reading],
            "upper": self.bare[bucket.limits[rows]],
        }
        return self._unused(bucket, rows, kept, numbers, columns)

    def to_come(self, bucket: Bucket, rows: np.ndarray, kept: np.ndarray, numbers: np.ndarray) -> pa.Table:
        """Results without a receipt as events that are told until their collection; see `countwell.cohort.unused`."""
        reading = bucket.reading[rows]
        columns = {
            "value": self.low[reading],
            "other": self.high[reading],
            "bits": bucket.collected[rows],
            "end": np.full(len(rows), c.LONG_AGO),
            "end_day": np.full(len(rows), c.NO_DAY),
            "flags": bucket.whole[rows] * c.WHOLE_DAY | self.open[reading],
            "upper": np.full(len(rows), c.NO_VALUE),
        }
        return self._unused(bucket, rows, kept, numbers, columns)

    def _unused(
        self, bucket: Bucket, rows: np.ndarray, kept: np.ndarray, numbers: np.ndarray, columns: Mapping[str, np.ndarray]
    ) -> pa.Table:
        return typed(
            c.EVENTS,
            {
                "patient": kept[bucket.patient[rows]],
                "at": bucket.collected[rows],
                "at_day": bucket.day[rows],
                "kind": np.full(len(rows), c.NOT_USED),
                "code": np.full(len(rows), self.words.place("not_used", "result")),
                "more": self.test[bucket.reading[rows]],
                "ref": numbers[rows],
                **columns,
            },
        )


def typed(schema: pa.Schema, columns: Mapping[str, np.ndarray]) -> pa.Table:
    """Columns as a table of the schema."""
    arrays = [
        pa.array(columns[field.name].astype(field.type.to_pandas_dtype(), copy=False), field.type) for field in schema
    ]
    return pa.table(arrays, schema=schema)


def _fits(span: Span | None) -> bool:
    """Whether the store's thousandths are what was sent, at the lower end; a whole number of them if it is one value."""
    return span is None or not span.low.is_finite() or span.low * c.SCALE == stored(span).low


def _problem(reading: Reading) -> Problem | None:
    """Why a reading cannot be used, and what it may mean."""
    if not reading.test or reading.span is not None:
        return None
    value, unit = reading.event.get("value"), reading.event.get("unit")
    sent = Result(
        "", WHEN, reading.test, value=None if value is None else str(value), unit=None if unit is None else str(unit)
    )
    return read(sent).problem


def _places(readings: Sequence[Reading]) -> tuple[np.ndarray, list[Place]]:
    """For each reading, where its results fall (the laboratory left open): the number of a place."""
    numbers: dict[Place, int] = {}
    found = [numbers.setdefault(_place(reading), len(numbers)) for reading in readings]
    return np.array(found or [0]), list(numbers) or [Place("", "", "", "", 0)]


def _place(reading: Reading) -> Place:
    known = None if reading.span is None else (reading.span.high if reading.span.high.is_finite() else reading.span.low)
    return Place("", _code(reading.event), reading.test, str(reading.event.get("unit") or ""), step_of(known))


def _code(event: Mapping[str, Node]) -> str:
    code = event.get("code")
    return f"{code.get('system')} {code.get('code')}" if isinstance(code, dict) else ""
