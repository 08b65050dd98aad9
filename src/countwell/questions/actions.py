"""The closed words of an answer, computed from its parts and from nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from countwell.model.advice import Advice
from countwell.model.answers import ACTIONS, DueGroup

OF_DRUG = {"do-not-raise": "do-not-raise", "reduce": "reduce-dose", "hold": "hold", "stop": "stop"}
TAKEN = ("active", "held")
OPEN_STATES = ("overdue", "due", "never-done")
BELOW_CONTINUE = ACTIONS[: ACTIONS.index("test-overdue")]


def actions(
    *,
    state: str,
    advice: Advice,
    at_most: Advice,
    words: Collection[str],
    schedule: Sequence[DueGroup],
    input_wanting: bool,
    closer: bool,
    no_dose: bool,
    further: Iterable[str] = (),
) -> tuple[str, ...]:
    """Action words in display order.

    state: of the course. no_dose: a dose rule allows none. further: words that the question itself adds.
    """
    said = {*further, *words, *_of_ladders(state, advice), *_of_tests(schedule)}
    if input_wanting:
        said.add("cannot-use-input")
    if closer:
        said.add("closer-monitoring")
    if "infection" in advice.precautions:
        said.add("infection-precautions")
    if state in ("proposed", "stopped", "held") and (no_dose or advice.at_least("hold")):
        said.add("do-not-start")
    if advice.drug != at_most.drug:
        said.add("cannot-say")
    if "ask-before-vaccination" in said:
        said.add("contact-prescriber")
    if _may_continue(state, advice, at_most, said):
        said.add("continue")
    return tuple(word for word in ACTIONS if word in said)


def _of_ladders(state: str, advice: Advice) -> Iterable[str]:
    if advice.patient in ("seen-today", "emergency"):
        yield advice.patient
    if advice.prescriber != "none":
        yield "contact-prescriber"
    drug = OF_DRUG.get(advice.drug)
    if drug is not None and (state == "active" or (state == "held" and drug == "stop")):
        yield drug


def _of_tests(schedule: Sequence[DueGroup]) -> Iterable[str]:
    """One word for the schedule: the most pressing."""
    if any(row.state == "overdue" or row.overdue_days > 0 for row in schedule):
        yield "test-overdue"
    elif any(row.state in ("due", "never-done") for row in schedule):
        yield "test-due"
    elif schedule:
        yield "test-not-due"


def _may_continue(state: str, advice: Advice, at_most: Advice, said: Collection[str]) -> bool:
    calm = advice.drug == "continue" and at_most.drug == "continue"
    return state == "active" and calm and not any(word in said for word in BELOW_CONTINUE)
