"""The text of a library: its shape, that an independent engine reads all of it, and that nothing in it is left undeclared."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("cql_sdk", reason="the independent CQL engine (ms-cql-sdk) is not installed")

from click.testing import CliRunner
from cql_sdk.compiler.planner import missing_operators
from cql_sdk.runtime.context import RuntimeContext

from countwell.base.errors import PackError, UsageError
from countwell.cli.packs_export import export
from countwell.cql import facts_library, library, library_name
from countwell.cql.limits import CANNOT_SAY, LESS_STRICT
from countwell.model.pack import Number, Source
from countwell.model.rules import numbers_of
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack, read_text
from countwell.pack.uses import conditions
from cql.engine import PARTS_OF_OTHERS, read
from cql.small import TEXT, small

HERE = Path(__file__).parent
DECLARED = re.compile(r'^(parameter|define) "([^"]+)"', re.MULTILINE)
NAMED = re.compile(r'"([^"]+)"')
COMMENT = re.compile(r"^//.*$", re.MULTILINE)
TEXTS = re.compile(r"'[^']*'")


def pack_named(name):
    return read_pack(find(name))


def test_the_library_of_the_small_pack_is_the_one_that_was_looked_at():
    """When the shape is meant to change: look at the new text, then keep it as this file."""
    assert library(small()) == (HERE / "small-one.cql").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", shipped())
def test_the_engine_reads_every_definition_of_every_pack(name):
    pack = pack_named(name)
    read_library = read(library(pack))
    assert missing_operators(read_library, RuntimeContext.default().operators) <= PARTS_OF_OTHERS
    rules = {f"{table.name}/{rule.name}" for table in pack.tables for rule in table.rules}
    clears = {f"{table.name}/clear" for table in pack.tables if table.clear is not None}
    assert rules | clears <= set(read_library.definitions)
    assert (read_library.identifier.id, read_library.identifier.version) == (library_name(pack), pack.version)


@pytest.mark.parametrize("name", [*shipped(), "small"])
def test_every_name_is_declared_once_and_parameters_stand_before_definitions(name):
    """The grammar of CQL has declarations first, and an engine may leave a name that nobody declared unnoticed."""
    text = COMMENT.sub("", library(small() if name == "small" else pack_named(name)))
    declared = DECLARED.findall(text)
    names = [found for _, found in declared]
    assert len(names) == len(set(names))
    assert set(NAMED.findall(TEXTS.sub("", text))) <= set(names)
    kinds = [kind for kind, _ in declared]
    assert kinds == sorted(kinds, reverse=True)
    assert text.count("\nelse ") + text.count(" else ") >= text.count("case\n")


@pytest.mark.parametrize("name", shipped())
def test_every_number_of_a_condition_stands_with_its_source_and_place(name):
    pack = pack_named(name)
    flat = re.sub(r"\n// *", " ", library(pack))
    numbers = {atom for _, _, condition in conditions(pack) for atom in numbers_of(condition)}
    for number in (pack.numbers[each] for each in numbers):
        verified = "" if number.verified else " (not verified)"
        assert f"{number.source}{verified}: {' '.join(number.at.split())}" in flat, number.name


def test_each_thing_that_cql_cannot_say_stands_at_the_head():
    head = re.sub(r"\n// *", " ", library(small()).partition("\nlibrary ")[0])
    assert all(line in head for line in CANNOT_SAY)


def test_the_manual_lists_what_cql_cannot_say_and_what_is_less_strict():
    manual = (HERE.parents[1] / "docs" / "manual" / "for-integrators.md").read_text(encoding="utf-8")
    under = manual.partition("\n## CQL\n")[2].partition("\n## ")[0]
    assert [line.removeprefix("- ") for line in under.splitlines() if line.startswith("- ")] == [
        *CANNOT_SAY,
        *LESS_STRICT,
    ]


def test_the_same_pack_gives_the_same_text():
    assert library(read_text(TEXT, "x.yaml")) == library(read_text(TEXT, "y.yaml"))


@pytest.mark.parametrize("planted", ['a\ndefine "counts/below": false', "a */ b", "a // b\r\nc"])
def test_what_a_source_is_called_cannot_end_a_comment(planted):
    pack = small()
    source = replace(pack.sources["s"], title=planted)
    text = library(replace(pack, sources={"s": source}))
    assert COMMENT.sub("", text) == COMMENT.sub("", library(replace(pack, sources={"s": Source("s", "t", "k", True)})))


def test_a_number_that_cql_would_round_is_refused():
    pack = small()
    two = pack.numbers["two"]
    assert isinstance(two, Number)
    exact = replace(pack, numbers={**pack.numbers, "two": replace(two, value=two.value.scaleb(-8))})
    assert 'define "two": 0.00000002' in library(exact)
    with pytest.raises(PackError, match="`two` has more places"):
        library(replace(pack, numbers={**pack.numbers, "two": replace(two, value=two.value.scaleb(-9))}))


def test_a_fact_that_is_read_in_two_ways_is_refused():
    with pytest.raises(PackError, match="`rash` is read as yes or no and as words"):
        library(read_text(TEXT.replace("{when: tpmt is poor, words", "{when: rash is poor, words"), "small-one.yaml"))


def test_the_command_prints_the_library_of_a_pack():
    printed = CliRunner().invoke(export, ["cpic", "--cql"])
    assert (printed.exit_code, printed.output) == (0, library(pack_named("cpic")))
    printed = CliRunner().invoke(export, ["cidp", "--cql", "--facts"])
    assert (printed.exit_code, printed.output) == (0, facts_library(pack_named("cidp")))


def test_the_command_writes_both_libraries_of_a_protocol_and_of_each_layer(tmp_path):
    folder = tmp_path / "new"
    written = CliRunner().invoke(export, ["aih", "--cql", "--out", str(folder)])
    expected = {}
    for pack in (pack_named(name) for name in ("aih", *pack_named("aih").layers)):
        expected[str(folder / f"{library_name(pack)}.cql")] = library(pack)
        expected[str(folder / f"{library_name(pack)}_facts.cql")] = facts_library(pack)
    assert written.exit_code == 0
    assert written.output.splitlines() == list(expected)
    assert {path: Path(path).read_text(encoding="utf-8") for path in expected} == expected


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "--cql"),
        (["--cql", "--facts", "--out", "{here}"], "both"),
        (["--cql", "--out", "{here}/file/new"], "cannot be made"),
    ],
)
def test_the_command_says_what_is_wrong_and_writes_nothing(tmp_path, arguments, says):
    (tmp_path / "file").touch()
    refused = CliRunner().invoke(export, ["aih", *(one.format(here=tmp_path) for one in arguments)])
    assert isinstance(refused.exception, UsageError)
    assert says in str(refused.exception)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
