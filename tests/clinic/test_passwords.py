"""Passwords: long, without names of ours, hard to guess, never found elsewhere; each person chooses their own."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from clinic.making import NOW, PASSWORD, person, signed_in
from clinic.test_signing_in import browser, code, sign_in
from countwell.base.errors import UsageError
from countwell.clinic.breached import UNREADABLE, WRONG, breached, is_breached
from countwell.clinic.models import Audit, Clinic, Person
from countwell.clinic.store.opening import new_password, open_clinic
from countwell.clinic.store.staff import make

GOOD = "seven otters mend the roof"
PAGE = "/my-account/password"
LONG_SIGNS = "kq wm zr tv xb hd fg pn"


def refused(password: str, who: Person | None = None) -> str:
    """What is said of a password; "" if it is taken."""
    try:
        validate_password(password, who)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def change(in_: Client, now: str, new: str, again: str | None = None) -> tuple[int, str]:
    """The answer of the page, and its words."""
    form = {"oldpassword": now, "password1": new, "password2": new if again is None else again}
    answer = in_.post(PAGE, form)
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    ("count", "taken"), [(14, False), (15, True), (16, True), (127, True), (128, True), (129, False)]
)
def test_a_password_has_at_least_15_signs_and_at_most_128(count: int, taken: bool) -> None:
    text = "".join(LONG_SIGNS[place % 22] + chr(0x3B1 + place % 23) for place in range(count))[:count]
    assert bool(refused(text)) is not taken


@pytest.mark.parametrize("count", [14, 15])
def test_each_sign_of_any_script_counts_as_one(count: int) -> None:
    signs = "дождь идёт над морем и горой"[:count]
    assert (f"has {count} characters" in refused(signs)) is (count < 15)
    assert (
        "has 14 characters" in refused("🦦🪵🧭🪁🧵🥾🪔🧺🪨🫖🧲🪴🧂🪜"),
        refused("🦦🪵🧭🪁🧵🥾🪔🧺🪨🫖🧲🪴🧂🪜🛶"),
    ) == (
        True,
        "",
    )


@pytest.mark.parametrize(
    "password",
    [GOOD, PASSWORD, "correct horse battery staple", "kdjfhgkwq2026xz", "   mend the roof   ", "Ünruhige Gänse äsen", "OTTERSMENDROOFS"],
)  # fmt: skip
def test_no_kind_of_sign_is_asked_for_and_none_is_refused(password: str) -> None:
    assert refused(password) == ""


@pytest.mark.parametrize(
    "password",
    [
        "countwell otters mend", "COUNT-WELL otters mend", "azathioprine otters", "my Imuran tablets mend", "Harrow mends the roof",
        "nell.harrow mends roofs", "nellharrow mends roofs", "roofs of North Bay mend", "ｎ o.rth otters mending"[4:] + " north",
        "otters HARROW roofs mend",
    ],
)  # fmt: skip
def test_names_of_the_person_the_clinic_and_the_medicine_are_refused(clinic: Clinic, password: str) -> None:
    clinic.name = "North Bay"
    who = Person(name="Nell Harrow", email="n.harrow@x.example", clinic=clinic)
    assert "which anybody would try here" in refused(password, who)


def test_a_name_of_three_letters_is_let_be(clinic: Clinic) -> None:
    who = Person(name="Ida Lee", email="il@x.example", clinic=clinic)
    assert refused("friday otters asleep mend", who) == ""
    assert "idalee" in refused("ida.lee mends the roof", who)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaa", "123456789012345", "abcdefghijklmnopqrst", "qwertyuiopasdfghjkl", "password12345678", "PASSWORD!!!!!!!!",
        "passwordpasswordpassword", "iloveyouiloveyou", "Summer2026Winter2027", "xk3xk3xk3xk3xk3", "zvqpmwzvqpmwzvqpmw", "manchesterunited",
        "friend of emily", "p@ssw0rd - p@ssw0rd", "0987654321 0987654321", "letmein 2026-11-28", "monkey dragon 123456",
    ],
)  # fmt: skip
def test_common_passwords_with_filler_rows_of_keys_and_repetitions_are_refused(password: str) -> None:
    assert "easy to guess" in refused(password)


def test_two_spellings_of_one_sign_are_one_password(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    composed = unicodedata.normalize("NFC", "zwölf größere Möwen")
    nurse.set_password(unicodedata.normalize("NFD", composed))
    nurse.save()
    assert nurse.check_password(composed)
    assert sign_in(nurse.email, composed)[1] == "/sign-in/second-step"
    assert not nurse.check_password(composed.replace("ö", "o"))


def listed(tmp_path: Path, *passwords: str) -> Path:
    """A list as the downloader writes it, with other hashes before, between and behind."""
    hashes = [hashlib.sha1(text.encode()).hexdigest().upper() for text in (*passwords, *map(str, range(300)))]
    path = tmp_path / "breached.txt"
    path.write_bytes(b"".join(f"{one}:{7 ** (place % 9)}\r\n".encode() for place, one in enumerate(sorted(hashes))))
    return path


def test_each_breached_password_is_found_and_no_other(tmp_path: Path) -> None:
    path = listed(tmp_path, GOOD)
    assert all(is_breached(path, text) for text in (GOOD, *map(str, range(300))))
    assert not any(is_breached(path, text) for text in (PASSWORD, *map(str, range(300, 900))))


def test_a_list_of_one_line_without_an_end_is_read(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_text(hashlib.sha1(GOOD.encode()).hexdigest().upper() + ":3")
    assert (is_breached(path, GOOD), is_breached(path, PASSWORD)) == (True, False)


def test_a_breached_password_is_refused_where_a_list_is_named(tmp_path: Path, settings: Settings) -> None:
    assert refused(GOOD) == ""
    settings.BREACHED = listed(tmp_path, GOOD)
    assert "stolen" in refused(GOOD)
    assert refused(PASSWORD) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [(None, UNREADABLE), ("", WRONG), ("password\n", WRONG), ("0" * 39 + ":1\n", WRONG), ("a" * 40 + ":1\n", WRONG), ("0" * 40 + "\n", WRONG)],
)  # fmt: skip
def test_a_list_that_cannot_be_asked_keeps_the_clinic_from_starting(
    tmp_path: Path, text: str | None, says: str
) -> None:
    path = tmp_path / "list.txt"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=says[:40]):
        breached(str(path))


def test_a_list_is_named_or_not(tmp_path: Path) -> None:
    path = listed(tmp_path, GOOD)
    assert (breached(""), breached(str(path))) == (None, path)


def test_somebody_changes_their_password_and_is_signed_out_everywhere_else(clinic: Clinic) -> None:
    nurse = person(clinic, "patient")
    here, there = sign_in(nurse.email, PASSWORD)[0], sign_in(nurse.email, PASSWORD)[0]
    before = here.cookies["session"].value
    assert change(here, PASSWORD, GOOD)[0] == 302
    assert "Everywhere else you are signed out" in here.get("/my-account").content.decode()
    assert there.get("/my-account").headers["Location"] == "/sign-in"
    assert here.cookies["session"].value != before
    page = here.get("/my-account/sessions").content.decode()
    assert (page.count("This browser"), page.count("Another browser")) == (1, 0)
    assert sign_in(nurse.email, PASSWORD)[1] == ""
    assert sign_in(nurse.email, GOOD)[1] == "/"
    assert (
        Audit.objects.filter(person=nurse.pk, route="account_change_password", action="write", outcome=302).count() == 1
    )


@pytest.mark.parametrize(
    ("now", "new", "again", "says"),
    [
        ("another nineteen counts", GOOD, None, "not the password that you have now"),
        ("", GOOD, None, "This field is required"),
        (PASSWORD, GOOD, GOOD + "s", "the same password each time"),
        (PASSWORD, PASSWORD, None, "the password that you have now. Take another"),
        (PASSWORD, "fourteen signs", None, "has 14 characters"),
        (PASSWORD, "nurse of clinic one", None, "anybody would try"),
        (PASSWORD, "password12345678", None, "easy to guess"),
    ],
)
def test_a_change_that_is_not_right_changes_nothing_and_shows_no_password(
    clinic: Clinic, now: str, new: str, again: str | None, says: str
) -> None:
    nurse = person(clinic, "nurse")
    code_, page = change(signed_in(nurse), now, new, again)
    assert (code_, says in page) == (200, True)
    assert f'value="{new}"' not in page
    nurse.refresh_from_db()
    assert nurse.check_password(PASSWORD)


def test_guessing_the_password_of_an_open_browser_slows_down(clinic: Clinic) -> None:
    one = signed_in(person(clinic, "nurse"))
    told = [change(one, "another nineteen counts", GOOD)[0] for _ in range(11)]
    assert told == [200] * 10 + [429]


def test_a_first_password_is_changed_before_all_else_and_then_comes_the_second_step(people: dict[str, Person]) -> None:
    made, first = make(people["admin"], {"name": "New Nurse", "email": "new@x.example", "role": "nurse"}, NOW)
    one, _, _ = sign_in(made.email, first)
    for page in ("/today", "/my-account/second-step", "/my-account/passkeys/new", "/my-account/sessions"):
        assert one.get(page).headers["Location"] == PAGE
    assert "made by somebody else" in one.get(PAGE).content.decode()
    assert change(one, first, first)[0] == 200
    assert change(one, first, GOOD)[0] == 302
    assert one.get("/today").headers["Location"] == "/my-account/second-step"
    page = one.get("/my-account/second-step")
    page = (
        one.get(one.post(page.headers["Location"], {"password": GOOD}).headers["Location"])
        if page.status_code == 302
        else page
    )
    secret = page.content.decode().partition("<code>")[2].partition("</code>")[0]
    one.post("/my-account/second-step", {"code": code(secret)})
    assert one.get("/today").status_code == 200
    made.refresh_from_db()
    assert not made.first_password


def test_whom_the_hospital_vouches_for_is_not_asked_for_a_password(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse", first_password=True)
    one = signed_in(nurse)
    assert one.get("/today").status_code == 200
    kept = one.session
    kept["account_authentication_methods_user"] = str(nurse.pk)
    kept["account_authentication_methods"] = [{"method": "socialaccount", "at": 0}]
    kept.save()
    assert one.get("/today").status_code == 200
    kept["account_authentication_methods"] = [{"method": "socialaccount", "at": 0}, {"method": "password", "at": 0}]
    kept.save()
    assert one.get("/today").headers["Location"] == PAGE


def test_the_first_admin_chooses_their_own_password_too(db: None) -> None:
    first = open_clinic("North", "UTC", "Ada First", "ada@north.example")
    assert sign_in("ada@north.example", first)[0].get("/people").headers["Location"] == PAGE


@pytest.mark.parametrize("second_step", [False, True])
def test_whoever_runs_the_machine_lets_somebody_in_again(clinic: Clinic, second_step: bool) -> None:
    nurse = person(clinic, "nurse")
    open_ = signed_in(nurse)
    first = new_password(nurse.email.upper(), "Sam Root", second_step, NOW)
    assert open_.get("/my-account").headers["Location"] == "/sign-in"
    assert sign_in(nurse.email, PASSWORD)[1] == ""
    to = sign_in(nurse.email, first, browser())[1]
    assert to == ("/" if second_step else "/sign-in/second-step")
    nurse.refresh_from_db()
    assert nurse.first_password
    kept = Audit.objects.get(route="new-password")
    assert (kept.clinic, "Sam Root" in kept.purpose, "second step" in kept.purpose) == (clinic.pk, True, second_step)
    assert first not in kept.purpose


def test_nobody_unknown_is_let_in_again(clinic: Clinic) -> None:
    with pytest.raises(UsageError, match="no account"):
        new_password("nobody@x.example", "Sam Root", False, NOW)
