"""What comes to a clinic about simulated patients: source by source, as laboratories and others send it.

A laboratory sends FHIR bundles or records, one source a report. Some are lost, sent twice, sent again in other bytes, late, or
with a mistyped birth date; preliminary, corrected and withdrawn results are the simulator's own. A draw that the clinic asked
for comes besides those of the simulator, with the values of the next.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from countwell.exchange.fhir import to_fhir
from countwell.exchange.strict_json import written
from countwell.simulate.patients import HOME

REFERRAL, LABORATORY, SERVICE = "referral", "laboratory", "hospital"
FLAWS = {"lost": 0.005, "late": 0.02, "twice": 0.02, "again": 0.02, "mistyped": 0.004}
LATE_BY, TWICE_AFTER, AGAIN_AFTER = timedelta(days=4), timedelta(hours=2), timedelta(days=3)
TOLD_AT = time(12)
INR = {"value": "2.4", "unit": "1", "normal_low": None, "normal_high": None}  # within the usual range under warfarin
Document = dict[str, Any]
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """One source on its way. at: when it comes; does: the word of the decision in it, if it is one."""

    at: datetime
    number: str
    source: str
    body: bytes
    does: str = ""
    in_fhir: bool = False


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what happens to one patient. begins: the first morning of the register."""

    document: Document
    begins: datetime
    chance: Random
    flaws: Mapping[str, float]

    def sources(self) -> Iterator[Sent]:
        """The referral with everything until then, and one source for each later instant; in no order."""
        came = [(came_at(event, self.begins), event) for event in self.document["events"]]
        taken_on = max(self.begins, min(at for at, event in came if event["kind"] == "decision"))
        yield self._sent(taken_on, REFERRAL, [event for at, event in came if at <= taken_on])
        later = [(at, event) for at, event in came if at > taken_on]
        for at in dict.fromkeys(at for at, _ in later):
            yield from self._at(at, [event for when, event in later if when == at])

    def _at(self, at: datetime, events: list[Event]) -> Iterator[Sent]:
        results = [event for event in events if event["kind"] == "result"]
        if results:
            yield from self._report(at, results)
        for event in events:
            if event["kind"] != "result":
                yield self._sent(at, SERVICE, [event], does=event.get("do", ""))

    def _report(self, at: datetime, results: list[Event]) -> Iterator[Sent]:
        """One report, with what goes wrong on its way."""
        if self._happens("lost"):
            return
        at += LATE_BY if self._happens("late") else timedelta()
        report = self._sent(at, LABORATORY, results, mistyped=self._happens("mistyped"))
        yield report
        if self._happens("twice"):
            yield replace(report, at=at + TWICE_AFTER)
        if self._happens("again"):
            yield replace(report, at=at + AGAIN_AFTER, body=report.body + b"\n")

    def _sent(self, at: datetime, source: str, events: list[Event], *, does: str = "", mistyped: bool = False) -> Sent:
        document = {**self.document, "events": events}
        if mistyped:
            document["patient"] = {**document["patient"], "born": _mistyped(document["patient"]["born"])}
        number = document["patient"]["id"]
        in_fhir = source == LABORATORY and int(number.rpartition("-")[2]) % 2 == 0
        text = written(to_fhir(document)) if in_fhir else json.dumps(document, ensure_ascii=False)
        return Sent(at, number, source, text.encode(), does, in_fhir)

    def asked_for(self, after: datetime, at: datetime, inr: bool) -> Iterator[Sent]:
        """A draw at an instant, with the values of the first that was collected after another, else of the last of all.

        inr: an INR is wanted, which the simulator does not draw.
        """
        final = [one for one in self.document["events"] if one["kind"] == "result" and one["status"] == "final"]
        days = sorted({datetime.fromisoformat(one["collected"]) for one in final if "replaces" not in one})
        if days:
            day = next((one for one in days if one > after), days[-1])
            like = [one for one in final if datetime.fromisoformat(one["collected"]) == day and "replaces" not in one]
            drawn = [_later(one, at - day) for one in (*like, *([_inr(like[0])] if inr else []))]
            yield from self._report(datetime.fromisoformat(drawn[0]["received"]), drawn)

    def _happens(self, flaw: str) -> bool:
        return self.chance.random() < self.flaws[flaw]


def _inr(like: Event) -> Event:
    return {**like, "id": f"inr-{like['collected']}", "test": "inr", **INR}


def _later(result: Event, by: timedelta) -> Event:
    """A result as another draw, so much later."""
    moments = {name: (datetime.fromisoformat(result[name]) + by).isoformat() for name in ("collected", "received")}
    return {**result, **moments, **{name: f"{result[name]}-asked-{moments['collected']}" for name in ("id", "order")}}


def came_at(event: Event, begins: datetime) -> datetime:
    """When an event is known to the clinic: a result when it is received, anything else at its own date, at noon."""
    names = ("received",) if event["kind"] == "result" else ("at", "since", "from")
    text = next((event[name] for name in names if event.get(name)), None)
    if text is None:
        return begins
    home = ZoneInfo(HOME)
    return datetime.fromisoformat(text) if "T" in text else datetime.combine(date.fromisoformat(text), TOLD_AT, home)


def _mistyped(born: str) -> str:
    """The birth date, a day off: whose it is, is then not plain."""
    return (date.fromisoformat(born) + timedelta(days=1)).isoformat()
