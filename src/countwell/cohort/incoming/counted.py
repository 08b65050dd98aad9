"""What became of the rows of a bucket that went by columns, and where their results fall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from countwell.cohort.incoming.bucket import Bucket
from countwell.cohort.incoming.meanings import Meanings
from countwell.cohort.incoming.tally import Tally
from countwell.cohort.incoming.tenfold import Place


def counted(bucket: Bucket, rows: np.ndarray, unread: np.ndarray, meanings: Meanings, tally: Tally) -> Counter[Place]:
    """Puts the rows into the tally, those among them that cannot be used by why; gives back where they fall."""
    names, readings = bucket.source_of.names, bucket.source_of.readings
    aside = meanings.aside[bucket.reading[rows]]
    for source, reading, count in _by_reading(bucket, rows[aside]):
        tally.not_read(names[source], readings[reading].event, count)
    rows = rows[~aside]
    for source, count in _often(bucket.source[rows]):
        tally.filed(names[source], count - int((bucket.source[unread] == source).sum()))
    for source, reading, count in _by_reading(bucket, unread):
        tally.unread(names[source], readings[reading].event, meanings.why[reading], count)
    return _fallen(bucket, rows, meanings)


def _fallen(bucket: Bucket, rows: np.ndarray, meanings: Meanings) -> Counter[Place]:
    places, found = meanings.places, Counter[Place]()
    where = bucket.lab[rows].astype(np.int64) * len(places) + meanings.place[bucket.reading[rows]]
    for one, count in _often(where):
        lab, place = divmod(one, len(places))
        found[places[place]._replace(lab=bucket.source_of.labs[lab])] += count
    return found


def _by_reading(bucket: Bucket, rows: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """(source, reading, how many rows)."""
    many = max(1, len(bucket.source_of.readings))
    for one, count in _often(bucket.source[rows].astype(np.int64) * many + bucket.reading[rows]):
        yield (*divmod(one, many), count)


def _often(numbers: np.ndarray) -> Iterator[tuple[int, int]]:
    """Each number with how often it stands there."""
    if numbers.max(initial=0) <= len(numbers):
        counts = np.bincount(numbers)
        distinct = np.flatnonzero(counts)
        counts = counts[distinct]
    else:
        distinct, counts = np.unique(numbers, return_counts=True)
    yield from zip(distinct.tolist(), counts.tolist(), strict=True)
