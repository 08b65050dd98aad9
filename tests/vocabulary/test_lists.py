"""The plain lists, and all lists as rows for `countwell vocabulary`."""

from decimal import Decimal
from typing import get_args

import pytest

from countwell.vocabulary.codes import Refused
from countwell.vocabulary.listing import listing, lists
from countwell.vocabulary.lists import (
    ListName,
    doses_per_day,
    entries,
    is_classified,
    is_covered,
    named,
    of_code,
    strength_mg,
)

HISTORIES = """pancreatitis hypersensitivity jaundice nodular-regenerative-hyperplasia veno-occlusive-disease lymphoma
skin-cancer cancer severe-liver-disease bone-marrow-disease alkylator-use hypersplenism hepatitis-b""".split()
CIRCUMSTANCES = """pregnant breast-feeding trying-to-conceive fathering surgery-planned admitted intravenous-antibiotics
infection-severe transfused fasting""".split()
REASONS = "leucopenia liver pancreatitis hypersensitivity infection pregnancy no-effect patient other".split()
TOPICS = "alcohol food milk sun storage surgery dentist contraception".split()


def test_what_packs_and_records_name_is_listed() -> None:
    assert set(HISTORIES) <= set(entries("histories"))
    assert set(CIRCUMSTANCES) <= set(entries("circumstances"))
    assert set(REASONS) == set(entries("reasons"))
    assert set(TOPICS) <= set(entries("lifestyle"))


@pytest.mark.parametrize("name", get_args(ListName))
def test_every_entry_is_found_by_all_its_names(name: ListName) -> None:
    for entry in entries(name).values():
        for text in (entry.name, entry.display, entry.name.upper(), *entry.also):
            assert named(name, text) == entry.name
    assert named(name, "no such thing") is None


def test_conditions() -> None:
    assert is_covered("cidp")
    assert not is_covered("kidney-transplant")
    assert of_code("conditions", "http://snomed.info/sct", "128209004") == "cidp"
    assert of_code("conditions", "http://hl7.org/fhir/sid/icd-10-cm", "G70.00") == "mg"
    assert of_code("conditions", "sct", "64766004", "Ulcerative colitis") == "ulcerative-colitis"
    assert isinstance(of_code("conditions", "sct", "64766004", "Peptic ulcer"), Refused)
    assert isinstance(of_code("conditions", "sct", "64766004", "Crohn's disease"), Refused)
    assert of_code("conditions", "sct", "1") is None
    assert named("conditions", "Myasthenia Gravis") == "mg"


def test_reasons() -> None:
    assert named("reasons", "leukopenia") == "leucopenia"
    assert named("reasons", "jaundice") is None
    assert is_classified("liver")
    assert not is_classified("other")


def test_products() -> None:
    scored = [entry.name for entry in entries("products").values() if entry.facts["scored"] == "yes"]
    assert scored == ["azathioprine-50-scored"]
    assert strength_mg("azathioprine-25") == Decimal(25)
    assert strength_mg("azathioprine-suspension") is None
    assert of_code("products", "rxnorm", "105611") == "azathioprine-50-scored"


def test_frequencies() -> None:
    assert doses_per_day("once daily") == 1
    assert named("frequencies", "BID") == "twice daily"
    assert doses_per_day("twice daily") == 2
    assert doses_per_day("weekly") is None
    assert "methotrexate" in entries("frequencies")["weekly"].facts["refused"]


@pytest.mark.parametrize("name", lists())
def test_every_list_is_rows_as_long_as_its_headings(name: str) -> None:
    headings, *body = listing(name)
    assert body
    assert all(len(row) == len(headings) for row in body)
    assert all(isinstance(cell, str) for row in body for cell in row)


def test_the_lists_that_the_command_names() -> None:
    wanted = "tests units medicines vaccines symptoms reasons conditions histories circumstances products groups genes"
    assert {*wanted.split(), "lifestyle"} <= set(lists())
    with pytest.raises(KeyError):
        listing("no-such-list")


def test_the_units_list_has_every_spelling_of_every_test() -> None:
    rows = {(row[0], row[1]) for row in listing("units")}
    assert {("wbc", "K/uL"), ("platelets", "lakhs/cumm"), ("hb", "g/dL"), ("alt", "µkat/L")} <= rows
    assert ("wbc", "lakhs/cumm") not in rows
