"""Several answers as a worklist: worst first, in groups that add up. Used by the index page and the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from countwell.model.advice import CALM, Rank, rank
from countwell.model.answers import Answer
from countwell.model.records import Record
from countwell.paper.banner import protocol, state
from countwell.paper.levels import OPEN, is_open
from countwell.paper.page import sentences
from countwell.paper.plain import clean
from countwell.paper.words import STATES

TIERS = {1: "Now", 2: "Today", 3: "This week"}
CALMLY = "Nothing called for"
GROUPS = (*TIERS.values(), OPEN, CALMLY)


@dataclass(frozen=True, slots=True)
class Row:
    """One patient's answer, and where its page is."""

    answer: Answer
    record: Record
    link: str | None = None

    @property
    def name(self) -> str:
        """The patient, by name if there is one."""
        patient = self.record.patient
        return clean(patient.names[0] if patient.names else patient.id)

    @property
    def group(self) -> str:
        """Where it stands in the list: by the tier of its advice; below that, whether anything is not known or late."""
        ranked = self._rank
        if ranked is not CALM:
            return TIERS[ranked.tier]
        answer = self.answer
        wanting = is_open(answer) or self.late or answer.unknown or answer.refused or self.undecided
        return OPEN if wanting else CALMLY

    @property
    def _rank(self) -> Rank:
        """The rank of its advice. Of the dead nothing is asked of anybody: they stand with the calm."""
        return CALM if self.answer.course.state == "died" else rank(self.answer.advice)

    @property
    def undecided(self) -> bool:
        """Whether the tablets are held and nobody has named a day to decide by."""
        return self.answer.course.state == "held" and self.answer.course.decide_by is None

    @property
    def late(self) -> int:
        """How many days its latest test is overdue."""
        return max((int(row.get("overdue_days") or 0) for row in self.answer.details.get("tests", ())), default=0)

    @property
    def words(self) -> str:
        """The advice word; late, not known, or nothing."""
        ranked = self._rank
        if ranked is not CALM:
            return ranked.words
        if self.late:
            return f"Late {self.late} d"
        if self.halted:
            return "Held, no day" if self.undecided else self.course
        return "Not known" if self.group == OPEN else ranked.words

    @property
    def reason(self) -> str:
        """The first sentence of the headline; the second too where the first says the state of the course."""
        first, rest = sentences(self.answer.headline)
        return clean(f"{first} {sentences(rest)[0]}".strip() if self.halted else first)

    @property
    def course(self) -> str:
        """State of the course alone."""
        return state(self.answer)

    @property
    def state(self) -> str:
        """State of the course and protocol."""
        return f"{state(self.answer)} · {protocol(self.answer)}"

    @property
    def halted(self) -> bool:
        """Whether the course is held or stopped."""
        return self.answer.course.state in STATES and self.answer.course.state not in ("active", "proposed")


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Worst first: by rank, then by what cannot be ruled out, then by lateness, then by name."""
    return sorted(rows, key=_place)


def _place(row: Row) -> tuple[int, int, int, int, str]:
    least, most = rank(row.answer.advice).place, rank(row.answer.advice_at_most).place
    return GROUPS.index(row.group), least, most, -row.late, row.name


def grouped(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """The groups that have anybody, worst first."""
    placed = ordered(rows)
    found = [(group, [row for row in placed if row.group == group]) for group in GROUPS]
    return [(group, members) for group, members in found if members]


def total(rows: Sequence[Row]) -> str:
    """The sum that adds up: `12 patients = 1 now + 3 today + …`."""
    counts = [(len(members), group.lower()) for group, members in grouped(rows)]
    told = " + ".join(f"{count} {group}" for count, group in counts)
    if sum(count for count, _ in counts) != len(rows):
        return f"The list is not complete: {len(rows)} patients, but {told}."
    return f"{len(rows)} {'patient' if len(rows) == 1 else 'patients'} = {told or '0'}"
