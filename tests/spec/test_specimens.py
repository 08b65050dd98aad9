"""Which of several reports on one specimen counts: every ordered pair of statuses, versions, withdrawals, doubles, disputes.

Longer than other modules: each pair of reports on one specimen has its case, in tables.
"""

from itertools import permutations, product

import pytest

from generative.making import Json, decision, result, steady, told
from spec.sheet import span

START = decision("start", "2025-06-02", "150")
WBC = "{latest: wbc}"
EARLIER = result("wbc", "5.5", "2026-02-20T09:00", id="before")
AT = "2026-03-01T09:00"
GOOD, BAD = "4.6", "1.8"
FIRST, SECOND = "2026-03-01T12:00", "2026-03-01T15:00"
KINDS = ("preliminary", "final", "corrected", "amended", "cancelled", "entered-in-error")
WITHDRAWN = ("cancelled", "entered-in-error")
CORRECTING = ("corrected", "amended")


def report(status: str, number: str | None, received: str = FIRST, **more: object) -> Json:
    """A report on the one specimen."""
    return result(
        "wbc", None if status in WITHDRAWN else number, AT, status=status, received=received, order="o1", **more
    )


def counted(*reports: Json) -> str:
    """What the newest result of the test is, with an unremarkable one the week before."""
    return span(WBC, [START, EARLIER, *reports])


def exactly(number: str) -> str:
    return f"[{number}, {number}]"


def good_end(number: str) -> str:
    return f"(-inf, {number}]"


def expected(one: tuple[str, str], other: tuple[str, str]) -> str:
    """Two reports, the second received later. Written from the contract, not from the code."""
    (first, a), (second, b) = one, other
    worse = min((a, b), key=float)
    if first == second == "preliminary":
        return good_end(worse)
    if "preliminary" in (first, second):
        status, number = (second, b) if first == "preliminary" else (first, a)
        return exactly("5.5") if status in WITHDRAWN else exactly(number)
    if first == second == "final":
        return exactly(a) if a == b else good_end(worse)
    if "final" in (first, second):
        status, number = (second, b) if first == "final" else (first, a)
        return exactly("5.5") if status in WITHDRAWN else exactly(number)
    return exactly("5.5") if second in WITHDRAWN else exactly(b)


PAIRS = [((s, a), (t, b)) for s, t in product(KINDS, KINDS) for a, b in product((GOOD, BAD), (GOOD, BAD))]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[f"{s} {a} then {t} {b}" for (s, a), (t, b) in PAIRS])
def test_two_reports_of_one_specimen(one: tuple[str, str], other: tuple[str, str]) -> None:
    if one[0] in WITHDRAWN and other[0] in WITHDRAWN and one[1] != other[1]:
        return  # a withdrawn report has no value
    first, second = report(*one, FIRST, id="a1"), report(*other, SECOND, id="a2")
    both = (counted(first, second), counted(second, first))
    assert both == (expected(one, other), expected(one, other))


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[f"{s} {a}, {t} {b}" for (s, a), (t, b) in PAIRS])
def test_names_of_reports_do_not_decide(one: tuple[str, str], other: tuple[str, str]) -> None:
    texts = {counted(report(*one, id=x), report(*other, id=y)) for x, y in (("a1", "a2"), ("a2", "a1"))}
    assert len(texts) == 1


def test_a_preliminary_report_never_puts_a_final_one_aside() -> None:
    final = report("final", BAD, id="a1", version="1")
    assert counted(final, report("preliminary", GOOD, SECOND, id="a2", version="2")) == exactly(BAD)
    assert counted(final, report("preliminary", GOOD, SECOND, id="a2", replaces="a1")) == exactly(BAD)
    elsewhere = result("wbc", GOOD, "2026-03-01T10:00", status="preliminary", id="a2", replaces="a1")
    assert counted(final, elsewhere) == good_end(BAD)


