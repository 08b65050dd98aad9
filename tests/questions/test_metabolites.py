"""6-TGN and 6-MMP: read where a protocol takes their layer along, shown as sent elsewhere, and never a reason for more."""

import pytest

from generative.making import Json, record, result, rules, steady, told

UNIT = "pmol/8x10^8 RBC"


def asked(protocol: str = "ibd-uk", **values: str) -> Json:
    sent = [result(name, value, "2026-03-02T08:00", unit=UNIT) for name, value in values.items()]
    return told(record([*steady(), *sent], protocol), "metabolites")


@pytest.mark.parametrize(
    ("tgn", "mmp", "found", "drug"),
    [
        ("300", "1000", set(), "continue"),
        ("100", "1000", {"low"}, "continue"),
        ("<50", "<200", {"low"}, "continue"),
        ("100", "8000", {"low", "shunted", "methylated"}, "do-not-raise"),
        ("300", "8000", {"methylated"}, "do-not-raise"),
        ("500", "1000", {"high"}, "do-not-raise"),
        ("500", "8000", {"high", "both-high", "methylated"}, "reduce"),
        ("2394", "<100", {"high", "very-high"}, "hold"),
    ],
)
def test_the_two_together_say_what_the_table_says(tgn: str, mmp: str, found: set[str], drug: str) -> None:
    said = asked(tgn=tgn, mmp=mmp)
    assert {key.rpartition("/")[2] for key in rules(said) if key.startswith("metabolites/")} == found
    assert said["advice"]["drug"] == drug
    assert said["headline"].startswith(f"6-TGN {tgn} {UNIT} on 2 March 2026, 6-MMP {mmp}")


def test_a_low_level_is_told_to_the_prescriber_and_offers_no_higher_dose() -> None:
    said = asked(tgn="100", mmp="1000")
    assert said["advice"]["prescriber"] == "this-week"
    assert not {"dose-options", "continue"} & set(said["actions"])


def test_a_high_level_asks_for_a_count_and_never_takes_its_place() -> None:
    assert asked(tgn="500", mmp="1000")["advice"]["tests"]["cbc"] == "2026-03-09"


def test_it_speaks_in_the_review_too() -> None:
    sent = record([*steady(), result("tgn", "2394", "2026-03-02T08:00", unit=UNIT)], "neurology-uk")
    assert told(sent)["advice"]["drug"] == "hold"


def test_what_was_never_sent_is_not_asked_for() -> None:
    said = asked()
    assert said["headline"].startswith("Neither 6-TGN nor 6-MMP has been sent.")
    assert {"tgn", "mmp"} & set(said["advice"]["tests"]) == set()


def test_a_protocol_without_the_layer_shows_them_as_sent() -> None:
    said = asked("cidp", tgn="2394")
    assert said["headline"].startswith("Thiopurine metabolites are shown as sent; no pack in force interprets them.")
