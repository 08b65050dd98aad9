"""A ceiling below the target: the highest dose that the tablets make up to it is offered, and no target is shown beside it."""

from __future__ import annotations

import pytest

from generative.making import Json, record, steady, told

ALLOPURINOL = {"kind": "medicine", "name": "allopurinol", "from": "2026-02-20"}
FIFTY = {"form": "tablet", "strength_mg": "50", "scored": True}
TWENTY_FIVE = {"form": "tablet", "strength_mg": "25", "scored": False}
SCORED_TWENTY_FIVE = {**TWENTY_FIVE, "scored": True}


def dose(*products: Json) -> Json:
    """What `dose` says of 150 mg a day at 70 kg beside allopurinol: a quarter is 37.5 mg."""
    sent = record([*steady(), ALLOPURINOL])
    return told({**sent, "course": {**sent["course"], "products": list(products), "may_halve": True}}, "dose")


@pytest.mark.parametrize(
    ("products", "offered"),
    [((FIFTY,), ["25"]), ((TWENTY_FIVE,), ["25"]), ((FIFTY, SCORED_TWENTY_FIVE), ["37.5"]), (({**FIFTY, "scored": False},), [])],
    ids=["below the quarter", "whole tablets alone", "exactly the quarter", "no tablet small enough"],
)  # fmt: skip
def test_beside_allopurinol_the_most_that_the_tablets_make_up_to_a_quarter_is_offered(
    products: tuple[Json, ...], offered: list[str]
) -> None:
    details = dose(*products)["details"]
    assert [option["mg_per_day"] for option in details["options"]] == offered
    assert all(option["below_target"] for option in details["options"])
    assert (details["range_mg_per_day"], details["plan"]) == (None, [])
    assert details["because"][0].startswith("not above 37.5 mg a day, below the target: Allopurinol")


def test_what_is_offered_is_accepted_and_the_next_higher_is_not() -> None:
    sent = record([*steady(), ALLOPURINOL])
    sent["course"] |= {"products": [FIFTY, SCORED_TWENTY_FIVE], "may_halve": True}
    accepted = [
        told(sent, "check-dose", said={"mg_per_day": [mg]})["details"]["accepted"] for mg in ("25", "37.5", "50")
    ]
    assert accepted == [True, True, False]


def test_the_headline_names_the_dose_and_each_sentence_once() -> None:
    headline = dose(FIFTY)["headline"]
    assert headline.startswith("Dose that can be given: 25 mg a day. ")
    assert headline.count("marrow failure within weeks") == 1
