"""One patient at one instant: the rules in force, the facts, the rules, the dates, the dose, joined."""

from __future__ import annotations

from countwell.cohort import shape as at
from countwell.cohort.apart import apart, apart_for_a_number
from countwell.cohort.came_to import all_came_to
from countwell.cohort.columns import LONG_AGO, MERE_REPORT, NEVER, NEVER_DAY
from countwell.cohort.due_dates import note_dates, schedule
from countwell.cohort.gather import end_of, gather, see
from countwell.cohort.holding import hold
from countwell.cohort.instants import (
    copied_point,
    first_news,
    gather_points,
    next_due,
    put_earlier,
    put_instant,
    put_row,
)
from countwell.cohort.joined import joined
from countwell.cohort.kept import compiled_and_kept
from countwell.cohort.shape import NOW, PAST, THEN, compiled
from countwell.cohort.spans import is_past_good_end
from countwell.cohort.speaking import newest_events
from countwell.cohort.specimens import newest_settled
from countwell.cohort.treatment import acceptance
from countwell.cohort.unchanged import all_asked, begin_asking, have_asked, is_quiet, reached_by
from countwell.cohort.walk import is_time, stand, value
from countwell.cohort.weights import weights_joined


@apart
def rules_in_force(p, s, instant, day, heard, layer):
    """Sets slot `s` to an instant: which recurring rules are in force at it, and so which tests the calendar requires.

    What was in force at earlier instants stands in `p.held[layer]`.
    """
    stand(p, s, instant, day, heard, layer)
    slot = p.slot[s]
    for f in p.calendar_facts:
        value(p, s, f)
    hold(p, s, at.OF_CALENDAR)
    for e in range(len(p.every)):
        rule = p.every[e]
        if rule[at.CALENDAR] and p.state[s, rule[at.R_PLACE]]:
            slot[at.IN_FORCE] |= 1 << e
            slot[at.REQUIRED] |= rule[at.MUST_TESTS]
    if len(p.finding_facts):
        for f in p.finding_facts:
            value(p, s, f)
        hold(p, s, at.OF_FINDINGS)
        for e in range(len(p.every)):
            if not p.every[e, at.CALENDAR] and p.state[s, p.every[e, at.R_PLACE]]:
                slot[at.IN_FORCE] |= 1 << e


@apart
def remember(p, s, heard):
    """Fills `p.held` of a slot's layer: the recurring rules in force at each instant that may be asked for at it, as known by
    `heard`; in order of time, since each may hang on earlier ones. What was worked out and still stands is kept."""
    layer, instant = p.slot[s, at.LAYER], p.slot[s, at.INSTANT]
    held, n = p.held[layer], p.tally[at.N_INSTANTS + 2 * layer]
    changed = first_news(p, p.tally[at.N_HEARD], heard) if len(p.finding_facts) else NEVER
    for k in range(1, p.slot[s, at.COURSE] + 1):
        row = p.course[k]
        if row[at.C_ENDS] < instant and row[at.DO] <= at.REDUCED:
            n = put_instant(held, n, row[at.C_ENDS], row[at.C_DAY])
    for test in range(len(p.worse)):
        if (p.recurring_tests[0] >> test) & 1:
            n = put_row(p, held, n, newest_settled(p, s, test), instant)
    n = put_earlier(p, held, n, heard)
    p.tally[at.N_INSTANTS + 2 * layer] = n
    for k in range(n):
        if not held[k, at.H_DONE] or held[k, at.H_ENDS] >= changed:
            rules_in_force(p, PAST, held[k, at.H_ENDS], held[k, at.H_DAY], heard, layer)
            held[k, at.H_MASK], held[k, at.H_DONE] = p.slot[PAST, at.IN_FORCE], 1


@apart
def decide(p, instant, day, heard, out, n):
    """Decides for the patient at hand, at an instant on a day, with what was known by `heard`; the answer is row `n` of `out`.

    `see` has linked the results collected by then.
    """
    p.tally[at.N_BEFORE] = 0
    for i in range(p.tally[at.N_SEEN]):
        row = p.labs[i]
        if row[at.FLAGS] & MERE_REPORT and row[at.KNOWN] <= heard < row[at.UNTIL]:
            before_report(p, instant, day, heard, row[at.COLLECTED])
    settle(p, instant, day, heard)
    joined(p, out, n)


@apart
def before_report(p, instant, day, heard, collected):
    """Notes what rules said without mere reports collected from then on: no such report puts off a date."""
    if p.tally[at.N_BEFORE] == 0:
        p.before[:, :] = NEVER_DAY
    p.tally[at.N_BEFORE] += 1
    p.tally[at.COUNT_BEFORE], p.tally[at.N_INSTANTS] = collected, 0
    settle(p, instant, day, heard)
    schedule(p)
    for r in range(len(p.rule)):
        if p.state[NOW, r] and p.rule[r, at.SPEAKS]:
            note_dates(p, r, p.before[r])
    p.tally[at.COUNT_BEFORE], p.tally[at.N_INSTANTS] = NEVER, 0


@apart
def settle(p, instant, day, heard):
    """Works out at NOW which rules hold and may hold, which a named person has accepted, and the newest event behind each."""
    stand(p, NOW, instant, day, heard, 0)
    remember(p, NOW, heard)
    p.tally[at.N_HEARD] = heard
    rules_in_force(p, NOW, instant, day, heard, 0)
    for f in range(len(p.fact)):
        if not is_quiet(p, f):
            value(p, NOW, f)
    begin_asking(p)
    hold(p, NOW, at.ADVICE)
    accept(p, True)
    every = p.reached.shape[1] - 1
    before = reached_by(p, every)
    all_came_to(p, NOW)
    if reached_by(p, every) != before:
        have_asked(p, len(p.fact) + every)
    hold(p, NOW, at.LATER)
    all_asked(p)
    accept(p, False)
    begin_of_run(p)
    newest_events(p, NOW)
    in_force_at_events(p, heard)


