"""Questions about one patient: the telephone with symptoms, a missed dose, a medicine, a vaccine, the repeat prescription …

What is said here is supposed, and leaves no trace in the record, unless it is recorded on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from countwell import Answer, Record
from countwell.clinic.models import Patient
from countwell.clinic.policy import policy
from countwell.clinic.refused import NotThere, NotUsable
from countwell.clinic.store.acted import act
from countwell.clinic.store.chase import released_until
from countwell.clinic.store.records import append
from countwell.clinic.store.reviews import keep
from countwell.clinic.store.standing import answer_for, here
from countwell.paper.findings import open_section, sure_section
from countwell.paper.markup import Safe, join
from countwell.paper.notes import refused_section, unknown_section
from countwell.paper.page import packs_of
from countwell.paper.plain import as_read, day
from countwell.paper.plan import further_section, plan_section
from countwell.vocabulary import lists
from countwell.vocabulary.medicines import medicines
from countwell.vocabulary.symptoms import Symptom, symptom_areas, symptoms
from countwell.vocabulary.vaccines import vaccines

REPORTS = "report-for-patient"
YES_NO = {"yes": True, "no": False, "unknown": None}


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
                Field(name, name.capitalize(), choices=tuple(YES_NO), needed=False)
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
    reports = policy().rights[REPORTS].has(request.user.role)
    return render(request, "clinic/asked.html", {"forms": FORMS, "known": _known(), "reports": reports})


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
    if request.method != "POST":
        return render(request, "clinic/telephone.html", {"areas": symptom_areas()})
    patient: Patient = request.patient
    told = [_told(one, request.POST) for one in symptoms().values() if request.POST.get(one.name)]
    if not told:
        raise NotUsable("Ask at least one question, and choose yes, no or not sure.")
    said = {name: [word] for one in told for name, word in one.said()}
    answer, record = answer_for(patient, request.at, "symptoms", said=said)
    if request.POST.get("record"):
        today = here(patient, request.at).day.isoformat()
        append(patient, [one.event(today) for one in told], request.user, request.at)
        messages.success(request, "Recorded. The list follows it from now on.")
    return _shown(request, "Symptoms on the telephone", answer, record)


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of one symptom. details: those that were asked about; value: as measured, with "yes" alone."""

    symptom: str
    word: str
    value: str
    details: Mapping[str, str]

    def said(self) -> Iterator[tuple[str, str]]:
        """As `ask` takes it."""
        yield self.symptom, self.value or self.word
        yield from ((f"{self.symptom}.{detail}", word) for detail, word in self.details.items())

    def event(self, today: str) -> dict[str, object]:
        """As it stands in the record."""
        details = {name: YES_NO[word] for name, word in self.details.items()}
        said = {"kind": "symptom", "symptom": self.symptom, "present": YES_NO[self.word], "since": today}
        return said | ({"value": self.value} if self.value else {}) | ({"details": details} if details else {})


def _told(symptom: Symptom, form: Mapping[str, str]) -> Told:
    """Details and a value belong to a symptom that is there."""
    word = _word(symptom, form[symptom.name])
    if word != "yes":
        return Told(symptom.name, word, "", {})
    asked = {name: form.get(f"{symptom.name}.{name}", "") for name in symptom.details}
    details = {name: _word(symptom, said) for name, said in asked.items() if said}
    return Told(symptom.name, word, form.get(f"{symptom.name}-value", "").strip(), details)


def _word(symptom: Symptom, word: str) -> str:
    if word not in YES_NO:
        raise NotUsable(f"{symptom.display}: choose yes, no or not sure.")
    return word


def release(request: HttpRequest) -> HttpResponse:
    """May the repeat prescription be released, and for how long? If so, it can be."""
    patient: Patient = request.patient
    answer, record = answer_for(patient, request.at, "supply")
    may = answer.details.get("release") is True
    until = released_until(answer) if may else None
    by = f", until {day(until)}" if until else ""
    if request.method != "POST":
        return _shown(request, "The repeat prescription", answer, record, release=may, by=by)
    if not may:
        raise NotUsable(f"{as_read(answer.headline)} Nothing was released.")
    act(patient, "release", request.user, request.at, until=until, review=keep(patient, request.at))
    short = ": a short supply only" if answer.details["supply"] == "short" else ""
    messages.success(request, f"The repeat is released{short}{by}.")
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
