"""A simulated register through a real clinic: its database, intake, pages and staff, day by day, and no round ever run.

    python bench/clinic_register.py [--patients 1000] [--months 24] [--seed 7] [--often 1]

Each source comes at its own instant. Twice on each working day the staff read the list that is served and act on it, or forget;
they go on holiday, and one leaves. Of the patients who are asked for a test most come, within days. On each evening the lists
are held beside the engine asked anew (`clinic_checked.py`).
Interrupted, it reports on the days that it saw.
"""

import argparse
import json
import logging
import sys
import tempfile
import time as time_
from bisect import insort
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from clinic_filled import begin, member, named
from common import heading, table

from countwell.simulate.accepting import team
from countwell.simulate.parameters import DAYS_PER_MONTH, Parameters, parameters
from countwell.simulate.patients import HOME, patient

STAFF = ("prescriber", "prescriber", "prescriber", "nurse", "nurse", "admin")
READS_AT = (time(9, 10), time(15, 10))
LOOKS_AT = time(21)
DRAWN_AT = time(8, 40)
SATURDAY = 5
COMES = 0.8  # of those who are asked for a test: a choice
COMES_WITHIN = (1, 4)  # days
WANTED_WITHIN = timedelta(days=7)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
FOLLOWS = {
    "raise": ("active",),
    "reduce": ("active",),
    "hold": ("active",),
    "stop": ("active", "held"),
    "restart": ("held", "stopped"),
}
GOALS = {1: 0.5, 2: 2.0, 3: 12.0}
NAMES = {1: "Now", 2: "Today", 3: "This week"}


