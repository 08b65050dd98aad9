"""Facts that rest on results: none, one, two values, and the edges of each.

Longer than other modules: each kind of fact has its edges, in tables.
"""

import pytest

from generative.making import Json, decision, panel, result
from spec.sheet import span, value

START = decision("start", "2025-06-02", "150")
WBC = "{latest: wbc}"
TIMES = "{highest: [alt, ast], as: limits, limit-within: year, limit-between: [low, high]}"


def wbc(count: str | None, day: str, **more: object) -> Json:
    """White cells of a day, at nine."""
    return result("wbc", count, f"{day}T09:00", **more)


LATEST = [
    ("nothing sent, required", [START], "(-inf, inf)", "missing", False),
    ("nothing sent, course not begun", [], "(-inf, inf)", "missing", True),
    ("one", [START, wbc("6.1", "2026-02-20")], "[6.1, 6.1]", None, False),
    ("the newer of two", [START, wbc("6.1", "2026-02-10"), wbc("2.9", "2026-02-20")], "[2.9, 2.9]", None, False),
    ("collected today", [START, wbc("6.1", "2026-03-02")], "[6.1, 6.1]", None, False),
    ("on the last day that it vouches", [START, wbc("6.1", "2026-02-02")], "[6.1, 6.1]", None, False),
    ("the day after", [START, wbc("6.1", "2026-02-01")], "(-inf, 6.1]", "lapsed", False),
    ("a lapsed alarm stands", [START, wbc("1.8", "2025-10-01")], "(-inf, 1.8]", "lapsed", False),
    ("censored below", [START, wbc("<0.5", "2026-02-20")], "[0, 0.5)", "censored", False),
    ("censored above", [START, wbc(">3.0", "2026-02-20")], "(3.0, inf)", "censored", False),
    ("preliminary alone", [START, wbc("6.1", "2026-02-20", status="preliminary")], "(-inf, 6.1]", "preliminary", False),
    (
        "a good preliminary after a bad final",
        [START, wbc("2.9", "2026-02-20"), wbc("6.1", "2026-02-21", status="preliminary")],
        "(-inf, 2.9]",
        "preliminary",
        False,
    ),
    (
        "a bad preliminary after a good final",
        [START, wbc("6.1", "2026-02-20"), wbc("2.9", "2026-02-21", status="preliminary")],
        "(-inf, 2.9]",
        "preliminary",
        False,
    ),
    (
        "a preliminary before the final does not count",
        [START, wbc("1.0", "2026-02-19", status="preliminary"), wbc("6.1", "2026-02-20")],
        "[6.1, 6.1]",
        None,
        False,
    ),
    ("unreadable", [START, wbc("clotted", "2026-02-20")], "(-inf, inf)", "invalid-sample", False),
    ("no unit", [START, wbc("6.1", "2026-02-20", unit="")], "(-inf, inf)", "no-unit", False),
    (
        "unreadable after an alarm",
        [START, wbc("1.8", "2026-02-19"), wbc("clotted", "2026-02-20")],
        "(-inf, 1.8]",
        "invalid-sample",
        False,
    ),
    (
        "cancelled is as if never sent",
        [START, wbc(None, "2026-02-20", status="cancelled")],
        "(-inf, inf)",
        "missing",
        False,
    ),
    (
        "cancelled leaves the one before",
        [START, wbc("6.1", "2026-02-19"), wbc(None, "2026-02-20", status="cancelled")],
        "[6.1, 6.1]",
        None,
        False,
    ),
    (
        "disputed: the worse, and nothing beyond",
        [START, wbc("6.1", "2026-02-20"), wbc("2.9", "2026-02-20")],
        "(-inf, 2.9]",
        "disputed",
        False,
    ),
    (
        "ordered, no result",
        [START, {"kind": "test-ordered", "test": "wbc", "at": "2026-02-25", "status": "pending"}],
        "(-inf, inf)",
        "pending",
        False,
    ),
]


@pytest.mark.parametrize(("says", "events", "expected", "why", "silent"), LATEST, ids=[row[0] for row in LATEST])
def test_the_newest_result(says: str, events: list[Json], expected: str, why: str | None, silent: bool) -> None:
    found = value(WBC, events)
    assert (span(WBC, events), found.why, found.silent) == (expected, why, silent)


def test_a_result_collected_after_the_instant_does_not_count() -> None:
    assert span(WBC, [START, wbc("6.1", "2026-02-20"), wbc("1.8", "2026-03-03")]) == "[6.1, 6.1]"


def test_a_result_received_after_the_instant_does_not_count_yet() -> None:
    late = [START, wbc("6.1", "2026-02-20"), wbc("1.8", "2026-03-01", received="2026-03-02T10:01")]
    assert span(WBC, late) == "[6.1, 6.1]"
    assert span(WBC, late, "2026-03-02T10:01") == "[1.8, 1.8]"
    assert span(WBC, late, "2026-03-02T10:01", known_at="2026-03-02T10:00") == "[6.1, 6.1]"


