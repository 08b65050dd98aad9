"""The clinic of one patient: planned draws, and what the staff decide when results and symptoms come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time

from countwell.simulate.body import Body
from countwell.simulate.happenings import Symptom
from countwell.simulate.judging import BLOOD, Verdict, judged
from countwell.simulate.laboratory import Event
from countwell.simulate.people import Person
from countwell.simulate.reporting import Desk, dated

REACTION = "hypersensitivity"
PAUSE = "infection"
DECIDED = time(17, 30)


@dataclass(slots=True)
class Care:
    """State of one course as it goes. draw: the next planned draw; good: good draws in a row since a hold; also: tests
    to be added to it."""

    person: Person
    desk: Desk
    body: Body
    last: int
    symptoms: list[Symptom]
    events: list[Event] = field(default_factory=list)
    state: str = "proposed"
    reason: str | None = None
    mg: int = 0
    changed: int = 0
    run: int = 0
    draw: int = 0
    good: int = 0
    also: set[str] = field(default_factory=set)

    def follow(self) -> list[Event]:
        """Everything from the beginning to the last day."""
        self._begin()
        while (day := min(self.draw, self.symptoms[0].day if self.symptoms else self.last + 1)) <= self.last:
            if self.symptoms and self.symptoms[0].day == day:
                self._told(self.symptoms.pop(0))
            else:
                self._drawn(day)
        return self.events

    def _decide(self, do: str, day: int, mg: int | None = None, reason: str | None = None, **fields: str) -> None:
        dose = {"mg_per_day": str(mg), "frequency": "once daily"} if mg else {}
        why = {"reason": reason} if reason else {}
        event = dated(self.desk, "decision", day, do=do, by="dr-simulated", **dose, **why, **fields)
        if do not in ("start", "transfer-in"):
            event["at"] = self.desk.calendar.instant(self.desk.date(day), DECIDED)
        self.events.append(event)

    @property
    def target(self) -> int:
        """The dose to be reached, in whole tablets."""
        row, tablet = self.desk.given["conditions"][self.person.condition], self.desk.given["staff"]["tablet_mg"]
        wanted = row["mg_per_kg"] * self.person.target_mg_per_kg_share * self.person.kg
        return max(tablet, int(wanted / tablet) * tablet)

    def _begin(self) -> None:
        """The start, or what is known of it; the first draw follows."""
        staff, start = self.desk.given["staff"], self.person.started
        self.state, self.run, self.changed = "active", start, start
        if self.person.moved_in:
            self.mg = self.target
            self._decide("transfer-in", self.person.first_day, self.mg, since=self.desk.date(start).isoformat())
        else:
            self._baseline(start)
            self.mg = min(staff["start_mg"], self.target)
            self._decide("start", start, self.mg)
            while start < self.person.first_day - staff["step_after"] and self.mg < self.target:
                self._raise(self.changed + staff["step_after"])
        self.body.day = start
        self.body.live(self.person.first_day, on_drug=True)
        self.draw = self.person.first_day + self._interval(self.person.first_day)

    def _baseline(self, start: int) -> None:
        self.body.day = start - 4
        report = self.desk.report(start - 4, self.body.draw(self.desk.chance))
        self.events.extend(report.events)

    def _raise(self, day: int) -> None:
        self.mg, self.changed = min(self.mg + self.desk.given["staff"]["step_mg"], self.target), day
        self._decide("raise", day, self.mg)

    def _interval(self, day: int) -> int:
        """Days to the next planned draw, as the protocol asks."""
        visits, condition = self.desk.given["visits"], self.person.condition
        usual: int = next(every for until, every in visits[condition] if day - self.run < until)
        within, after = visits["after_change"][condition]
        planned = min(usual, after) if day - self.changed < within else usual
        return max(2, planned + self.desk.chance.days(visits["jitter"]))

    def _drawn(self, day: int) -> None:
        visits, chance = self.desk.given["visits"], self.desk.chance
        if chance.happens(self.desk.given.shares["missed"]):
            self.draw = day + chance.days(visits["rebooked_after"])
            return
        self.body.live(day, self.state == "active")
        report = self.desk.report(day, self.body.draw(chance), self.also)
        self.also.clear()
        self.events.extend(report.events)
        if report.seen is None:
            self.draw = day + visits["rebooked_after"][1]
            return
        seen = report.seen + chance.days(self.desk.given["staff"]["seen_after"])
        self._act(seen, judged(report.values, self.person.condition, self.desk.given))
        self.draw = max(self.draw, day + 1)

    def _act(self, day: int, verdict: Verdict) -> None:
        """Follow a result: withhold, wait, restart, raise, and plan the next draw."""
        repeat = self.desk.given["staff"]["repeat"]
        if self.state == "active" and verdict.says in ("stop", "hold"):
            self._withhold(day, verdict)
        elif self.state == "held":
            self._held(day, verdict)
        elif self.state == "active" and verdict.says == "fine":
            self._carry_on(day)
        self.draw = day + self._interval(day)
        if self.state == "held":
            self.draw = day + repeat["hold"]
        elif self.state == "stopped":
            self.draw = self.last + 1
        elif verdict.says == "watch":
            self.draw = min(self.draw, day + (repeat["watch"] if verdict.reason == BLOOD else repeat["liver"]))

    def _carry_on(self, day: int) -> None:
        if self.mg < self.target and day - self.changed >= self.desk.given["staff"]["step_after"]:
            self._raise(day)

    def _withhold(self, day: int, verdict: Verdict) -> None:
        self.reason, self.good = verdict.reason, 0
        if verdict.reason in self.desk.given["staff"]["off_for_good"]:
            self.state = "stopped"
            self._decide("stop", day, reason=verdict.reason)
        else:
            self.state = "held"
            until = self.desk.date(day + self.desk.given["staff"]["decide_within"])
            self._decide("hold", day, reason=verdict.reason, decide_by=until.isoformat())
        for episode in self.body.episodes:
            if episode.strength(day) > 0:
                episode.shorten(day + self.desk.chance.days(self.desk.given["staff"]["recovery_begins"]))

    def _held(self, day: int, verdict: Verdict) -> None:
        """Restart after enough good draws, or stop for good."""
        staff = self.desk.given["staff"]
        if verdict.says == "stop" and verdict.reason in staff["off_for_good"]:
            self._withhold(day, verdict)
            return
        self.good = self.good + 1 if verdict.says == "fine" else 0
        needed = staff["recovered"] if self.reason in (BLOOD, "liver") else 1
        if self.good < needed:
            return
        if self.reason in (BLOOD, "liver") and not self.desk.chance.happens(staff["restart_share"]):
            self.state = "stopped"
            self._decide("stop", day, reason=self.reason)
            return
        if self.reason in (BLOOD, "liver"):
            tablet = staff["tablet_mg"]
            self.mg = max(tablet, int(self.mg * staff["restart_dose"] / tablet) * tablet)
        self.state, self.run, self.changed = "active", day, day
        self._decide("restart", day, self.mg)

    def _told(self, symptom: Symptom) -> None:
        """A symptom is filed; some bring a draw at once, some pause the drug until it is read."""
        self.events.append(self._symptom(symptom))
        self.events.extend(self._answers(symptom))
        if self.state != "active":
            return
        staff = self.desk.given["staff"]
        if any(episode.kind == "reaction" and episode.strength(symptom.day + 1) for episode in self.body.episodes):
            self._withhold(symptom.day, Verdict("stop", REACTION))
            self.draw = symptom.day + 1
            return
        if symptom.name in staff["ask_for"]:
            self.also.add(staff["ask_for"][symptom.name])
        if symptom.name in staff["draw_for"]:
            soon = symptom.day + self.desk.chance.days(self.desk.given["visits"]["symptom_draw_after"])
            self.draw = min(self.draw, max(soon, symptom.day))
        if reason := staff["pause_for"].get(symptom.name):
            self._withhold(symptom.day, Verdict("hold", PAUSE if reason == BLOOD else reason))

    def _answers(self, symptom: Symptom) -> Iterator[Event]:
        """What was asked beside it, and is not so."""
        asked = self.desk.given["answers"]
        if not self.desk.chance.happens(asked["share"]):
            return
        for name in asked["beside"].get(symptom.name, ()):
            if not any(other.name == name and other.day <= symptom.day + 1 for other in self.symptoms):
                yield dated(self.desk, "symptom", symptom.day, "since", symptom=name, present=False)

    def _symptom(self, symptom: Symptom) -> Event:
        until = self.desk.date(min(symptom.day + symptom.days, self.last)).isoformat()
        event = dated(self.desk, "symptom", symptom.day, "since", symptom=symptom.name, present=True, until=until)
        if symptom.temperature is not None:
            event |= {"value": f"{symptom.temperature:.1f}", "unit": "Cel"}
        return event
