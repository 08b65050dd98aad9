"""The banner's token: for which patient, and at which version of the record, a page was made. It travels in every form."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest

from countwell.clinic.models import Patient
from countwell.clinic.policy import Right
from countwell.clinic.refused import OutOfDate

SALT = "countwell.banner"
OTHER = "This form was made for another patient. Nothing was saved. Open the chart again and look at the name."
CHANGED = "Somebody has changed this record since the page was made. Nothing was saved. Open the chart again."


def banner_token(patient: Patient) -> str:
    """The token of a patient as the record stands now."""
    return signing.dumps([patient.pid, patient.version], salt=SALT)


def of_patient(token: str) -> str:
    """The public id of the patient for whom a page was made; "" for a token that is none of ours."""
    try:
        pid, _ = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(pid)


def check_banner(request: HttpRequest, right: Right) -> None:
    """Raises OutOfDate if the form was made for another patient, or before a change (unless the act makes things safer, or
    the view compares what was typed over itself)."""
    patient: Patient = request.patient
    try:
        pid, version = signing.loads(request.POST.get("banner", ""), salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise OutOfDate(OTHER) from None
    if pid != patient.pid:
        raise OutOfDate(OTHER)
    if version != patient.version and not (right.safer or right.compares):
        raise OutOfDate(CHANGED)
