"""Questions about one patient: the telephone with symptoms, a missed dose, a medicine, a vaccine, the repeat prescription …

What is said here is supposed, and leaves no trace in the record, unless it is recorded on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell import Answer, Record
from countwell.clinic.models import Patient
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store.acted import act
from countwell.clinic.store.records import append
from countwell.clinic.store.reviews import keep
from countwell.clinic.store.standing import answer_for, here
from countwell.paper.findings import open_section, sure_section
from countwell.paper.markup import Safe, join
from countwell.paper.notes import refused_section, unknown_section
from countwell.paper.page import packs_of
from countwell.paper.plan import further_section, plan_section
from countwell.vocabulary import lists
from countwell.vocabulary.medicines import medicines
from countwell.vocabulary.symptoms import Symptom, symptoms
from countwell.vocabulary.vaccines import vaccines

YES_NO = ("yes", "no", "unknown")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a question's form. choices: a closed list to choose from; kind: of the control."""

    name: str
    says: str
    kind: str = "text"
    choices: Sequence[str] = ()
    needed: bool = True


FORMS: Mapping[str, tuple[str, Sequence[Field]]] = {
    "missed-dose": ("A missed dose", [Field("missed", "When it was due, by the patient's clock", "datetime-local")]),
    "medicine": ("Another medicine", [Field("name", "Which medicine", "list"), Field("dose", "Dose", needed=False)]),
    "vaccine": ("A vaccine", [Field("name", "Which vaccine", "list")]),
    "pregnancy": (
        "Pregnancy, breast-feeding, fathering",
        [
            Field("plan", "Planned", choices=("now", "later"), needed=False),
            *(
                Field(name, name.capitalize(), choices=YES_NO, needed=False)
                for name in ("pregnant", "breast-feeding", "fathering")
            ),
        ],
    ),
    "travel": (
        "A journey",
        [Field("from", "From", "date"), Field("to", "To", "date"), Field("abroad", "Abroad", choices=("yes", "no"))],
    ),
    "lifestyle": ("Daily life", [Field("topic", "About what", choices=tuple(lists.entries("lifestyle")))]),
    "split": ("Dose in two parts", [Field("reason", "Why", needed=False)]),
}


def asked(request: HttpRequest) -> HttpResponse:
    """All that can be asked, each with its form."""
    shown = {"forms": FORMS, "symptoms": symptoms().values(), "known": _known()}
    return render(request, "clinic/asked.html", shown)


def question(request: HttpRequest, name: str) -> HttpResponse:
    """The answer to one question, joined with the standing review."""
    if name not in FORMS:
        raise NotThere
    title, fields = FORMS[name]
    said = {field.name: [request.POST[field.name]] for field in fields if request.POST.get(field.name)}
    if missing := [field.says for field in fields if field.needed and field.name not in said]:
        raise NotUsable(f"Fill in: {', '.join(missing)}.")
    answer, record = answer_for(request.patient, request.at, name, said=said)
    return _shown(request, title, answer, record)


def telephone(request: HttpRequest) -> HttpResponse:
    """Symptoms as the patient tells them. What was not asked is left out: it is not the same as no."""
    patient: Patient = request.patient
    told = {one.name: _told(one, request.POST) for one in symptoms().values() if request.POST.get(one.name)}
    if not told:
        raise NotUsable("Ask at least one question, and choose yes, no or not sure.")
    answer, record = answer_for(patient, request.at, "symptoms", said={name: [value] for name, value in told.items()})
    if request.POST.get("record"):
        moment = here(patient, request.at)
        append(
            patient,
            [_event(name, value, moment.day.isoformat()) for name, value in told.items()],
            request.user,
            request.at,
        )
        messages.success(request, "Recorded. The list follows it from now on.")
    return _shown(request, "Symptoms on the telephone", answer, record)


def _told(symptom: Symptom, form: Mapping[str, str]) -> str:
    """A measured symptom that is there by its value, if one was given; else yes, no or not known."""
    word = form.get(symptom.name, "")
    if word not in YES_NO:
        raise NotUsable(f"{symptom.display}: choose yes, no or not sure.")
    return form.get(f"{symptom.name}-value", "").strip() or word if word == "yes" else word


def _event(name: str, value: str, today: str) -> dict[str, object]:
    present = {"yes": True, "no": False, "unknown": None}.get(value, True)
    measured = {"value": value} if value not in YES_NO else {}
    return {"kind": "symptom", "symptom": name, "present": present, "since": today, **measured}


def release(request: HttpRequest) -> HttpResponse:
    """May the repeat prescription be released, and for how long? If so, it can be."""
    patient: Patient = request.patient
    answer, record = answer_for(patient, request.at, "supply")
    may = answer.details.get("release") is True
    if request.method != "POST":
        return _shown(request, "The repeat prescription", answer, record, release=may)
    if not may:
        raise NotUsable(f"{answer.headline} Nothing was released.")
    until = answer.details.get("until")
    act(patient, "release", request.user, request.at, until=until, review=keep(patient, request.at))
    messages.success(request, "The repeat is released, for as long as the answer says.")
    return redirect("chart", pid=patient.pid)


def _known() -> Mapping[str, Sequence[str]]:
    """The closed lists that are long enough to be searched."""
    return {"medicine": sorted(medicines()), "vaccine": sorted(vaccines())}


def _shown(request: HttpRequest, title: str, answer: Answer, record: Record, **more: object) -> HttpResponse:
    shown = {"title": title, "answer": answer, "parts": _parts(answer, record), **more}
    return render(request, "clinic/answer.html", shown)


def _parts(answer: Answer, record: Record) -> Safe:
    """What stands below the headline: details, what was found, what is open, what could not be used."""
    return join(
        [
            further_section(answer),
            plan_section(answer),
            unknown_section(answer),
            refused_section(answer),
            sure_section(answer, record, packs_of(answer)),
            open_section(answer),
        ]
    )
