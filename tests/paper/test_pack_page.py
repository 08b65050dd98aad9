"""A pack as a page: every rule, number, case and source of it stands there, and the proof says where it comes from."""

from __future__ import annotations

import re
from html import unescape

import pytest
from click.testing import CliRunner

from countwell.cli.packs import packs as packs_command
from countwell.engine.sentences import number_in_words, table_in_words
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.paper.pack_page import NOT_PROVEN, pack_page
from countwell.paper.plain import said


def text_of(markup: str) -> str:
    """What a reader sees, with single blanks."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", markup)).split())


@pytest.mark.parametrize("name", shipped())
def test_everything_that_a_pack_holds_stands_on_its_page(name: str) -> None:
    pack = read_pack(find(name))
    seen = text_of(pack_page(pack))
    wanted = [sentence for table in pack.tables for _, sentence, _ in table_in_words(pack, table)]
    wanted += [places for table in pack.tables for _, _, places in table_in_words(pack, table)]
    wanted += [f"{said(number.name.replace('_', ' '))} {number_in_words(number)}" for number in pack.numbers.values()]
    wanted += [case.name for case in pack.cases]
    wanted += [source.title for source in pack.sources.values()]
    wanted += [reading.because for reading in pack.readings.values()]
    wanted += [statement.says for statement in (*pack.statements, *pack.gaps)]
    assert [text for text in wanted if " ".join(text.split()) not in seen] == []


def test_without_a_prover_the_page_says_so() -> None:
    pack = read_pack(find("white-cells-published"))
    assert text_of(pack_page(pack)).count(NOT_PROVEN) == len(pack.tables)


def test_the_command_writes_the_page_with_what_the_prover_said(tmp_path) -> None:
    file = tmp_path / "page.html"
    CliRunner().invoke(packs_command, ["show", "cpic", "--html", str(file)], catch_exceptions=False)
    seen = text_of(file.read_text(encoding="utf-8"))
    assert "Holds: every patient meets a rule or `clear`" in seen
    assert NOT_PROVEN not in seen


def test_a_draft_is_not_for_use() -> None:
    assert "Draft, not for clinical use" in text_of(pack_page(read_pack(find("cpic"))))
