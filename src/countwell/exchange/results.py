"""One laboratory result of a record: which test, which status, whose. Its value stays the text that was sent.

Only faults of form are found here; whether a value can be used is judged by `facts`.
"""

from __future__ import annotations

import unicodedata

from countwell.exchange.events import coded
from countwell.exchange.fields import FieldFault, Fields, unreadable
from countwell.model.records import Code, Identity, Patient, Result
from countwell.vocabulary.codes import Refused as OtherCode
from countwell.vocabulary.quantities import in_its_own_unit
from countwell.vocabulary.tests import test as listed_test
from countwell.vocabulary.tests import test_named, test_of_code

STATUSES = "preliminary final corrected amended cancelled entered-in-error".split()


def result(fields: Fields, ref: str) -> Result:
    """A result as sent, once its form is right."""
    code = coded(fields)
    return Result(
        ref=ref,
        id=fields.text("id"),
        test=test_name(fields.text("test"), code),
        code=code,
        value=fields.value("value"),
        unit=fields.text("unit"),
        normal_low=fields.value("normal_low"),
        normal_high=fields.value("normal_high"),
        status=status(fields),
        collected=fields.moment("collected"),
        received=fields.moment("received"),
        version=fields.value("version"),
        replaces=fields.text("replaces"),
        order=fields.text("order"),
        lab=fields.text("lab"),
        identity_on_report=identity(fields),
    )


def status(fields: Fields) -> str:
    """The status, which is never guessed."""
    if fields.text("status") is None:
        raise FieldFault("status", "missing", "status missing, not taken as final.", "Ask the laboratory.", held=True)
    return fields.one_of("status", STATUSES)


def test_name(sent: str | None, code: Code | None) -> str:
    """The test that name and code agree on. Raises FieldFault if there is none, or they contradict each other."""
    if sent is None and code is None:
        raise FieldFault("test", "missing", "neither a test nor a code.", held=True)
    by_code = test_of_code(code.system, code.code) if code else None
    if isinstance(by_code, OtherCode):
        raise unreadable("code", f"this code is {by_code.says}.", in_its_own_unit(listed_test(by_code.near)))
    by_name = test_named(sent) if sent else None
    if sent and by_name is None:
        raise FieldFault("test", "not-listed", "not a listed test.", "Name it by hand, or leave it out.", held=True)
    if by_name and by_code and by_name != by_code:
        raise FieldFault(
            "code", "disputed", f"the code is {by_code}, the test {by_name}.", "Ask which it is.", held=True
        )
    if by_name is None and by_code is None:
        raise FieldFault(
            "code", "not-listed", "not a listed code.", "Name the test by hand, or leave it out.", held=True
        )
    return by_name or by_code or ""


def identity(fields: Fields) -> Identity | None:
    """The patient as printed on the report."""
    within = fields.within("identity_on_report")
    return None if within is None else Identity(within.value("id"), within.day("born"), within.text("name"))


def of_another_patient(printed: Identity, patient: Patient) -> str | None:
    """Which part of the identity on a report is not this patient's; None if none is."""
    if printed.id is not None and printed.id != patient.id:
        return "id"
    if printed.born and patient.born and printed.born != patient.born:
        return "born"
    if printed.name and patient.names and not _name_parts(printed.name) & _name_parts(" ".join(patient.names)):
        return "name"
    return None


def _name_parts(name: str) -> set[str]:
    letters = unicodedata.normalize("NFKD", name).casefold()
    return set(
        "".join(letter if letter.isalpha() else " " for letter in letters if not unicodedata.combining(letter)).split()
    )