VERSIONS = [
    ("the higher number", [("final", GOOD, "1"), ("final", BAD, "2")], exactly(BAD)),
    ("the higher number, arrived first", [("final", BAD, "2"), ("final", GOOD, "1")], exactly(BAD)),
    ("ten is more than nine", [("final", GOOD, "9"), ("final", BAD, "10")], exactly(BAD)),
    ("the same number, two values", [("final", GOOD, "2"), ("final", BAD, "2")], good_end(BAD)),
    ("a number and none", [("final", GOOD, "2"), ("final", BAD, None)], good_end(BAD)),
    ("a correction of an older version", [("final", GOOD, "2"), ("corrected", BAD, "1")], exactly(GOOD)),
    ("withdrawn by a newer version", [("final", BAD, "1"), ("cancelled", None, "2")], exactly("5.5")),
    ("not a number", [("final", BAD, "NaN"), ("final", GOOD, "sNaN")], good_end(BAD)),
    ("infinite", [("final", BAD, "1"), ("final", GOOD, "Infinity")], good_end(BAD)),
    ("a word", [("final", BAD, "a"), ("final", GOOD, "b")], good_end(BAD)),
]


@pytest.mark.parametrize(("says", "rows", "outcome"), VERSIONS, ids=[row[0] for row in VERSIONS])
def test_versions(says: str, rows: list[tuple[str, str | None, str | None]], outcome: str) -> None:
    reports = [report(status, number, id=f"a{n}", version=version) for n, (status, number, version) in enumerate(rows)]
    assert {counted(*order) for order in permutations(reports)} == {outcome}


REPLACED = [
    ("by name, another time of collection", [("a1", BAD, "09:00", None), ("a2", GOOD, "10:00", "a1")], exactly(GOOD)),
    (
        "a chain",
        [("a1", BAD, "09:00", None), ("a2", GOOD, "09:00", "a1"), ("a3", "3.3", "09:00", "a2")],
        exactly("3.3"),
    ),
    ("each the other: neither", [("a1", BAD, "09:00", "a2"), ("a2", GOOD, "09:00", "a1")], good_end(BAD)),
    ("itself", [("a1", BAD, "09:00", "a1")], exactly(BAD)),
    ("nothing that is there", [("a1", BAD, "09:00", "zz")], exactly(BAD)),
    (
        "in a ring: none",
        [("a1", BAD, "09:00", "a2"), ("a2", GOOD, "09:00", "a3"), ("a3", "3.3", "09:00", "a1")],
        good_end(BAD),
    ),
]


@pytest.mark.parametrize(("says", "rows", "outcome"), REPLACED, ids=[row[0] for row in REPLACED])
def test_a_report_that_names_what_it_replaces(
    says: str, rows: list[tuple[str, str, str, str | None]], outcome: str
) -> None:
    reports = [result("wbc", number, f"2026-03-01T{at}", id=name, replaces=of) for name, number, at, of in rows]
    assert {counted(*order) for order in permutations(reports)} == {outcome}


def test_a_correction_not_yet_received_does_not_count() -> None:
    reports = [report("final", BAD, "2026-03-01T12:00"), report("corrected", GOOD, "2026-03-02T09:00")]
    events = [START, *reports]
    assert span(WBC, events, known_at="2026-03-02T08:59") == exactly(BAD)
    assert span(WBC, events, known_at="2026-03-02T09:00") == exactly(GOOD)


def test_a_correction_that_cannot_be_read_leaves_the_alarm() -> None:
    assert counted(report("final", BAD, id="a1"), report("corrected", "see comment", SECOND, id="a2")) == good_end(BAD)


def test_a_withdrawal_of_another_order_leaves_the_value() -> None:
    assert counted(report("final", BAD), report("cancelled", None, SECOND) | {"order": "o2"}) == good_end(BAD)


@pytest.mark.parametrize("orders", [("o1", "o2"), ("o1", None), (None, None)], ids=str)
def test_two_orders_with_two_values_are_disputed(orders: tuple[str | None, str | None]) -> None:
    reports = [
        report("final", number, id=f"a{n}") | {"order": order}
        for n, (number, order) in enumerate(zip((GOOD, BAD), orders, strict=True))
    ]
    assert {counted(*order) for order in permutations(reports)} == {good_end(BAD)}


