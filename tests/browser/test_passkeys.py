"""A passkey as the second step, with a Chromium that has an authenticator of its own: added, used, missing, removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

from browser.conftest import Served, sign_in
from browser.test_morning import check
from clinic.making import PASSWORD

KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def by_name(served: Served) -> Served:
    """The clinic under a name: a passkey belongs to one, and never to a bare number."""
    return replace(served, address=served.address.replace("127.0.0.1", "localhost"))


@pytest.fixture(scope="module")
def page(chromium: Browser, by_name: Served) -> Iterator[Page]:
    """The pharmacist is signed in, with a code."""
    context = chromium.new_context()
    page = context.new_page()
    sign_in(page, by_name, "pharmacist")
    page.wait_for_url("**/today")
    yield page
    context.close()


@pytest.fixture(scope="module")
def authenticator(page: Page) -> CDPSession:
    """What holds the keys of this browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session


def first_step(page: Page, served: Served) -> None:
    """Signs out, and in again as far as the password."""
    page.context.clear_cookies()
    page.goto(f"{served.address}/sign-in")
    page.get_by_label("Work e-mail").fill(served.people["pharmacist"][0])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Show that it is you")).to_be_visible()


def show_again(page: Page) -> None:
    """The password once more, as before every change of the account."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def test_a_passkey_is_added_used_missed_and_removed(page: Page, by_name: Served, authenticator: CDPSession) -> None:
    key = authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]
    page.goto(f"{by_name.address}/my-account/passkeys")
    page.get_by_role("link", name="Add a passkey").click()
    show_again(page)
    expect(page.get_by_role("heading", name="Add a passkey")).to_be_visible()
    check(page)
    page.get_by_label("What you call it").fill("Ward computer")
    page.get_by_role("button", name="Add this passkey").click()
    page.wait_for_url("**/my-account/recovery-codes")
    page.goto(f"{by_name.address}/my-account/passkeys")
    expect(page.get_by_text("Ward computer, added")).to_be_visible()

    first_step(page, by_name)
    check(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/today")

    credentials = authenticator.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    assert len(credentials) == 1
    authenticator.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    other = authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]
    first_step(page, by_name)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert").get_by_text("The passkey was not found")).to_be_visible()
    page.goto(f"{by_name.address}/today")
    assert "/sign-in" in page.url

    authenticator.send("WebAuthn.addCredential", {"authenticatorId": other, "credential": credentials[0]})
    first_step(page, by_name)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/today")
    page.goto(f"{by_name.address}/my-account/passkeys")
    page.get_by_role("link", name="Remove Ward computer").click()
    show_again(page)
    page.get_by_role("button", name="Remove Ward computer").click()
    expect(page.get_by_text("None yet.")).to_be_visible()
