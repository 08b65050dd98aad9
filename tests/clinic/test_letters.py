"""Letters: readable by machine and ear, never to the dead or the unreleased, and seen to have gone or not."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from django.core import mail
from pytest_django import Settings

from clinic.making import ASKED, GOOD, NOW, banner_of, patient_of, person, result, signed_in
from countwell.clinic.models import Act, Clinic, Letter, Patient, Person, Standing
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import hand_over
from countwell.clinic.store.letters import kinds, send, send_waiting, write
from countwell.clinic.store.records import append
from countwell.clinic.store.reminders import carry

People = dict[str, Person]


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """Letters go into this folder as files."""
    settings.DATA, settings.EMAIL_HOST = tmp_path, ""
    return tmp_path / "outbox"


@pytest.fixture
def released(patient: Patient) -> Patient:
    """A patient to whom messages may go, with results."""
    append(patient, [*ASKED, *GOOD, result("wbc", "5.0", "2026-01-10")], None, NOW)
    more = {"released": True, "gp": "Dr Bo Reed", "email": "ash@example.org", "gp_email": "gp@example.org"}
    Patient.objects.filter(pk=patient.pk).update(**more)
    return Patient.objects.get(pk=patient.pk)


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_is_written_to_each_receiver_as_a_tagged_pdf(released: Patient, people: People, kind: str) -> None:
    made = write(released, kind, "print", people["nurse"], NOW)
    assert [one.to for one in made] == list(kinds()[kind].to)
    for one in made:
        pdf = bytes(one.pdf or b"")
        assert pdf.startswith(b"%PDF")
        assert b"pdfuaid" in pdf
        assert b"/StructTreeRoot" in pdf or b"/MarkInfo" in pdf


@pytest.mark.parametrize("kind", [name for name, kind in kinds().items() if "patient" in kind.to])
def test_a_patient_reads_no_dose_and_no_word_of_stopping(released: Patient, people: People, kind: str) -> None:
    append(released, [result("wbc", "1.9", "2026-03-01")], None, NOW)
    (letter, *_) = write(released, kind, "print", people["nurse"], NOW)
    assert not re.search(r"\bstop|\bmg\b|\d+ ?mg", letter.body, re.IGNORECASE)
    assert "call us" in letter.body
    assert not kinds()[kind].chart or letter.to == "gp"


def test_a_letter_is_made_at_any_instant_of_a_clock(released: Patient, people: People) -> None:
    (letter,) = write(released, "results", "print", people["nurse"], NOW.replace(microsecond=123456))
    assert bytes(letter.pdf or b"").startswith(b"%PDF")


def test_the_gp_reads_the_headline_of_the_day(released: Patient, people: People) -> None:
    append(released, [result("wbc", "1.9", "2026-03-01")], None, NOW)
    (letter,) = write(released, "summary", "print", people["nurse"], NOW)
    assert "at or below 2.0: the sign to stop" in letter.body


def test_nothing_is_read_as_markup(released: Patient, people: People) -> None:
    Patient.objects.filter(pk=released.pk).update(name="#panic() *A* <b>")
    (letter,) = write(Patient.objects.get(pk=released.pk), "results", "print", people["nurse"], NOW)
    assert "#panic() *A* <b>" in letter.body


def test_nothing_goes_to_a_patient_who_is_not_released(patient: Patient, people: People) -> None:
    with pytest.raises(NotUsable, match="released"):
        write(patient, "remind-after", "print", people["nurse"], NOW)
    assert write(patient, "summary", "print", people["nurse"], NOW)
    assert Letter.objects.get().to == "gp"


def test_if_one_receiver_must_not_get_it_none_is_kept(patient: Patient, people: People) -> None:
    browser, address = signed_in(people["nurse"]), f"/patients/{patient.pid}/letters"
    sent = {"banner": banner_of(browser, address), "kind": "letter-gp", "way": "print"}
    assert browser.post(address, sent).status_code == 422
    assert not Letter.objects.exists()


@pytest.mark.parametrize(("kind", "way"), [("poem", "print"), ("results", "pigeon"), ("", "")])
def test_a_letter_or_way_that_there_is_not_is_refused(released: Patient, people: People, kind: str, way: str) -> None:
    with pytest.raises(NotUsable):
        write(released, kind, way, people["nurse"], NOW)


def test_mail_needs_an_address(released: Patient, people: People) -> None:
    released.email = ""
    with pytest.raises(NotUsable, match="no e-mail address of the patient"):
        write(released, "results", "mail", people["nurse"], NOW)


def test_a_letter_is_written_as_a_file_where_no_mail_is_set_up(released: Patient, people: People, folder: Path) -> None:
    (letter,) = write(released, "results", "mail", people["nurse"], NOW)
    send(letter, NOW)
    assert (letter.state, letter.tries) == ("sent", 1)
    assert (folder / f"letter-{letter.pk}.pdf").read_bytes() == letter.pdf
    assert json.loads((folder / f"letter-{letter.pk}.json").read_text())["to"] == "ash@example.org"


def test_a_mail_names_nobody_outside_the_attachment(released: Patient, people: People, settings: Settings) -> None:
    settings.EMAIL_HOST = "mail.example"
    (letter,) = write(released, "results", "mail", people["nurse"], NOW)
    send(letter, NOW)
    (message,) = mail.outbox
    assert (letter.state, message.to) == ("sent", ["ash@example.org"])
    assert "Lane" not in f"{message.subject} {message.body} {message.attachments[0][0]}"


def test_an_address_that_no_mail_can_have_fails_alone_and_keeps_no_other_letter_back(
    released: Patient, people: People, settings: Settings
) -> None:
    settings.EMAIL_HOST = "mail.example"
    other = patient_of(released.clinic, [people["nurse"]], "2002", released=True, email="bo@example.org")
    for one in (released, other):
        write(one, "results", "mail", people["nurse"], NOW)
    Patient.objects.filter(pk=released.pk).update(email="ash@example.org\nBcc: eve@example.org")
    assert send_waiting(Letter.objects.order_by("pk"), NOW) == {"failed": 1, "sent": 1}
    assert [message.recipients() for message in mail.outbox] == [["bo@example.org"]]
    assert "eve" not in Letter.objects.get(patient=released).why


def test_what_did_not_go_stands_on_the_list(
    released: Patient, people: People, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_text("a file where the folder should be")
    append(released, [result("wbc", "1.9", "2026-03-01")], None, NOW)
    (letter,) = write(released, "results", "mail", people["nurse"], NOW)
    send(letter, NOW)
    assert letter.state == "failed"
    browser = signed_in(people["nurse"])
    assert "A letter did not go" in browser.get("/today").content.decode()
    assert "failed" in browser.get("/letters").content.decode()


def test_a_letter_is_looked_at_once_more_before_it_goes(released: Patient, people: People, folder: Path) -> None:
    (letter,) = write(released, "results", "mail", people["nurse"], NOW)
    append(released, [{"kind": "died", "at": "2026-03-02"}], None, NOW)
    send(letter, NOW)
    assert (letter.state, folder.exists()) == ("withheld", False)


def test_a_letter_is_written_read_and_sent_in_the_browser(released: Patient, people: People, folder: Path) -> None:
    browser, address = signed_in(people["nurse"]), f"/patients/{released.pid}/letters"
    sent = {"banner": banner_of(browser, address), "kind": "summary", "way": "print"}
    assert browser.post(address, sent).status_code == 302
    number = Letter.objects.get().pk
    answer = browser.get(f"{address}/{number}")
    assert (answer.headers["Content-Type"], answer.content[:4]) == ("application/pdf", b"%PDF")
    assert browser.post(f"{address}/{number}/send", {"banner": banner_of(browser, address)}).status_code == 302
    assert Letter.objects.get().state == "sent"


def test_a_letter_of_another_patient_is_not_there(released: Patient, people: People) -> None:
    (letter,) = write(released, "summary", "print", people["nurse"], NOW)
    other = Patient.objects.create(clinic=released.clinic, number="2", name="B", head=released.head)
    assert signed_in(people["nurse"]).get(f"/patients/{other.pid}/letters/{letter.pk}").status_code == 404


def test_another_clinic_sees_no_letter(released: Patient, people: People) -> None:
    write(released, "summary", "print", people["nurse"], NOW)
    stranger = signed_in(person(Clinic.objects.create(name="Clinic two"), "nurse"))
    assert "Azathioprine monitoring" not in stranger.get("/letters").content.decode()


@pytest.fixture
def due(released: Patient, folder: Path) -> Patient:
    """A patient to whom messages may go, with a test due on 10 March."""
    Standing.objects.update(due_by=date(2026, 3, 10), due={"cbc": "2026-03-10"})
    return Patient.objects.get(pk=released.pk)


def on(day: int) -> datetime:
    """Ten in the morning of a day in March."""
    return NOW.replace(day=day)


@pytest.mark.parametrize(
    ("day", "kind"), [(6, ""), (7, "remind-before"), (10, "remind-before"), (11, "remind-after"), (17, "")]
)
def test_a_reminder_goes_three_days_before_and_one_day_after(due: Patient, day: int, kind: str) -> None:
    carry(due.clinic, on(day))
    assert [letter.kind for letter in Letter.objects.all()] == ([kind] if kind else [])


def test_each_reminder_goes_once_and_the_ladder_knows(due: Patient) -> None:
    assert [carry(due.clinic, on(day)) for day in (7, 7, 8, 11, 11)] == [{"sent": 1}, {}, {}, {"sent": 1}, {}]
    assert [act.note for act in Act.objects.filter(what="contact")] == [
        "remind-before: letter sent", "remind-after: letter sent",
    ]  # fmt: skip


@pytest.mark.parametrize("change", [{"released": False}, {"email": ""}, {"owner": None}])
def test_no_reminder_goes_to_whom_none_may_go(due: Patient, change: dict[str, object]) -> None:
    Patient.objects.filter(pk=due.pk).update(**change)
    assert carry(due.clinic, on(7)) == {}


def test_no_reminder_goes_during_a_pause_or_after_a_death(due: Patient, people: People) -> None:
    hand_over.pause(due, {"reason": "hospital", "until": "2026-03-08"}, people["nurse"], NOW)
    assert carry(due.clinic, on(8)) == {}
    append(due, [{"kind": "died", "at": "2026-03-08"}], None, on(9))
    assert carry(due.clinic, on(9)) == {}


def test_a_reminder_that_failed_is_tried_again_three_times(due: Patient, folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    states = [carry(due.clinic, on(7)) for _ in range(5)]
    assert states == [{"failed": 1}, {"failed": 1}, {"failed": 1}, {}, {}]
    assert (Letter.objects.count(), Act.objects.filter(what="contact").count()) == (1, 0)
    folder.unlink()
    send(Letter.objects.get(), on(7))
    assert Act.objects.filter(what="contact").count() == 1
