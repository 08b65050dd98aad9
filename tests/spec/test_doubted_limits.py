"""An upper limit that no laboratory has is not believed: the value beside it is answered as if none had been sent, and it is said."""

from decimal import Decimal
from itertools import permutations

import pytest

from countwell.model.advice import LADDERS
from countwell.model.pack import Pack
from countwell.pack.places import find, shipped
from countwell.pack.read import read_pack
from countwell.vocabulary import tests as vocabulary
from generative.making import Json, decision, result, steady, told
from spec.sheet import span, value

START = decision("start", "2025-06-02", "150")
TIMES = "{highest: [alt, ast], as: limits, limit-within: year, limit-between: [low, high]}"
AT = "2026-03-02T08:00"
WINDOWS = {name: one.upper_limits for name, one in vocabulary.tests().items() if one.upper_limits is not None}
BETWEEN = "[1.625, 6.5]"  # 130 U/L against the limits in use of the sheet, 20 to 80


def alt(value: str, high: str | None, at: str = AT, **more: object) -> Json:
    return result("alt", value, at, normal_high=high, **more)


EDGES = [
    ("9.9", BETWEEN),
    ("10", "[13, 13]"),
    ("10.4", "[12.5, 12.5]"),
    ("118", "[1.101694915254237288135593220, 1.101694915254237288135593220]"),
    ("120", "[1.083333333333333333333333333, 1.083333333333333333333333333]"),
    ("120.1", BETWEEN),
    ("400", BETWEEN),
    ("4", BETWEEN),
    ("4000", BETWEEN),
    ("40000", BETWEEN),
    ("0.67", BETWEEN),
]


@pytest.mark.parametrize(("limit", "expected"), EDGES)
def test_a_limit_is_believed_within_those_in_use(limit: str, expected: str) -> None:
    assert span(TIMES, [START, alt("130", limit)]) == expected


@pytest.mark.parametrize(("limit", "times"), [("0.16", None), ("0.2", 10), ("2", 1), ("2.1", None)])
def test_a_limit_in_another_unit_is_held_to_the_same(limit: str, times: int | None) -> None:
    found = value(TIMES, [START, alt("2", limit, unit="ukat/L")])
    assert (found.why, found.span.low) == (("no-upper-limit", Decimal("1.5")) if times is None else (None, times))


def every_pack() -> list[Pack]:
    return [read_pack(find(name)) for name in shipped()]


def uses_limits() -> set[str]:
    definitions = [one for pack in every_pack() for one in pack.facts.values()]
    measured = {name for one in definitions if one.param("as") == "limits" for name in one.of}
    return measured | {name for one in definitions if one.kind == "recovered" for name in one.of}


def test_each_test_that_a_rule_takes_as_multiples_has_limits_in_use() -> None:
    assert uses_limits() == set(WINDOWS)


def test_the_limits_that_a_pack_reckons_with_where_none_was_sent_are_believed() -> None:
    spans = {
        (name, pack.numbers[number].value)
        for pack in every_pack()
        for one in pack.facts.values()
        if isinstance(numbers := one.params.get("limit-between"), tuple)
        for number in numbers
        for name in one.of
    }
    assert spans
    assert all(vocabulary.test(name).is_upper_limit(number) for name, number in spans)


USUAL = {
    "alt": (20, 30, 40, 45, 55, 79),
    "ast": (15, 35, 40, 60),
    "alp": (85, 105, 130, 300, 480),
    "ggt": (16, 40, 60, 85),
    "bilirubin": (7, 17, 21, 26),
    "amylase": (46, 100, 115, 220),
    "lipase": (51, 60, 78, 160),
}
SLIPS = [(name, limit) for name, limits in USUAL.items() for limit in limits]


@pytest.mark.parametrize(("name", "limit"), SLIPS)
def test_usual_limits_are_believed_and_a_slip_of_one_digit_is_not(name: str, limit: int) -> None:
    assert vocabulary.test(name).is_upper_limit(Decimal(limit))
    assert not vocabulary.test(name).is_upper_limit(Decimal(limit) * 10)
    assert not vocabulary.test(name).is_upper_limit(Decimal(limit) / 10)


