"""What is said beside a question (`--with key=value`), checked against what the question knows, as events to suppose.

An unknown key is an error, never ignored. What is said holds from the instant that is asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from countwell.base.dates import Moment, moment
from countwell.base.errors import RecordError, Unreadable, UsageError
from countwell.base.spans import Truth
from countwell.facts.asked import Asked
from countwell.facts.course import Course
from countwell.model.answers import QUESTIONS
from countwell.model.records import Circumstance, Event, Medicine, Refused, Symptom, Vaccination, Weight
from countwell.questions.missed import missed_doses
from countwell.vocabulary import lists
from countwell.vocabulary.medicines import AZATHIOPRINE, look_alike_of, medicine_named
from countwell.vocabulary.numbers import read_number
from countwell.vocabulary.quantities import read_quantity
from countwell.vocabulary.symptoms import symptom_named, symptoms
from countwell.vocabulary.vaccines import vaccine_named, vaccines

Said = Mapping[str, Sequence[str]]

KEYS: Mapping[str, tuple[str, ...]] = {
    "start": ("mg_per_day", "frequency"),
    "restart": ("mg_per_day", "frequency"),
    "dose": ("weight",),
    "check-dose": ("mg_per_day", "frequency"),
    "split": ("mg_per_day", "reason"),
    "missed-dose": ("missed",),
    "medicine": ("name", "dose"),
    "vaccine": ("name",),
    "pregnancy": ("plan", "pregnant", "breast-feeding", "fathering"),
    "travel": ("from", "to", "abroad"),
    "lifestyle": ("topic",),
}
YES_NO: Mapping[str, Truth] = {"yes": True, "no": False, "unknown": None}
CIRCUMSTANCES = ("pregnant", "breast-feeding", "fathering")


@dataclass(frozen=True, slots=True)
class Supposition:
    """What to suppose: events, what is asked with its details (once per missed dose), and words that no list knows."""

    asked: tuple[Asked, ...]
    events: tuple[Event, ...] = ()
    refused: tuple[Refused, ...] = ()
    notices: tuple[str, ...] = ()


def check_keys(question: str, said: Said) -> None:
    """Raise UsageError for a question or a key that is not known."""
    if question not in QUESTIONS:
        raise UsageError(f"there is no question {question!r}. Ask one of: {', '.join(QUESTIONS)}.")
    for key, values in said.items():
        if len(values) > 1 and (question, key) not in (("missed-dose", "missed"), ("medicine", "name")):
            raise UsageError(f"{key} may be given once.")
    if question == "symptoms":
        _check_symptoms(said)
        return
    for key in said:
        if key not in KEYS.get(question, ()):
            known = ", ".join(KEYS.get(question, ())) or "none"
            raise UsageError(f"{question} does not know {key!r}. Keys of this question: {known}.")


def _check_symptoms(said: Said) -> None:
    """One symptom may go by two names; it is said once all the same."""
    names = [symptom_named(key) for key in said if "." not in key]
    twice = next((name for name in names if name is not None and names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"{twice} is said twice, under two names. Say it once.")


def suppose(question: str, said: Said, as_of: Moment, time_zone: ZoneInfo, course: Course) -> Supposition:
    """The supposition of a question. Raises UsageError for what cannot be read."""
    check_keys(question, said)
    if question == "missed-dose":
        return Supposition(missed_doses(_times(said, time_zone), as_of, course))
    make = MAKERS.get(question)
    return make(said, as_of) if make is not None else Supposition((Asked(question, _words(said)),))


def _words(said: Said) -> dict[str, str]:
    return {key: values[0] for key, values in said.items()}


def _times(said: Said, time_zone: ZoneInfo) -> list[Moment]:
    if not said.get("missed"):
        raise UsageError("missed-dose needs missed=2026-03-01T08:00, the time at which the dose was due.")
    return [_time(text, time_zone) for text in said["missed"]]


def _time(text: str, time_zone: ZoneInfo) -> Moment:
    try:
        return moment(text, time_zone, local=True)
    except RecordError as error:
        raise UsageError(f"missed: {error}") from error


def _symptoms(said: Said, as_of: Moment) -> Supposition:
    details: dict[str, dict[str, Truth]] = {}
    events: list[Symptom] = []
    refused: list[Refused] = []
    for key, values in said.items():
        name, _, detail = key.partition(".")
        listed = symptom_named(name)
        if listed is None:
            refused.append(
                not_listed("symptom", name, values[0], "Ask a nurse or doctor today: it is not a listed symptom.")
            )
        elif detail:
            details.setdefault(listed, {})[_detail(listed, detail)] = _yes_no(key, values[0])
        else:
            events.append(_symptom(listed, values[0], as_of))
    named = {event.symptom for event in events}
    events += [Symptom(f"supposed {name}", name, as_of) for name in details if name not in named]
    told = tuple(_with_details(event, details.get(event.symptom, {})) for event in events)
    return Supposition((Asked("symptoms", {event.symptom: "yes" for event in told}),), told, tuple(refused))


def _detail(name: str, detail: str) -> str:
    if detail not in symptoms()[name].details:
        known = ", ".join(symptoms()[name].details) or "none"
        raise UsageError(f"{name} has no detail {detail!r}. Details: {known}.")
    return detail


def _with_details(event: Symptom, details: Mapping[str, Truth]) -> Symptom:
    return Symptom(event.ref, event.symptom, event.since, event.present, None, event.value, event.unit, details)


def _symptom(name: str, text: str, as_of: Moment) -> Symptom:
    if text in YES_NO:
        return Symptom(f"supposed {name}", name, as_of, YES_NO[text])
    if symptoms()[name].without_value is None:
        raise UsageError(f"{name}: say yes, no or unknown.")
    value, _, unit = text.partition(" ")
    try:
        read_number(value)
    except Unreadable as error:
        raise UsageError(f"{name}: say yes, no, unknown or a number. {error}") from error
    return Symptom(f"supposed {name}", name, as_of, True, None, value, unit or None)


def _yes_no(key: str, text: str) -> Truth:
    if text not in YES_NO:
        raise UsageError(f"{key}: say yes, no or unknown.")
    return YES_NO[text]


def _medicine(said: Said, as_of: Moment) -> Supposition:
    if not said.get("name"):
        raise UsageError("medicine needs name=…, the medicine to be taken along.")
    events: list[Event] = []
    refused: list[Refused] = []
    for text in said["name"]:
        listed = medicine_named(text)
        if listed is None:
            near = look_alike_of(text)
            do = (
                f"It is not {near}. Ask the pharmacist." if near else "Ask the pharmacist: it is not a listed medicine."
            )
            refused.append(not_listed("medicine", "name", text, do))
        else:
            events.append(Medicine(f"supposed {listed}", listed, start=as_of))
    named = [event.name for event in events if isinstance(event, Medicine)]
    named.sort(key=lambda name: name != AZATHIOPRINE)
    words = _words(said) | ({"name": named[0]} if named else {})
    return Supposition((Asked("medicine", words),), tuple(events), tuple(refused))


def _vaccine(said: Said, as_of: Moment) -> Supposition:
    if not said.get("name"):
        raise UsageError('vaccine needs name=…, such as "influenza, injected".')
    text = said["name"][0]
    listed = vaccine_named(text)
    if listed is None:
        refused = not_listed("vaccine", "name", text, "Ask before it is given: whether it is live is not known here.")
        return Supposition((Asked("vaccine", {"name": text, "live": "unknown"}),), (), (refused,))
    vaccine = vaccines()[listed]
    live = {True: "yes", False: "no", None: "unknown"}[vaccine.live]
    events = (Vaccination(f"supposed {listed}", listed, as_of),)
    notices = (vaccine.question,) if vaccine.question else ()
    details = {"name": listed, "live": live} | ({"which": "ask"} if vaccine.question else {})
    return Supposition((Asked("vaccine", details),), events, (), notices)


def _pregnancy(said: Said, as_of: Moment) -> Supposition:
    words = _words(said)
    if words.get("plan", "now") not in ("now", "later"):
        raise UsageError("plan: say now or later.")
    told = {what: _yes_no(what, words[what]) for what in CIRCUMSTANCES if what in words}
    events = tuple(Circumstance(f"supposed {what}", what, as_of, None, present) for what, present in told.items())
    return Supposition((Asked("pregnancy", words),), events)


def _dose(said: Said, as_of: Moment) -> Supposition:
    words = _words(said)
    if "weight" not in words:
        return Supposition((Asked("dose", words),))
    value, _, unit = words["weight"].partition(" ")
    try:
        read_quantity("weight", value, unit or None)
    except Unreadable as error:
        raise UsageError(f"weight: {error} Give it with its unit, such as 70 kg or 154 lb.") from error
    return Supposition((Asked("dose", words),), (Weight("supposed weight", as_of, value, unit or None),))


def _lifestyle(said: Said, as_of: Moment) -> Supposition:
    topic = lists.named("lifestyle", said["topic"][0]) if said.get("topic") else None
    if topic is None:
        raise UsageError(f"lifestyle needs topic=…, one of: {', '.join(lists.entries('lifestyle'))}.")
    return Supposition((Asked("lifestyle", {"topic": topic}),))


MAKERS: Mapping[str, Callable[[Said, Moment], Supposition]] = {
    "symptoms": _symptoms,
    "medicine": _medicine,
    "vaccine": _vaccine,
    "pregnancy": _pregnancy,
    "dose": _dose,
    "lifestyle": _lifestyle,
}


def not_listed(kind: str, field: str, as_sent: str, do: str) -> Refused:
    """A word that no list knows: it goes to a person."""
    return Refused(
        event=None,
        field=field,
        as_sent=as_sent,
        why="unreadable",
        says=f"This {kind} is not in the list.",
        do=do,
        tell="nurse or pharmacist",
        held=True,
    )


def mg_of(said: Said, key: str = "mg_per_day") -> Decimal | None:
    """A daily dose in mg as it was said; None if it was not. Raises UsageError if it is no plain positive number."""
    if not said.get(key):
        return None
    try:
        comparator, mg = read_number(said[key][0])
    except Unreadable as error:
        raise UsageError(f"{key}: {error} Give mg a day as a plain number, such as 150.") from error
    if comparator is not None or mg <= 0:
        raise UsageError(f"{key}: give mg a day as a plain number above 0, such as 150.")
    return mg
