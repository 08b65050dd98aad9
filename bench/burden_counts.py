"""What is counted of one patient's reviews, and how the counts of many are joined."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from countwell.model.advice import CALM, rank
from countwell.model.answers import Answer, Finding
from countwell.model.records import Record, Result
from countwell.simulate.accepting import name_of
from countwell.simulate.judging import judged
from countwell.simulate.parameters import Parameters

COUNTED = ("active", "held")
WORST_CAUSE_FIRST = ("preliminary", "no-upper-limit", "lapsed", "missing", "not-asked")
TASK = 2
EVERYTHING = "all"


@dataclass(frozen=True)
class Review:
    """An instant at which the record is looked at, and why."""

    at: datetime
    why: str


@dataclass
class Burden:
    """What was counted. items: by tier; rules: by rule and tier; held_by: at how many reviews; open_for: by the one cause;
    unknown: by fact and why; beyond: patients with a value beyond a limit of the calibration."""

    days: float = 0
    overdue: int = 0
    items: Counter = field(default_factory=Counter)
    symptom_items: Counter = field(default_factory=Counter)
    by_condition: Counter = field(default_factory=Counter)
    condition_days: Counter = field(default_factory=Counter)
    rules: Counter = field(default_factory=Counter)
    held_by: Counter = field(default_factory=Counter)
    reviews: Counter = field(default_factory=Counter)
    layers: Counter = field(default_factory=Counter)
    open_for: Counter = field(default_factory=Counter)
    unknown: Counter = field(default_factory=Counter)
    beyond: Counter = field(default_factory=Counter)
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


@dataclass
class Counting:
    """One patient's counts as the reviews go by. previous: the last review on treatment."""

    given: Parameters
    number: int
    counted: Burden = field(default_factory=Burden)
    previous: datetime | None = None
    was_overdue: bool = False

    def review(
        self, record: Record, review: Review, answer: Answer, sure: Sequence[Finding], begun: Sequence[Finding]
    ) -> None:
        """One review. sure: the rules that alert; begun: those that begin an episode."""
        if answer.course.state not in COUNTED:
            self.previous = None
            return
        if self.previous is not None:
            self.counted.days += (review.at - self.previous).total_seconds() / 86400
        self.previous = review.at
        self._count_review(answer, sure)
        self._count_begun(begun, review, record.course.condition or "")
        self._check_stop(record, review, answer)

    def done(self, record: Record) -> Burden:
        """The counts of the patient."""
        self.counted.condition_days[record.course.condition] += self.counted.days
        return self.counted

    def calibrate(self, record: Record, first: datetime) -> None:
        """Whether a value was ever beyond the limits of the calibration. first: from where values count, on treatment."""
        limits = self.given["fraser22"]
        finals = [event for event in record.events if isinstance(event, Result) and event.status == "final"]
        results = [event for event in finals if event.collected is not None and event.collected.at >= first]
        numbers = [(e.test, float(str(e.value))) for e in results if not str(e.value).startswith("<")]
        self.counted.beyond["patients"] += 1
        for test in limits["shares"]:
            sign = 1 if test == "alt" else -1
            self.counted.beyond[test] += any(n == test and sign * v > sign * limits[test] for n, v in numbers)

    def _count_review(self, answer: Answer, sure: Sequence[Finding]) -> None:
        counted, late = self.counted, "test-overdue" in answer.actions
        counted.reviews["all"] += 1
        counted.reviews["continue"] += "continue" in answer.actions
        counted.reviews["a task stands"] += any(rank(finding.advice).tier <= TASK for finding in sure)
        counted.overdue += late and not self.was_overdue
        self.was_overdue = late
        if "cannot-say" in answer.actions:
            counted.open_for[cause(answer)] += 1
            counted.unknown.update(_unknowns(answer, late=late))
        for finding in sure:
            counted.held_by[name_of(finding)] += 1
        for layer in _deciding(answer, sure):
            counted.layers[layer] += 1

    def _count_begun(self, begun: Sequence[Finding], review: Review, condition: str) -> None:
        """The alerts that begin at one review: each rule by itself, and together as one item."""
        if not begun:
            return
        for finding in begun:
            self.counted.rules[name_of(finding), rank(finding.advice).tier] += 1
        tier = min(rank(finding.advice).tier for finding in begun)
        self.counted.items[tier] += 1
        self.counted.by_condition[condition, tier] += 1
        if review.why == "symptom":
            self.counted.symptom_items[tier] += 1

    def _check_stop(self, record: Record, review: Review, answer: Answer) -> None:
        """Whether a draw that the staff's own table calls a stop is in the first two tiers."""
        if review.why != "result":
            return
        verdict = judged(values_just_come(record, review.at), record.course.condition or "", self.given)
        if verdict.says == "stop":
            found = rank(answer.advice)
            seen = found is not CALM and found.tier <= TASK
            self.counted.stops["all"] += 1
            self.counted.stops["in tier 1 or 2"] += seen
            if not seen:
                self.counted.missed_stops.append((self.number, str(review.at), answer.headline))


def cause(answer: Answer) -> tuple[str, str]:
    """The one cause by which an open review is counted, and the facts that it leaves open.

    A late test leaves everything open, whatever else is not known; so does a preliminary report.
    """
    if "test-overdue" in answer.actions:
        return "late", EVERYTHING
    whys = {unknown.why for unknown in answer.unknown}
    why = next((why for why in WORST_CAUSE_FIRST if why in whys), ", ".join(sorted(whys)) or "nothing named")
    if why == "preliminary":
        return why, EVERYTHING
    return why, ", ".join(sorted({unknown.fact for unknown in answer.unknown if unknown.why == why}))


def _unknowns(answer: Answer, *, late: bool) -> set[tuple[str, str, str]]:
    return {(unknown.fact, unknown.why, "late" if late else "in date") for unknown in answer.unknown}


def _deciding(answer: Answer, sure: Sequence[Finding]) -> set[str]:
    """The layers whose rules reach the joined advice."""
    place = rank(answer.advice)
    return {finding.layer for finding in sure if rank(finding.advice) is place}


def values_just_come(record: Record, at: datetime) -> Mapping[str, float]:
    """The final values that had just come."""
    results = [event for event in record.events if isinstance(event, Result) and event.status == "final"]
    reported = at - timedelta(minutes=1)
    now = [event for event in results if event.received is not None and event.received.at == reported]
    return {str(event.test): float(str(event.value)) for event in now if not str(event.value).startswith("<")}
