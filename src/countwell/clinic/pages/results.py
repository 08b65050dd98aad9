"""All results of a patient as they were sent, and one of them with why it matters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from countwell.clinic.heading import answered
from countwell.clinic.models import Event
from countwell.clinic.pages.acting import form_of
from countwell.clinic.policy import policy
from countwell.clinic.refused import NotThere
from countwell.clinic.store.by_hand import SOURCE
from countwell.facts.past import past_of
from countwell.facts.readings import Reading
from countwell.model.records import Refused, Result
from countwell.paper.beside import beside_section
from countwell.paper.findings import sure_section, trace
from countwell.paper.notes import refused_section, unknown_section
from countwell.paper.page import packs_of
from countwell.paper.plain import clean, day, fact, number, said, with_unit


@dataclass(frozen=True, slots=True)
class Row:
    """One result. position: of its event; read: in the test's own unit; problem: why it is not used; struck: by what;
    by_hand: who entered it, if a person did."""

    position: int
    test: str
    taken: str
    sort: str
    sent: str
    read: str
    problem: str
    limits: str
    state: str
    lab: str
    struck: str
    received: datetime
    by_hand: str


def results(request: HttpRequest) -> HttpResponse:
    """Every result that ever came, newest first; those that were replaced stand struck."""
    rows = sorted(_rows(request).values(), key=lambda row: (row.sort, row.position), reverse=True)
    return render(request, "clinic/results.html", {"rows": rows, "may_enter": _may_enter(request)})


def _may_enter(request: HttpRequest) -> bool:
    """Whether this person enters results by hand."""
    wanted = policy().wanted("enter-result", "POST")
    return wanted is not None and wanted.has(request.user.role)


def result(request: HttpRequest, number: int) -> HttpResponse:
    """One result: as sent and as read, those of the same draw, why, and the form to act."""
    rows = _rows(request)
    one = rows.get(number)
    if one is None:
        raise NotThere
    answer, record = answered(request)
    packs = packs_of(answer)
    shown_ = {
        "one": one,
        "may_correct": one.by_hand and not one.struck and _may_enter(request),
        "draw": [row for row in rows.values() if row.sort == one.sort],
        "before": _before(one, rows),
        "why": [
            sure_section(answer, record, packs),
            unknown_section(answer),
            refused_section(answer),
            beside_section(answer),
            trace(answer),
        ],
    }
    return render(request, "clinic/result.html", shown_ | form_of(request))


def _before(one: Row, rows: Mapping[int, Row]) -> list[Row]:
    """The earlier values of the same test, newest first."""
    mine = [row for row in rows.values() if row.test == one.test and row.sort < one.sort and not row.struck]
    return sorted(mine, key=lambda row: row.sort, reverse=True)[:10]


def _rows(request: HttpRequest) -> dict[int, Row]:
    """Each result by the position of its event, also one that could not be read."""
    answer, record = answered(request)
    past = past_of(record)
    read = {reading.ref: reading for row in past.readings.values() for reading in row}
    aside = {one.reading.ref: one.by for one in past.timeline(answer.known_at).put_aside}
    known = {event.ref: event for event in record.events if isinstance(event, Result)}
    refused = {one.event: one for one in record.refused}
    rows = {}
    for event in Event.objects.filter(patient=request.patient, kind="result").select_related("recorded_by"):
        sent = json.loads(event.body)
        ref = sent.get("id") or f"#{event.position - 1}"
        rows[event.position] = _row(event, sent, known.get(ref), read.get(ref), refused.get(ref), aside.get(ref))
    return rows


def _row(
    event: Event,
    sent: Mapping[str, object],
    result: Result | None,
    reading: Reading | None,
    refused: Refused | None,
    by: Reading | None,
) -> Row:
    """One row. What could not be read keeps the words in which it was refused."""
    when = result.collected if result else None
    name = reading.test if reading else str(sent.get("test") or "")
    return Row(
        position=event.position,
        test=fact(name) if name else "Not listed",
        taken=day(when.day) if when else clean(sent.get("collected") or "not sent"),
        sort=when.at.isoformat() if when else "",
        sent=clean(" ".join(str(sent[key]) for key in ("value", "unit") if sent.get(key))) or "nothing",
        read=_read(reading) if reading else "",
        problem=_problem(reading, refused),
        limits=clean(_limits(str(sent.get("normal_low") or ""), str(sent.get("normal_high") or ""))),
        state=said(str(sent.get("status") or "not sent")),
        lab=clean(sent.get("lab") or ""),
        struck=f"{said(by.status)}: {clean(by.as_sent)}" if by else "",
        received=event.recorded_at,
        by_hand=f"{event.source}; filed by {event.recorded_by}" if event.source.startswith(SOURCE) else "",
    )


def _read(reading: Reading) -> str:
    """The value in the test's own unit; the laboratory's digits where it sent that unit."""
    if reading.span is None:
        return ""
    if reading.sent_unit == reading.unit:
        return with_unit(clean(reading.value), reading.unit)
    if reading.span.exact and reading.span.low is not None:
        return with_unit(number(reading.span.low), reading.unit)
    return with_unit(clean(reading.as_sent), "")


def _problem(reading: Reading | None, refused: Refused | None) -> str:
    """Why it is not used, in words; nothing if it is."""
    found = (reading.problem if reading else None) or refused
    return clean(found.says) if found else ""


def _limits(low: str, high: str) -> str:
    """The laboratory's range in words, "" if none was sent."""
    if low and high:
        return f"{low} to {high}"
    return f"up to {high}" if high else (f"from {low}" if low else "")
