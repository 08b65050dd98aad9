"""The course that measures read is the course of the reference: same state, dose, run and change, at random."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from cohort.hand_made import DAY_ZERO, MICROSECONDS, Made
from countwell.base.dates import of_instant
from countwell.cohort.columns import DECISION, DIED, NO_DAY, NO_VALUE, SCALE
from countwell.cohort.measures import courses
from countwell.facts.course import Course
from countwell.facts.course import courses as courses_of
from countwell.facts.treatment import _began
from countwell.model.decisions import CHANGES, RUNS
from countwell.model.records import Decision, Died

DO = ("start", "restart", "transfer-in", "raise", "reduce", "hold", "stop", "transfer-out", "accept", "refuse", "died")
UTC_ZONE = ZoneInfo("UTC")
DAYS = 60


def moment(day, hour=0):
    return of_instant(datetime(1970, 1, 1, hour, tzinfo=UTC) + timedelta(days=int(day)), UTC_ZONE)


def drawn(seed):
    """One patient's decisions: (number, day, hour, do, mg, since), several at one instant, few days."""
    draw = np.random.default_rng(seed)
    for number in range(int(draw.integers(1, 9))):
        do = str(draw.choice(DO, p=[0.2, 0.12, 0.08, 0.12, 0.12, 0.1, 0.1, 0.04, 0.04, 0.03, 0.05]))
        mg = None if draw.random() < 0.3 else int(draw.choice([25, 50, 75]))
        since = int(draw.integers(0, 5)) if do == "transfer-in" and draw.random() < 0.5 else None
        yield number, int(draw.integers(5, DAYS)), int(draw.choice([8, 8, 20])), do, mg, since


def both(seed):
    """The same decisions as events of a record and as a row group."""
    made, events = Made(), []
    for number, day, hour, do, mg, since in drawn(seed):
        if do == "died":
            events.append(Died(f"e{number}", moment(day, hour)))
            made.event(0, day, DIED, at=day * MICROSECONDS + hour)
            continue
        given = mg if do in ("start", "restart", "transfer-in", "raise", "reduce") else None
        at, elsewhere = moment(day, hour), None if since is None else moment(since)
        events.append(Decision(f"e{number}", do, at, None if given is None else Decimal(given), since=elsewhere))
        made.event(
            0, day, DECISION, at=day * MICROSECONDS + hour, code=made.words.place("dos", do),
            value=NO_VALUE if given is None else given * SCALE, bits=NO_DAY if since is None else since,
        )  # fmt: skip
    return events, made.seen(as_of=DAYS)


@pytest.mark.parametrize("seeds", range(8))
def test_state_dose_run_and_change_are_those_of_the_reference(seeds):
    for seed in range(seeds * 60, seeds * 60 + 60):
        events, seen = both(seed)
        decisions = courses.decisions_of(seen)
        spells = courses.spells_of(decisions, DAYS)
        change, mg = courses.doses(decisions)
        days = np.arange(DAYS)
        nobody = np.zeros(DAYS, dtype=np.int64)
        state = courses.state_on(spells, nobody, days)
        row = change.last(nobody, days)
        runs = courses.begun_by(decisions.only(decisions.which(*RUNS)), nobody, days)
        changes = courses.begun_by(decisions.only(decisions.which(*CHANGES)), nobody, days)
        history = courses_of(events)
        for day in days:
            course = next((found for at, found in reversed(history) if at <= moment(day, 23).at), Course())
            assert (spells.states[state[day]] if state[day] >= 0 else "proposed") == course.state, (seed, day)
            dose = mg[row[day]] if row[day] >= 0 else NO_VALUE
            assert dose == (NO_VALUE if course.mg_per_day is None else course.mg_per_day * SCALE), (seed, day)
            for found, decision, name in ((runs, course.run, "run"), (changes, course.change, "change")):
                wanted = NO_DAY if decision is None else _latest(decision, name)
                assert found[day] == wanted, (seed, day, name)


def _latest(decision, name):
    """The latest day on which it can have begun, as a day number."""
    return (_began(decision, name)[1] - DAY_ZERO).days
