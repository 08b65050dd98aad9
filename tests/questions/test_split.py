"""A dose that no day can have is not divided but refused, as `check-dose` refuses it."""

import pytest

from generative.making import Json, decision, steady, told

SPLIT = [
    ("50", ["25", "25"]),
    ("150", ["75", "75"]),
    ("200", ["100", "100"]),
    ("225", None),
    ("1500", None),
    ("76", None),
]


@pytest.mark.parametrize(("mg", "parts"), SPLIT)
def test_an_impossible_dose_is_refused_and_not_divided(mg: str, parts: list[str] | None) -> None:
    said = told(steady(), "split", said={"mg_per_day": mg})
    assert said["details"]["parts_mg"] == (parts or [])
    assert ("split-dose" in said["actions"], "refuse-dose" in said["actions"]) == (parts is not None, parts is None)
    if parts is None:
        assert said["headline"].startswith(f"{mg} mg a day is refused: ")
        assert said["details"]["because"]


@pytest.mark.parametrize("halt", [decision("hold", "2026-03-01"), decision("stop", "2026-03-01", reason="liver")])
def test_under_a_hold_or_stop_the_dose_is_not_the_question(halt: Json) -> None:
    said = told([*steady(), halt], "split", said={"mg_per_day": "1500"})
    assert "refuse-dose" not in said["actions"]
    assert said["details"]["parts_mg"] == []