def test_a_test_that_nothing_requires_and_nobody_sent_is_silent_and_its_alarm_is_not() -> None:
    crp = "{latest: crp}"
    assert value(crp, [START]).silent
    assert not value(crp, [START, result("crp", "90", unit="mg/L")]).silent


HIGHEST = [
    ("none", [], "(-inf, inf)", "missing"),
    ("one, with its limit", [("alt", "80", "2026-02-20", "40")], "[2, 2]", None),
    ("the higher of two", [("alt", "80", "2026-02-20", "40"), ("ast", "90", "2026-02-20", "30")], "[3, 3]", None),
    ("without a limit: between those in use", [("alt", "80", "2026-02-20", None)], "[1, 4]", "no-upper-limit"),
    (
        "the laboratory's last limit, a year old",
        [("alt", "30", "2025-03-10", "40"), ("alt", "80", "2026-02-20", None)],
        "[2, 2]",
        None,
    ),
    (
        "the laboratory's last limit, exactly a year old",
        [("alt", "30", "2025-02-20", "40"), ("alt", "80", "2026-02-20", None)],
        "[2, 2]",
        None,
    ),
    (
        "the laboratory's last limit, too old",
        [("alt", "30", "2025-02-19", "40"), ("alt", "80", "2026-02-20", None)],
        "[1, 4]",
        "no-upper-limit",
    ),
    ("limit of zero", [("alt", "80", "2026-02-20", "0")], "[1, 4]", "no-upper-limit"),
    ("limit that is no number", [("alt", "80", "2026-02-20", "normal")], "[1, 4]", "no-upper-limit"),
    (
        "a lapsed good one beside one in date is silent",
        [("alt", "20", "2025-09-01", "40"), ("ast", "20", "2026-02-20", "40")],
        "[0.5, 0.5]",
        None,
    ),
    (
        "a lapsed alarm beside one in date stands",
        [("alt", "80", "2025-09-01", "40"), ("ast", "20", "2026-02-20", "40")],
        "[2, 2]",
        None,
    ),
    ("all lapsed", [("alt", "20", "2025-09-01", "40"), ("ast", "30", "2025-09-01", "40")], "[0.75, inf)", "lapsed"),
    ("censored", [("alt", ">80", "2026-02-20", "40")], "(2, inf)", "censored"),
]


@pytest.mark.parametrize(("says", "rows", "expected", "why"), HIGHEST, ids=[row[0] for row in HIGHEST])
def test_the_highest_against_its_upper_limit(
    says: str, rows: list[tuple[str, str, str, str | None]], expected: str, why: str
) -> None:
    events = [START, *(result(test, number, f"{day}T09:00", normal_high=high) for test, number, day, high in rows)]
    found = value(TIMES, events)
    assert (span(TIMES, events), found.why) == (expected, why)


def test_another_laboratorys_limit_is_not_borrowed() -> None:
    events = [
        START,
        result("alt", "30", "2026-01-10T09:00", lab="lab-2"),
        result("alt", "80", "2026-02-20T09:00", normal_high=None),
    ]
    assert span(TIMES, events) == "[1, 4]"


def test_a_preliminary_value_is_measured_by_its_own_limit() -> None:
    final = result("alt", "30", "2026-02-20T09:00", normal_high="80")
    raised = result("alt", "75", "2026-03-02T08:00", normal_high="30", status="preliminary")
    assert span(TIMES, [START, final, raised]) == "[2.5, inf)"


WINDOW = [("inside", "2025-03-02", "[420, 420]"), ("a day too old", "2025-03-01", "[240, 240]")]


@pytest.mark.parametrize(("says", "day", "expected"), WINDOW, ids=[row[0] for row in WINDOW])
def test_the_highest_of_a_window(says: str, day: str, expected: str) -> None:
    events = [START, result("platelets", "420", f"{day}T09:00"), result("platelets", "240", "2026-02-20T09:00")]
    assert span("{highest: [platelets], as: value, within: year}", events) == expected


BASELINE = "{baseline: liver_times, within: month}"
BEFORE_START = [
    ("none", [], "(-inf, inf)"),
    ("within", [("2025-05-20", "20")], "[0.5, 0.5]"),
    ("on the first day that counts", [("2025-05-02", "20")], "[0.5, 0.5]"),
    ("a day too old", [("2025-05-01", "20")], "(-inf, inf)"),
    ("the last before the start", [("2025-05-10", "20"), ("2025-05-28", "80")], "[2, 2]"),
    ("nothing after the start", [("2025-05-20", "20"), ("2025-06-03", "80")], "[0.5, 0.5]"),
    ("only after the start", [("2025-06-03", "80")], "(-inf, inf)"),
]


