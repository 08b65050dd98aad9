"""Where guidelines disagree each keeps its own word under its own name. Typed out by hand from the tables of the sources."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from countwell import ask, read_record
from countwell.engine.features import TESTS, features
from countwell.model.advice import DRUG
from countwell.pack.load import find
from countwell.pack.read import read_pack
from generative.making import AS_OF, record, result, rules, steady, told, when

KIDNEY = "mL/min/{1.73_m2}"
SILENT = "-"


@dataclass(frozen=True)
class Clash:
    """One result, and what the own rules of each protocol call for; `-` where they say nothing."""

    test: str
    value: str
    says: str
    unit: str | None = None


PROTOCOLS = "cidp mg us-label eu-label bsr-2017 nhs-sps neurology-uk ibd-uk dermatology".split()
#                       cidp         mg us eu bsr  sps  neuro ibd derm
CLASHES = (
    Clash("wbc", "3.2", "-            -  -  -  hold hold -    stop -"),
    Clash("wbc", "3.0", "do-not-raise -  -  -  hold hold -    stop -"),
    Clash("wbc", "2.9", "do-not-raise -  -  -  hold hold -    stop hold"),
    Clash("wbc", "2.0", "stop         -  -  -  hold hold -    stop hold"),
    Clash("platelets", "145", "-       -  -  -  -    -    -    stop -"),
    Clash("platelets", "120", "-       -  -  -  hold hold -    stop -"),
    Clash("platelets", "93", "-        -  -  -  hold hold -    stop hold"),
    Clash("neutrophils", "2.3", "-     -  -  -  -    -    -    stop -"),
    Clash("neutrophils", "1.8", "-     -  -  -  -    hold -    stop -"),
    Clash("neutrophils", "1.5", "-     -  -  -  hold hold -    stop -"),
    Clash("alt", "79", "do-not-raise   -  -  -  -    -    -    -    -"),
    Clash("alt", "101", "do-not-raise  -  -  -  hold hold -    -    -"),
    Clash("alt", "121", "do-not-raise  -  -  -  hold hold -    stop -"),
    Clash("mcv", "103", "-             -  -  -  -    -    -    continue -"),
    Clash("mcv", "106", "-             -  -  -  continue continue - continue -"),
    Clash("eosinophils", "0.6", "-     -  -  -  hold -    -    -    -", "10*9/L"),
    Clash("albumin", "29", "-          -  -  -  hold continue - -   -"),
    Clash("egfr", "50", "-             -  -  -  -    continue - -   -", KIDNEY),
    Clash("egfr", "28", "-             -  -  -  do-not-raise continue - - -", KIDNEY),
)


def own_word(protocol: str, clash: Clash) -> str:
    """The gravest word on the drug of the protocol's own rules; its layers say theirs under their own names."""
    before = [event for event in steady() if not (event.get("test") == clash.test and event["collected"] > "2026")]
    sent = record([*before, result(clash.test, clash.value, unit=clash.unit)])
    answer = ask("review", read_record(sent), as_of=when(AS_OF), protocol=protocol)
    words = [found.advice.drug for found in answer.findings if found.layer == protocol and found.holds == "yes"]
    return max(words, key=DRUG.index, default=SILENT)


@pytest.mark.parametrize("clash", CLASHES, ids=lambda clash: f"{clash.test} {clash.value}")
def test_each_protocol_says_of_a_result_what_its_source_says(clash: Clash) -> None:
    assert dict(zip(PROTOCOLS, clash.says.split(), strict=True)) == {name: own_word(name, clash) for name in PROTOCOLS}


@pytest.mark.parametrize(("count", "patient"), [("1.9", "phone"), ("0.9", "seen-today"), ("<0.5", "seen-today")])
@pytest.mark.parametrize("protocol", ["bsr-2017", "nhs-sps", "ibd-uk", "dermatology"])
def test_a_guideline_with_one_limit_still_tells_a_very_low_count_from_a_low_one(
    protocol: str, count: str, patient: str
) -> None:
    """Without neutrophils in the report, so that nothing but the white cells speaks."""
    before = [event for event in steady() if event.get("test") not in ("wbc", "neutrophils")]
    advice = told(record([*before, result("wbc", count)], protocol))["advice"]
    assert (advice["drug"], advice["prescriber"]) == ("stop", "now")
    assert advice["patient"] == patient


def said(protocol: str, subject: str) -> list[str]:
    """What a pack says of a subject, without the condition."""
    return [found.says.partition(" (")[0] for found in features(read_pack(find(protocol))) if found.subject == subject]


