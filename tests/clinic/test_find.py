"""A patient is found by any part of a name, by number and by birth date; only in one's care, and without a trace in an address."""

from __future__ import annotations

import json
import logging
from datetime import date

import pytest
from django.test import Client

from clinic.making import patient_of, person, signed_in
from countwell.clinic import read_only
from countwell.clinic.models import Clinic, Patient, Person
from countwell.clinic.store.find import days_of, folded

People = dict[str, Person]
ANNA, LANE, OTHER, MOVED = "Łucja O’Neill-Müller", "Ash Lane", "Ash Lane", "Søren Ward"

MEANT: dict[str, set[str]] = {
    "lan": {"lane", "other"},
    "LANE, Ash": {"lane", "other"},
    "ash lane": {"lane", "other"},
    "lane 1974-02-03": {"lane"},
    "lucja": {"anna"},
    "muller oneill": {"anna"},
    "o'neill": {"anna"},
    "Müller, Łucja": {"anna"},
    "9434765919": {"anna"},
    "943 476 5919": {"anna"},
    "cw0415": {"lane"},
    "CW-0415": {"lane"},
    "0416": {"other"},
    "1974-02-03": {"lane"},
    "3 Feb 1974": {"lane"},
    "3 February 1974": {"lane"},
    "03/02/1974": {"lane", "other"},
    "3.2.74": {"lane", "other"},
    "01121950": {"anna"},
    "19740203": {"lane"},
    "Ash Lane 03 02 1974": {"lane", "other"},
    "Ash Lane 3 Feb 1974": {"lane"},
    "3 2 1974 lane": {"lane", "other"},
    "1974 02 03 Lane, Ash": {"lane"},
    "Lane 3. 2. 1974 Ash": {"lane", "other"},
    "13 02 1974 lane": set(),
    "Ash Lane 3 2 74": {"lane", "other"},
    "1950-12-01 Müller": {"anna"},
    "Müller, Łucja 1.12.1950": {"anna"},
    "1.12.1950": {"anna"},
    "Dec 1, 1950 Łucja": {"anna"},
    "1st December 1950 müller": {"anna"},
    "1 12 1950 lane": set(),
    "943-476-5919": {"anna"},
    "943 476 5919 Müller": {"anna"},
    "Müller 943-476 5919": {"anna"},
    "943 476 5919 Lane": set(),
    "CW 0415": {"lane"},
    "lane CW 0415": {"lane"},
    "CW - 0415": {"lane"},
    "soren": set(),
    "CW-0417": set(),
    "lane anna": set(),
    "": {"anna", "lane", "other"},
    " , ": {"anna", "lane", "other"},
    "%": {"anna", "lane", "other"},
}


def make(clinic: Clinic, carers: list[Person], number: str, name: str, born: date, *others: str) -> Patient:
    """A patient whom the record knows by these names."""
    sent = {"id": number, "names": [name, *others], "born": born.isoformat(), "time_zone": "UTC"}
    head = json.dumps({"patient": sent, "course": {"condition": "cidp", "protocol": "cidp"}})
    return patient_of(clinic, carers, number, (), name=name, born=born, head=head)


@pytest.fixture
def known(people: People) -> dict[str, Patient]:
    """Two of one name, and one with signs in hers; one more in nobody's care."""
    clinic, nurse = people["nurse"].clinic, people["nurse"]
    return {
        "anna": make(clinic, [nurse], "943 476 5919", ANNA, date(1950, 12, 1), "Łucja Born"),
        "lane": make(clinic, [nurse], "CW-0415", LANE, date(1974, 2, 3)),
        "other": make(clinic, [nurse], "CW-0416", OTHER, date(1974, 3, 2)),
        "moved": make(clinic, [], "CW-0417", MOVED, date(1980, 1, 1)),
    }


def find(browser: Client, text: str) -> str:
    """The page after looking for something."""
    return browser.post("/patients", {"sought": text}, follow=True).content.decode()


def named(page: str, known: dict[str, Patient]) -> set[str]:
    """Whose charts the page leads to."""
    return {name for name, one in known.items() if f"/patients/{one.pid}" in page}


def test_who_is_meant_is_found_and_nobody_outside_the_care(people: People, known: dict[str, Patient]) -> None:
    browser = signed_in(people["nurse"])
    assert {text: named(find(browser, text), known) for text in MEANT} == MEANT


def test_two_of_one_name_are_told_apart_by_birth_date_and_number(people: People, known: dict[str, Patient]) -> None:
    page = find(signed_in(people["nurse"]), "lane")
    for sign in ("3 Feb 1974", "2 Mar 1974", "CW-0415", "CW-0416"):
        assert sign in page, sign