@pytest.mark.parametrize(("says", "rows", "expected"), BEFORE_START, ids=[row[0] for row in BEFORE_START])
def test_the_value_before_the_first_start(says: str, rows: list[tuple[str, str]], expected: str) -> None:
    events = [START, *(result("alt", number, f"{day}T09:00") for day, number in rows)]
    assert span(BASELINE, events) == expected


def test_a_restart_does_not_make_a_new_baseline() -> None:
    again = [decision("stop", "2025-12-01"), result("alt", "80", "2025-12-20T09:00"), decision("restart", "2026-01-02")]
    assert span(BASELINE, [START, result("alt", "20", "2025-05-20T09:00"), *again]) == "[0.5, 0.5]"


@pytest.mark.parametrize(("since", "expected"), [("2020-01-01", "(-inf, inf)"), (None, "(-inf, inf)")])
def test_a_value_from_just_before_a_takeover_is_no_baseline(since: str | None, expected: str) -> None:
    taken = decision("transfer-in", "2026-01-10", "150", since=since)
    assert span(BASELINE, [taken, result("alt", "70", "2026-01-05T09:00")]) == expected


def test_only_a_final_value_is_a_baseline() -> None:
    events = [START, result("alt", "20", "2025-05-20T09:00", status="preliminary")]
    assert span(BASELINE, events) == "(-inf, inf)"


FALL = "{change: wbc, against: baseline, within: month, as: '%', direction: fall, worse: higher}"
DROP = "{change: wbc, against: highest, within: month, as: absolute, direction: fall, worse: higher}"
RISE = "{change: alt, against: lowest, within: year, as: '%', direction: rise, worse: higher}"
CHANGES = [
    ("no baseline: silent", FALL, "wbc", [("4.0", "2026-02-20")], None),
    ("half of it", FALL, "wbc", [("8.0", "2025-05-20"), ("4.0", "2026-02-20")], "[50, 50]"),
    ("a rise is a negative fall", FALL, "wbc", [("4.0", "2025-05-20"), ("8.0", "2026-02-20")], "[-100, -100]"),
    ("only the baseline", FALL, "wbc", [("8.0", "2025-05-20")], None),
    ("one value: silent", DROP, "wbc", [("8.0", "2026-02-20")], None),
    ("two values", DROP, "wbc", [("8.0", "2026-02-10"), ("5.5", "2026-02-20")], "[2.5, 2.5]"),
    (
        "against the highest of the window",
        DROP,
        "wbc",
        [("9.0", "2026-02-01"), ("8.0", "2026-02-10"), ("5.5", "2026-02-20")],
        "[3.5, 3.5]",
    ),
    ("on the first day of the window", DROP, "wbc", [("9.0", "2026-01-20"), ("5.5", "2026-02-20")], "[3.5, 3.5]"),
    ("before the window: silent", DROP, "wbc", [("9.0", "2026-01-19"), ("5.5", "2026-02-20")], None),
    ("against the lowest", RISE, "alt", [("20", "2025-10-01"), ("30", "2025-12-01"), ("26", "2026-02-20")], "[30, 30]"),
    ("censored now", DROP, "wbc", [("8.0", "2026-02-10"), ("<5.5", "2026-02-20")], "(2.5, 8.0]"),
]


@pytest.mark.parametrize(("says", "fact", "test", "rows", "expected"), CHANGES, ids=[row[0] for row in CHANGES])
def test_a_change(says: str, fact: str, test: str, rows: list[tuple[str, str]], expected: str | None) -> None:
    events = [START, *(result(test, number, f"{day}T09:00") for number, day in rows)]
    if expected is None:
        assert value(fact, events).silent
    else:
        assert span(fact, events) == expected


STREAK = "{streak: wbc, direction: fall, step: ten, since: run, worse: higher}"
RISES = "{streak: wbc, direction: rise, step: none, worse: lower}"
STREAKS = [
    ("none: silent", STREAK, [], None),
    ("one: silent", STREAK, ["6.0"], None),
    ("two falling", STREAK, ["6.0", "5.0"], "[1, 1]"),
    ("three falling", STREAK, ["6.0", "5.0", "4.0"], "[2, 2]"),
    ("exactly the step is no fall", STREAK, ["5.0", "4.5"], "[0, 0]"),
    ("just more than the step", STREAK, ["5.0", "4.4"], "[1, 1]"),
    ("broken by a rise", STREAK, ["6.0", "5.0", "5.5", "4.0"], "[1, 1]"),
    ("ended by a rise", STREAK, ["6.0", "5.0", "4.0", "4.1"], "[0, 0]"),
    ("rises of any size", RISES, ["2.0", "2.1", "2.2"], "[2, 2]"),
    ("the same again is no rise", RISES, ["2.0", "2.1", "2.1"], "[0, 0]"),
]


