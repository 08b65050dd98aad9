"""Packs side by side: read off the rules, no figure without a source and a place, what several say once."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from countwell.cli.packs import packs as packs_command
from countwell.engine.features import features
from countwell.model.pack import Pack
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.pack.uses import rules
from countwell.paper.guidelines import Line, markdown, page, side_by_side
from house.source import ROOT
from packs.sample import pack

DOCUMENT = ROOT / "docs" / "guidelines.md"


def read(name: str) -> Pack:
    return read_pack(find(name))


def said(*packs: Pack) -> dict[str, list[Line]]:
    return dict(side_by_side(packs))


@pytest.mark.parametrize("name", shipped())
def test_every_figure_of_a_pack_has_a_source_and_a_place(name: str) -> None:
    for feature in features(read(name)):
        if re.search(r"\d", feature.says) and feature.subject not in ("For", "Goes with"):
            assert feature.sources, feature
            assert all(source.id and source.at for source in feature.sources), feature


@pytest.mark.parametrize("name", shipped())
def test_every_number_that_a_rule_acts_on_is_among_the_features(name: str) -> None:
    found = read(name)
    text = "\n".join(feature.says for feature in features(found))
    wanted = {
        f"{found.numbers[rule.dose.ceiling].value:f}" for _, rule in rules(found) if rule.dose and rule.dose.ceiling
    }
    wanted |= {str(found.numbers[rule.due.every].duration) for _, rule in rules(found) if rule.due and rule.due.every}
    assert [value for value in wanted if value not in text] == []


def test_what_two_packs_say_alike_stands_once_with_both_places() -> None:
    lines = said(read("bsr-2017"), read("nhs-sps"))["White cells"]
    assert [(line.packs, line.says.partition(":")[0]) for line in lines] == [("all", "below 3.5 10*9/L")]
    assert "bsr-2017: dg: withhold and telephone" in lines[0].places
    assert "nhs-sps: spsmp: abnormal results" in lines[0].places


def test_a_pack_that_is_silent_on_a_subject_is_named() -> None:
    lines = said(read("cidp"), read("us-label"), read("bsr-2017"))["White cells"]
    assert (lines[-1].says, lines[-1].packs) == ("nothing said", "us-label")


def test_what_is_recalled_says_so() -> None:
    (line,) = said(read("neurology-uk"))["First dose"]
    assert line.places == "abn15: azathioprine (not verified)"


def test_a_changed_number_is_a_difference() -> None:
    other = pack(("value: 3.5", "value: 3.2"), ("pack: ward", "pack: other"))
    lines = said(pack(), other)["White cells"]
    assert [line.packs for line in lines] == ["ward", "other"]
    assert lines[0].says.startswith("below 3.5 10*9/L")
    assert lines[1].says.startswith("below 3.2 10*9/L")


def test_a_rule_on_several_facts_stands_under_its_table_with_its_whole_condition() -> None:
    lines = said(read("cidp"))["Reaction"]
    assert any("fever is at or above 38.0 Cel or jaundice" in line.says for line in lines)


def test_a_condition_of_the_course_is_said_in_a_word() -> None:
    tests = [line.says for line in said(read("cidp"))["Tests"]]
    assert "blood count and liver tests every 4 weeks (before the start)" in tests
    assert "blood count and liver tests every 1 month (on treatment)" in tests


def test_the_command_prints_a_table_and_writes_a_page(tmp_path) -> None:
    file = tmp_path / "page.html"
    run = CliRunner().invoke(packs_command, ["compare", "bsr-2017", "ibd-uk"], catch_exceptions=False)
    assert run.exit_code == 0
    assert "stop azathioprine" in " ".join(run.output.split())
    CliRunner().invoke(packs_command, ["compare", "bsr-2017", "ibd-uk", "--html", str(file)], catch_exceptions=False)
    assert file.read_text(encoding="utf-8") == page([read("bsr-2017"), read("ibd-uk")])


def test_the_document_is_what_the_packs_say_now() -> None:
    """Written by: countwell packs compare --all --markdown > docs/guidelines.md"""
    assert DOCUMENT.read_text(encoding="utf-8") == markdown([read(name) for name in shipped()])
