"""Every weight from 25.0 to 200.0 kg, every protocol and set of tablets: nothing outside the range, nothing that cannot be made.

What can be made, and where the range lies, is worked out here in whole numbers (tenths of a kg, mg), apart from the engine.
"""

from __future__ import annotations

from typing import Any

import pytest

from countwell import ask, read_record
from countwell.base.errors import CountwellError
from countwell.questions import dosing
from generative.making import AS_OF, HOME, Json, record, result, steady, told, weight, when

PRODUCTS: dict[str, list[Json]] = {
    "25": [{"strength_mg": "25", "scored": False}],
    "50 scored": [{"strength_mg": "50", "scored": True}],
    "50 unscored": [{"strength_mg": "50", "scored": False}],
    "25+50": [{"strength_mg": "25", "scored": False}, {"strength_mg": "50", "scored": False}],
    "75": [{"strength_mg": "75", "scored": False}],
    "100": [{"strength_mg": "100", "scored": False}],
    "25+75+100": [{"strength_mg": mg, "scored": False} for mg in ("25", "75", "100")],
}
LOW, HIGH = 2, 3  # mg per kg a day, the range of the CIDP text; 3 is the highest dose for all
WEIGHTS = range(250, 2001)
SHARES = 4


def pieces(products: list[Json]) -> list[int]:
    """Whole tablets, and halves of scored ones, in mg."""
    whole = [int(p["strength_mg"]) for p in products]
    return whole + [int(p["strength_mg"]) // 2 for p in products if p["scored"]]


def makeable(products: list[Json], most: int) -> set[int]:
    """Every dose up to `most` mg that the pieces add up to."""
    found = {0}
    for mg in range(1, most + 1):
        if any(mg - piece in found for piece in pieces(products) if piece <= mg):
            found.add(mg)
    return found - {0}


MAKEABLE = {name: makeable(products, 700) for name, products in PRODUCTS.items()}


def asked(tenths: int, name: str, protocol: str) -> Json:
    """The answer to `dose` for that weight. The dose is not known to be high: the present one is the smallest that can be made."""
    return _answer(tenths, name, protocol).to_json()["details"]


def _answer(tenths: int, name: str, protocol: str) -> Any:
    kg = f"{tenths // 10}.{tenths % 10}"
    return ask("dose", _RECORDS[(name, protocol)], as_of=when(AS_OF), said={"weight": [f"{kg} kg"]})


def _record(name: str, protocol: str) -> Any:
    events = [e for e in steady(mg=str(min(pieces(PRODUCTS[name])))) if e["kind"] != "weight"]
    lipase = {
        "kind": "result",
        "id": "l1",
        "test": "lipase",
        "value": "30",
        "unit": "U/L",
        "normal_high": "60",
        "status": "final",
    }
    events.append(lipase | {"collected": "2026-03-01T09:00:00-05:00"})
    return read_record(record(events, protocol, HOME, course={"products": PRODUCTS[name]}))


_RECORDS = {(name, protocol): _record(name, protocol) for name in PRODUCTS for protocol in ("cidp", "mg", "aih")}


def faults(tenths: int, name: str, details: Json) -> list[str]:
    """What is wrong with the options for one weight."""
    low, high = LOW * tenths, HIGH * tenths  # tenths of a mg
    found = []
    for option in details["options"]:
        mg = float(option["mg_per_day"])
        if mg != int(mg) or int(mg) not in MAKEABLE[name]:
            found.append(f"{tenths / 10} kg: {mg} mg cannot be made of {name}")
        if mg * 10 > high or (mg * 10 < low and not option.get("below_target")):
            found.append(f"{tenths / 10} kg: {mg} mg lies outside {low / 10} to {high / 10}")
        made = sum(float(t["strength_mg"]) * float(t["count"]) for t in option["tablets"])
        if made != mg:
            found.append(f"{tenths / 10} kg: the tablets make {made} mg, not {mg}")
        if any(float(t["count"]) % 1 and not _scored(name, t["strength_mg"]) for t in option["tablets"]):
            found.append(f"{tenths / 10} kg: half of a tablet without a score")
    return found


def _scored(name: str, strength: str) -> bool:
    return any(p["strength_mg"] == strength and p["scored"] for p in PRODUCTS[name])


def missing(tenths: int, name: str, details: Json) -> list[str]:
    """Doses of the range that can be made and are not offered."""
    given = {int(float(option["mg_per_day"])) for option in details["options"]}
    wanted = {mg for mg in MAKEABLE[name] if LOW * tenths <= mg * 10 <= HIGH * tenths}
    return [f"{tenths / 10} kg: {mg} mg is not offered" for mg in sorted(wanted - given)]


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("name", list(PRODUCTS))
def test_every_weight_by_the_cidp_text(name: str, share: int) -> None:
    found = []
    for tenths in WEIGHTS[share::SHARES]:
        details = asked(tenths, name, "cidp")
        assert details["range_mg_per_day"] is not None
        assert [float(end) * 10 for end in details["range_mg_per_day"]] == [LOW * tenths, HIGH * tenths]
        found += faults(tenths, name, details) + missing(tenths, name, details)
    assert found == []


@pytest.mark.parametrize("name", list(PRODUCTS))
@pytest.mark.parametrize("protocol", ["mg", "aih"])
def test_protocols_that_name_no_dose_offer_none(protocol: str, name: str) -> None:
    for tenths in WEIGHTS[::50]:
        said = _answer(tenths, name, protocol).to_json()
        assert (said["details"]["range_mg_per_day"], said["details"]["options"]) == (None, [])
        assert "contact-prescriber" in said["actions"]
        assert "dose-options" not in said["actions"]


def test_rounding_to_the_nearest_tablet_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    true = dosing.makeable

    def nearest(given: Any, ceiling: Any) -> Any:
        return true(given, ceiling + min(piece.mg for piece in given) / 2)

    assert faults(700, "50 scored", asked(700, "50 scored", "cidp")) == []
    monkeypatch.setattr(dosing, "makeable", nearest)
    weights = [tenths for tenths in WEIGHTS[::10] if faults(tenths, "50 scored", asked(tenths, "50 scored", "cidp"))]
    assert len(weights) > 50


@pytest.mark.parametrize("name", list(PRODUCTS))
def test_ten_times_and_a_tenth_of_every_legal_dose_is_refused(name: str) -> None:
    for tenths in (250, 411, 700, 1000, 1500, 2000):
        sent = record(
            [e for e in steady(mg=str(min(pieces(PRODUCTS[name])))) if e["kind"] != "weight"],
            course={"products": PRODUCTS[name]},
        )
        sent["events"].append({"kind": "weight", "at": "2026-03-01", "value": f"{tenths / 10}", "unit": "kg"})
        legal = [mg for mg in sorted(MAKEABLE[name]) if mg * 10 <= HIGH * tenths]
        for mg in legal[:: max(1, len(legal) // 6)]:
            assert accepted(sent, str(mg)) is True, (tenths, mg)
            if mg * 100 > HIGH * tenths:
                assert accepted(sent, str(mg * 10)) is False, (tenths, mg)
            if mg % 10 or mg // 10 not in MAKEABLE[name]:
                assert accepted(sent, f"{mg / 10:g}") is False, (tenths, mg)


def accepted(sent: Json, mg: str) -> bool | None:
    """What check-dose says of a dose."""
    said = told(sent, "check-dose", said={"mg_per_day": mg})
    verdict: bool | None = said["details"]["accepted"]
    assert ("refuse-dose" in said["actions"]) == (verdict is False)
    return verdict


FREQUENCIES = [
    ("once daily", True),
    ("twice daily", True),
    ("weekly", False),
    ("once a week", False),
    ("every other day", False),
    ("four times daily", False),
    ("qid", False),
    ("when needed", False),
]


@pytest.mark.parametrize(("frequency", "verdict"), FREQUENCIES, ids=[row[0] for row in FREQUENCIES])
def test_a_dose_is_taken_every_day(frequency: str, verdict: bool) -> None:
    said = told(steady(), "check-dose", said={"mg_per_day": "150", "frequency": frequency})
    assert said["details"]["accepted"] is verdict


def test_no_dose_without_a_weight_in_date() -> None:
    for events in (
        [e for e in steady() if e["kind"] != "weight"],
        [e | {"at": "2025-08-01"} if e["kind"] == "weight" else e for e in steady()],
    ):
        said = told(events, "dose")
        assert said["details"]["options"] == []
        assert "contact-prescriber" in said["actions"]
        assert told(events, "check-dose", said={"mg_per_day": "150"})["details"]["accepted"] is False


BAD_WEIGHTS = ["abc", "70", "NaN kg", "Infinity kg", "-70 kg", "0 kg", "70,5 kg", "７０ kg", "154 stone", "1e9 kg", ""]


@pytest.mark.parametrize("text", BAD_WEIGHTS)
def test_a_weight_that_cannot_be_read_is_refused_and_no_other_is_taken(text: str) -> None:
    with pytest.raises(CountwellError):
        told(steady(), "dose", said={"weight": text})
    value, _, unit = text.partition(" ")
    events = [*steady(last="2026-02-20"), {"kind": "weight", "at": "2026-03-01", "value": value, "unit": unit or None}]
    said = told(events, "dose")
    assert said["details"]["options"] == []
    assert [item["field"] for item in said["refused"]] != []
    assert "continue" not in said["actions"]


def test_pounds_are_converted_once() -> None:
    events = [e for e in steady(mg="50") if e["kind"] != "weight"]
    said = told(events, "dose", said={"weight": "154 lb"})
    doses = {option["mg_per_day"] for option in said["details"]["options"] if not option.get("below_target")}
    assert doses == {"150", "175", "200"}


def test_a_weight_that_changed_much_is_confirmed_first() -> None:
    said = told(steady(), "dose", said={"weight": "154 kg"})
    assert said["details"]["options"] == []
    assert "confirm" in str(said["details"])


def test_a_finding_that_says_do_not_raise_offers_nothing_above_the_present_dose() -> None:
    low = [e for e in steady(mg="100") if not (e.get("test") == "wbc" and e["collected"].startswith("2026-03"))]
    said = told([*low, result("wbc", "2.9")], "dose")
    assert {float(option["mg_per_day"]) for option in said["details"]["options"]} <= {100.0}


def test_two_weights_of_one_day_leave_what_both_allow() -> None:
    events = [e for e in steady(mg="50") if e["kind"] != "weight"]
    weights = [{"kind": "weight", "at": "2026-03-01", "value": kg, "unit": "kg"} for kg in ("68", "72")]
    for order in (weights, weights[::-1]):
        details = told([*events, *order], "dose")["details"]
        assert details["range_mg_per_day"] == ["144", "204"]
        within = [o["mg_per_day"] for o in details["options"] if not o.get("below_target")]
        assert within == ["150", "175", "200"]


def test_the_present_dose_is_offered_and_none_below_it() -> None:
    offered = [option["mg_per_day"] for option in told(steady(mg="150"), "dose")["details"]["options"]]
    assert offered == ["150", "175", "200"]


@pytest.mark.parametrize(
    ("mg", "said"),
    [
        ("25", True),
        ("60", False),
        ("62.5", False),
        ("175", True),
        ("37.5", False),
        ("2", False),
        ("2.5", False),
        ("3", False),
    ],
)
def test_with_no_tablets_recorded_a_dose_that_no_azathioprine_tablet_makes_is_refused(mg: str, said: bool) -> None:
    sent = record([*steady(), weight("2026-02-01")], course={"products": []})
    assert accepted(sent, mg) is said


@pytest.mark.parametrize(("mg", "confirmed"), [("275", False), ("300", False), ("325", True)])
def test_above_three_hundred_milligrams_a_named_person_confirms(mg: str, confirmed: bool) -> None:
    events = [*(e for e in steady(mg="250") if e["kind"] != "weight"), weight("2026-02-20", "140")]
    details = told(events, "check-dose", said={"mg_per_day": mg})["details"]
    assert (details["accepted"], bool(details["confirm"])) == (True, confirmed)


STEPS = [
    ("50", "100", "75", False),
    ("50", "100", "100", False),
    ("50", "99.9", "100", True),
    ("50", "100", "125", True),
    ("25", "90", "250", True),
    ("50", "40", "75", False),
    ("50", "40", "100", True),
    ("250", "90", "25", False),
]


@pytest.mark.parametrize(("now", "kg", "mg", "confirmed"), STEPS)
def test_a_raise_by_more_than_the_step_of_the_rules_is_confirmed_by_a_named_person(
    now: str, kg: str, mg: str, confirmed: bool
) -> None:
    """At 40 kg a step is 20 mg: the next dose that the tablets make is one step all the same."""
    events = [*(e for e in steady(mg=now) if e["kind"] != "weight"), weight("2026-02-20", kg)]
    said = told(events, "check-dose", said={"mg_per_day": mg})
    assert (said["details"]["accepted"], said["details"]["confirm"]) == (True, confirmed)
    assert any("times the dose in force" in why for why in said["details"]["because"]) == confirmed
    assert ("contact-prescriber" in said["actions"]) == confirmed