@pytest.mark.parametrize(("says", "fact", "counts", "expected"), STREAKS, ids=[row[0] for row in STREAKS])
def test_a_streak(says: str, fact: str, counts: list[str], expected: str | None) -> None:
    events = [START, *(wbc(count, f"2026-02-{n + 10}") for n, count in enumerate(counts))]
    if expected is None:
        assert value(fact, events).silent
    else:
        assert span(fact, events) == expected


def test_a_streak_begins_with_the_run() -> None:
    events = [
        wbc("9.0", "2026-01-20"),
        decision("start", "2026-02-01", "50"),
        wbc("6.0", "2026-02-10"),
        wbc("5.0", "2026-02-20"),
    ]
    assert span(STREAK, events) == "[1, 1]"


DONE = "{done: cbc, after: fever}"
FEVER = {"kind": "symptom", "symptom": "fever", "present": True, "since": "2026-02-20", "value": "38.4", "unit": "Cel"}
DONES = [
    ("the event has not come", [*panel("2026-02-21")], "[0, 0]"),
    ("never", [FEVER], "[0, 0]"),
    ("the day before", [FEVER, *panel("2026-02-19")], "[0, 0]"),
    ("on the same whole day", [FEVER, *panel("2026-02-20")], "[1, 1]"),
    ("the day after", [FEVER, *panel("2026-02-21")], "[1, 1]"),
    ("a part of the group only", [FEVER, *panel("2026-02-21", hb=None)], "[0, 0]"),
    ("a member from before", [FEVER, *panel("2026-02-21", hb=None), result("hb", "135", "2026-02-19T09:00")], "[0, 0]"),
    ("preliminary only", [FEVER, *(e | {"status": "preliminary"} for e in panel("2026-02-21"))], "[0, 0]"),
    ("cancelled", [FEVER, *(e | {"status": "cancelled", "value": None} for e in panel("2026-02-21"))], "[0, 0]"),
    ("clotted", [FEVER, *panel("2026-02-21", wbc="clotted")], "[0, 0]"),
]


@pytest.mark.parametrize(("says", "events", "expected"), DONES, ids=[row[0] for row in DONES])
def test_whether_a_group_was_done(says: str, events: list[Json], expected: str) -> None:
    assert span(DONE, [START, *events]) == expected


@pytest.mark.parametrize(
    ("hour", "expected"), [("T08:59", "[0, 0]"), ("T09:00", "[1, 1]"), ("T09:01", "[1, 1]"), ("", "[1, 1]")]
)
def test_whether_a_group_was_done_by_the_clock(hour: str, expected: str) -> None:
    fever = FEVER | {"since": "2026-02-20T09:00:00-05:00"}
    at = f"2026-02-20{hour}"
    events = [result(test, number, at) for test, number in (("wbc", "6.1"), ("hb", "135"), ("platelets", "240"))]
    assert span(DONE, [START, fever, *events]) == expected


def order(at: str, status: str | None = "pending", test: str = "tpmt") -> Json:
    """A test that was asked for."""
    return {"kind": "test-ordered", "test": test, "at": at, "status": status}


PENDING = [
    ("never ordered", [], "[0, 0]"),
    ("ordered", [order("2026-02-20")], "[1, 1]"),
    ("ordered, status not said", [order("2026-02-20", None)], "[1, 1]"),
    ("ordered and cancelled", [order("2026-02-20", "cancelled")], "[0, 0]"),
    ("ordered for later", [order("2026-03-20")], "[0, 0]"),
    (
        "typed since",
        [order("2026-02-20"), {"kind": "genotype", "gene": "TPMT", "result": "*1/*1", "at": "2026-02-25"}],
        "[0, 0]",
    ),
    (
        "typed before",
        [order("2026-02-20"), {"kind": "genotype", "gene": "TPMT", "result": "*1/*1", "at": "2026-02-19"}],
        "[1, 1]",
    ),
]


@pytest.mark.parametrize(("says", "events", "expected"), PENDING, ids=[row[0] for row in PENDING])
def test_whether_a_test_is_pending(says: str, events: list[Json], expected: str) -> None:
    assert span("{pending: tpmt}", events) == expected


def test_what_is_pending_is_dated_by_its_newest_order_in_whatever_order_they_were_sent() -> None:
    orders = [order("2026-02-25"), order("2026-02-20")]
    found = [value("{pending: tpmt}", sent).at for sent in (orders, orders[::-1])]
    assert [moment and moment.day.isoformat() for moment in found] == ["2026-02-25", "2026-02-25"]
