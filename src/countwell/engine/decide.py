"""One patient, one instant: the rules walked in plain sight. The reference for every other way to run a pack.

Worst advice, earliest test, tightest dose, all words. What surely holds is *at least*, what cannot be ruled out *at most*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from countwell.base.dates import Moment
from countwell.engine.doses import DoseLimits, dose_limits
from countwell.engine.doubted import OF_THE_DOSE
from countwell.engine.due import schedule
from countwell.engine.findings import finding_of, findings
from countwell.engine.joined import Joined
from countwell.engine.standing import Standing
from countwell.engine.unknowns import unknowns
from countwell.engine.unused import not_used, superseded
from countwell.engine.words import finding_in_words
from countwell.facts.asked import Asked
from countwell.facts.past import Past
from countwell.model.advice import NOTHING, Advice, join, with_tests, without_dates
from countwell.model.answers import CourseNow, DueGroup, Finding, NotUsed, Superseded, Unknown

IGNORED_WITH = {
    "take-later-today": "skip-dose",
    "waiting-period-complete": "avoid-pregnancy",
    "ask-before-vaccination": "do-not-vaccinate",
}


@dataclass
class Decided:
    """Everything the packs say of one patient at one instant. added: what the question itself calls for."""

    standing: Standing
    added: Advice = NOTHING

    @cached_property
    def course(self) -> CourseNow:
        """The course as it stands."""
        course = self.standing.facts.course
        since = course.since.day if course.since is not None else None
        return CourseNow(course.state, since, course.mg_per_day, course.frequency, course.reason, course.decide_by)

    @property
    def over(self) -> bool:
        """Whether the patient has died: then nothing is asked for any more."""
        return self.course.state == "died"

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Every rule that says something, worst first."""
        return () if self.over else tuple(findings(self.standing))

    @cached_property
    def schedule(self) -> tuple[DueGroup, ...]:
        """The tests that the schedule in force wants."""
        return tuple(schedule(self.standing))

    @cached_property
    def dose(self) -> DoseLimits:
        """What the dose rules leave."""
        return dose_limits(self.standing)

    @cached_property
    def _inputs(self) -> tuple[tuple[NotUsed, bool], ...]:
        return tuple(not_used(self.standing))

    @cached_property
    def refused(self) -> tuple[NotUsed, ...]:
        """Inputs that were not used."""
        return tuple(item for item, _ in self._inputs)

    @property
    def input_wanting(self) -> bool:
        """Whether an input that was not used still matters."""
        return any(matters for _, matters in self._inputs)

    @cached_property
    def superseded(self) -> tuple[Superseded, ...]:
        """Results put aside by later ones."""
        return tuple(superseded(self.standing))

    @cached_property
    def at_least(self) -> Advice:
        """What surely is called for."""
        return with_tests(self.called_for, self._scheduled())

    @cached_property
    def called_for(self) -> Advice:
        """What findings and inputs call for, the calendar apart. Of the dead: nothing, and nothing may be released.

        While it cannot be said whether to go on, somebody is told: what is not known is never a reason to go on in silence.
        """
        if self.over:
            return Advice(drug="stop", paused=True)
        paused = Advice(paused=self.course.state != "active", withheld=any(map(may_have_stopped, self.refused)))
        called = join([paused, *(f.advice for f in self._counted), self._of_inputs(), self.added])
        return join([called, SOMEBODY_IS_TOLD]) if self._is_open(called) else called

    def _is_open(self, called: Advice) -> bool:
        """Whether the drug is being taken and a hold or stop cannot be ruled out, while nothing of the kind is called for."""
        if self.course.state != "active" or called.at_least("hold"):
            return False
        return (
            self._is_wanting()
            or self._misses_events
            or any(f.advice.at_least("hold") for f in self.findings if f.accepted is None)
        )

    @cached_property
    def _counted(self) -> tuple[Finding, ...]:
        """What surely holds, and test dates that cannot be ruled out (such findings carry no other advice)."""
        return tuple(f for f in self.findings if f.accepted is None and (f.holds == "yes" or only_tests(f.advice)))

    @cached_property
    def at_most(self) -> Advice:
        """What cannot be ruled out."""
        if self.over:
            return self.at_least
        may_be = (without_dates(f.advice) for f in self.findings if f.accepted is None)
        return join([self.at_least, *may_be, ANYTHING if self._is_wanting() or self._misses_events else NOTHING])

    @property
    def _misses_events(self) -> bool:
        """Whether something about the patient or the treatment was sent that cannot be read."""
        return any(_about_the_patient(item) for item, matters in self._inputs if matters)

    def _is_wanting(self) -> bool:
        """Whether a required test of a running course is late or was never complete: then nothing can be ruled out."""
        return self.course.state == "active" and any(row.state in ("overdue", "never-done") for row in self.schedule)

    def _scheduled(self) -> Mapping[str, date]:
        return {row.group: row.due_by for row in self.schedule if row.due_by is not None}

    def _of_inputs(self) -> Advice:
        """A value that may be critical, a decision on a withdrawn value, a hold past its date: tell the prescriber."""
        if any(item.critical for item in self.refused) or self._hold_is_late() or self._misses_events:
            return Advice(prescriber="today")
        if any(item.field == "symptom" for item, matters in self._inputs if matters):
            return Advice(patient="phone", prescriber="today")
        if any(item.field in ("name", "medicine", "vaccine", "do") for item, matters in self._inputs if matters):
            return Advice(prescriber="this-week")
        if any(item.decisions for item in self.superseded) or self._hold_has_no_date():
            return Advice(prescriber="this-week")
        return NOTHING

    def _hold_is_late(self) -> bool:
        by = self.course.decide_by
        return self.course.state == "held" and by is not None and self.standing.as_of.day > by

    def _hold_has_no_date(self) -> bool:
        return self.course.state == "held" and self.course.decide_by is None

    @cached_property
    def unknown(self) -> tuple[Unknown, ...]:
        """What keeps the advice open."""
        return () if self.over else tuple(unknowns(self.standing, self.at_least))

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that rules add, without those that a stricter one takes away."""
        said = {word for f in self.findings if f.holds == "yes" and f.accepted is None for word in f.words}
        return frozenset(word for word in said if IGNORED_WITH.get(word) not in said)

    @property
    def closer(self) -> bool:
        """Whether a finding, not the calendar, has set a test date."""
        return any(f.advice.tests and not f.calendar for f in self._counted)

    @cached_property
    def not_looked_at(self) -> tuple[str, ...]:
        """Tests that a rule would read, that nothing requires and nobody sent."""
        facts, requires = self.standing.facts, self.standing.requires
        return tuple(
            name for name in self.standing.joined.looked_at if not facts.specimens(name) and not requires(name)
        )

    @cached_property
    def views(self) -> tuple[dict[str, str], ...]:
        """How tables that do not join see the same patient."""
        return () if self.over else tuple(_views(self.standing))


def only_tests(advice: Advice) -> bool:
    """Whether nothing but test dates is called for."""
    return bool(advice.tests) and replace(advice, tests={}) == NOTHING


def may_have_stopped(item: NotUsed) -> bool:
    """Whether an input that was not used may be a stop, or is a running dose that nobody believes."""
    return (item.field in OF_THE_DOSE and item.critical) or (item.kind in ("decision", "died") and not item.kept)


SAYS_LITTLE = (
    "result test-ordered weight list-confirmed vaccination dose-taken dose-missed label supply told measure responsible "
    "admitted note other-result"
).split()
ANYTHING = Advice(drug="stop")
SOMEBODY_IS_TOLD = Advice(patient="tell", prescriber="this-week")


def _about_the_patient(item: NotUsed) -> bool:
    """An event that is not a result and was lost as a whole: a decision, a symptom, a medicine … or of no known kind.

    Any of these may have been what makes somebody hold or stop, so nothing can be ruled out. So too while the running dose is
    not believed: it may be a tenfold one. A weight says little here: it moves the dose, which the facts of the dose know, and
    never whether counts have fallen.
    """
    return item.event is not None and not item.kept and item.test is None and item.kind not in SAYS_LITTLE


def _views(standing: Standing) -> list[dict[str, str]]:
    said = []
    for placed in standing.joined.views:
        for state in standing.outcome(placed).states:
            if state.truth is True and state.placed.rule.advice is not None:
                finding = finding_of(standing, state)
                said.append(
                    {
                        "pack": placed.pack.name,
                        "table": placed.table.name,
                        "says": finding_in_words(finding, standing.as_of.day),
                    }
                )
    return said


def decide(
    joined: Joined, past: Past, *, as_of: Moment, known_at: Moment, asked: Asked, added: Advice = NOTHING
) -> Decided:
    """What the packs say of this patient: lazily, each part when it is first read."""
    return Decided(Standing(joined, past, as_of, known_at, asked), added)
