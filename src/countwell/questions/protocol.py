"""Which protocol speaks: the one that is named. It is never guessed from the diagnosis, and a diagnosis without one is said."""

from __future__ import annotations

from collections.abc import Iterator

from countwell.base.errors import UsageError
from countwell.model.pack import Pack
from countwell.model.records import Course
from countwell.pack.load import speaking_for
from countwell.vocabulary.lists import entries, is_covered


def protocol_for(course: Course, named: str | None) -> str:
    """The protocol that was named for this question, else that of the course.

    Raises UsageError if neither is there: it names those that speak for the condition, or says that none does.
    """
    name = named or course.protocol
    if name is None:
        raise UsageError(_choose(course.condition))
    return name


def _choose(condition: str | None) -> str:
    if condition is None:
        return "the record names neither a protocol nor a condition. Name a protocol: --protocol cidp."
    if not _is_covered(condition):
        return f"the record names no protocol, and {_display(condition)} is not covered: no protocol speaks for it."
    names = speaking_for(condition)
    return (
        f"the record names no protocol. For {_display(condition)}: {', '.join(names)}. Name one: --protocol {names[0]}."
    )


def not_its_condition(pack: Pack, condition: str | None) -> Iterator[str]:
    """What to say if a protocol is not for what is treated: it speaks all the same."""
    if not pack.conditions or condition is None or condition in pack.conditions:
        return
    yield f"This protocol is for {_listed(pack.conditions)}; the record says {_display(condition)}."
    if not _is_covered(condition):
        yield f"{_display(condition)} is not covered: no protocol of Countwell speaks for it."


def _display(condition: str) -> str:
    """The condition by its display name; one that no list knows as it was sent."""
    listed = entries("conditions").get(condition)
    return condition if listed is None else listed.display


def _is_covered(condition: str) -> bool:
    return condition in entries("conditions") and is_covered(condition)


def _listed(conditions: tuple[str, ...]) -> str:
    *others, last = map(_display, conditions)
    return f"{', '.join(others)} or {last}" if others else last
