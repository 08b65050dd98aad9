"""The staff of a simulated clinic: they read the list as it is served and act on its rows in a browser, or forget to.

A prescriber acts on the own rows, and now and then takes over a colleague's; a nurse calls whom the call list names, settles
held messages, and acts on what is no stop. Rows that want nobody are opened now and then. Shares are choices. What a page
does not let them do is noted and left to somebody else.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.test import Client

from countwell.clinic.models import Patient, Person
from countwell.clinic.store.worklist import TIERS

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SHOWN, SENT_ON = 200, 302
ACTS, TAKES_OVER, OTHERWISE, READS, GLANCES = 0.8, 0.3, 0.2, 0.9, 0.02
HOLIDAY = timedelta(days=21)
ACCEPTED = timedelta(days=90)
OUTCOMES = {"reached": 10, "message": 4, "no-answer": 4, "test-done": 1, "abroad": 1}
TELLS = ("reached", "message")
NOTE = "Looked at, talked over by telephone, noted."
GROUP = r'<h2 id="group-\d+">([^<]+?) <span'
PATIENT = r'<li class="work-row [^"]*" id="p(\w+)"'
OWNER = r'(?:(?!</li>).)*<span class="meta block">([^<,]+),'
ROW = re.compile(f"{GROUP}|{PATIENT}{OWNER}", re.DOTALL)
BANNER = re.compile(r'name="banner" value="([^"]+)"')
LATEST = re.compile(r'name="decide_by"[^>]* max="([\d-]+)"')
UNTIL = re.compile(r'name="until"[^>]* max="([\d-]+)"')
STEP = re.compile(r'<option value="([\w-]+)" selected')
DOSE = re.compile(r"([\d.]+)\s*mg a day")
HELD = re.compile(r"on hold since [^(]*\(([\w-]+)\)")
REASONS = {
    "leucopenia": "White cells|Neutrophils|Platelets",
    "liver": "ALT|AST|Bilirubin",
    "infection": "Fever|throat|ulcers",
}
HOLDS = ("Hold past its day", "Held, no day")
CALL = re.compile(r'<th scope="row"><a href="/patients/(\w+)/contact"')


@dataclass
class Colleague:
    """One person with a browser. did: what they did, or were refused, counted for all; asks: is given each patient who was
    asked for the tests that are wanted; explains: which findings of a patient have an explanation that their team accepts."""

    person: Person
    chance: Random
    did: Counter
    asks: Callable[[Patient], None]
    explains: Callable[[Patient], list[str]]
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    browser: Client = field(default_factory=lambda: Client(headers={"host": "localhost"}))

    def works(self, at: datetime) -> bool:
        """Whether they read the list on this occasion: not on holiday, after leaving, or when they forget."""
        on_holiday = any(first <= at < last for first, last in self.away)
        return self.person.is_active and not on_holiday and self.chance.random() < READS

    def sign_in(self) -> None:
        """Begins a session anew: none lasts longer than half a day."""
        self.browser.logout()
        self.browser.force_login(self.person, backend=BACKEND)

    def session(self, at: datetime) -> None:
        """Reads the list and acts on it, row by row."""
        if not self.works(at):
            return
        self.sign_in()
        if self.person.role == "nurse":
            for pid in CALL.findall(self.browser.get("/today/calls").content.decode()):
                self._calls(pid, at)
        for group, pid, mine in self._rows():
            if mine and self.chance.random() < ACTS:
                self._act(group, pid, at)
            elif not mine and self.chance.random() < (TAKES_OVER if self.person.role == "prescriber" else ACTS):
                self._for_colleague(group, pid, at)

    def _rows(self) -> list[tuple[str, str, bool]]:
        """Each row on the page: its group, the patient's public id, and whether it says that this person is the owner."""
        page = self.browser.get("/today")
        if page.status_code != SHOWN:
            raise RuntimeError(f"The list was not shown to {self.person.name}: {page.status_code}.")
        group, found = "", []
        for heading, pid, owner in ROW.findall(page.content.decode()):
            group = heading or group
            if pid:
                found.append((group, pid, owner == self.person.name))
        return found

    def _for_colleague(self, group: str, pid: str, at: datetime) -> None:
        """A row of somebody else's: what is urgent is taken over by a prescriber; a nurse does what a nurse may."""
        if self.person.role == "prescriber":
            if group in ("Now", *HOLDS):
                self._post(f"/patients/{pid}/own", self.browser.get(f"/patients/{pid}/act"), "takes over")
                self._act(group, pid, at)
        elif group not in ("Now", *HOLDS):
            self._act(group, pid, at)

    def _act(self, group: str, pid: str, at: datetime) -> None:
        """What the button of the row leads to."""
        if group in TIERS:
            self._on_finding(pid, at)
        elif group in HOLDS:
            self._on_hold(pid, at)
        elif group == "Result changed":
            self._post(f"/patients/{pid}/told", self.browser.get(f"/patients/{pid}/told"), "told")
        elif group == "A result may be waiting":
            self._settles()
        elif self.chance.random() < GLANCES:
            self.browser.get(f"/patients/{pid}")

    def _on_finding(self, pid: str, at: datetime) -> None:
        """What is explained is accepted; else as advised; or otherwise, with a reason; a nurse only as advised."""
        if self.person.role == "prescriber" and self._accepts(pid, at):
            return
        page = self.browser.get(f"/patients/{pid}/act")
        text, prescribes = page.content.decode(), self.person.role == "prescriber"
        latest = LATEST.search(text)
        by = latest[1] if latest else (at + timedelta(days=3)).date().isoformat()
        advised = {"reason": _reason(text), "decide_by": by, "note": NOTE}
        if not prescribes or self.chance.random() >= OTHERWISE:
            if self._post(f"/patients/{pid}/act", page, "acts as advised", **advised):
                self._asks(pid)
                return
            page = self.browser.get(f"/patients/{pid}/act")
        if prescribes:
            self._otherwise(pid, page)

    def _accepts(self, pid: str, at: datetime) -> bool:
        """Whether anything was accepted; what is left stands on the list at the next look."""
        explained, address = self.explains(Patient.objects.get(pid=pid)), f"/patients/{pid}/act/explained"
        sent = {"do": "accept", "note": NOTE, "until": (at + ACCEPTED).date().isoformat()}
        done = [
            self._post(address, self.browser.get(address), "accepts what is explained", finding=name, **sent)
            for name in explained
        ]
        return any(done)

    def _otherwise(self, pid: str, page) -> None:
        """Watches it until the last day that is allowed; where nothing can be ordered, says what was done."""
        until, address = UNTIL.search(page.content.decode()), f"/patients/{pid}/act/otherwise"
        watch = {"do": "monitor", "why": "value-doubted", "until": until[1] if until else "", "note": NOTE}
        if self._post(address, page, "watches it", **watch):
            self._asks(pid)
        else:
            page = self.browser.get(f"/patients/{pid}/act")
            self._post(address, page, "acts otherwise", do="less", why="acted-elsewhere", note=NOTE)

    def _on_hold(self, pid: str, at: datetime) -> None:
        """The hold is over: treatment goes on at the dose before, if the rules let it; else it is held for another week."""
        if self.person.role != "prescriber":
            return
        page = self.browser.get(f"/patients/{pid}/plan")
        text = page.content.decode().replace("\u202f", " ").replace("\xa0", " ")
        dose, why = DOSE.search(text), HELD.search(text)
        step = {"do": "restart", "mg_per_day": dose[1] if dose else "50", "frequency": "once daily", "note": NOTE}
        if not self._post(f"/patients/{pid}/plan/signed-step", page, "restarts", **step):
            day = (at + timedelta(days=7)).date().isoformat()
            hold = {"do": "hold", "reason": why[1] if why else "other", "decide_by": day}
            page = self.browser.get(f"/patients/{pid}/plan")
            self._post(f"/patients/{pid}/plan/signed-step", page, "holds on", **hold)

    def _calls(self, pid: str, at: datetime) -> None:
        page = self.browser.get(f"/patients/{pid}/contact")
        step = STEP.search(page.content.decode())
        if step:
            (outcome,) = self.chance.choices(list(OUTCOMES), list(OUTCOMES.values()))
            day = (at + timedelta(days=5)).date().isoformat()
            told = self._post(f"/patients/{pid}/contact", page, "calls", step=step[1], outcome=outcome, until=day)
            if told and outcome in TELLS:
                self._asks(pid)

    def _asks(self, pid: str) -> None:
        self.asks(Patient.objects.get(pid=pid))

    def _settles(self) -> None:
        """The first held message: a nurse has the laboratory's word and proposes to file it, a second person confirms."""
        number = re.search(r'/held/(\d+)"', self.browser.get("/held").content.decode())
        if not number:
            return
        page = self.browser.get(f"/held/{number[1]}").content.decode()
        patient = re.search(r'name="patient" value="(\w+)"', page)
        if f"/held/{number[1]}/second" in page:
            self._tally(self.browser.post(f"/held/{number[1]}/second"), "confirms a held message")
        elif patient:
            sent = {"outcome": "file", "patient": patient[1], "note": NOTE}
            self._tally(self.browser.post(f"/held/{number[1]}", sent), "settles a held message")
        else:
            sent = {"outcome": "not-usable", "note": NOTE}
            self._tally(self.browser.post(f"/held/{number[1]}", sent), "settles a held message")

    def _post(self, address: str, page, does: str, **form: str) -> bool:
        """Sends a form of a page. Whether it was done; a refusal is counted."""
        banner = BANNER.search(page.content.decode())
        return self._tally(self.browser.post(address, {"banner": banner[1] if banner else "", **form}), does)

    def _tally(self, answer, does: str) -> bool:
        done = answer.status_code == SENT_ON
        self.did[does if done else f"{does}: refused, {answer.status_code}"] += 1
        return done


def _reason(text: str) -> str:
    """The coded reason of a hold or stop, by what the page has found."""
    return next((reason for reason, words in REASONS.items() if re.search(words, text)), "other")