def test_three_reports_of_which_one_cannot_be_read() -> None:
    reports = [report("final", number, id=f"a{n}") for n, number in enumerate((GOOD, BAD, "abc"))]
    assert {counted(*order) for order in permutations(reports)} == {good_end(BAD)}


SAME_DAY = [
    ("day alone 1.8, nine o'clock 4.6", [(BAD, "2026-03-01"), (GOOD, "2026-03-01T09:00")], good_end(BAD)),
    ("day alone 4.6, nine o'clock 1.8", [(GOOD, "2026-03-01"), (BAD, "2026-03-01T09:00")], good_end(BAD)),
    ("day alone twice, two values", [(BAD, "2026-03-01"), (GOOD, "2026-03-01")], good_end(BAD)),
    ("day alone, the same value", [(GOOD, "2026-03-01"), (GOOD, "2026-03-01T09:00")], exactly(GOOD)),
    ("nine and ten o'clock", [(BAD, "2026-03-01T09:00"), (GOOD, "2026-03-01T10:00")], exactly(GOOD)),
    ("the day before", [(BAD, "2026-02-28"), (GOOD, "2026-03-01T00:00")], exactly(GOOD)),
]


@pytest.mark.parametrize(("says", "rows", "outcome"), SAME_DAY, ids=[row[0] for row in SAME_DAY])
def test_a_day_without_a_clock_is_not_before_nine(says: str, rows: list[tuple[str, str]], outcome: str) -> None:
    reports = [result("wbc", number, at, id=f"a{n}") for n, (number, at) in enumerate(rows)]
    assert {counted(*order) for order in permutations(reports)} == {outcome}


def test_the_same_result_twice_is_one_and_the_same_name_with_other_content_is_none() -> None:
    one = report("final", BAD, id="a1")
    assert counted(one, dict(one)) == exactly(BAD)
    other = one | {"value": GOOD}
    assert counted(one, other) == exactly("5.5")
    said = told([*steady(), one, other])
    assert {(item["event"], item["why"]) for item in said["refused"]} == {("a1", "disputed")}
    assert "continue" not in said["actions"]


def test_the_same_result_without_a_name_is_one() -> None:
    one = {key: text for key, text in report("final", BAD).items() if key != "id"}
    assert counted(one, dict(one), one | {"normal_low": None}) == exactly(BAD)


def test_two_limits_for_one_value_the_lower_counts() -> None:
    times = "{highest: [alt, ast], as: limits, limit-within: year, limit-between: [low, high]}"
    both = [result("alt", "60", AT, id=f"a{n}", normal_high=high) for n, high in enumerate(("40", "60"))]
    assert {span(times, [START, *order]) for order in permutations(both)} == {"[1.5, 1.5]"}


WHOLES = [
    ("final", [("2.0", "final")], False),
    ("final", [("2.0", "preliminary")], True),
    ("final", [("2.0", "final"), ("6.0", "preliminary")], False),
    ("preliminary", [("2.0", "preliminary")], False),
    ("preliminary", [("2.0", "final")], False),
]


@pytest.mark.parametrize(("status", "wholes", "usable"), WHOLES)
def test_a_preliminary_whole_takes_nothing_from_a_final_part(
    status: str, wholes: list[tuple[str, str]], usable: bool
) -> None:
    part = result("neutrophils", "3.4", AT, status=status, id="n1")
    reports = [result("wbc", value, AT, status=of, id=f"w{n}") for n, (value, of) in enumerate(wholes)]
    said = told([START, part, *reports])
    assert [item["event"] for item in said["refused"]] == ([] if usable else ["n1"])


WHOLES_OVER_TIME = [("11:59", [("0.3", "12:00")], 0), ("12:00", [("0.3", "12:00")], 1)] + [
    (asked, [("0.3", "12:00"), ("0.5", "15:00")], unused)
    for asked, unused in (("11:59", 0), ("14:59", 1), ("15:00", 0))
]


