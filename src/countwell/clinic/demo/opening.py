"""A demonstration clinic, opened in an empty store: people, patients, what happened, and one round of the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from countwell.base.errors import UsageError
from countwell.clinic.demo.happened import Scene, happen
from countwell.clinic.demo.patients import NUMBER, fill, share_care
from countwell.clinic.demo.staff import SignIn, account, staff
from countwell.clinic.models import Clinic, Patient
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.store.intake import Sums
from countwell.clinic.store.rounds import all_rounds

NAME = "Demonstration clinic"
WITH_ACCOUNT = "demo-36"
MORNING = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Opened:
    """The clinic, who can sign in and with what, and what became of all entries that came."""

    clinic: Clinic
    sign_ins: tuple[SignIn, ...]
    sums: Sums


def open_demo(at: datetime, number: int = NUMBER) -> Opened:
    """Opens it as of an instant; messages came two hours before. Raises UsageError if anything is in the store.

    number: patients of the register, beside the situations.
    """
    if Clinic.objects.exists():
        raise UsageError("There is a clinic in this store. A demonstration is opened in an empty folder alone.")
    Clinic.objects.create(name=NAME, zone="Europe/London", phone="555 0100")
    clinic = Clinic.objects.get(name=NAME)
    sign_ins = staff(clinic)
    people = [one.person for one in sign_ins]
    sums = fill(clinic, [one for one in people if one.role == "prescriber"], at - MORNING, number)
    share_care(clinic, [one for one in people if one.role in CLINICAL], at - MORNING)
    by_role = {role: [one for one in people if one.role == role] for role in CLINICAL}
    sums += happen(Scene(clinic, by_role, at))
    own = Patient.objects.get(clinic=clinic, number=WITH_ACCOUNT)
    all_rounds(at)
    return Opened(clinic, (*sign_ins, account(clinic, "patient", own.name, own)), sums)