def asked(*sent: Json, question: str = "review", protocol: str = "cidp") -> Json:
    return told([*(e for e in steady() if e.get("test") not in ("alt", "ast")), *sent], question, protocol=protocol)


def test_what_was_sent_is_named_with_what_settles_it() -> None:
    said = asked(alt("130", "400", id="a1"))
    (item,) = said["refused"]
    assert (item["event"], item["field"], item["as_sent"], item["why"]) == (
        "a1",
        "normal_high",
        "400 U/L",
        "implausible",
    )
    assert item["says"] == "The upper limit 400 U/L that was sent lies outside those in use (10 to 120 U/L)."
    assert (item["do"], item["tell"]) == ("Ask the laboratory for its upper limit.", "laboratory desk")
    assert ("no-upper-limit", "liver_times") in {(one["why"], one["fact"]) for one in said["unknown"]}
    assert "cannot-use-input" in said["actions"]
    assert "continue" not in said["actions"]
    assert item["says"] in said["headline"]


@pytest.mark.parametrize("limit", ["400", "4000", "121", "9", "4"])
def test_the_answer_is_as_if_no_limit_had_been_sent(limit: str) -> None:
    doubted, none = asked(alt("130", limit)), asked(alt("130", None))
    for part in ("advice", "advice_at_most", "unknown"):
        assert doubted[part] == none[part]


@pytest.mark.parametrize("number", ["20", "41", "81", "130", "250", "900"])
def test_at_most_is_never_milder_than_with_any_limit_in_use(number: str) -> None:
    doubted = asked(alt(number, "400"))
    for limit in ("19", "40", "70"):
        plausible = asked(alt(number, limit))
        for part, ladder in LADDERS.items():
            assert ladder.index(doubted["advice_at_most"][part]) >= ladder.index(plausible["advice_at_most"][part])


def test_the_laboratorys_last_believed_limit_counts_in_its_place() -> None:
    earlier = alt("30", "40", "2026-02-01T08:00")
    assert span(TIMES, [START, earlier, alt("130", "400")]) == "[3.25, 3.25]"


def test_a_doubted_limit_is_not_borrowed() -> None:
    believed = alt("30", "40", "2026-01-01T08:00")
    doubted = alt("30", "400", "2026-02-01T08:00")
    assert span(TIMES, [START, doubted, alt("130", None)]) == BETWEEN
    assert span(TIMES, [START, believed, doubted, alt("130", None)]) == "[3.25, 3.25]"


def test_of_two_limits_for_one_value_a_doubted_one_never_counts() -> None:
    for high in ("400", "4", "0"):
        both = [alt("130", limit, id=f"a{n}") for n, limit in enumerate((high, "40"))]
        assert {span(TIMES, [START, *order]) for order in permutations(both)} == {"[3.25, 3.25]"}


def test_a_newer_result_with_a_believed_limit_settles_it() -> None:
    doubted = alt("30", "400", "2026-02-27T08:00", id="a1")
    said = asked(doubted, alt("30", "40"))
    assert [item["event"] for item in said["refused"]] == ["a1"]
    assert "cannot-use-input" not in said["actions"]
    assert "continue" in said["actions"]
    assert "cannot-use-input" in asked(doubted)["actions"]


def test_a_result_that_was_corrected_keeps_no_doubt() -> None:
    fixed = alt("30", "40", id="a2", replaces="a1", status="corrected", received="2026-03-02T09:00")
    assert asked(alt("30", "400", id="a1"), fixed)["refused"] == []


@pytest.mark.parametrize(("limit", "critical"), [("40", False), ("400", True), ("120", False)])
def test_how_urgent_a_value_without_a_unit_is_does_not_rest_on_a_doubted_limit(limit: str, critical: bool) -> None:
    (item,) = asked(alt("35", limit, unit=""))["refused"]
    assert item["critical"] == critical


def test_a_value_that_is_harmless_by_every_limit_in_use_stays_so() -> None:
    said = asked(alt("15", "400"))
    assert (said["advice"]["drug"], said["advice_at_most"]["drug"]) == ("continue", "continue")
    assert "continue" not in said["actions"]
