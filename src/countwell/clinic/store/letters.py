"""Letters on their way: made from the answer of the day, held back where they must not go, sent, and seen to have gone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from countwell.clinic.letter_pdf import Picture, pdf_of
from countwell.clinic.models import Act, Letter, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import chase
from countwell.clinic.store.acted import act
from countwell.clinic.store.ordered import awaited
from countwell.clinic.store.standing import answer_for, here
from countwell.clinic.store.wanted import FINAL
from countwell.model.answers import Answer
from countwell.model.records import Record
from countwell.paper.chart import chart_svg
from countwell.paper.figure import chart_for
from countwell.paper.findings import surely
from countwell.paper.page import packs_of
from countwell.paper.plain import as_read
from countwell.paper.tell import description

WAYS = ("print", "mail")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of letter."""

    says: str
    to: Sequence[str]
    reminder: bool = False
    values: bool = False
    chart: bool = False


@cache
def kinds() -> Mapping[str, Kind]:
    """The letters that can be written."""
    text = files("countwell.clinic").joinpath("letters.yaml").read_text(encoding="utf-8")
    return {name: Kind(**fields) for name, fields in yaml.safe_load(text).items()}


def write(patient: Patient, kind: str, way: str, by: Person, at: datetime) -> list[Letter]:
    """Writes a letter to each of its receivers; it waits until it is sent. Raises NotUsable where it must not go."""
    if kind not in kinds() or way not in WAYS:
        raise NotUsable("Choose the letter and the way it goes from the lists.")
    answer, record = answer_for(patient, at)
    made = []
    for to in kinds()[kind].to:
        if why := must_not(patient, kind, to, answer.course.state, at):
            raise NotUsable(f"This letter does not go: {why}.")
        if way == "mail" and not address(patient, to):
            raise NotUsable(f"There is no e-mail address of the {'GP' if to == 'gp' else 'patient'}. Print it instead.")
        body = text_of(patient, kind, to, answer, record)
        pdf = pdf_of(kinds()[kind].says, patient, to, body, _trend(kinds()[kind], answer, record), at)
        made.append(
            Letter.objects.create(
                patient=patient, kind=kind, to=to, way=way, subject=kinds()[kind].says, body=body, pdf=pdf, made_at=at,
                made_by=by, state_at=at,
            )
        )  # fmt: skip
    return made


def must_not(patient: Patient, kind: str, to: str, state: str, at: datetime) -> str:
    """Why a letter must not go, in words; empty if it may."""
    if state == "died":
        return "the patient has died"
    if to == "patient" and not patient.released:
        return "messages to this patient have not been released"
    if kinds()[kind].reminder and state in ("ended", "stopped", "proposed"):
        return "no course goes on, so there is nothing to remind of"
    if kinds()[kind].reminder and paused(patient, here(patient, at).day):
        return "reminders are paused"
    return ""


def paused(patient: Patient, today: date) -> Act | None:
    """The pause of reminders that holds today; its last day counts."""
    last = (
        Act.objects.filter(patient=patient, what__in=("pause", "resume"), undone_by=None).order_by("-at", "-pk").first()
    )
    return (
        last if last is not None and last.what == "pause" and last.until is not None and last.until >= today else None
    )


def address(patient: Patient, to: str) -> str:
    """The e-mail address of a receiver."""
    return patient.gp_email if to == "gp" else patient.email


def text_of(patient: Patient, kind: str, to: str, answer: Answer, record: Record) -> str:
    """The words of a letter: plain text, paragraphs apart by an empty line. A final report is the laboratory's to send."""
    tests = [one for one in awaited(patient, answer, record) if not one.group.startswith(FINAL)]
    late = [one for one in tests if one.until < answer.as_of.day]
    told = [as_read(finding.tell["clinician"]) for finding in surely(answer) if finding.tell.get("clinician")]
    shown = {"patient": patient, "clinic": patient.clinic, "tests": tests, "late": late, "told": told, "answer": answer}
    text = render_to_string(f"clinic/letters/{kind}-{to}.txt", shown)
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n") if part.strip())


def _trend(kind: Kind, answer: Answer, record: Record) -> Picture | None:
    """The trend as SVG (empty if it is not drawn), its description in words, and its values for the table."""
    chart = chart_for(answer, record, packs_of(answer)) if kind.values else None
    if chart is None or not chart.series:
        return None
    words = description(chart.series, chart.steps, chart.events, chart.known)
    return chart_svg(chart, "medium") if kind.chart else "", words, chart.series


def withhold(patient: Patient, why: str, at: datetime) -> int:
    """Every letter about a patient that has not gone stays. How many those were."""
    waiting = Letter.objects.filter(patient=patient, state__in=("waiting", "failed"))
    return waiting.update(state="withheld", why=why, state_at=at)


def send_waiting(letters: Iterable[Letter], at: datetime) -> dict[str, int]:
    """Sends what waits to go by mail; each is looked at once more before. How many came to which state."""
    counts: dict[str, int] = {}
    for letter in letters:
        send(letter, at)
        counts[letter.state] = counts.get(letter.state, 0) + 1
    return counts


def send(letter: Letter, at: datetime) -> None:
    """Sends one letter, or says why not: withheld if it must not go any more, failed if the way does not work."""
    answer, _ = answer_for(letter.patient, at)
    why = must_not(letter.patient, letter.kind, letter.to, answer.course.state, at)
    if why:
        letter.state, letter.why = "withheld", why
    else:
        letter.tries += 1
        letter.state, letter.why = _carried(letter)
    letter.state_at = at
    letter.save(update_fields=["state", "why", "state_at", "tries"])
    if letter.state == "sent" and letter.to == kinds()[letter.kind].to[0]:
        _note_try(letter, at)


def _note_try(letter: Letter, at: datetime) -> None:
    """A letter that is a step of the ladder is a try to reach the patient, made when it went."""
    due_by = letter.patient.standing.due_by
    if due_by is not None and letter.kind in {step.name for step in chase.ladder().steps}:
        note, due = f"{letter.kind}: letter sent", chase.episode(due_by)
        act(letter.patient, "contact", letter.made_by, at, reason="sent", note=note, episode=due)


def _carried(letter: Letter) -> tuple[str, str]:
    """By mail, or as a file into the data folder where no mail is set up. Neither names the patient outside the letter."""
    name = f"letter-{letter.pk}.pdf"
    try:
        if settings.EMAIL_HOST:
            _mailed(letter, name)
        else:
            folder = Path(settings.DATA) / "outbox"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(letter.pdf or b"")
            meta = {"to": address(letter.patient, letter.to), "letter": letter.pk}
            (folder / f"letter-{letter.pk}.json").write_text(json.dumps(meta), encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: an address that no mail can have; its text quotes the address
        says = getattr(error, "strerror", None) or "the mail server did not take it"
        return "failed", f"{type(error).__name__}: {says}"[:200]
    return "sent", ""


def _mailed(letter: Letter, name: str) -> None:
    clinic = letter.patient.clinic
    message = EmailMessage(
        subject=f"A letter from {clinic.name}",
        body=f"The attached letter is from {clinic.name}. Questions: call {clinic.phone or 'the clinic'}.",
        to=[address(letter.patient, letter.to)],
    )
    message.attach(name, bytes(letter.pdf or b""), "application/pdf")
    message.send()
