"""The grade of each laboratory value that a finding rests on, by version of the CTCAE. Shown beside it; no rule reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from countwell.facts.past import Past
from countwell.model.answers import Finding, Graded
from countwell.vocabulary.ctcae import grades


def graded(past: Past, findings: Iterable[Finding]) -> Iterator[Graded]:
    """One row for each value and version, of values that are above the lowest grade or may be; by test, oldest first."""
    wanted = {ref for found in findings if found.holds == "yes" for because in found.because for ref in because.events}
    for _, readings in sorted(past.readings.items()):
        for reading in sorted(readings, key=lambda r: (r.collected.at, r.ref)):
            if reading.ref in wanted and reading.span is not None:
                for grade in grades(reading.test, reading.span, reading.lower, reading.upper):
                    if grade.high:
                        yield Graded(reading.ref, reading.test, grade.term, grade.version, (grade.low, grade.high))
