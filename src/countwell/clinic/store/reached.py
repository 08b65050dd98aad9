"""How a patient and the GP are reached: what may be typed, what stands and since when, and a change. Nothing is sent by it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from countwell.clinic.labels import label
from countwell.clinic.models import Act, Patient, Person
from countwell.clinic.refused import NotUsable, OutOfDate
from countwell.clinic.store.acted import act

NAMES = ("phone", "email", "address", "gp", "gp_email")  # columns of a patient
ADDRESSES = ("email", "gp_email")
CORRECTED = "details"  # the act
PHONE = re.compile(r"[-0-9 +()]*[0-9][-0-9 +()]*((ext\.?|x) ?[0-9]+)?", re.ASCII | re.IGNORECASE)
LINES, LONGEST = 10, 100  # of a postal address: lines, and letters of a line
SALT = "countwell.reached"

UNTYPED = "holds signs that cannot be typed, or a second line"
NO_PHONE = "is no telephone number: digits, spaces, + ( ) and -, and at the end an extension such as ext. 12"
NO_ADDRESS = "is no e-mail address"
TOO_LONG = f"is too long: {LINES} lines of {LONGEST} letters go on an envelope"
ELSE = "This form was made for another patient. Open the page again and look at the name."
NEWER = "Somebody has changed this since the page was made: {}. What stands now is shown beside each field."


@dataclass(frozen=True, slots=True)
class Kept:
    """One way to reach somebody, as it stands. changed: the act that changed it last, if it was changed here."""

    name: str
    says: str
    value: str
    changed: Act | None


def kept(patient: Patient) -> list[Kept]:
    """All that stands, in the order of the form."""
    acts = Act.objects.filter(patient=patient, what=CORRECTED).select_related("by").order_by("pk")
    changed = {one.reason: one for one in acts}
    return [Kept(name, label(CORRECTED, name), value, changed.get(name)) for name, value in _standing(patient).items()]


def shown(patient: Patient) -> str:
    """What a page showed of this patient, sealed: with it a later change by somebody else is told from one's own."""
    return signing.dumps([patient.pid, _standing(patient)], salt=SALT)


def _standing(patient: Patient) -> dict[str, str]:
    return {name: getattr(patient, name) for name in NAMES}


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, without spaces around it; ends of lines as one sign."""
    return {name: "\n".join(form.get(name, "").strip().splitlines()) for name in NAMES}


def change(patient: Patient, wanted: Mapping[str, str], before: str, by: Person, at: datetime) -> list[str]:
    """Keeps what was typed, an act for each column that is another now. The names of these columns.

    before: `shown` of the page. What was not typed over is left as it stands. Raises NotUsable for what cannot be used;
    OutOfDate if somebody else has changed the same since the page was made.
    """
    standing, seen = _standing(patient), _seen(patient, before)
    changed = [name for name in NAMES if wanted[name] not in (seen[name], standing[name])]
    if newer := [label(CORRECTED, name) for name in changed if standing[name] != seen[name]]:
        raise OutOfDate(NEWER.format(", ".join(newer)))
    for name in changed:
        if why := why_not(name, wanted[name]):
            raise NotUsable(f"What stands at “{label(CORRECTED, name)}” {why}.")
    for name in changed:
        setattr(patient, name, wanted[name])
        act(patient, CORRECTED, by, at, reason=name, note=f"before: {standing[name] or 'none'}")
    patient.save(update_fields=changed)
    return changed


def _seen(patient: Patient, before: str) -> dict[str, str]:
    try:
        pid, values = signing.loads(before, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise OutOfDate(ELSE) from None
    if pid != patient.pid:
        raise OutOfDate(ELSE)
    return {name: str(values[name]) for name in NAMES}


def why_not(name: str, text: str) -> str:
    """Why a text cannot stand in this column, in words that follow its name; empty if it can. Nothing typed is always right."""
    if not text:
        return ""
    if name in ADDRESSES and not _is_address(text):
        return NO_ADDRESS
    lines = text.split("\n") if name == "address" else [text]
    if not all(_typed(sign) for line in lines for sign in line):
        return UNTYPED
    if name == "address":
        return TOO_LONG if len(lines) > LINES or max(map(len, lines)) > LONGEST else ""
    longest = getattr(Patient, name).field.max_length
    if longest is not None and len(text) > longest:
        return f"is longer than {longest} letters"
    return NO_PHONE if name == "phone" and not PHONE.fullmatch(text) else ""


def _typed(sign: str) -> bool:
    """Whether a sign stands in a line: no control sign, no end of a line or paragraph."""
    return unicodedata.category(sign) not in ("Cc", "Zl", "Zp")


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