def test_what_the_rules_last_said_stands_beside_the_name(people: People, patient: Patient) -> None:
    page = find(signed_in(people["nurse"]), "lane")
    assert patient.standing.words in page
    assert f"{patient.standing.due_by:%-d %b %Y}" in page
    assert "something not known" in page
    assert "266 d late" in page


def test_a_name_by_which_only_the_record_knows_somebody_finds_too(people: People, known: dict[str, Patient]) -> None:
    assert "Born" not in known["anna"].name
    assert named(find(signed_in(people["nurse"]), "born lucja"), known) == {"anna"}


def test_what_is_sought_stands_in_no_address_and_no_log(
    people: People, known: dict[str, Patient], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answer = signed_in(people["nurse"]).post("/patients", {"sought": "Lane 1974-02-03"})
    assert answer.headers["Location"] == "/patients"
    assert "Lane" not in caplog.text
    assert signed_in(people["nurse"]).get("/patients?sought=zzz").content.decode().count("zzz") == 0


def test_going_back_to_the_page_shows_what_was_found(people: People, known: dict[str, Patient]) -> None:
    browser = signed_in(people["nurse"])
    find(browser, "cw0415")
    assert named(browser.get("/patients").content.decode(), known) == {"lane"}
    assert named(find(browser, ""), known) == {"anna", "lane", "other"}


def test_where_nobody_is_found_those_who_may_are_offered_to_open_a_chart_outside_their_care(
    people: People, known: dict[str, Patient]
) -> None:
    assert 'action="/break-glass"' in find(signed_in(people["nurse"]), "soren")
    assert 'action="/break-glass"' not in find(signed_in(people["pharmacist"]), "soren")
    assert 'action="/break-glass"' not in find(signed_in(people["nurse"]), "lane")
    assert "Søren" not in find(signed_in(people["nurse"]), "soren")


def test_nobody_of_another_clinic_is_found(people: People, known: dict[str, Patient]) -> None:
    stranger = person(Clinic.objects.create(name="Clinic two"), "nurse")
    assert named(find(signed_in(stranger), ""), known) == set()


def test_the_whole_list_comes_in_pages_by_name(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countwell.clinic.pages.find.ON_PAGE", 2)
    for number, name in enumerate(("Cora", "Ada", "Bob")):
        patient_of(people["nurse"].clinic, [people["nurse"]], f"77{number}", (), name=name)
    browser = signed_in(people["nurse"])
    first = browser.get("/patients").content.decode()
    assert first.index("Ada") < first.index("Bob")
    assert "Cora" not in first
    assert "1 to 2 of 3" in first
    assert "Cora" in browser.get("/patients?page=2").content.decode()
    assert browser.get("/patients?page=nonsense").status_code == 200


def test_a_patient_is_found_while_nothing_can_be_written(people: People, known: dict[str, Patient]) -> None:
    read_only.begin("Restored from a backup.")
    try:
        assert named(find(signed_in(people["nurse"]), "cw0415"), known) == {"lane"}
    finally:
        read_only.end()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("3 2 1974", {date(1974, 2, 3), date(1974, 3, 2)}),
        ("31/01/1974", {date(1974, 1, 31)}),
        ("3.2.74", {date(1974, 2, 3), date(1974, 3, 2), date(2074, 2, 3), date(2074, 3, 2)}),
        ("Feb 3, 1974", {date(1974, 2, 3)}),
        ("3rd Sept 1974", {date(1974, 9, 3)}),
        ("1974 Feb 3", {date(1974, 2, 3)}),
        ("3Feb1974", {date(1974, 2, 3)}),
        ("30 Feb 1974", set()),
        ("3 2 1974 5", set()),
        ("1974", set()),
        ("May", set()),
        ("12", set()),
        ("", set()),
    ],
)
def test_a_text_is_every_day_that_it_can_mean(text: str, days: set[date]) -> None:
    assert days_of(text) == days


def test_the_page_says_which_birth_dates_it_looked_for(people: People, known: dict[str, Patient]) -> None:
    assert "As a birth date: 3 Feb 1974 or 2 Mar 1974." in find(signed_in(people["nurse"]), "Ash Lane 03 02 1974")
    assert "As a birth date" not in find(signed_in(people["nurse"]), "Ash Lane")


def test_accents_case_and_signs_make_no_difference() -> None:
    assert folded("O’Neill") == folded("oNEILL")
    assert folded("Straße") == "strasse"
    assert folded("Þóra Æsir") == "thoraaesir"
    assert folded("李 娜") == "李娜"