@pytest.mark.parametrize(("asked", "wholes", "unused"), WHOLES_OVER_TIME)
def test_a_whole_takes_nothing_from_a_part_before_it_is_known(
    asked: str, wholes: list[tuple[str, str]], unused: int
) -> None:
    part = result("neutrophils", "0.4", AT, received="2026-03-01T10:00", id="n1")
    reports = [result("wbc", value, AT, received=f"2026-03-01T{at}", id=value) for value, at in wholes]
    said = told([*steady(last="2026-02-20"), part, *reports], as_of=f"2026-03-01T{asked}")
    assert (said["advice"]["drug"], len(said["refused"])) == ("stop", unused)


def test_a_result_of_another_patient_is_held_and_its_alarm_seeks_the_right_one() -> None:
    wrong = report("final", BAD, id="a1") | {"identity_on_report": {"id": "p2", "born": None, "name": None}}
    said = told([*steady(), wrong])
    (item,) = said["refused"]
    assert (item["event"], item["critical"]) == ("a1", True)
    assert said["advice"]["drug"] == "continue"
    assert said["advice"]["prescriber"] == "today"
    assert {"cannot-use-input", "contact-prescriber"} <= set(said["actions"])
    assert not {"stop", "continue"} & set(said["actions"])


FUTURE = [
    ("received by then", {"received": "2026-03-02T09:00"}, 1),
    ("no time of receipt", {}, 1),
    ("received later: simply not known yet", {"received": "2026-03-03T12:00"}, 0),
]


@pytest.mark.parametrize(("says", "more", "count"), FUTURE, ids=[row[0] for row in FUTURE])
def test_a_result_collected_after_the_instant(says: str, more: Json, count: int) -> None:
    said = told([*steady(), result("wbc", BAD, "2026-03-03T09:00", id="a1", **more)])
    assert [item["event"] for item in said["refused"]] == ["a1"] * count
    assert ("continue" in said["actions"]) == (count == 0)


CORRECTED_BEFORE = [("2026-03-02T10:00", "amended", ["a2"]), ("2026-03-02T10:01", "amended", ["a1"]),
                    ("2026-03-02T10:00", "cancelled", [])]  # fmt: skip


@pytest.mark.parametrize(("received", "status", "flagged"), CORRECTED_BEFORE)
def test_a_result_collected_after_the_instant_is_no_news_once_put_aside(
    received: str, status: str, flagged: list[str]
) -> None:
    first = result("wbc", BAD, "2026-03-03T09:00", id="a1", received="2026-03-02T08:00", order="o1")
    number = None if status in WITHDRAWN else GOOD
    later = result("wbc", number, "2026-03-03T09:00", id="a2", received=received, order="o1", status=status)
    assert [item["event"] for item in told([*steady(), first, later])["refused"]] == flagged


@pytest.mark.parametrize(("by_the_day", "critical"), [(BAD, True), (GOOD, False)])
def test_a_result_collected_after_the_instant_is_as_grave_as_one_of_its_day_that_disputes_it(
    by_the_day: str, critical: bool
) -> None:
    dated = result("wbc", by_the_day, "2026-03-02", id="a1", received="2026-03-02T01:00")
    timed = result("wbc", "5.2", "2026-03-02T18:00", id="a2", received="2026-03-02T02:00")
    (refused,) = told([*steady(), dated, timed])["refused"]
    assert (refused["event"], refused["critical"]) == ("a2", critical)


RECEIPTS = [
    ("final", "1.8", "2027-02-28T23:00", "continue", False),
    ("final", "1.8", "2027-03-01T01:00", "stop", True),
    ("final", "1.8", "2031-03-01T12:00", "stop", True),
    ("preliminary", "1.8", "2027-03-01T12:00", "stop", True),
    ("final", "6.1", "2027-03-01T12:00", "continue", False),
    ("corrected", "1.8", "2027-03-01T12:00", "continue", True),
    ("entered-in-error", None, "2027-03-01T12:00", "continue", False),
]