@compiled
def begin_of_run(p):
    """The last row of the moments: the beginning of the run, if there is one."""
    row = p.moment[len(p.moment) - 1]
    run = p.course[p.slot[NOW, at.COURSE], at.RUN]
    row[:] = 0
    if run >= 0:
        row[at.M_AT], row[at.M_DAY], row[at.M_DATED] = p.course[run, at.C_AT], p.course[run, at.C_DAY], 1
        row[at.M_WHOLE] = p.course[run, at.C_WHOLE] != 0


@apart
def in_force_at_events(p, heard):
    """Of recurring rules that set a date from an event: the rules in force at that event."""
    for e in range(len(p.every)):
        r = p.every[e, at.R_PLACE]
        if not p.state[NOW, r] or not p.rule[r, at.SPEAKS] or not p.moment[r, at.M_DATED]:
            continue
        moment = p.moment[r]
        ends = end_of(p, moment[at.M_AT], moment[at.M_DAY], moment[at.M_WHOLE] != 0)
        if ends >= p.slot[NOW, at.INSTANT]:
            moment[at.M_FORCE] = p.slot[NOW, at.IN_FORCE]
        else:
            stand(p, THEN, ends, moment[at.M_DAY], heard, 0)
            remember(p, THEN, heard)
            rules_in_force(p, PAST, ends, moment[at.M_DAY], heard, 0)
            moment[at.M_FORCE] = p.slot[PAST, at.IN_FORCE]


@compiled
def accept(p, with_advice):
    """Notes which rules a named person has accepted, unless something worse has come since."""
    for r in range(len(p.rule)):
        if p.state[NOW, r] == 0:
            p.accepted[r] = 0
            continue
        if p.rule[r, at.ADVISES] != with_advice:
            continue
        p.accepted[r] = 0
        if p.rule[r, at.FINDING_CODE] >= 0:
            k = acceptance(p, NOW, p.rule[r, at.FINDING_CODE])
            if k >= 0 and not is_worse_than_at(p, r, k):
                p.accepted[r] = 1


@apart_for_a_number
def is_worse_than_at(p, r, k):
    """Whether a fact that rule `r` reads is worse now than it was at decision `k`, with what was known then: of a day without
    a clock at its end, and never later than what is asked."""
    decision, rule = p.course[k], p.rule[r]
    ends = min(decision[at.C_ENDS], p.slot[NOW, at.INSTANT])
    heard = min(decision[at.C_ENDS], p.slot[NOW, at.HEARD])
    p.tally[at.N_INSTANTS + 2] = 0
    stand(p, THEN, ends, decision[at.C_DAY], heard, 1)
    remember(p, THEN, heard)
    rules_in_force(p, THEN, ends, decision[at.C_DAY], heard, 1)
    for f in range(len(p.fact)):
        value(p, THEN, f)
    for m in range(rule[at.FACTS_FROM], rule[at.FACTS_FROM] + rule[at.FACTS_MANY]):
        f = p.member[m]
        if not is_time(p, f) and is_past_good_end(p.span[NOW, f], p.span[THEN, f], p.fact[f, at.WORSE]):
            return True
    return False


@compiled_and_kept
def status(p, patients, labs, events, out, lab_from, event_from, instants):
    """Decides for every patient of a row group. instants: of each zone (as of, its day, known at)."""
    p.tally[at.REPLAYS] = 0
    for n in range(len(patients.born)):
        ready(p, patients, labs, lab_from, events, event_from, n)
        at_zone = instants[p.person[at.ZONE]]
        see(p, at_zone[0])
        decide(p, at_zone[0], at_zone[1], at_zone[2], out, n)


@compiled
def ready(p, patients, labs, lab_from, events, event_from, n):
    """Makes patient `n` of the row group the patient at hand."""
    p.person[at.BORN], p.person[at.SEX], p.person[at.COUNTRY] = patients.born[n], patients.sex[n], patients.country[n]
    p.person[at.ZONE], p.person[at.CONDITION] = patients.zone[n], patients.condition[n]
    gather(p, labs, lab_from[n], lab_from[n + 1], events, event_from[n], event_from[n + 1])
    weights_joined(p)
    p.tally[at.N_INSTANTS], p.tally[at.N_HEARD], p.tally[at.COUNT_BEFORE] = 0, LONG_AGO, NEVER


@compiled_and_kept
def replay(p, patients, labs, events, out, points, lab_from, event_from, instants, first):
    """Decides at every decision point of the patients from `first` on, up to an instant of each zone. Returns the patient at
    whom the rows of `out` were used up (else how many there are), and how many rows are filled.

    points: of each row the patient, the instant, its day and why.
    """
    rows, p.tally[at.REPLAYS] = 0, 1
    for n in range(first, len(patients.born)):
        ready(p, patients, labs, lab_from, events, event_from, n)
        begin, k, many = rows, 0, gather_points(p, instants[p.person[at.ZONE], 0])
        due_at, due_day = NEVER, 0
        while k < many or due_at <= instants[p.person[at.ZONE], 0]:
            if rows == len(points):
                return n, begin
            row = points[rows]
            row[0] = n
            if k < many and p.point[k, at.P_INSTANT] <= due_at:
                copied_point(p.point[k], row)
                k += 1
            else:
                row[1], row[2], row[3] = due_at, due_day, at.A_DATE
            see(p, row[1])
            decide(p, row[1], row[2], row[1], out, rows)
            due_at, due_day = next_due(p, row[1])
            rows += 1
    return len(patients.born), rows
