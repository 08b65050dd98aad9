"""The columns of `countwell.cohort/1` and of what a pass gives back: names, types, meaning, sentinels. No data is read here.

A moment is three columns: `x` (microseconds UTC of the instant; of a whole day its local midnight), `x_day` (days since
1970-01-01 on the patient's own calendar) and a flag for "a date without a time". A whole day is over at its end: it comes
at or before an instant of the same day only by its midnight, as in the reference.
"""

from __future__ import annotations

import pyarrow as pa

SCHEMA = "countwell.cohort/1"
PATIENTS_PER_ROW_GROUP = 20_000

# Values are integers: the value in the test's own unit times SCALE. Doses are mg a day times SCALE, weights kg times SCALE.
SCALE = 1000
ABOVE_ALL = 2**31 - 1  # an open upper end: infinity
NO_VALUE = -(2**31)  # no value, no limit, not known
NO_DAY = -(2**31)
NEVER_DAY = 2**31 - 1
LONG_AGO = -(2**63)  # an unknown beginning
NEVER = 2**63 - 1  # still open, not replaced

# Flags of a laboratory row and of an event.
WHOLE_DAY, LOW_OPEN, HIGH_OPEN, END_WHOLE_DAY = 1, 2, 4, 8
UPPER_OPEN = (
    16  # of a laboratory row: the upper limit lies between `upper` and `upper` + 1 (it was sent with more decimals)
)
NO_RECEIPT = 32  # of a laboratory row: no time of receipt was sent (then `known` is when it was collected)
MERE_REPORT = 64  # of a laboratory row: nothing but preliminary reports speak of it, so it puts off no date

# status of a laboratory row: what one collection of one test came to while this state was known.
FINAL, DISPUTED, PRELIMINARY, UNREADABLE, WITHDRAWN = range(5)

PATIENTS = pa.schema(
    [
        ("patient", pa.int32()),  # 0, 1, 2 … in the order of the store; the key of the other tables
        ("id", pa.string()),  # the sender's identifier; read only for lists
        ("born", pa.int32()),  # day, NO_DAY if not known
        ("sex", pa.uint8()),  # place in manifest `sexes` (0 = not known)
        ("country", pa.uint8()),  # place in manifest `countries` (0 = not known)
        ("zone", pa.uint8()),  # place in manifest `zones`
        ("condition", pa.uint8()),  # place in manifest `conditions` (0 = not recorded)
        ("protocol", pa.uint8()),  # place in manifest `protocols` (0 = none)
    ]
)
# Further columns of the patients file are strings by which measures may be broken down (`by_site`, `by_ward` …).

LABS = pa.schema(
    [
        ("patient", pa.int32()),
        ("collected", pa.int64()),
        ("collected_day", pa.int32()),
        ("test", pa.uint8()),  # place in manifest `tests`
        ("known", pa.int64()),  # received, else collected: from when this state was known
        ("known_day", pa.int32()),
        ("until", pa.int64()),  # when another state of the same collection took its place; NEVER if none has
        ("until_day", pa.int32()),
        ("low", pa.int32()),
        ("high", pa.int32()),  # ABOVE_ALL: no upper end
        ("upper", pa.int32()),  # the report's upper limit of normal; NO_VALUE if none was sent
        ("status", pa.uint8()),
        ("flags", pa.uint8()),  # WHOLE_DAY (of collection), LOW_OPEN, HIGH_OPEN, UPPER_OPEN, NO_RECEIPT, MERE_REPORT
        ("lab", pa.uint16()),  # place in manifest `labs` (0 = not named)
        ("why", pa.uint8()),  # of an unreadable one: place in manifest `whys` (0 = readable)
        ("ref", pa.int32()),  # number of the specimen's own reading within the patient, from 0
    ]
)
# Order: patient, collected, test, known, ref. `specimen` order within a test: collected, ref.