@pytest.mark.parametrize(
    ("protocol", "first", "target", "highest"),
    [
        ("cidp", "50 mg/day", "2 to 3 mg/kg/day", "3 mg/kg/day"),
        ("us-label", "1 mg/kg/day", "1 to 2.5 mg/kg/day", "2.5 mg/kg/day"),
        ("eu-label", "1 mg/kg/day", "1 to 3 mg/kg/day", "3 mg/kg/day"),
        ("bsr-2017", "1 mg/kg/day", "2 to 2.5 mg/kg/day", "3 mg/kg/day"),
        ("neurology-uk", "25 mg/day", "1.5 to 2.5 mg/kg/day", "2.5 mg/kg/day"),
        ("dermatology", "1 mg/kg/day", "1.5 to 3 mg/kg/day", "3 mg/kg/day"),
        ("aih-us", "50 mg/day", "50 to 150 mg/day", "150 mg/day"),
        ("aih-eu", "50 mg/day", "1 to 2 mg/kg/day", "2 mg/kg/day"),
        ("aih-uk", "1 mg/kg/day", "0.5 to 1 mg/kg/day", "2 mg/kg/day"),
    ],
)
def test_first_dose_target_and_highest_dose_differ_by_source(
    protocol: str, first: str, target: str, highest: str
) -> None:
    assert (said(protocol, "First dose"), said(protocol, "Target")[0], said(protocol, "Highest dose")[0]) == (
        [first],
        target,
        highest,
    )


@pytest.mark.parametrize("protocol", ["mg", "ibd-uk", "nhs-sps"])
def test_a_source_that_names_no_first_dose_gets_none(protocol: str) -> None:
    assert said(protocol, "First dose") == []


@pytest.mark.parametrize(
    ("protocol", "intervals"),
    [
        ("cidp", ["2 weeks", "1 month"]),
        ("mg", ["6 weeks"]),
        ("us-label", ["1 week", "2 weeks", "1 month"]),
        ("eu-label", ["1 week", "3 months"]),
        ("bsr-2017", ["2 weeks", "1 month", "12 weeks"]),
        ("nhs-sps", ["14 days", "1 month", "4 weeks", "3 months"]),
        ("neurology-uk", ["2 weeks", "1 month", "12 weeks"]),
        ("ibd-uk", ["1 week", "4 weeks", "3 months"]),
    ],
)
def test_the_intervals_between_tests_are_those_of_the_source(protocol: str, intervals: list[str]) -> None:
    treated = [found.says for found in features(read_pack(find(protocol))) if found.subject == TESTS]
    every = [text.partition(" every ")[2].partition(" (")[0].partition(",")[0] for text in treated if "(on t" in text]
    assert list(dict.fromkeys(every)) == intervals


def test_that_a_start_with_tests_every_six_weeks_can_miss_the_whole_fall_is_said_beside_it() -> None:
    statement = next(one for one in read_pack(find("mg")).statements if one.name == "b22-differs")
    assert "median of 13 days" in statement.says
    assert statement.source == "lewis09"


@pytest.mark.parametrize(
    ("protocol", "window"),
    [
        ("cidp", "6 months after the start"),
        ("mg", "3 months to 12 months after the start"),
        ("us-label", "6 weeks to 12 weeks after the start"),
        ("eu-label", "3 months to 6 months after the start"),
        ("neurology-uk", "12 months after the start"),
        ("dermatology", "4 weeks to 3 months after the start"),
    ],
)
def test_when_an_effect_is_expected_differs_by_source(protocol: str, window: str) -> None:
    assert window in said(protocol, "Effect expected")


@pytest.mark.parametrize(("umol", "allowed"), [("99", True), ("100", False), ("101", False)])
def test_in_autoimmune_hepatitis_the_european_text_waits_for_the_bilirubin_and_the_american_begins_at_once(
    umol: str, allowed: bool
) -> None:
    sent = [
        event for event in steady() if event["kind"] != "decision" and event.get("collected", "").startswith("2026")
    ]
    given = record([event for event in sent if event["test"] != "bilirubin"] + [result("bilirubin", umol)])
    for protocol, may in (("aih-eu", allowed), ("aih-us", True)):
        answer = ask("start", read_record(given), as_of=when(AS_OF), protocol=protocol, layers=[])
        against = [reason for reason in answer.details["because"] if "Bilirubin below" in reason]
        assert (against == []) is may, protocol


@pytest.mark.parametrize(("country", "rule"), [("DE", "milk-apart"), ("GB", "milk-apart"), ("US", "milk-differs")])
def test_milk_is_kept_apart_where_the_label_of_the_country_says_so(country: str, rule: str) -> None:
    answer = told(record(steady(), patient={"country": country}), "lifestyle", said={"topic": "milk"})
    assert f"everyday/everyday-life/{rule}" in rules(answer)


def test_alcohol_is_none_at_all_in_the_text_on_hepatitis_and_a_little_elsewhere() -> None:
    for protocol, rule in (("aih", "aih/alcohol/"), ("mg", "everyday/")):
        found = rules(told(record(steady(), protocol), "lifestyle", said={"topic": "alcohol"}))
        assert any(key.startswith(rule) for key in found), (protocol, found)


def test_a_live_zoster_vaccine_is_refused_and_the_guideline_that_allowed_it_is_named_with_its_dose_per_day() -> None:
    answer = told(record(steady()), "vaccine", said={"name": "Zostavax"})
    assert "do-not-vaccinate" in answer["actions"]
    assert any("IDSA 2013 counts up to 3 mg/kg a day" in row["tell"].get("clinician", "") for row in answer["findings"])
