"""Alert burden: a simulated register reviewed every month, at every result and at every symptom.

    python bench/burden.py [--patients 1000] [--months 24] [--seed 7] [--processes 2]

An alert is a rule that begins to hold for a patient: an episode, counted once; a rule that holds again within 28 days of having
held last is the same episode. Several that begin at one review are one item with the worst tier (a blood count and liver tests
of one draw). Tiers: 1 interrupts, 2 is a task, 3 sits in the page. Months on treatment count, holds included.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from burden_report import report
from common import heading

from countwell.base.dates import Moment, of_instant, zone
from countwell.exchange.record_json import read_record
from countwell.model.advice import CALM, rank
from countwell.model.answers import Answer, Finding
from countwell.model.records import Decision, Record, Result, Symptom
from countwell.questions.ask import ask, joined
from countwell.simulate.judging import judged
from countwell.simulate.parameters import DAYS_PER_MONTH, parameters
from countwell.simulate.patients import patient

COUNTED = ("active", "held")
SAME_EPISODE = timedelta(days=28)


@dataclass
class Burden:
    """What was counted. items: by tier; rules: by rule and tier; held_by: at how many reviews; unknown: by fact and why."""

    days: float = 0
    items: Counter = field(default_factory=Counter)
    symptom_items: Counter = field(default_factory=Counter)
    by_condition: Counter = field(default_factory=Counter)
    condition_days: Counter = field(default_factory=Counter)
    rules: Counter = field(default_factory=Counter)
    held_by: Counter = field(default_factory=Counter)
    reviews: Counter = field(default_factory=Counter)
    layers: Counter = field(default_factory=Counter)
    unknown: Counter = field(default_factory=Counter)
    overdue: int = 0
    stops: Counter = field(default_factory=Counter)
    missed_stops: list = field(default_factory=list)

    def add(self, other: "Burden") -> None:
        """Join the counts of another patient."""
        self.days += other.days
        self.overdue += other.overdue
        self.missed_stops += other.missed_stops
        for name, counter in vars(self).items():
            if isinstance(counter, Counter):
                counter.update(getattr(other, name))


@dataclass(frozen=True)
class Review:
    """An instant at which the record is looked at, and why."""

    at: datetime
    why: str


def of_patient(number: int, months: int, seed: int, shares: dict[str, float]) -> Burden:
    """One patient's burden."""
    document = patient(number, months, seed, parameters(**shares))
    record = read_record(document)
    home = zone(record.patient.time_zone)
    counted, seen, was_overdue, previous = Burden(), Seen(), False, None
    for review in reviews(record, months):
        answer = ask("review", record, as_of=of_instant(review.at, home))
        begun = seen.begun(answer, review.at)
        if answer.course.state not in COUNTED:
            previous = None
            continue
        if previous is not None:
            counted.days += (review.at - previous).total_seconds() / 86400
        previous = review.at
        count_review(counted, answer)
        count_begun(counted, begun, review, record.course.condition or "")
        overdue = "test-overdue" in answer.actions
        counted.overdue += overdue and not was_overdue
        was_overdue = overdue
        check_stop(counted, record, review, answer, number)
    counted.condition_days[record.course.condition] += counted.days
    return counted


@dataclass
class Seen:
    """The rules that held at the last review, and when each held last."""

    now: set[str] = field(default_factory=set)
    last: dict[str, datetime] = field(default_factory=dict)

    def begun(self, answer: Answer, at: datetime) -> list[Finding]:
        """The findings that begin an episode."""
        held = {name_of(finding): finding for finding in sure(answer)}
        new = [finding for name, finding in held.items() if name not in self.now and not self._lately(name, at)]
        self.now = set(held)
        self.last.update(dict.fromkeys(held, at))
        return new

    def _lately(self, name: str, at: datetime) -> bool:
        return name in self.last and at - self.last[name] <= SAME_EPISODE


