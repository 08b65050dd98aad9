"""What a request may bring: the fields of its form, each once, as text that can be typed; and every form sends no others."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import Resolver404, resolve

from clinic.making import NOW, patient_of, person, signed_in
from clinic.test_matrix import NAMED, address
from countwell.clinic.banner import banner_token
from countwell.clinic.models import Clinic, Patient, Person, Proposal
from countwell.clinic.policy import policy, read
from countwell.clinic.sent import ALWAYS, number_of
from countwell.clinic.store.records import record_of

People = dict[str, Person]
PLANTED = {
    "clinic_id": "2", "clinic": "2", "role": "admin", "version": "900", "status": "final", "created_by": "1", "recorded_by": "1",
    "rule_version": "9", "owner": "1", "patient_id": "1", "reason[]": "liver", "reason[0]": "liver", "Reason": "liver", "": "x",
}  # fmt: skip


def stop(browser: Client, patient: Patient, **more: object) -> int:
    """Sends the form of a stop, with more; the status of the answer."""
    form = {"banner": banner_token(Patient.objects.get(pk=patient.pk)), "reason": "liver", **more}
    status: int = browser.post(f"/patients/{patient.pid}/stop", form).status_code
    return status


def is_stopped(patient: Patient) -> bool:
    """Whether the stop was recorded."""
    return record_of(patient).events[-1].do == "stop"  # type: ignore[union-attr]


def test_the_form_as_it_is_is_taken(patient: Patient, people: People) -> None:
    assert stop(signed_in(people["nurse"]), patient) == 302
    assert is_stopped(patient)


@pytest.mark.parametrize("name", PLANTED)
def test_a_field_that_the_form_does_not_have_is_refused(patient: Patient, people: People, name: str) -> None:
    before = Patient.objects.values().get(pk=patient.pk)
    assert stop(signed_in(people["nurse"]), patient, **{name: PLANTED[name]}) == 422
    assert Patient.objects.values().get(pk=patient.pk) == before
    assert not is_stopped(patient)


@pytest.mark.parametrize(
    "value", [["liver", "infection"], ["", "liver"], ["liver", "liver"]], ids=["two", "none and one", "the same"]
)
def test_a_field_sent_twice_is_refused(patient: Patient, people: People, value: list[str]) -> None:
    assert stop(signed_in(people["nurse"]), patient, reason=value) == 422
    assert not is_stopped(patient)


def test_a_question_in_the_address_that_is_asked_twice_is_refused(people: People) -> None:
    browser = signed_in(people["nurse"])
    assert browser.get("/today?whose=mine").status_code == 200
    assert browser.get("/today?whose=mine&whose=all").status_code == 422


@pytest.mark.parametrize("sign", ["\x00", "\x1b[2J", "\x7f", "\x85"], ids=["nul", "escape", "delete", "next line"])
def test_signs_that_nobody_can_type_are_refused(patient: Patient, people: People, sign: str) -> None:
    browser = signed_in(people["nurse"])
    form = {"banner": banner_token(patient), "reason": "late", "note": f"as said{sign}"}
    assert browser.post(f"/patients/{patient.pid}/feedback", form).status_code == 422
    assert browser.post(f"/patients/{patient.pid}/feedback", {**form, "note": "as\r\n\tsaid"}).status_code == 302


@pytest.mark.parametrize("body", ['{"reason": "liver"}', '{"reason": true}', '["liver"]', "<reason>liver</reason>"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml"])
def test_a_body_that_is_no_form_is_refused(patient: Patient, people: People, kind: str, body: str) -> None:
    second = person(people["admin"].clinic, "admin", "Second Admin")
    about = str(people["nurse"].pk)
    wish = Proposal.objects.create(
        clinic=second.clinic, what="change-role", about=about, reason="x", asked_at=NOW, asked_by=second
    )
    answer = signed_in(people["admin"]).post(f"/people/proposals/{wish.pk}", body, content_type=kind)
    wish.refresh_from_db()
    assert (answer.status_code, wish.approved_by) == (422, None)


@pytest.mark.parametrize("name", ["x.pdf", "../../etc/passwd", "bomb.zip", "x.html"])
def test_no_page_takes_a_file(patient: Patient, people: People, name: str) -> None:
    browser = signed_in(people["nurse"])
    assert stop(browser, patient, note=SimpleUploadedFile(name, b"PK\x03\x04")) == 422
    assert stop(browser, patient, reason=SimpleUploadedFile(name, b"liver")) == 422
    assert not is_stopped(patient)


ODD = ("²", "9" * 5000, "2026-02-30", "' OR 1=1 --")  # fourteen were tried; these stand for the ways they differ
WRITTEN = sorted(name for name, ways in policy().routes.items() if "POST" in ways and "account_" not in name)


STALE = {"details": (409,)}  # says what the page showed, and whoever sends an odd `shown` saw another one


@pytest.mark.parametrize("value", ODD, ids=range(len(ODD)))
def test_nothing_that_can_be_typed_is_a_fault_of_the_clinic(clinic: Clinic, people: People, value: str) -> None:
    """Every form, with the same odd text in every field: done, or refused in words."""
    wrong = []
    treats = patient_of(clinic, [people["nurse"], people["prescriber"]])
    for name in WRITTEN:
        right = policy().wanted(name, "POST")
        assert right is not None
        role = next(role for role in ("nurse", *sorted(right.who), "admin") if right.has(role) and role in people)
        form = dict.fromkeys(policy().fields[name], value)
        form["banner"] = banner_token(Patient.objects.get(pk=treats.pk))
        answer = signed_in(people[role]).post(address(name, treats.pid), form)
        if answer.status_code not in (200, 302, 404, 422, *STALE.get(name, ())):
            wrong.append((name, answer.status_code))
    assert wrong == []


FILLED = {
    "take-on": {"number": "77", "name": "Fir Wood", "born": "1980-01-01", "sex": "female", "condition": "cidp", "protocol": "cidp", "mg_per_day": "100", "since": "2016"},
    "contact": {"step": "call", "outcome": "not-reached", "until": "2026-03-09", "note": "x"},
    "pause": {"reason": "travel", "until": "2026-03-20"},
    "transfer-out": {"at": "2026-03-01", "to": "South clinic"},
    "signed-step": {"do": "hold", "mg_per_day": "", "frequency": "once daily", "reason": "liver", "decide_by": "2026-03-05", "note": "x"},
    "ask-switch": {"rule": "x", "days": "2", "reason": "it speaks at every result"},
}  # fmt: skip


@pytest.mark.parametrize(("name", "field"), [(name, field) for name, form in FILLED.items() for field in form])
def test_one_odd_field_in_a_form_that_is_right_is_no_fault_either(
    patient: Patient, people: People, name: str, field: str
) -> None:
    browser = signed_in(people["prescriber"])
    for place, value in enumerate(ODD):
        form = {**FILLED[name], "banner": banner_token(Patient.objects.get(pk=patient.pk))}
        if name == "take-on":
            form["number"] = f"77{place}"
        answer = browser.post(address(name, patient.pid), {**form, field: value})
        assert answer.status_code in (302, 422), (value[:20], answer.status_code)


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        ("7", 7),
        ("0", 0),
        ("9" * 18, int("9" * 18)),
        ("9" * 19, None),
        ("²", None),
        ("-1", None),
        ("", None),
        (" 7", None),
    ],
)
def test_a_row_is_named_by_plain_digits_alone(text: str, is_: int | None) -> None:
    assert number_of(text) == is_


class Forms(HTMLParser):
    """The forms of a page that are posted: where to, and with which fields."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here, self.open, self.found = here, False, []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form" and said.get("method") == "post":
            self.open = True
            self.found.append((said.get("action") or self.here, set()))
        elif self.open and tag in ("input", "select", "textarea", "button") and said.get("name"):
            self.found[-1][1].add(said["name"])

    def handle_endtag(self, tag: str) -> None:
        self.open = self.open and tag != "form"


