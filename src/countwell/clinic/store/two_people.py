"""What takes two people: whoever asked never approves it, and whoever approved it never carries it out."""

from __future__ import annotations

from datetime import datetime

from countwell.clinic.models import PackState, Person, Proposal, Switch
from countwell.clinic.refused import NotYours

SAME_PERSON = "Each of these steps takes another person. Ask one who has neither asked for it nor approved it."


def refuse_same(by: Person, *before: int | None) -> None:
    """Raises NotYours if the person is one of those, by number, who did a step before."""
    if by.pk in before:
        raise NotYours(SAME_PERSON)


def approve(asked: PackState | Proposal | Switch, by: Person, at: datetime) -> None:
    """Writes down who approved it, and when."""
    asked.approved_by, asked.approved_at = by, at
    asked.save(update_fields=["approved_by", "approved_at"])
