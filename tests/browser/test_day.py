"""The rest of the day's tasks in a real browser, by keyboard alone: file, chase, release, letter, hand-over, death."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from browser.conftest import Served, sign_in, tab_to
from browser.test_morning import check

WIDE: ViewportSize = {"width": 1280, "height": 900}
OF_ROLES = {
    "admin": ("/people", "/switches", "/protocols", "/my-account", "/my-account/looks"),
    "auditor": ("/audit", "/protocols", "/my-account"),
    "pharmacist": ("/today", "/patients", "/today/repeats", "/switches"),
    "nurse": ("/today", "/today/calls", "/held", "/take-on", "/letters"),
    "prescriber": ("/today", "/patients", "/measures"),
}


@pytest.fixture(scope="module")
def pages(chromium: Browser, served: Served) -> Iterator[dict[str, Page]]:
    """Of each role one person who is signed in: a code opens once."""
    contexts = {role: chromium.new_context(viewport=WIDE, locale="en-US") for role in OF_ROLES}
    opened = {role: context.new_page() for role, context in contexts.items()}
    for role, page in opened.items():
        sign_in(page, served, role)
        expect(page.get_by_text("Sign out")).to_be_visible()
    yield opened
    for context in contexts.values():
        context.close()


def press(page: Page, words: str) -> None:
    """Goes to a link or button with Tab, and presses Enter."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, words: str) -> None:
    """Goes to a group of choices with Tab, and down it to the one with these words."""
    for _ in range(60):
        page.keyboard.press("ArrowDown")
        if words in page.evaluate("document.activeElement.labels[0].innerText"):
            page.keyboard.press("Space")
            return
    raise AssertionError(f"“{words}” cannot be chosen")


def open_patient(page: Page, served: Served, key: str, tail: str = "") -> None:
    page.goto(f"{served.address}/patients/{served.patients[key]}{tail}")


def test_a_result_that_only_asks_for_a_repeat_is_filed_with_its_order(pages: dict[str, Page], served: Served) -> None:
    page = pages["nurse"]
    page.goto(f"{served.address}/today")
    press(page, "Owen Bell")
    press(page, "Act on this")
    tab_to(page, "What was done besides")
    page.keyboard.type("Told by telephone, blood again next week.")
    press(page, "Order")
    expect(page.get_by_role("status").first).to_contain_text("did what is advised")
    page.goto(f"{served.address}/today?kind=this-week")
    expect(page.locator(".work-row", has_text="Owen Bell")).to_have_count(0)
    page.goto(f"{served.address}/today?kind=answered-and-watched")
    expect(page.locator(".work-row", has_text="Owen Bell")).to_have_count(1)


def test_somebody_late_is_telephoned_and_the_next_try_has_its_day(pages: dict[str, Page], served: Served) -> None:
    page = pages["nurse"]
    open_patient(page, served, "chased", "/contact")
    tab_to(page, "Reached")
    choose(page, "No answer")
    press(page, "Log this try")
    expect(page.get_by_role("status").first).to_contain_text("Noted: No answer")
    open_patient(page, served, "chased", "/contact")
    expect(page.get_by_text("No answer", exact=False).first).to_be_visible()
    expect(page.locator("[aria-current=step]")).to_contain_text("Call again")


def test_a_repeat_is_released_for_as_long_as_the_tests_are_in_date(pages: dict[str, Page], served: Served) -> None:
    page = pages["pharmacist"]
    open_patient(page, served, "calm", "/asked")
    press(page, "May the repeat prescription be released?")
    press(page, "Release the repeat")
    expect(page.get_by_role("status").first).to_contain_text("The repeat is released")
    open_patient(page, served, "low", "/release")
    expect(page.get_by_role("button", name="Release the repeat")).to_have_count(0)


def test_a_letter_is_written_opened_and_marked_as_posted(pages: dict[str, Page], served: Served) -> None:
    page = pages["nurse"]
    open_patient(page, served, "chased", "/letters")
    tab_to(page, "Azathioprine monitoring (to gp)")
    page.keyboard.type("Az")
    tab_to(page, "How it goes")
    press(page, "Write it")
    letter = page.locator("a", has_text="(PDF)").first
    answer = page.request.get(served.address + str(letter.get_attribute("href")))
    assert answer.body().startswith(b"%PDF-1.7")
    press(page, "Printed and posted")
    expect(page.locator(".tag", has_text="sent").first).to_be_visible()
    check(page)


def test_a_patient_is_offered_and_stays_with_the_first_until_the_other_accepts(
    pages: dict[str, Page], served: Served
) -> None:
    page = pages["prescriber"]
    open_patient(page, served, "handed", "/hand-over")
    tab_to(page, "Colleague")
    page.keyboard.type("nurse")
    tab_to(page, "What they should know")
    page.keyboard.type("Mine until Friday.")
    press(page, "Offer Hana Nakamura")
    expect(page.get_by_role("status").first).to_contain_text("You stay accountable until they accept")
    page = pages["nurse"]
    open_patient(page, served, "handed", "/hand-over")
    expect(page.locator("main")).to_contain_text("no answer yet")
    check(page)
    press(page, "Accept: I am accountable")
    open_patient(page, served, "handed", "/hand-over")
    expect(page.locator("main")).to_contain_text("nurse of Harbour Neurology is accountable")


def test_a_death_takes_the_patient_off_every_list_at_once(pages: dict[str, Page], served: Served) -> None:
    page = pages["nurse"]
    page.goto(f"{served.address}/today")
    expect(page.locator(".work-row", has_text="Aleksei Petrov")).to_have_count(1)
    open_patient(page, served, "dead", "/hand-over")
    tab_to(page, "Day of death")
    page.keyboard.type("03012026")
    press(page, "Record the death of Aleksei Petrov")
    for address in ("/today", "/today/calls", "/letters"):
        page.goto(served.address + address)
        expect(page.get_by_text("Aleksei Petrov")).to_have_count(0)
    open_patient(page, served, "dead")
    expect(page.locator(".identity")).to_contain_text("Died")
    check(page)


@pytest.mark.parametrize("role", OF_ROLES)
def test_pages_of_each_role_are_for_everybody(pages: dict[str, Page], served: Served, role: str) -> None:
    for address in OF_ROLES[role]:
        pages[role].goto(served.address + address)
        check(pages[role])


def test_the_second_step_and_what_it_refuses_are_for_everybody(chromium: Browser, served: Served) -> None:
    page = chromium.new_page()
    page.goto(f"{served.address}/sign-in")
    page.get_by_label("Work e-mail").fill(served.people["nurse"][0])
    page.get_by_label("Password").fill("wrong, and long enough to be one")
    page.get_by_role("button", name="Continue").click()
    check(page)
    sign_in_first_step(page, served)
    check(page)
    page.get_by_label("6-digit code").fill("000000")
    page.get_by_role("button", name="Check the code").click()
    check(page)
    page.close()


def sign_in_first_step(page: Page, served: Served) -> None:
    from clinic.making import PASSWORD

    page.get_by_label("Work e-mail").fill(served.people["nurse"][0])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def test_answers_to_questions_and_refusals_are_for_everybody(pages: dict[str, Page], served: Served) -> None:
    page = pages["nurse"]
    open_patient(page, served, "calm", "/asked/telephone")
    check(page)
    page.locator("input[name=fever][value=yes]").check()
    check(page)
    page.get_by_role("button", name="Only say what it calls for").click()
    check(page)
    open_patient(page, served, "calm", "/asked/telephone")
    page.get_by_role("button", name="Record it").click()
    expect(page.locator("main")).to_contain_text("Ask at least one question")
    check(page)