def reviews(record: Record, months: int) -> Iterator[Review]:
    """Every month, at each report, and when a symptom is told; in order, within the register."""
    ends = datetime.combine(parameters().ends, datetime.min.time(), UTC)
    begins = ends - timedelta(days=int(months * DAYS_PER_MONTH))
    started = min(event.at.at for event in record.events if isinstance(event, Decision))
    found = {Review(begins + timedelta(days=month * DAYS_PER_MONTH, hours=12), "month") for month in range(months)}
    for event in record.events:
        if isinstance(event, Result) and event.received is not None:
            found.add(Review(event.received.at + timedelta(minutes=1), "result"))
        if isinstance(event, Symptom):
            found.add(Review(event.since.at + timedelta(hours=12), "symptom"))
    inside = [review for review in found if max(begins, started) <= review.at < ends]
    yield from sorted(inside, key=lambda review: (review.at, review.why))


def sure(answer: Answer) -> list[Finding]:
    """The rules that alert: they hold, nobody accepted them, and they call for more than a test."""
    return [f for f in answer.findings if f.holds == "yes" and f.accepted is None and rank(f.advice) is not CALM]


def name_of(finding: Finding) -> str:
    """A rule by its full name."""
    return f"{finding.layer}/{finding.table}/{finding.rule}"


def count_review(counted: Burden, answer: Answer) -> None:
    """What one review was like."""
    counted.reviews["all"] += 1
    counted.reviews["continue"] += "continue" in answer.actions
    late = "test-overdue" in answer.actions
    if "cannot-say" in answer.actions:
        counted.reviews["open"] += 1
        counted.reviews["open, no test late"] += not late
        waiting = any(unknown.why == "preliminary" for unknown in answer.unknown)
        counted.reviews["open by other than a preliminary report"] += not late and not waiting
        for unknown in answer.unknown:
            counted.unknown[unknown.fact, unknown.why, "late" if late else "in date"] += 1
    for finding in sure(answer):
        counted.held_by[name_of(finding)] += 1
    for layer in deciding(answer):
        counted.layers[layer] += 1


def deciding(answer: Answer) -> set[str]:
    """The layers whose rules reach the joined advice."""
    place = rank(answer.advice)
    return {finding.layer for finding in sure(answer) if rank(finding.advice) is place}


def count_begun(counted: Burden, begun: list[Finding], review: Review, condition: str) -> None:
    """The alerts that begin at one review: each rule by itself, and together as one item."""
    if not begun:
        return
    for finding in begun:
        counted.rules[name_of(finding), rank(finding.advice).tier] += 1
    tier = min(rank(finding.advice).tier for finding in begun)
    counted.items[tier] += 1
    counted.by_condition[condition, tier] += 1
    if review.why == "symptom":
        counted.symptom_items[tier] += 1


def check_stop(counted: Burden, record: Record, review: Review, answer: Answer, number: int) -> None:
    """Whether a draw that the staff's own table calls a stop is in the first two tiers."""
    if review.why != "result":
        return
    values = values_at(record, of_instant(review.at, zone(record.patient.time_zone)))
    if judged(values, record.course.condition or "", parameters()).says == "stop":
        found = rank(answer.advice)
        counted.stops["all"] += 1
        counted.stops["in tier 1 or 2"] += found is not CALM and found.tier < 3
        if found is CALM or found.tier > 2:
            counted.missed_stops.append((number, str(review.at), answer.headline))


def values_at(record: Record, at: Moment) -> dict[str, float]:
    """The final values that had just come."""
    reported = at.at - timedelta(minutes=1)
    results = [event for event in record.events if isinstance(event, Result) and event.status == "final"]
    now = [event for event in results if event.received is not None and event.received.at == reported]
    return {str(event.test): float(str(event.value)) for event in now if not str(event.value).startswith("<")}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    for name in ("cidp", "mg", "aih"):
        joined(name)
    heading(f"Alert burden: {given.patients} patients, {given.months} months, seed {given.seed}")
    one = partial(of_patient, months=given.months, seed=given.seed, shares={})
    counted = Burden()
    with ProcessPoolExecutor(given.processes) as pool:
        for burden in pool.map(one, range(1, given.patients + 1), chunksize=10):
            counted.add(burden)
    report(counted)


if __name__ == "__main__":
    main()