def forms(browser: Client, here: str) -> Iterator[tuple[str, set[str]]]:
    """The forms on a page: the name of the address, and the fields."""
    answer = browser.get(here)
    reader = Forms(here)
    reader.feed(answer.content.decode() if answer.headers["Content-Type"].startswith("text/html") else "")
    for action, names in reader.found:
        try:
            yield resolve(action.partition("?")[0]).view_name, names
        except Resolver404:
            yield action, names


def reader(name: str) -> str:
    """A role that reads this address; the one that may do most on it, where several do."""
    right = policy().wanted(name, "GET")
    return next((role for role in ("prescriber", "admin", "auditor") if right and right.has(role)), "")


def test_every_form_of_every_page_sends_only_what_its_address_takes(patient: Patient, people: People) -> None:
    browsers = {role: signed_in(one) for role, one in people.items()}
    seen, wrong = set(), []
    for name in sorted(NAMED):
        role = reader(name)
        for to, names in forms(browsers[role], address(name, patient.pid)) if role else ():
            seen.add(to)
            if more := names - policy().fields.get(to, frozenset()) - ALWAYS:
                wrong.append((name, to, more))
    assert wrong == []
    assert {"stop", "telephone", "question", "new-person", "signed-step"} <= seen


@pytest.mark.parametrize(
    ("fields", "says"),
    [("{}", "route x: it is written to"), ("{x: [], y: []}", "fields of y: nobody may write")],
)
def test_an_address_whose_form_nobody_described_is_no_policy(fields: str, says: str) -> None:
    text = f"rights: {{a: {{of: clinic, who: [nurse]}}}}\nroutes: {{x: {{POST: a}}}}\nfields: {fields}"
    with pytest.raises(ValueError, match=says):
        read(text)
