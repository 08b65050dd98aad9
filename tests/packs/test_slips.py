"""Slips that were found in published or public texts: none of them reaches an answer."""

from __future__ import annotations

import re

import pytest

from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.vocabulary.codes import Refused
from countwell.vocabulary.lists import of_code
from countwell.vocabulary.medicines import medicine_of_code
from generative.making import Json, medicine, record, result, rules, steady, told


def asked(question: str, said: Json, *events: Json, protocol: str = "cidp", country: str = "US") -> Json:
    sent = record([*steady(), *events], protocol, patient={"country": country})
    return told(sent, question, said=said)


def sentences(said: Json) -> str:
    return " ".join(row["tell"].get("clinician", "") for row in said["findings"])


ALLOPURINOL = medicine("allopurinol", "2026-03-02")


@pytest.mark.parametrize("protocol", ["cidp", "us-label", "eu-label", "bsr-2017"])
def test_with_allopurinol_the_dose_goes_to_a_quarter_and_never_down_by_one(protocol: str) -> None:
    """A pocket monograph words it as a cut by a third or a quarter: 100 to 112.5 mg of 150 would be left."""
    assert asked("dose", {}, ALLOPURINOL, protocol=protocol)["details"]["dose_factor"] == {"to": "0.25"}
    for mg in ("100", "112.5", "50"):
        judged = asked("check-dose", {"mg_per_day": mg}, ALLOPURINOL, protocol=protocol)
        assert judged["details"]["accepted"] is False
        assert any("above 37.5 mg a day" in reason for reason in judged["details"]["because"])


def test_a_quarter_of_the_dose_before_allopurinol_is_accepted() -> None:
    halved = record([*steady(mg="200"), ALLOPURINOL])
    assert told(halved, "check-dose", said={"mg_per_day": "50"})["details"]["accepted"] is True


def test_the_inr_is_watched_in_both_directions_and_said_to_rise_after_a_stop() -> None:
    """A public page says that bleeding rises when azathioprine is begun; the evidence is the reverse."""
    words = sentences(asked("medicine", {"name": "warfarin"}))
    assert "more is needed on azathioprine, far less after a stop" in words
    assert "in both directions" in words


@pytest.mark.parametrize("mg", ["50", "150", "200"])
@pytest.mark.parametrize("vaccine", ["varicella", "Zostavax", "MMR", "yellow fever"])
def test_no_dose_of_azathioprine_opens_the_way_to_a_live_vaccine(vaccine: str, mg: str) -> None:
    """A paper prints 'below 3 mg/kg weekly' as low; the real figure is per day, and the default is no live vaccine."""
    said = told(record(steady(mg=mg)), "vaccine", said={"name": vaccine})
    assert "do-not-vaccinate" in said["actions"]


def test_no_number_of_a_pack_is_a_dose_a_week() -> None:
    units = {number.unit for name in shipped() for number in read_pack(find(name)).numbers.values()}
    assert {unit for unit in units if unit.startswith("mg")} == {"mg/day", "mg/kg/day"}


def test_influenza_is_judged_by_the_product_and_not_by_the_name_of_the_disease() -> None:
    """Leaflets of the European Union give the flu vaccine as an example of a live one."""
    assert "do-not-vaccinate" not in asked("vaccine", {"name": "influenza, injected"})["actions"]
    assert "do-not-vaccinate" in asked("vaccine", {"name": "influenza, nasal"})["actions"]
    assert "Which one: influenza, injected or influenza, nasal?" in asked("vaccine", {"name": "influenza"})["notices"]


@pytest.mark.parametrize("protocol", ["bsr-2017", "nhs-sps", "dermatology", "ibd-uk", "cidp", "aih-us"])
def test_at_platelets_of_93_no_protocol_goes_on_and_each_says_so_under_its_name(protocol: str) -> None:
    """A public page has 'do not withhold at 93'; practice in the United Kingdom withholds below 140."""
    said = told(record([*steady(), result("platelets", "93", "2026-03-02T08:00")], protocol))
    assert said["advice"]["drug"] in ("hold", "stop")
    assert {key.split("/")[0] for key in rules(said)} <= {protocol, *(x.split()[0] for x in said["protocol"]["layers"])}


def test_the_tablet_is_taken_with_a_full_glass_and_not_with_20_ml() -> None:
    said = {statement.name: statement.says for statement in read_pack(find("eu-label")).statements}
    assert "200 mL" in said["swallow"]
    assert "20 mL" in said["leaflet-slip"]
    patients = [
        text
        for name in shipped()
        for table in read_pack(find(name)).tables
        for rule in table.rules
        if (text := rule.tell.get("patient"))
    ]
    assert [text for text in patients if re.search(r"\b20 ?ml\b", text, re.IGNORECASE)] == []


def test_an_enzyme_in_units_per_ml_is_not_read_as_units_per_litre() -> None:
    """A page of the pharmacy service has 'ALT above 100 units/mL'."""
    limit = read_pack(find("nhs-sps")).numbers["alt_high"]
    assert (limit.unit, limit.reading) == ("U/L", "units-per-ml")
    sent = record([*steady(), result("alt", "101", "2026-03-02T08:00", unit="U/mL", id="odd")], "nhs-sps")
    said = told(sent)
    assert [(row["event"], row["why"]) for row in said["refused"]] == [("odd", "ambiguous-unit")]
    assert "nhs-sps/liver/high" not in rules(said)


def test_codes_that_public_lists_give_to_the_wrong_thing_are_refused() -> None:
    assert isinstance(medicine_of_code("http://snomed.info/sct", "372574004", "azithromycin"), Refused)
    assert isinstance(of_code("conditions", "sct", "64766004", "Peptic ulcer"), Refused)
    assert isinstance(medicine_of_code("rxnorm", "108831", "azathioprine 50 mg"), Refused)
    assert of_code("products", "rxnorm", "105611") == "azathioprine-50-scored"
