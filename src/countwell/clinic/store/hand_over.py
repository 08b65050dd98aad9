"""Who is accountable: offered and accepted, so that it is one person at each instant; and how a course leaves the clinic."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from countwell import read_record
from countwell.clinic.models import Act, Clinic, Patient, Person, Relation, Standing
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import acted, chase, letters
from countwell.clinic.store.came_before import look_again
from countwell.clinic.store.hours import today_of
from countwell.clinic.store.intake import taken_on
from countwell.clinic.store.records import append, text_of
from countwell.clinic.store.standing import here

OVER = ("died", "ended")  # not after a stop: counts can go on falling, so somebody stays accountable
ANSWERED = ("offer", "accept", "decline", "own", "reassign")  # a later one of these ends an offer
PAUSES = {
    "hospital": "in hospital",
    "surgery": "for surgery",
    "antibiotics": "for intravenous antibiotics",
    "travel": "while away",
}


def offer(patient: Patient, to: Person | None, by: Person, at: datetime, note: str = "") -> Act:
    """Offers a patient to a colleague; until they accept nothing changes. Raises NotUsable if it cannot be them."""
    if to is None or not to.is_active or to.role not in CLINICAL or to.clinic_id != patient.clinic_id:
        raise NotUsable("Choose a colleague of this clinic who treats patients.")
    if to == patient.owner:
        raise NotUsable(f"{to} is accountable already.")
    return acted.act(patient, "offer", by, at, owner=to, note=note.strip())


def offered(patient: Patient) -> Act | None:
    """The offer that waits for an answer."""
    last = Act.objects.filter(patient=patient, what__in=ANSWERED, undone_by=None).order_by("-at", "-pk").first()
    return last if last is not None and last.what == "offer" else None


def offers_to(person: Person) -> list[Act]:
    """The offers that wait for this person's answer."""
    since = Act.objects.filter(patient=OuterRef("patient"), what__in=ANSWERED, undone_by=None, pk__gt=OuterRef("pk"))
    rows = Act.objects.filter(~Exists(since), what="offer", owner=person, undone_by=None)
    return list(rows.select_related("patient", "by").order_by("at"))


def answer(patient: Patient, by: Person, at: datetime, *, accept: bool) -> Act:
    """The colleague's answer. Accepting makes them accountable and gives them the care of the patient."""
    waiting = offered(patient)
    if waiting is None or waiting.owner_id != by.pk:
        raise NotUsable("This patient is not offered to you. Take the patient over instead, if it is agreed.")
    if not accept:
        return acted.act(patient, "decline", by, at)
    care(patient, by, at)
    return acted.own(patient, "accept", by, by, at)


def care(patient: Patient, person: Person, at: datetime) -> None:
    """Gives the care of a patient, if it is not there already."""
    if not Relation.objects.filter(patient=patient, person=person, kind="care", until=None).exists():
        Relation.objects.create(patient=patient, person=person, since=at)


def hang_on(person: Person, at: datetime) -> QuerySet[Patient]:
    """The patients for whom this person is accountable; and those not dead whom nobody else would see without them."""
    others = Relation.objects.filter(patient=OuterRef("pk"), kind="care", since__lte=at, until=None)
    others = others.filter(person__is_active=True, person__role__in=CLINICAL).exclude(person=person)
    alone = Q(relations__person=person, relations__kind="care", relations__until=None) & ~Exists(others)
    rows = Patient.objects.filter(Q(owner=person) & ~Q(standing__state__in=OVER) | alone & ~Q(standing__state="died"))
    return rows.distinct()


def refuse_if_any(patients: Collection[Patient], person: Person) -> None:
    """Raises NotUsable if there are patients of whom nobody would be left to see what comes."""
    if patients:
        raise NotUsable(
            f"{person} is accountable for {len(patients)} patients. Name a colleague who takes them over first."
        )


@transaction.atomic
def leave(person: Person, to: Person | None, by: Person, at: datetime) -> int:
    """Somebody leaves: all of theirs go to a colleague, the care ends, the account is closed. How many patients went over.

    Raises NotUsable if they are accountable for anybody and nobody is named who takes over.
    """
    left = list(hang_on(person, at))
    if to is None or to == person or not to.is_active or to.role not in CLINICAL or to.clinic_id != person.clinic_id:
        refuse_if_any(left, person)
    for patient in left:
        assert to is not None
        care(patient, to, at)
        acted.own(patient, "reassign", by, to, at)
    Relation.objects.filter(person=person, until=None).update(until=at)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    person.is_active = False
    return len(left)


