"""A morning in a real browser: signed in with two steps, the worst first, acted on; every page for everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Served, sign_in, tab_to

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
LOOK = {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}  # what a width or the dark can change
VIEWS = ((1280, "light", WCAG), (320, "dark", LOOK))
OPEN = ("/sign-in", "/status")
PAGES = (
    "/today", "/today/calls", "/today/closed", "/today/repeats", "/today/untracked", "/today/away", "/patients", "/held", "/held/settled",
    "/letters", "/take-on", "/protocols", "/protocols/cidp", "/switches", "/measures", "/break-glass", "/my-account", "/my-account/password", "/my-account/sessions", "/nowhere",
)  # fmt: skip
OF_A_PATIENT = (
    "", "/results", "/results/20", "/results/new", "/act", "/act/explained", "/stop", "/plan", "/asked", "/decisions", "/release", "/contact",
    "/hand-over", "/letters", "/looked", "/requested", "/details", "/orders", "/tell",
)  # fmt: skip


@pytest.fixture(scope="module")
def morning(chromium: Browser, served: Served) -> Iterator[Page]:
    """A prescriber is signed in."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sign_in(page, served, "prescriber")
    yield page
    context.close()


def check(page: Page) -> None:
    """No finding of WCAG A or AA and no sideways scrolling: wide and light, then at 320 px and dark."""
    for width, scheme, rules in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{width} px"
        found = Axe().run(page, options=rules).response["violations"]
        assert not found, [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("address", OPEN)
def test_pages_before_signing_in_are_for_everybody(chromium: Browser, served: Served, address: str) -> None:
    page = chromium.new_page()
    page.goto(served.address + address)
    check(page)
    page.close()


@pytest.mark.parametrize("address", PAGES)
def test_pages_of_the_clinic_are_for_everybody(morning: Page, served: Served, address: str) -> None:
    morning.goto(served.address + address)
    check(morning)


@pytest.mark.parametrize("address", OF_A_PATIENT)
def test_pages_of_a_patient_are_for_everybody(morning: Page, served: Served, address: str) -> None:
    morning.goto(f"{served.address}/patients/{served.patients['low']}{address}")
    check(morning)


def test_a_chart_without_results_is_for_everybody(morning: Page, served: Served) -> None:
    morning.goto(f"{served.address}/patients/{served.patients['late']}")
    check(morning)


def test_in_the_list_letters_and_arrows_go_from_row_to_row(morning: Page, served: Served) -> None:
    morning.set_viewport_size({"width": 1280, "height": 900})
    morning.goto(f"{served.address}/today")
    names = morning.locator(".work-row .who a").all_inner_texts()
    tab_to(morning, names[0])
    for key, place in (("j", 1), ("ArrowDown", 2), ("k", 1), ("ArrowUp", 0), ("ArrowUp", 0)):
        morning.keyboard.press(key)
        expect(morning.locator(":focus")).to_have_text(names[place])
    morning.get_by_label("Find a patient").press("j")
    expect(morning.get_by_label("Find a patient")).to_have_value("j")


def test_the_page_that_interrupts_is_for_everybody_and_its_focus_is_on_the_safe_way(
    morning: Page, served: Served
) -> None:
    morning.goto(f"{served.address}/patients/{served.patients['low']}/plan")
    morning.get_by_label("Raise").check()
    morning.get_by_label("Dose, mg a day").fill("175")
    morning.get_by_role("button", name="Sign this step").click()
    expect(morning.locator("h1")).to_contain_text("Not signed: raise to 175 mg a day")
    expect(morning.locator(":focus")).to_have_text("Act on what was found")
    check(morning)


def test_a_stop_level_result_is_acted_on_by_keyboard_alone(chromium: Browser, served: Served) -> None:
    """The nurse records the stop; it stays on the list until the prescriber has closed it."""
    nurse = chromium.new_context()
    page = nurse.new_page()
    sign_in(page, served, "nurse")
    expect(page.locator(".work-row").first).to_contain_text("Rosalind Hartley")
    tab_to(page, "Rosalind Hartley")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("White cells 1.9")
    tab_to(page, "Act on this")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Act on what was found")
    tab_to(page, "Reason")
    page.keyboard.type("L")
    tab_to(page, "What was done besides")
    page.keyboard.type("Called her at ten, she takes none.")
    tab_to(page, "Record the stop")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("A prescriber still has to see it")
    expect(page.locator(".identity")).to_contain_text("Stopped")
    nurse.close()

    prescriber = chromium.new_context()
    page = prescriber.new_page()
    sign_in(page, served, "prescriber")
    page.goto(f"{served.address}/patients/{served.patients['low']}/act")
    page.get_by_label("What was done besides").first.fill("Seen, agreed with the stop.")
    page.get_by_role("button", name="Order").first.click()
    expect(page.get_by_role("status")).to_contain_text("did what is advised")
    page.goto(f"{served.address}/today?kind=now")
    expect(page.locator(".work-row")).to_have_count(0)
    prescriber.close()
