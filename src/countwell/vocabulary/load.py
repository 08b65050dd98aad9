"""Reads one list of this package: YAML in which every scalar is text and nothing may stand twice.

Knows nothing of what the lists mean. A fault in a list is a fault of Countwell, so it is a `ValueError`, not a refusal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

import yaml

Node: TypeAlias = "str | list[Node] | dict[str, Node]"

_DATA = Path(__file__).with_name("data")


@cache
def read_list(name: str) -> dict[str, Node]:
    """The list `name` (`data/name.yaml`) as text, lists and mappings; an empty value is the empty text.

    Raises ValueError, with file and line, for a key that stands twice.
    """
    path = _DATA / f"{name}.yaml"
    return parse(path.read_text(encoding="utf-8"), path.name)


def parse(text: str, where: str) -> dict[str, Node]:
    """`text` as a strict mapping; `where` names it in a fault.

    >>> parse("a: 1.0", "x")
    {'a': '1.0'}
    """
    node = _plain(yaml.compose(text, yaml.CSafeLoader), where)
    if not isinstance(node, dict):
        raise ValueError(f"{where}: not a mapping.")
    return node


def _plain(node: yaml.Node | None, where: str) -> Node:
    match node:
        case yaml.ScalarNode():
            return str(node.value)
        case yaml.SequenceNode():
            return [_plain(item, where) for item in node.value]
        case yaml.MappingNode():
            return _mapping(node, where)
        case _:
            raise ValueError(f"{where}: empty.")


def _mapping(node: yaml.MappingNode, where: str) -> dict[str, Node]:
    plain: dict[str, Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in plain:
            raise ValueError(f"{where}:{key.start_mark.line + 1}: the key {key.value!r} stands twice, or is no word.")
        plain[key.value] = _plain(value, where)
    return plain


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: its name and its fields. An absent field is empty; an unexpected one is a fault."""

    name: str
    fields: Mapping[str, Node]

    def only(self, *expected: str) -> Row:
        """The row itself, once every field is one of `expected`."""
        if unknown := set(self.fields) - set(expected):
            raise ValueError(f"{self.name}: unknown fields {sorted(unknown)}.")
        return self

    def text(self, field: str, default: str = "") -> str:
        """A field that is one text."""
        match self.fields.get(field, default):
            case str(text):
                return text
            case other:
                raise ValueError(f"{self.name}.{field}: a text is wanted, not {other!r}.")

    def texts(self, field: str) -> tuple[str, ...]:
        """A field that is a list of texts."""
        match self.fields.get(field, []):
            case list(items) if all(isinstance(item, str) for item in items):
                return tuple(str(item) for item in items)
            case other:
                raise ValueError(f"{self.name}.{field}: a list of texts is wanted, not {other!r}.")

    def mapping(self, field: str) -> dict[str, str]:
        """A field that maps text to text."""
        return {key: self.row(field).text(key) for key in self.row(field).fields}

    def row(self, field: str) -> Row:
        """A field that is itself a row."""
        match self.fields.get(field, {}):
            case dict(fields):
                return Row(f"{self.name}.{field}", fields)
            case other:
                raise ValueError(f"{self.name}.{field}: a mapping is wanted, not {other!r}.")

    def rows(self, field: str) -> Iterator[Row]:
        """A field that is a list of rows, named by their places."""
        match self.fields.get(field, []):
            case list(items):
                for place, item in enumerate(items):
                    yield Row(self.name, {field: item}).row(field).renamed(f"{self.name}.{field}[{place}]")
            case other:
                raise ValueError(f"{self.name}.{field}: a list is wanted, not {other!r}.")

    def renamed(self, name: str) -> Row:
        """The same fields under another name."""
        return Row(name, self.fields)


def rows(name: str) -> Iterator[Row]:
    """The entries of the list `name`, in the order of the file."""
    listed = Row(name, read_list(name))
    return (listed.row(entry).renamed(entry) for entry in listed.fields)
