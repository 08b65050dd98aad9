"""The loader keeps text as text and refuses what stands twice; every list of the package loads and says what it means."""

from pathlib import Path

import pytest
import yaml

import countwell.vocabulary.load as load
from countwell.vocabulary.load import Row, parse, read_list

LISTS = sorted(path.stem for path in Path(load.__file__).with_name("data").glob("*.yaml"))


def test_every_scalar_stays_text() -> None:
    text = "a: 1.0\nb: no\nc: 2026-01-01\nd: 010\ne:\nf: [yes, 1e3]\ng: ~"
    assert parse(text, "x") == {
        "a": "1.0",
        "b": "no",
        "c": "2026-01-01",
        "d": "010",
        "e": "",
        "f": ["yes", "1e3"],
        "g": "~",
    }


@pytest.mark.parametrize("text", ["a: 1\na: 2", "a:\n  b: 1\n  b: 2", "- a", "a", "", "? [a]\n: b"])
def test_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text, "x")


def test_a_key_that_stands_twice_is_named_with_its_line() -> None:
    with pytest.raises(ValueError, match="x:3"):
        parse("a: 1\nb: 2\na: 3", "x")


def test_a_row_refuses_unknown_fields_and_wrong_shapes() -> None:
    row = Row("r", {"a": "1", "b": ["x"], "c": {"d": "2"}})
    assert (row.text("a"), row.texts("b"), row.mapping("c")) == ("1", ("x",), {"d": "2"})
    assert (row.text("z"), row.texts("z"), row.mapping("z"), list(row.rows("z"))) == ("", (), {}, [])
    for wrong in (
        lambda: row.only("a"),
        lambda: row.text("b"),
        lambda: row.texts("a"),
        lambda: row.row("a"),
        lambda: list(row.rows("a")),
    ):
        with pytest.raises(ValueError):
            wrong()


@pytest.mark.parametrize("name", LISTS)
def test_every_list_loads_without_aliases_or_tags(name: str) -> None:
    assert read_list(name)
    text = (Path(load.__file__).with_name("data") / f"{name}.yaml").read_text(encoding="utf-8")
    events = list(yaml.parse(text))
    assert not [event for event in events if isinstance(event, yaml.AliasEvent)]
    assert not [event for event in events if getattr(event, "tag", None) or getattr(event, "anchor", None)]


def test_a_missing_list_is_a_file_error() -> None:
    with pytest.raises(FileNotFoundError):
        read_list("no-such-list")
