"""Before a session ends the page says so, and a key keeps it; typing is use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.conftest import Served, sign_in

SOON, OVER = "You will be signed out in 2 minutes", "You are signed out"
MINUTE = 60_000  # thousandths of a second


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, served: Served) -> Iterator[BrowserContext]:
    """An admin is signed in: a code opens once."""
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, served, "admin")
    expect(page.get_by_text("Sign out")).to_be_visible()
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext, served: Served) -> Iterator[Page]:
    """A page whose clock can be put forward."""
    page = signed_in.new_page()
    page.clock.install()
    page.goto(f"{served.address}/my-account")
    yield page
    page.close()


def test_two_minutes_before_the_end_it_is_said_and_a_key_or_the_button_keeps_the_session(page: Page) -> None:
    page.clock.run_for(12 * MINUTE)
    expect(page.get_by_text(SOON)).to_be_hidden()
    page.clock.run_for(MINUTE)
    expect(page.get_by_text(SOON)).to_be_visible()
    for keep in (lambda: page.keyboard.press("Shift"), page.get_by_role("button", name="Stay signed in").click):
        with page.expect_response("**/my-account/stay") as answer:
            keep()
        assert answer.value.status == 204
        expect(page.get_by_text(SOON)).to_be_hidden()
        page.clock.run_for(13 * MINUTE)
        expect(page.get_by_text(SOON)).to_be_visible()
    page.clock.run_for(2 * MINUTE)
    expect(page.get_by_text(OVER)).to_be_visible()
    expect(page.get_by_text(SOON)).to_be_hidden()


def test_typing_is_use_and_told_every_five_minutes_at_most(page: Page) -> None:
    asked = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/stay") else None)
    page.clock.run_for(4 * MINUTE)
    page.keyboard.press("a")
    assert asked == []
    page.clock.run_for(MINUTE)
    with page.expect_response("**/my-account/stay"):
        page.keyboard.press("a")
    page.keyboard.press("a")
    assert len(asked) == 1
    page.clock.run_for(12 * MINUTE)
    expect(page.get_by_text(SOON)).to_be_hidden()
