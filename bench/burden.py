"""Alert burden: a simulated register reviewed every month, at every result and at every symptom.

    python bench/burden.py [--patients 1000] [--months 24] [--seed 7] [--gaps laboratory|panel|none]

An alert is a rule that begins to hold for a patient: an episode, counted once; a rule that holds again within 28 days of having
held last is the same episode. Several that begin at one review are one item with the worst tier (a blood count and liver tests
of one draw). Tiers: 1 interrupts, 2 is a task, 3 sits in the page. Months on treatment count, holds included.
Each patient is followed twice if need be: with a team that may accept an explained finding, and with one that never does.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from burden_counts import Burden, Counting, Review
from burden_report import report
from common import heading

from countwell.base.dates import of_instant, zone
from countwell.exchange.record_json import read_record
from countwell.model.advice import CALM, rank
from countwell.model.answers import Answer, Finding
from countwell.model.records import Decision, Record, Result, Symptom
from countwell.questions.ask import ask, joined
from countwell.simulate.accepting import Team, name_of, team
from countwell.simulate.parameters import DAYS_PER_MONTH, GAPS, parameters
from countwell.simulate.patients import patient

SAME_EPISODE = timedelta(days=28)
NO_GAPS = "none"


@dataclass(frozen=True)
class Register:
    """Which register is made."""

    months: int
    seed: int
    gaps: str = GAPS[0]
    often: float = 1.0

    @property
    def given(self):
        """Its parameters."""
        none = {"no_neutrophils": 0.0, "no_upper_limit": 0.0} if self.gaps == NO_GAPS else {}
        return parameters(gaps=None if none else self.gaps, often=self.often, **none)


def of_patient(number: int, register: Register) -> tuple[Burden, Burden]:
    """One patient's burden: with a team that may accept, and with one that never does."""
    given = register.given
    document = patient(number, register.months, register.seed, given)
    with_team = team(number, register.seed, given)
    burden, accepted = followed(number, register, Clinic(document, with_team))
    if not accepted:
        return burden, burden
    return burden, followed(number, register, Clinic(document, replace(with_team, accepts=False)))[0]


def followed(number: int, register: Register, clinic: "Clinic") -> tuple[Burden, bool]:
    """The burden of one patient of one team, and whether it accepted anything."""
    counting, seen = Counting(register.given, number), Seen()
    counting.calibrate(clinic.record, period(clinic.record, register.months)[0])
    for review in reviews(clinic.record, register.months):
        answer = clinic.look(review.at)
        begun = seen.begun(clinic.sure, review.at)
        counting.review(clinic.record, review, answer, clinic.sure, begun)
        clinic.decide(review.at)
    return counting.done(clinic.record), clinic.accepted


@dataclass
class Clinic:
    """A record as it grows by what the team accepts. sure: the rules that alert at the review that was last."""

    document: dict
    team: Team
    accepted: bool = False
    sure: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.record = read_record(self.document)
        self.home = zone(self.record.patient.time_zone)

    def look(self, at: datetime) -> Answer:
        """The review at an instant."""
        answer = ask("review", self.record, as_of=of_instant(at, self.home))
        self.sure = sure(answer)
        return answer

    def decide(self, at: datetime) -> None:
        """What the team accepts of what it has just read."""
        new = list(self.team.decisions(self.sure, self.record, at))
        if new:
            self.accepted = True
            self.document = {**self.document, "events": [*self.document["events"], *new]}
            self.record = read_record(self.document)


@dataclass
class Seen:
    """The rules that held at the last review, and when each held last."""

    now: set[str] = field(default_factory=set)
    last: dict[str, datetime] = field(default_factory=dict)

    def begun(self, found: list[Finding], at: datetime) -> list[Finding]:
        """The findings that begin an episode."""
        held = {name_of(finding): finding for finding in found}
        new = [finding for name, finding in held.items() if name not in self.now and not self._lately(name, at)]
        self.now = set(held)
        self.last.update(dict.fromkeys(held, at))
        return new

    def _lately(self, name: str, at: datetime) -> bool:
        return name in self.last and at - self.last[name] <= SAME_EPISODE


def period(record: Record, months: int) -> tuple[datetime, datetime]:
    """From the beginning of the register, or of treatment within it, to its end."""
    ends = datetime.combine(parameters().ends, datetime.min.time(), UTC)
    started = min(event.at.at for event in record.events if isinstance(event, Decision))
    return max(ends - timedelta(days=int(months * DAYS_PER_MONTH)), started), ends


def reviews(record: Record, months: int) -> Iterator[Review]:
    """Every month, at each report, and when a symptom is told; in order, within the register."""
    first, ends = period(record, months)
    begins = ends - timedelta(days=int(months * DAYS_PER_MONTH))
    found = {Review(begins + timedelta(days=month * DAYS_PER_MONTH, hours=12), "month") for month in range(months)}
    for event in record.events:
        if isinstance(event, Result) and event.received is not None:
            found.add(Review(event.received.at + timedelta(minutes=1), "result"))
        if isinstance(event, Symptom):
            found.add(Review(event.since.at + timedelta(hours=12), "symptom"))
    inside = [review for review in found if first <= review.at < ends]
    yield from sorted(inside, key=lambda review: (review.at, review.why))


def sure(answer: Answer) -> list[Finding]:
    """The rules that alert: they hold, nobody accepted them, and they call for more than a test."""
    return [f for f in answer.findings if f.holds == "yes" and f.accepted is None and rank(f.advice) is not CALM]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--gaps", choices=[*GAPS, NO_GAPS], default=GAPS[0], help="what limits and neutrophils lack by")
    parser.add_argument(
        "--often", type=float, default=1.0, help="what happens to patients does so that many times as often"
    )
    given = parser.parse_args()
    for name in ("cidp", "mg", "aih"):
        joined(name)
    register = Register(given.months, given.seed, given.gaps, given.often)
    heading(f"Alert burden: {given.patients} patients, {register}")
    counted, standing = Burden(), Burden()
    with ProcessPoolExecutor(given.processes) as pool:
        for burden, unaccepted in pool.map(
            partial(of_patient, register=register), range(1, given.patients + 1), chunksize=5
        ):
            counted.add(burden)
            standing.add(unaccepted)
    report(counted, standing)


if __name__ == "__main__":
    main()
