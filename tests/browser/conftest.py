"""A served clinic and a Chromium, one of each for all tests here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Browser, Page, sync_playwright

from clinic.making import PASSWORD

NAMES = ("chromium", "chromium-browser", "google-chrome")
SERVING = Path(__file__).parent / "serving.py"


@dataclass(frozen=True)
class Served:
    """Where the clinic is; of each role the address and the secret of the second step; of each patient the public id."""

    address: str
    people: dict[str, list[str]]
    patients: dict[str, str]


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The clinic, in a process of its own."""
    folder = tmp_path_factory.mktemp("clinic")
    process = subprocess.Popen([sys.executable, str(SERVING), str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Served(**json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; where there is none, and COUNTWELL_NEEDS_BROWSER does not insist on one, the tests here are skipped."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None and "COUNTWELL_NEEDS_BROWSER" not in os.environ:
        pytest.skip("no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


USED: set[str] = set()  # a code lets in once
PERIOD_S = 30


def code_of(served: Served, role: str) -> str:
    """What this person's app shows now, or showed just before; each once, so after two the next is waited for."""
    secret = served.people[role][1]
    for _ in range(PERIOD_S + 1):
        shown = [format_hotp_value(hotp_value(secret, counter)) for counter in yield_hotp_counters_from_time()]
        if left := [code for code in shown if code not in USED]:
            USED.add(left[0])
            return left[0]
        time.sleep(1)
    raise AssertionError("The app shows no new code.")


def sign_in(page: Page, served: Served, role: str) -> None:
    """Both steps, with a code as the app shows it."""
    page.goto(f"{served.address}/sign-in")
    page.get_by_label("Work e-mail").fill(served.people[role][0])
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("6-digit code").fill(code_of(served, role))
    page.get_by_role("button", name="Check the code").click()


def tab_to(page: Page, words: str) -> None:
    """Presses Tab until what has the focus bears these words."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if words in page.evaluate(
            "(e => e.labels?.[0]?.innerText || e.innerText || e.name || '')(document.activeElement)"
        ):
            return
    raise AssertionError(f"“{words}” cannot be reached by Tab")
