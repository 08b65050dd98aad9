"""Whose message it is: every identifier that was sent must agree, and at least two of them. Likeness never decides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from countwell.clinic.models import Clinic, Patient
from countwell.model.records import Patient as Sent
from countwell.paper.plain import day

LEAST = 2
SAME, DIFFERS, NOT_SENT = "same", "differs", "not sent"


@dataclass(frozen=True, slots=True)
class Compared:
    """One patient here beside what was sent, identifier by identifier: same, differs, or not sent."""

    patient: Patient
    number: str
    born: str
    name: str

    @property
    def words(self) -> tuple[str, ...]:
        """The three in order."""
        return self.number, self.born, self.name

    @property
    def agrees(self) -> bool:
        """Whether it can only be this patient."""
        return DIFFERS not in self.words and self.words.count(SAME) >= LEAST

    @property
    def near(self) -> bool:
        """Whether it may be: the number, or name and birth date, are the same."""
        return self.number == SAME or (self.born == SAME and self.name == SAME)

    @property
    def fields(self) -> Mapping[str, tuple[str, str]]:
        """What stands here, beside how it compares."""
        here = self.patient
        born = day(here.born) if here.born else "not known"
        return {"Number": (self.number, here.number), "Born": (self.born, born), "Name": (self.name, here.name)}


def compared(patient: Patient, sent: Sent) -> Compared:
    """A patient beside what was sent."""
    return Compared(
        patient,
        number=_same(_plain(sent.id), _plain(patient.number)),
        born=_same(sent.born, patient.born),
        name=_same(parts_of(sent.names[0]) if sent.names else None, parts_of(patient.name)),
    )


def _same(sent: object, here: object) -> str:
    if not sent:
        return NOT_SENT
    return SAME if sent == here else DIFFERS


def _plain(number: str) -> str:
    return number.strip().casefold()


def parts_of(name: str) -> frozenset[str]:
    """A name as its parts, whatever their order, case and punctuation: `LANE^ASH` is `Ash Lane`."""
    return frozenset(re.findall(r"[^\W\d_]+", name.casefold()))


def nearest(clinic: Clinic, sent: Sent) -> list[Compared]:
    """The patients whose it may be: with that number, or born that day with that name."""
    wanted = Q(number__iexact=sent.id.strip()) | (Q(born=sent.born) if sent.born else Q(pk=None))
    rows = Patient.objects.filter(wanted, clinic=clinic).select_related("clinic").order_by("number")
    return [one for one in (compared(patient, sent) for patient in rows) if one.near]


def patient_of(found: list[Compared]) -> Patient | None:
    """The one patient whose it is; None if nobody agrees in all that was sent, or anybody else is near."""
    return found[0].patient if len(found) == 1 and found[0].agrees else None
