"""Every kind of fact that SQL can say, and those that it need not, with the reason."""

from __future__ import annotations

from collections.abc import Mapping

from . import acts, course, dispensed, dosed, laboratory, life, movement
from .sheet import Printer

KINDS: Mapping[str, Printer] = {
    "latest": laboratory.latest,
    "highest": laboratory.highest,
    "baseline": laboratory.baseline,
    "change": movement.change,
    "streak": movement.streak,
    "done": acts.done,
    "pending": acts.pending,
    "since": course.since,
    "dose": dosed.dose,
    "state": course.state,
    "reason": course.reason,
    "condition": course.condition,
    "accepted": course.accepted,
    "symptom": life.symptom,
    "medicine": life.medicine,
    "history": life.history,
    "circumstance": life.circumstance,
    "gene": life.gene,
    "person": life.person,
    "vaccinated": dispensed.vaccinated,
    "label": dispensed.label,
}
NOT_SAID: Mapping[str, str] = {
    "recovered": "only tables that answer `restart` read it",
    "asked": "only tables that answer a question read it",
    "missed": "only tables that answer `missed-dose` read it",
}