def pause(patient: Patient, sent: Mapping[str, str], by: Person, at: datetime) -> Act:
    """Pauses reminders until a day, with its reason. Tests stay due and late: only letters wait. Raises NotUsable."""
    reason, until = sent.get("reason", ""), _day(sent.get("until", ""), patient.clinic, at, later=True)
    if reason not in PAUSES:
        raise NotUsable("Choose why reminders are paused from the list.")
    chase.check_not_far(until, today_of(patient.clinic, at))
    return acted.act(patient, "pause", by, at, reason=reason, until=until)


def resume(patient: Patient, by: Person, at: datetime) -> Act:
    """Lets reminders go on before the day."""
    return acted.act(patient, "resume", by, at)


def transfer_out(patient: Patient, sent: Mapping[str, str], by: Person, at: datetime) -> None:
    """Another service is accountable from a day on: in the record, and no reminder goes any more. Raises NotUsable."""
    day, to = _day(sent.get("at", ""), patient.clinic, at), sent.get("to", "").strip()
    if not to:
        raise NotUsable("Say which service, and who there, has accepted the patient.")
    event = {"kind": "decision", "do": "transfer-out", "at": day.isoformat(), "by": str(by.pk), "text": to}
    append(patient, [event], by, at)
    letters.withhold(patient, "handed to another service", at)
    acted.act(patient, "transfer-out", by, at, note=to)


def died(patient: Patient, sent: Mapping[str, str], by: Person, at: datetime) -> int:
    """The patient died: in the record, and every letter that waits is withheld in the same transaction. How many those were."""
    day = _day(sent.get("at", ""), patient.clinic, at)
    append(patient, [{"kind": "died", "at": day.isoformat()}], by, at)
    return letters.withhold(patient, "the patient has died", at)


def _day(text: str, clinic: Clinic, at: datetime, *, later: bool = False) -> date:
    """A day as typed: today or before, or if `later` today or after."""
    today = today_of(clinic, at)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise NotUsable(f"Give the day, as year, month and day. You typed “{text}”.") from None
    if day < today if later else day > today:
        raise NotUsable(f"{text} is {'over' if later else 'still to come'}. Give another day.")
    return day


@transaction.atomic
def take_on(sent: Mapping[str, str], by: Person, at: datetime) -> Patient:
    """A new patient from a form: a referral, or somebody taken over who has been treated for long. Raises NotUsable."""
    number, name, protocol = (sent.get(field, "").strip() for field in ("number", "name", "protocol"))
    if not (number and name and protocol and sent.get("born")):
        raise NotUsable("Number, name, birth date and protocol are all needed.")
    if Patient.objects.filter(clinic_id=by.clinic_id, number__iexact=number).exists():
        raise NotUsable(f"There is a patient with the number {number} already. Nothing was saved.")
    head = {
        "id": number,
        "names": [name],
        "born": _day(sent["born"], by.clinic, at).isoformat(),
        "sex": sent.get("sex") or None,
        "time_zone": by.clinic.zone,
    }
    document = {"patient": head, "course": {"condition": sent.get("condition") or None}}
    made = taken_on(by.clinic, document, by, at, protocol)
    append(made, list(_begins(sent, by, made, at)) or [_referred(made, at)], by, at)
    for fault in read_record(text_of(made)).refused:
        raise NotUsable(f"{fault.says} {fault.do} Nothing was saved.")
    look_again(made, at)
    return made


def _begins(sent: Mapping[str, str], by: Person, patient: Patient, at: datetime) -> list[Mapping[str, object]]:
    """Of somebody treated for long: the decision by which this clinic takes over, with the dose and since when."""
    if not sent.get("mg_per_day"):
        return []
    decision = {"kind": "decision", "do": "transfer-in", "at": here(patient, at).day.isoformat(), "by": str(by.pk)}
    since = {"since": sent["since"]} if sent.get("since") else {}
    return [{**decision, "mg_per_day": sent["mg_per_day"], "frequency": sent.get("frequency") or "once daily", **since}]


def _referred(patient: Patient, at: datetime) -> Mapping[str, object]:
    return {"kind": "note", "at": here(patient, at).day.isoformat(), "text": "Referred to this clinic."}


def untracked(reach: QuerySet[Patient]) -> list[tuple[Patient, str]]:
    """Patients of whom something came though no course goes on here, and nobody has said why since: who, and what came."""
    rows = Standing.objects.filter(patient__in=reach, state__in=("proposed", "ended")).select_related("patient")
    found = []
    for row in rows.defer("answer"):
        came = row.patient.events.filter(kind__in=("result", "genotype", "medicine", "supply")).exclude(source="")
        newest = came.order_by("-recorded_at").first()
        told = row.patient.acts.filter(what__in=("no-plan", "take-on"), undone_by=None).order_by("-at").first()
        if newest is not None and (told is None or told.at < newest.recorded_at):
            found.append((row.patient, f"{newest.kind} of {newest.recorded_at:%-d %b %Y}, course {row.state}"))
    return found
