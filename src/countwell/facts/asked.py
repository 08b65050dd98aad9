"""What is being asked beside the standing review: a question with its details, and the dose that was missed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Missed:
    """One missed dose, judged on the patient's own calendar.

    same_day: it was due today. gap_left: share of the time between two doses that is left before the next, 0 to 1.
    days_in_row: how many days in a row were missed, the asked one included.
    """

    same_day: bool
    gap_left: Decimal
    days_in_row: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and what was said with it, as words (`live: yes`, `topic: alcohol`)."""

    question: str
    details: Mapping[str, str] = field(default_factory=dict)
    missed: Missed | None = None


NOTHING_ASKED = Asked("review")
