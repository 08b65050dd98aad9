"""The head of every page of a patient: who, under which rules, on what dose, what happened before, and who shares the name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest

from countwell import Answer, Record
from countwell.clinic.banner import banner_token
from countwell.clinic.models import Patient
from countwell.clinic.never import never_with
from countwell.clinic.store.acting import open_episodes
from countwell.clinic.store.held import waiting_for
from countwell.clinic.store.muted import muted
from countwell.clinic.store.scope import same_name
from countwell.clinic.store.standing import answer_for, calling
from countwell.model.records import Decision, Genotype, History
from countwell.paper.banner import born, dose_now, facts, state
from countwell.paper.plain import clean, day, listing, said

NONE = "none recorded"


@dataclass(frozen=True, slots=True)
class Heading:
    """Texts, but `facts`, which is markup: protocol, dose and course. waiting: held messages that may be this
    patient's; token: of the record as it stands now."""

    patient: Patient
    born: str
    sex: str
    also: str
    facts: str
    dose: str
    state: str
    reactions: str
    genes: str
    held: str
    never: str
    same_name: bool
    waiting: int
    token: str


def answered(request: HttpRequest) -> tuple[Answer, Record]:
    """The standing review of the patient of a request: asked once for all parts of a page."""
    kept: tuple[Answer, Record] | None = getattr(request, "answered", None)
    if kept is None:
        kept = request.answered = answer_for(request.patient, request.at)
    return kept


def left_open(request: HttpRequest) -> dict[str, int]:
    """What calls for something in that review and nobody has answered, by episode, with how grave it is."""
    answer, _ = answered(request)
    return open_episodes(request.patient, calling(answer, muted(request.patient.clinic, request.at)))


def heading(request: HttpRequest) -> Heading:
    """Of the request's patient, as of the request's instant."""
    patient: Patient = request.patient
    answer, record = answered(request)
    return Heading(
        patient=patient,
        born=born(record.patient, answer),
        sex=clean(record.patient.sex or "sex not known"),
        also=listing([clean(name) for name in record.patient.names if name != patient.name]),
        facts=facts(answer, record),
        dose=dose_now(answer),
        state=state(answer),
        reactions="; ".join(_reactions(record)) or NONE,
        genes="; ".join(_genes(record)) or "not recorded",
        held="; ".join(_holds(record)) or "never",
        never=never_with(record.course) or "none named",
        same_name=same_name(patient),
        waiting=waiting_for(patient).count(),
        token=banner_token(patient),
    )


def _reactions(record: Record) -> Iterator[str]:
    """What happened before, with the medicine that did it."""
    for event in record.events:
        if isinstance(event, History):
            cause = f" from {clean(event.cause)}" if event.cause else ""
            when = f" ({day(event.at.day)})" if event.at else ""
            yield said(event.what).capitalize() + cause + when


def _genes(record: Record) -> Iterator[str]:
    for event in record.events:
        if isinstance(event, Genotype):
            yield f"{clean(event.gene)} {clean(event.result)} ({day(event.at.day)})"


def _holds(record: Record) -> Iterator[str]:
    """Each hold and stop so far."""
    for event in record.events:
        if isinstance(event, Decision) and event.do in ("hold", "stop"):
            reason = f", {said(event.reason)}" if event.reason else ""
            yield f"{event.do} {day(event.at.day)}{reason}"
