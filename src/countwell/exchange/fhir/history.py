"""Conditions, allergies and immunizations: what is treated, what happened before, which vaccines were given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from countwell.exchange.entries import Event, Part, mark, marking, when
from countwell.exchange.fhir.drugs import drug
from countwell.exchange.fhir.parts import codings, is_modified, texts, word
from countwell.exchange.fhir.received import Given
from countwell.exchange.fhir.versions import other_version
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.meaning import code_of
from countwell.model.records import Code
from countwell.vocabulary import lists
from countwell.vocabulary.medicines import AZATHIOPRINE
from countwell.vocabulary.symptoms import symptom_named
from countwell.vocabulary.vaccines import vaccine_named

WORDS = re.compile(r"\w+")
ENDED = ("inactive", "remission", "resolved")
DENIED = ("refuted", "entered-in-error")
LISTS: tuple[lists.ListName, ...] = ("conditions", "histories", "circumstances")


def history(given: Given) -> Part:
    """What a Condition, AllergyIntolerance or Immunization says."""
    read = {"Condition": condition, "AllergyIntolerance": allergy, "Immunization": immunization}[given.kind]
    try:
        event = read(given.fields)
        doubt = _doubt(given.fields)
    except FieldFault as fault:
        event, doubt = {"kind": "history", "what": given.kind}, fault
    if doubt and event["kind"] != "note":
        event["not_used"] = marking(doubt)
    return Part(given.where, ({**event, "id": given.event},))


def _doubt(fields: Fields) -> FieldFault | None:
    if is_modified(dict(fields.content)) or fields.content.get("implicitRules"):
        return FieldFault("modifierExtension", "unreadable", "something in it changes its meaning.", held=True)
    if version := other_version(fields.content):
        return FieldFault(version[0], "unreadable", f"this is {version[1]}, not R4.", "Send FHIR R4.", held=True)
    return None


def condition(fields: Fields) -> Event:
    """A condition that Countwell knows; any other is kept as a note."""
    start, end = _onset(fields), fields.text("abatementDateTime")
    name, entry = listed_as(codings(fields, "code"), texts(fields, "code"))
    if word(fields, "verificationStatus") in DENIED or name == "conditions":
        return _note(fields, start)
    if name is None:
        return _unlisted(fields, start, end)
    if name == "circumstances":
        return {"kind": "circumstance", "what": entry, "from": start, "to": end}
    return {"kind": "history", "what": entry, "at": start}


def _unlisted(fields: Fields, start: str | None, end: str | None) -> Event:
    """A condition that is not listed: a note, or for a person if its words speak of one that is."""
    over = end is not None or word(fields, "clinicalStatus") in ENDED
    said = texts(fields, "code")
    name = speaks_of(" ".join(said), ("histories",) if over else ("histories", "circumstances"))
    if not over:
        name = name or next((symptom for text in said if (symptom := symptom_named(text))), None)
    doubt = mark("code", f"its words speak of {name}; is it that?", "not-listed", "Enter it by hand if it is.")
    return {**_note(fields, start), "not_used": doubt} if name else _note(fields, start)


def speaks_of(text: str, wanted: Sequence[lists.ListName]) -> str | None:
    """The entry of a list whose name stands, as whole words, somewhere in a text."""
    words = f" {' '.join(WORDS.findall(text.casefold()))} "
    spoken = ((entry, spelling) for name in wanted for entry, spelling in _spellings(name))
    return next((entry for entry, spelling in spoken if spelling in words), None)


@cache
def _spellings(name: lists.ListName) -> tuple[tuple[str, str], ...]:
    """Each entry with each of its names, as ` whole words `."""
    entries = lists.entries(name).values()
    names = ((entry.name, text) for entry in entries for text in (entry.name, entry.display, *entry.also))
    return tuple((entry, f" {' '.join(WORDS.findall(text.casefold()))} ") for entry, text in names)


def treated(fields: Fields) -> str | None:
    """The condition of a course that a Condition names, if it is one and was not refuted."""
    try:
        if word(fields, "verificationStatus") in DENIED or word(fields, "clinicalStatus") in ENDED:
            return None
        name, entry = listed_as(codings(fields, "code"), texts(fields, "code"))
    except FieldFault:
        return None
    return entry if name == "conditions" else None


def listed_as(codes: Sequence[Code], said: Sequence[str]) -> tuple[lists.ListName | None, str | None]:
    """The closed list and the entry that codes, else words, name."""
    for name in LISTS:
        for code in codes:
            if isinstance(entry := lists.of_code(name, code.system, code.code, code.display), str):
                return name, entry
    for name in LISTS:
        for text in said:
            if entry := lists.named(name, text.removesuffix(" (disorder)").removesuffix(" (finding)")):
                return name, entry
    return None, None


def _onset(fields: Fields) -> str | None:
    period = fields.within("onsetPeriod")
    return fields.text("onsetDateTime") or (period.text("start") if period else None) or fields.text("recordedDate")


def _note(fields: Fields, at: str | None) -> Event:
    said = texts(fields, "code") or texts(fields, "vaccineCode")
    codes = codings(fields, "code") or codings(fields, "vaccineCode")
    return {"kind": "note", **when(at), "text": said[0] if said else None, "code": code_of(codes[0]) if codes else None}


def allergy(fields: Fields) -> Event:
    """Hypersensitivity to azathioprine or a medicine like it; any other allergy is kept as a note."""
    found = drug(codings(fields, "code"), texts(fields, "code"))
    at = _onset(fields)
    if word(fields, "verificationStatus") in DENIED or not found.possible & {AZATHIOPRINE, "mercaptopurine"}:
        return _note(fields, at)
    event: Event = {"kind": "history", "what": "hypersensitivity", "cause": found.name, "at": at}
    return {**event, "not_used": mark("code", found.doubt, "disputed")} if found.doubt else event


def immunization(fields: Fields) -> Event:
    """A vaccine given; one that was not given, or is not listed, is kept as a note."""
    at = fields.text("occurrenceDateTime")
    status = fields.text("status")
    if status in ("not-done", "entered-in-error"):
        return _note(fields, at)
    said = [*texts(fields, "vaccineCode"), *(code.code for code in codings(fields, "vaccineCode"))]
    vaccine = next((name for text in said if (name := vaccine_named(text))), None)
    if vaccine is None:
        return _note(fields, at)
    event: Event = {"kind": "vaccination", "vaccine": vaccine, "at": at}
    return (
        event if status == "completed" else {**event, "not_used": mark("status", "whether it was given is not said.")}
    )
