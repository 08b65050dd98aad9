"""Who, under which rules, on what dose, in what state: the head of the page."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from countwell.facts.past import Past, past_of
from countwell.model.answers import Answer
from countwell.model.records import Patient, Record
from countwell.paper.markup import Child, Safe, el
from countwell.paper.plain import age, clean, day, dose, listing, said, short
from countwell.paper.words import STATES, STATUSES, shown

NO_DOSE = frozenset({"held", "stopped", "ended", "died"})


def banner(answer: Answer, record: Record) -> Safe:
    """The patient, the protocol, the dose, the state."""
    return el(
        "header",
        el("div", _who(answer, record.patient), facts(answer, record), class_="wrap"),
        class_="banner",
        aria_label="Patient and treatment",
    )


def _who(answer: Answer, patient: Patient) -> Safe:
    name = patient.names[0] if patient.names else patient.id
    also = f"also {listing([clean(other) for other in patient.names[1:]])}" if patient.names[1:] else ""
    rows = [born(patient, answer), clean(patient.sex or "sex not known"), clean(patient.id), also]
    return el(
        "div",
        el("p", el("bdi", name), class_="who"),
        el("p", " · ".join(row for row in rows if row), class_="meta"),
        el("p", f"{clean(patient.time_zone)} time", class_="meta"),
    )


def born(patient: Patient, answer: Answer) -> str:
    """Birth date and age on the day of the answer."""
    if patient.born is None:
        return "birth date not known"
    return f"Born {day(patient.born)} ({age(patient.born, answer.as_of.day)} years)"


def facts(answer: Answer, record: Record) -> Safe:
    """Protocol, dose and course, each with what it rests on."""
    rows = [
        ("Protocol", protocol(answer), _layers(answer)),
        ("Dose now", dose_now(answer), ", ".join(_about_dose(answer, record))),
        ("Course", state(answer), ", ".join(_about_state(answer))),
    ]
    return el(
        "dl", [el("div", el("dt", term), el("dd", el("strong", value), _meta(meta))) for term, value, meta in rows]
    )


def _meta(words: str) -> Child:
    return el("span", words, class_="meta") if words else None


def protocol(answer: Answer) -> str:
    """The protocol with its version, and whether it may be used."""
    about = answer.protocol
    return clean(f"{about.get('id', '?')} {about.get('version', '')}").strip()


def status(answer: Answer) -> str:
    """What the protocol's status means."""
    return shown(STATUSES, str(answer.protocol.get("status", "draft")))


def _layers(answer: Answer) -> str:
    layers = [clean(layer) for layer in answer.protocol.get("layers", ())]
    return f"{status(answer)}; with {listing(layers)}" if layers else status(answer)


def dose_now(answer: Answer) -> str:
    """The dose in mg a day; nothing is taken while held or stopped."""
    course = answer.course
    if course.state in NO_DOSE or course.state == "proposed":
        return "none"
    return f"{dose(course.mg_per_day)} mg a day" if course.mg_per_day is not None else "not known"


def _about_dose(answer: Answer, record: Record) -> Iterator[str]:
    course = answer.course
    if course.state in NO_DOSE and course.mg_per_day is not None:
        yield f"last {dose(course.mg_per_day)} mg a day"
    elif course.mg_per_day is not None:
        yield per_kg(course.mg_per_day, past_of(record), answer)
    if course.frequency and course.state not in NO_DOSE:
        yield said(course.frequency)
    strengths = [f"{dose(product.strength_mg)} mg" for product in record.course.products]
    if strengths:
        yield f"tablets of {listing(strengths)}"


def per_kg(mg: Decimal, past: Past, answer: Answer) -> str:
    """Mg per kg, with the weight it rests on and its date."""
    weight = past.weight(answer.as_of)
    if weight is None or not weight.kg.exact or not weight.kg.low:
        return "weight not known"
    kg = weight.kg.low
    return f"{short(mg / kg)} mg/kg at {short(kg)} kg ({day(weight.at.day)})"


def state(answer: Answer) -> str:
    """The state of the course."""
    return shown(STATES, answer.course.state)


def _about_state(answer: Answer) -> Iterator[str]:
    course = answer.course
    if course.since is not None:
        yield f"since {day(course.since)}"
    if course.reason:
        yield f"reason: {said(course.reason)}"
    if course.decide_by is not None:
        yield f"decide by {day(course.decide_by)}"
    elif course.state == "held":
        yield "no day to decide by"


def state_sentence(answer: Answer) -> str | None:
    """What must be said before anything else, where no tablet is to be taken; None while there is nothing of the kind."""
    if answer.course.state not in NO_DOSE:
        return None
    return ". ".join([state(answer), *(about[:1].upper() + about[1:] for about in _about_state(answer))]) + "."
