"""The CTCAE grade beside a finding, in words, by version, since versions differ. It describes a size and calls for nothing."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.model.answers import Answer, Finding, Graded
from countwell.paper.plain import clean, listing, lower_first


def grade_words(answer: Answer, finding: Finding) -> Iterator[str]:
    """`CTCAE 5.0: grade 3, 6.0: grade 2 (neutrophils decreased)`, for each value that the finding rests on; none twice."""
    yield from dict.fromkeys(_each_value(answer, finding))


def _each_value(answer: Answer, finding: Finding) -> Iterator[str]:
    refs = {ref for because in finding.because for ref in because.events}
    events = dict.fromkeys((grade.event, grade.term) for grade in answer.grades if grade.event in refs)
    for event, term in events:
        rows = [grade for grade in answer.grades if (grade.event, grade.term) == (event, term)]
        yield clean(f"CTCAE {', '.join(_by_grade(rows))} ({lower_first(term)})")


def _by_grade(rows: list[Graded]) -> Iterator[str]:
    for grade in dict.fromkeys(row.grade for row in rows):
        yield f"{listing([row.version for row in rows if row.grade == grade])}: grade {_grade(grade)}"


def _grade(grade: tuple[int, int]) -> str:
    low, high = grade
    return str(low) if low == high else f"{low} to {high}"
