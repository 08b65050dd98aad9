"""The tables a walk over one patient works on: which number stands in which column. Every table is a plain array of integers
(or of floats, the ends of spans), so that a compiled function needs no objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from numba import config, njit, types
from numpy.typing import NDArray

# Nothing is allocated and no reference counted, so that no thread waits for another.
OPTIONS = {"nogil": True, "_nrt": False, "error_model": "numpy", "no_cfunc_wrapper": True}


def compiled(function: Callable[..., Any]) -> Any:
    """Compiled into whatever compiled function calls it, once for each type of its arguments.

    Numba would compile it anew for each constant that it is called with; here a constant is a number like others.
    """
    made = njit(no_cpython_wrapper=True, **OPTIONS)(function)
    if not config.DISABLE_JIT:
        by_type = made.get_call_template
        made.get_call_template = lambda given, named: by_type(tuple(map(types.unliteral, given)), named)
    return made


@compiled
def copied(source, to, begin, end):
    """Copies the columns from `begin` to before `end` of one row to another."""
    for column in range(begin, end):
        to[column] = source[column]


Ints = NDArray[Any]
Floats = NDArray[Any]

NONE = -1

# One laboratory row of the patient at hand. ENDS: the instant, of a whole day its end. EARLIER: row of the same test before it.
COLLECTED, COLLECTED_DAY, TEST, KNOWN, KNOWN_DAY, UNTIL, LOW, HIGH, UPPER, STATUS, FLAGS, LAB, ENDS, EARLIER, REF = (
    range(15)
)
LAB_COLUMNS = 15

# One event, those of a kind together, in order of time.
AT, AT_DAY, CODE, VALUE, OTHER, MORE, BITS, END, END_DAY, MARKS, EVENT_REF, UPPER_BESIDE = range(12)
EVENT_COLUMNS = 12
KINDS_OF_EVENT = 14

# The course after each decision; row 0 is the course before any. The first ten columns are the decision itself. Columns that
# name a decision (RUN …) hold its row, NONE if there was none.
C_AT, C_DAY, C_WHOLE, C_ENDS, DO, OWN_MG, OWN_FREQUENCY, SAID, BEGAN, OWN_UNTIL = range(10)
STATE, IN_STATE, MG, FREQUENCY, RUN, FIRST, CHANGE, HALT, REDUCE, DECIDE_BY, LAST_REASON, EVER = range(10, 22)
COURSE_COLUMNS = 22
START, RESTART, TRANSFER_IN, RAISE, REDUCED, ACCEPT, REFUSE, TRANSFER_OUT, HOLD, STOP, DEATH, NO_DECISION = range(12)
DOS = ("start", "restart", "transfer-in", "raise", "reduce", "accept", "refuse", "transfer-out", "hold", "stop")
PROPOSED, ACTIVE, HELD, STOPPED, ENDED, DIED = range(6)

# One fact as defined: KIND, its members (tests, codes …) from FROM on, and what its kind asks for.
# OF_KIND, OF_CODES, BESIDE: of a fact that rests on events alone, else OF_KIND NONE, see `unchanged.is_quiet`. What is asked of
# every fact stands first: a row is as long as three lines of the processor's memory.
KIND, OF_KIND, OF_CODES, BESIDE, FROM, MANY, WHICH, WITHIN, WITHIN_UNIT, WORSE, EVENT, HANGS_ON = range(12)
AGE, AGE_UNIT, LIMITS, BETWEEN_LOW, BETWEEN_HIGH, AGAINST, PERCENT, FALL, STEP, DETAILS, CAUSE, TIMES = range(12, 24)
FACT_COLUMNS = 24
KINDS = (
    "latest highest baseline change streak done pending recovered since dose state reason condition accepted symptom medicine "
    "history circumstance gene person vaccinated label"
).split()
BASELINE, HIGHEST, LOWEST = range(3)

# One fact as it stands, whole numbers: date of the newest event behind it (DATED 0: none), the tests behind it, one bit each,
# the words still possible, why it is open, whether it is silent.
V_AT, V_DAY, V_WHOLE, DATED, BEHIND, WORDS, WHY, SILENT = range(8)
VALUE_COLUMNS = 8
# The ends of its span. An open end is moved to its neighbour, so that a comparison needs no flag. Of silence the ends that say
# what may be are crossed over: nothing may be that is not sure. WAS: what a lapsed value was while it vouched, else no span:
# its low end above its high.
ENDS_LOW, ENDS_HIGH, MAYBE_LOW, MAYBE_HIGH, WAS_LOW, WAS_HIGH = range(6)
SPAN_COLUMNS = 6
NO_REASON, CENSORED, LAPSED, OTHER_REASON = range(4)
NO_ORIGIN, UNKNOWN_ORIGIN, WITH_ORIGIN = range(3)  # in WORDS of a time

# An instant at which facts are read. REQUIRED: tests that the calendar requires; IN_FORCE: recurring rules that hold;
# REPORTS_BEFORE: mere reports collected from then on do not count.
NOW, PAST, THEN = range(3)
INSTANT, TODAY, HEARD, COURSE, REQUIRED, IN_FORCE, LAYER, REPORTS_BEFORE = range(8)
SLOT_COLUMNS = 8

# What tables of one name came to.
SURE_DRUG, SURE_PATIENT, SURE_PRESCRIBER, MAYBE_DRUG, MAYBE_PATIENT, MAYBE_PRESCRIBER, SAYS_NOTHING = range(7)
REACHED_COLUMNS = 7
MAY_HOLD, HOLDS = 1, 3

# A recurring rule. BY, FROM_: its times; ITS_TESTS, MUST_TESTS, ITS_GROUPS: one bit each.
R_PLACE, BY, BY_UNIT, FROM_, FROM_UNIT, ITS_TESTS, MUST_TESTS, ITS_GROUPS, CALENDAR, OF_SCHEDULE = range(10)
EVERY_COLUMNS = 10

# A group of tests, bits; whether the schedule names it.
MUST, ONE_OF, MEMBERS, SCHEDULED = range(4)
GROUP_COLUMNS = 4

# A table: its name among those that are read (NONE: by nobody), its rules, the facts it reads.
T_NAME, T_FROM, T_MANY, T_FACTS_FROM, T_FACTS_MANY, T_ADVISES = range(6)
TABLE_COLUMNS = 6

# A rule. ATOMS_FROM, UNLESS_FROM: the first atoms of its conditions.
DRUG, PATIENT, PRESCRIBER, PRECAUTIONS, ADVISES, DUE, DUE_IN, DUE_UNIT, DUE_GROUPS, DECIDE_IN, DECIDE_UNIT = range(11)
FINDING, SPEAKS, FACTS_FROM, FACTS_MANY, R_TABLE, R_EVERY, FINDING_CODE = range(11, 18)
ATOMS_FROM, ATOMS_MANY, UNLESS_FROM, WAYS_FROM, WAYS_MANY = range(18, 23)
RULE_COLUMNS = 23
NO_TESTS, WITHIN_TIME, RECURRING = range(3)

# One atom of a rule: what it is; its fact (or table), op (or part of the ladder) and what it is held against. A_THEN, A_ELSE:
# the atom that is asked next if it holds, and if it does not; MET, NOT_MET if that settles the condition.
A_KIND, A_FACT, A_OTHER, A_OP, A_NEGATED, A_MASK, A_CONTEXT, A_THEN, A_ELSE = range(9)
ATOM_COLUMNS = 9
MET, NOT_MET = -1, -2
A_NUMBER, A_TIME, A_TWO_FACTS, A_YES_NO, A_WORD, A_TABLE = range(6)

# One limit on the dose. What it is, its rule, a number times SCALE (per kg or not), the dose fact it multiplies.
D_RULE, D_WHAT, D_NUMBER, D_PER_KG, D_TIMES_UP, D_TIMES_DOWN, D_OF, D_PLAIN = range(8)
DOSE_COLUMNS = 8
FIRST_DOSE, LOW_DOSE, HIGH_DOSE, CEILING, NO_DOSE = range(5)

# The newest event behind a rule: M_DATED 0 if there is none; M_LAPSED: it is open because a value has lapsed; M_FORCE: the
# recurring rules in force at it. Behind those of the rules a row to write to, and the beginning of the run.
M_AT, M_DAY, M_WHOLE, M_DATED, M_LAPSED, M_FORCE = range(6)
MOMENT_COLUMNS = 6
BEGUN_COLUMNS = 3
HELD_DAY, BY_GROUP = range(2)


class Walk(NamedTuple):
    """All that a walk over one patient reads and writes. The first part is the plan, the second the patient at hand."""

    fact: Ints
    member: Ints
    every: Ints
    group: Ints
    table: Ints
    rule: Ints
    atom: Ints
    atom_number: Floats
    step: Ints  # rules in the order of reading; ~n: what the tables of name n came to
    step_from: Ints  # of each part (ADVICE …) the first step, and where the last ends
    readers: Ints  # rules that read each fact, then each name of tables; that hang on the day; that are asked each time: bits
    way: Ints  # each way in which a rule can hold: where its atoms begin in `way_atom`, and how many they are
    way_atom: Ints
    dated: Ints  # rules that set a date, those that others hang on first
    dose: Ints
    worse: Ints  # of each test: 0 none, 1 lower, 2 higher
    test_of: Ints  # place in the store -> test of the plan, NONE if not read
    do_of: Ints
    reason_bit: Ints  # of a reason of the store: its bit among the words that rules ask for
    refused_frequency: Ints
    critical: Ints  # fact comparisons that call for a hold: test, op, number, scale, limits
    recurring_tests: (
        Ints  # bits of the tests that recurring rules ask for; of those that rules of findings among them read
    )
    finding_tests: Ints
    calendar_facts: Ints
    finding_facts: Ints
    midnight: Ints  # zone, day - first day -> microseconds of its beginning
    day_end: Ints  # … and of its last second
    first_day: Ints
    person: Ints  # born, sex, country, zone, condition of the patient at hand
    labs: Ints
    last: Ints
    event: Ints
    event_from: Ints
    course: Ints
    tally: Ints  # of the patient at hand: laboratory rows, events, rows of the course, instants
    held: Ints
    slot: Ints
    lapse: Ints
    span: Floats
    value: Ints
    reached: Ints
    state: Ints
    accepted: Ints
    codes: (
        Ints  # of each kind of event: the codes of the patient's events, one bit each, counted round by BITS_IN_A_WORD
    )
    ask: Ints  # bits of the rules that are to be asked: a fact they read has changed
    quiet: Ints  # of each fact: whether what stands at NOW is what it is without any event
    moment: Ints
    part: Floats
    part_of: Ints
    rows: Ints  # of each group: last, due by, state of the schedule
    by: Ints  # of each group: the date that one rule sets
    tests: Ints  # of each group: the earliest date that is set
    begun: Ints  # moments at which one way of a rule may have come about: instant, day, whole day
    before: Ints  # of each rule before mere reports came: the day of its event if it held, then its date for each group
    point: Ints  # decision points of the patient at hand: instant, day, why


# Parts of the rules: what gives advice, what is read after it, recurring rules of the calendar alone, and those of findings.
ADVICE, LATER, OF_CALENDAR, OF_FINDINGS = range(4)
BITS_IN_A_WORD = 63  # the sign is none
N_LABS, N_EVENTS, N_COURSE, N_INSTANTS, N_SEEN, _N_THEN, N_HEARD, DAY_ASKED, COUNT_BEFORE, N_BEFORE, REPLAYS = range(11)
TALLIES = 11
BORN, SEX, COUNTRY, ZONE, CONDITION = range(5)
H_ENDS, H_DAY, H_MASK, H_DONE = range(4)
HELD_COLUMNS = 4
# A decision point. Why: a result came, a due date passed, a decision was taken.
P_INSTANT, P_DAY, P_BECAUSE = range(3)
POINT_COLUMNS = 3
A_RESULT, A_DATE, A_DECISION = range(3)