@pytest.mark.parametrize(("status", "number", "received", "drug", "prescriber"), RECEIPTS)
def test_a_slip_of_the_year_in_the_receipt_hides_no_alarm(
    status: str, number: str | None, received: str, drug: str, prescriber: bool
) -> None:
    said = told([*steady(last="2026-02-28"), result("wbc", number, AT, id="a1", status=status, received=received)])
    assert said["advice"]["drug"] == drug
    flagged = [item["event"] for item in said["refused"] if item["field"] == "received"]
    assert flagged == ([] if received == "2027-02-28T23:00" else ["a1"])
    assert ("continue" in said["actions"]) == (flagged == [])
    assert (said["advice"]["prescriber"] in ("today", "now")) == prescriber


def test_a_result_that_was_received_after_a_year_is_told_of_only_until_then() -> None:
    late = result("wbc", "6.1", "2025-02-20T09:00", received="2026-02-25T09:00", id="a1")
    before = told([*steady(last="2026-02-21"), late], as_of="2026-02-25T08:00")
    assert [item["field"] for item in before["refused"]] == ["received"]
    assert told([*steady(), late])["refused"] == []


def test_what_rested_on_a_withdrawn_result_is_named() -> None:
    raised = decision("raise", "2026-02-28", "200", rests_on=["a1"], id="d9")
    reports = [
        result("wbc", "6.0", "2026-02-27T09:00", id="a1", order="o1", received="2026-02-27T12:00"),
        result("wbc", "1.8", "2026-02-27T09:00", id="a2", order="o1", status="corrected", received="2026-03-01T12:00"),
    ]
    (item,) = told([*steady(last="2026-02-20"), *reports, raised])["superseded"]
    assert (item["event"], item["by"], item["status"], item["decisions"]) == ("a1", "a2", "corrected", ["d9"])


LOW, WELL = "1.9", "6.0"


def of_lab(number: str, lab: str | None, at: str = AT, received: str = FIRST, **more: object) -> Json:
    return result("wbc", number, at, received=received, lab=lab, **more)


@pytest.mark.parametrize("labs", [("one", "two"), (None, "two"), ("one", None)])
@pytest.mark.parametrize("status", ["final", "corrected", "amended"])
def test_another_laboratory_replaces_no_value_of_another_day(labs: tuple[str | None, str | None], status: str) -> None:
    """Two laboratories may number their results alike."""
    first = of_lab(LOW, labs[0], id="a1")
    earlier = of_lab(WELL, labs[1], "2026-02-28T09:00", SECOND, id="a2", status=status, replaces="a1")
    assert counted(first, earlier) == exactly(LOW)


@pytest.mark.parametrize("status", ["corrected", "amended"])
@pytest.mark.parametrize("more", [{}, {"replaces": "a1"}, {"order": "o1"}], ids=["alone", "by name", "by order"])
def test_a_correction_of_another_laboratory_is_in_dispute_with_what_it_does_not_correct(
    status: str, more: Json
) -> None:
    order = {key: more[key] for key in ("order",) if key in more}
    first, other = (
        of_lab(LOW, "one", id="a1", **order),
        of_lab(WELL, "two", received=SECOND, id="a2", status=status, **more),
    )
    assert counted(first, other) == counted(other, first) == good_end(LOW)


@pytest.mark.parametrize("lab", [None, "one"])
def test_a_correction_of_the_same_day_may_leave_the_laboratory_out(lab: str | None) -> None:
    first, other = (
        of_lab(LOW, "one", id="a1"),
        of_lab(WELL, lab, received=SECOND, id="a2", status="corrected", replaces="a1"),
    )
    assert counted(first, other) == exactly(WELL)
    assert counted(first, of_lab(WELL, lab, "2026-03-01T08:00", SECOND, id="a2", replaces="a1")) == exactly(WELL)


def test_a_laboratory_may_correct_the_day_of_its_own_result() -> None:
    first = of_lab(LOW, "one", id="a1")
    assert counted(first, of_lab(WELL, "one", "2026-02-28T09:00", SECOND, id="a2", replaces="a1")) == exactly(WELL)