def main() -> None:
    """Runs and prints."""
    wanted = arguments()
    with tempfile.TemporaryDirectory() as folder:
        begin(Path(folder))
        logging.disable(logging.WARNING)
        heading(
            f"A register through the clinic: {wanted.patients} patients, {wanted.months} months, seed {wanted.seed}"
        )
        service = Service(wanted.patients, wanted.months, wanted.seed, parameters(often=wanted.often))
        service.open()
        with suppress(KeyboardInterrupt):
            for day in service.days():
                service.live(day)
                if day.day == 1:
                    print(f"{day}: {len(service.watcher.seen.faults)} faults", file=sys.stderr, flush=True)
        report(service)


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser()
    for name, usual in (("patients", 1000), ("months", 24), ("seed", 7)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument(
        "--often", type=float, default=1.0, help="what happens to patients does so that many times as often"
    )
    return parser.parse_args()


@dataclass
class Service:
    """The clinic with everything around it. at: the instant that its clock shows."""

    patients: int
    months: float
    seed: int
    given: Parameters
    flaws: dict[str, float] = field(default_factory=dict)
    staff: tuple[str, ...] = STAFF
    at: datetime = LONG_AGO
    sums: Counter = field(default_factory=Counter)
    filed: list[tuple[str, str]] = field(default_factory=list)
    did: Counter = field(default_factory=Counter)
    comes: dict[str, datetime] = field(default_factory=dict)

    def open(self) -> None:
        """A clinic with its staff, and everything that will be sent to it."""
        from clinic_checked import Watcher
        from clinic_sent import FLAWS, Sender

        from countwell.clinic import guard
        from countwell.clinic.models import Clinic

        guard.now = lambda: self.at
        self.clinic = Clinic.objects.create(name="Simulated clinic", zone=HOME)
        days = int(self.months * DAYS_PER_MONTH)
        self.begins = datetime.combine(self.given.ends, time(8), ZoneInfo(HOME)) - timedelta(days=days)
        self.half_time = (self.begins + timedelta(days=days // 2)).date()
        self.colleagues = [self._colleague(number, role) for number, role in enumerate(self.staff)]
        self.owners = [one.person for one in self.colleagues if one.person.role == "prescriber"]
        self.watcher = Watcher(self.clinic)
        flaws = {**FLAWS, **self.flaws}
        documents = [
            named(patient(number, int(self.months), self.seed, self.given), number)
            for number in range(1, self.patients + 1)
        ]
        self.senders = {
            one["patient"]["id"]: Sender(one, self.begins, Random(f"sent {self.seed} {one['patient']['id']}"), flaws)
            for one in documents
        }
        self.sources = sorted((one for sender in self.senders.values() for one in sender.sources()), key=_last_first)

    def _colleague(self, number: int, role: str) -> Any:
        """One of the staff, each three weeks away every half year."""
        from clinic_staff import HOLIDAY, Colleague

        person = member(self.clinic, role, f"{role}-{number}@example.invalid")
        half_years = range(int(self.months // 6) + 1)
        away = [self.begins + timedelta(days=183 * half + 25 * number + 30) for half in half_years]
        chance = Random(f"staff {self.seed} {number}")
        return Colleague(person, chance, self.did, self.asked, self.explained, [(day, day + HOLIDAY) for day in away])

    def asked(self, patient: Any) -> None:
        """A patient was asked for the tests that are wanted: most come within days, unless they are to come already."""
        soon = (self.at + WANTED_WITHIN).date().isoformat()
        number, sender = patient.number, self.senders[patient.number]
        if self.comes.get(number, LONG_AGO) > self.at or not any(day <= soon for day in patient.standing.due.values()):
            return
        if sender.chance.random() < COMES:
            day = (self.at + timedelta(days=sender.chance.randint(*COMES_WITHIN))).date()
            self.comes[number] = _instant(day, DRAWN_AT)
            for sent in sender.asked_for(self.at, self.comes[number], "inr" in patient.standing.due):
                insort(self.sources, sent, key=_last_first)
                self.sums["draws that were asked for"] += 1

    def explained(self, patient: Any) -> list[str]:
        """The findings of a patient that the simulated team accepts, by the full names of their rules."""
        from countwell.clinic.store.standing import answer_for

        answer, record = answer_for(patient, self.at)
        found = [one for one in answer.findings if one.holds == "yes" and not one.accepted]
        mine = team(int(patient.number.rpartition("-")[2]), self.seed, self.given)
        return [event["finding"] for event in mine.decisions(found, record, self.at)]

    def days(self) -> Iterator[Any]:
        """The days of the register."""
        for number in range(int(self.months * DAYS_PER_MONTH)):
            yield (self.begins + timedelta(days=number)).date()

    def live(self, day: Any) -> None:
        """One day: what comes, who reads when, and the evening."""
        if day == self.half_time and len(self.owners) > 1:
            self.leaves(day)
        for hour in READS_AT if day.weekday() < SATURDAY else ():
            self._until(_instant(day, hour))
            self.watcher.look(self.at)
            for colleague in self.colleagues:
                if colleague.person.role != "admin":
                    colleague.session(self.at)
            self.watcher.look(self.at)
        self._until(_instant(day, LOOKS_AT))
        self.watcher.look(self.at)
        self.watcher.evening(self.at)

    def _until(self, at: datetime) -> None:
        """Everything that comes until an instant is taken in, each at its own."""
        while self.sources and self.sources[-1].at <= at:
            self._take_in(self.sources.pop())
        self.at = at.astimezone(UTC)

    def _take_in(self, sent: Any) -> None:
        from countwell.clinic.store.intake import take_in
        from countwell.clinic.store.records import canonical

        self.at = sent.at.astimezone(UTC)
        if sent.does in FOLLOWS and self._state(sent.number) not in FOLLOWS[sent.does]:
            self.sums["decisions of the hospital that came to nothing, the clinic having acted"] += 1
            return
        referral = sent.source == "referral"
        owner = self.owners[int(sent.number.rpartition("-")[2]) % len(self.owners)] if referral else None
        sums = take_in(self.clinic, sent.body, None, self.at, name=sent.source, take_on=owner)
        if sums.filed == sums.received and not sent.in_fhir:
            self.filed += [(sent.number, canonical(event)) for event in json.loads(sent.body)["events"]]
        self.sums.update(sources=1, received=sums.received, filed=sums.filed, held=sums.held, refused=sums.refused)
        if referral:
            self._share_care(sent.number)

    def lost(self) -> int:
        """Events of records that were said to be filed, and are not in the store, word for word."""
        from countwell.clinic.models import Event

        kept = set(Event.objects.values_list("patient__number", "body"))
        return sum(1 for one in self.filed if one not in kept)

    def _state(self, number: str) -> str:
        from countwell.clinic.models import Standing

        return Standing.objects.filter(patient__number=number).values_list("state", flat=True).first() or ""

    def _share_care(self, number: str) -> None:
        """Everybody who treats cares for everybody."""
        from countwell.clinic.models import Patient
        from countwell.clinic.store.hand_over import care

        for colleague in self.colleagues:
            if colleague.person.role != "admin":
                care(Patient.objects.get(clinic=self.clinic, number=number), colleague.person, self.at)

    def leaves(self, day: Any) -> None:
        """The last prescriber leaves: the admin closes the account, and names who takes over."""
        self.at = _instant(day, time(8)).astimezone(UTC)
        leaving, to = self.owners[-1], self.owners[0]
        admin = next(one for one in self.colleagues if one.person.role == "admin")
        admin.sign_in()
        sent = {"what": "close", "to": str(to.pk)}
        answer = admin.browser.post(f"/people/{leaving.pk}", sent)
        self.did[f"an account is closed: {answer.status_code}"] += 1
        leaving.refresh_from_db()
        self.owners = self.owners[:-1]


def _last_first(sent: Any) -> float:
    return -sent.at.timestamp()


def _instant(day: Any, hour: time) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(HOME))


def report(service: Service) -> None:
    """The tables."""
    seen = service.watcher.seen
    months = seen.treated_days / DAYS_PER_MONTH
    per = 100 / months
    print(f"{months:.0f} patient-months on treatment, {seen.evenings} evenings\n")
    rows = [(NAMES[tier], seen.items[tier], seen.items[tier] * per, f"≤ {goal}") for tier, goal in GOALS.items()]
    rows.append(("Late, and nothing else", seen.late_rows, seen.late_rows * per, "≤ 5"))
    rows.append(("of these, to the day of a call", seen.to_be_called, seen.to_be_called * per, ""))
    table(("rows that begin", "number", "per 100 patient-months", "goal"), rows)
    table(
        ("stands on the lists", "rows an evening"),
        [(name, count / seen.evenings) for name, count in seen.stood.most_common()],
    )
    hours = sorted(one.total_seconds() / 3600 for one in seen.answered)
    middle = f"{hours[len(hours) // 2]:.1f} h, at most {hours[-1]:.0f} h" if hours else "none"
    print(
        f"stop level: {len(seen.stops)} episodes on {seen.stop_days} patient-days; open until answered or over: median {middle}"
    )
    print(f"late: {seen.overdue_days} patient-days")
    print(f"faults: {len(seen.faults)}; events filed and not found again: {service.lost()} of {len(service.filed)}")
    for fault in seen.faults[:40]:
        print("  ", fault)
    print(dict(service.sums))
    table(("what people did", "times"), service.did.most_common())
    print(f"{time_.process_time():.0f} s of processor")


if __name__ == "__main__":
    sys.exit(main())