# Kinds of events; what `code`, `value`, `other`, `more`, `bits` and `end` hold stands beside each.
DECISION, WEIGHT, SYMPTOM, MEDICINE, LIST_CONFIRMED, HISTORY, GENOTYPE, CIRCUMSTANCE = range(8)
ORDER, VACCINATION, LABEL, DIED, NOT_USED, UNFOUNDED = range(8, 14)
# DECISION        code: `dos`; value: mg/day or NO_VALUE; other: `frequencies`; more: `reasons` (accept: `findings`);
#                 bits: day of `since` (transfer-in) or NO_DAY; end_day: decide_by of a hold, last day of an acceptance
# WEIGHT          value, other: kg low and high (NO_VALUE: cannot be read)
# SYMPTOM         code: `symptoms`; more: 1 present, 0 absent, 2 not known; value, other: low and high of its value (NO_VALUE:
#                 none sent or none that can be read); bits: details, two bits each in order of the symptom's own list: 1 yes,
#                 2 no (0 not said); end: until
# MEDICINE        code: `medicines`; at LONG_AGO: since when is not known; end: until
# LIST_CONFIRMED  code: `lists`
# HISTORY         code: `histories`; more: `causes`; at LONG_AGO: not dated
# GENOTYPE        code: `genes`; bits: categories still possible, one bit each in order of manifest `phenotypes`;
#                 more: 1 if it came as a result (of an activity, at: when it was known; it answers no order), else 0
# CIRCUMSTANCE    code: `circumstances`; more: 1 present, 0 absent, 2 not known; at LONG_AGO; end
# ORDER           code: `tests` (0: a group of tests); more: 1 pending or nothing said, 0 done or cancelled
# VACCINATION     code: 1 live, 0 not
# LABEL           value: mg/day or NO_VALUE; other: `frequencies` (0 not said, 1 not listed)
# DIED            -
# NOT_USED        an input that was refused or held: code: `not_used` (result, symptom, name, patient, other: the first that
#                 fits of patient = an event lost that says how the patient is treated or fares; symptom; name = a medicine,
#                 vaccine or other word not listed); at: the collection or event it is about, LONG_AGO if not known (then it
#                 always matters); end: since when it is known (LONG_AGO: ever, but in REPLAY not before `at`); bits: until
#                 when (put aside by then), else NEVER; more: `tests`; value, other: lowest and highest value it may mean
#                 (NO_VALUE: none); upper: the limit of normal beside it
# UNFOUNDED       a decision rests on a result that a later one put aside: from `at` until `end`

EVENTS = pa.schema(
    [
        ("patient", pa.int32()),
        ("at", pa.int64()),
        ("at_day", pa.int32()),
        ("kind", pa.uint8()),
        ("code", pa.int16()),
        ("value", pa.int32()),
        ("other", pa.int32()),
        ("more", pa.int16()),
        ("bits", pa.int64()),
        ("end", pa.int64()),  # NEVER if open
        ("end_day", pa.int32()),
        ("flags", pa.uint8()),  # WHOLE_DAY (of at), END_WHOLE_DAY, LOW_OPEN, HIGH_OPEN
        ("ref", pa.int32()),  # number of the event within the patient, by its ref as text, results counted in
        ("upper", pa.int32()),  # of NOT_USED alone, else NO_VALUE
    ]
)
# Order: patient, at, kind, ref. A column that a kind does not use holds NO_VALUE, 0, NEVER or NEVER_DAY.
# Every list of the manifest but `zones` and `phenotypes` begins with "" (not known, not named, not listed) and holds every word
# of the vocabulary; the second of `frequencies` is "not listed". See `countwell.cohort.vocabularies`.

# What STATUS gives back: one row per patient.
STATES = ("proposed", "active", "held", "stopped", "ended", "died")
STATUS_COLUMNS = {
    "patient": "int32",
    "state": "uint8, place in STATES",
    "drug": "uint8, rung of the ladder, at least",
    "drug_at_most": "uint8",
    "contact": "uint8, rung of the patient ladder, at least",
    "contact_at_most": "uint8",
    "prescriber": "uint8, rung, at least",
    "prescriber_at_most": "uint8",
    "precautions": "uint8, one bit each in order of PRECAUTIONS, at least",
    "decide_by": "int32 day, NO_DAY if none",
    "surely": "uint64 x n: one bit per rule that holds, in order of Plan.rules",
    "possibly": "uint64 x n: one bit per rule that is not ruled out (also those that surely hold)",
    "accepted": "uint64 x n: one bit per rule that a named person has accepted: it calls for nothing, whatever the others say",
    "last": "int32 day x groups: when the group was last complete, NO_DAY if never or not scheduled",
    "due_by": "int32 day x groups: by the schedule in force, NO_DAY if nothing asks",
    "due_state": "uint8 x groups: 0 not scheduled, 1 not-due, 2 due, 3 overdue, 4 never-done",
    "tests": "int32 day x groups: the earliest date that the schedule or a finding sets, NO_DAY if none",
    "first_mg, low_mg, high_mg, ceiling_mg": "int32 x SCALE, NO_VALUE if none or not known",
    "no_dose": "bool: a rule leaves none",
}
# What REPLAY gives back: decision points (a result received, a due date passed, a decision taken) with the columns above, and
# from them episodes (patient, rule, begun_day, ended_day or NEVER_DAY), delays (patient, group, due_by, done_day or NEVER_DAY)
# and time in each state.
