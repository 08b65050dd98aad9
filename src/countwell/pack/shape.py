"""Checks the shape of one mapping against the keys that it may hold, and hands back plain values.

A value of the wrong shape is a fault and is left out; what the names mean is for others to check.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from countwell.pack.faults import Faults, meant
from countwell.pack.keys import SECTIONS, Key
from countwell.pack.strict import Items, Keys, Node, Text
from countwell.pack.words import RESERVED

NAME = re.compile(r"[a-z][a-z0-9_-]*", re.ASCII)
VERSION = re.compile(r"(0|[1-9]\d{0,5})(\.(0|[1-9]\d{0,5})){2}", re.ASCII)
FIGURE = re.compile(r"-?(0|[1-9]\d{0,11})(\.\d{1,9})?", re.ASCII)
_TRUTHS = {"yes": True, "no": False}
_WANTED = {
    "text": "a text",
    "name": "one word",
    "names": "words, such as [cbc, liver]",
    "number": "the name of a number",
    "pair": "the names of two numbers, such as [low, high]",
    "span": "the name of a number",
    "figure": "a number, such as 3.5",
    "condition": "a condition",
    "yes": "yes or no",
    "version": "three whole numbers with points, such as 1.0.0",
    "texts": "a list of texts",
    "keys": "keys with values",
    "named": "names, each with keys and values",
}


class Sheet:
    """The values of one mapping by key, each of the shape that its key asks for; a key that is absent is empty.

    line: where the mapping begins. `line_of` tells where a key stands.
    """

    def __init__(self, line: int, values: Mapping[str, Any], lines: Mapping[str, int]) -> None:
        self.line = line
        self._values = values
        self._lines = lines

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def line_of(self, key: str) -> int:
        """Where a key stands, or where the mapping begins."""
        return self._lines.get(key, self.line)

    def value(self, key: str, default: object) -> object:
        """Whatever a key holds."""
        return self._values.get(key, default)

    def text(self, key: str) -> str:
        """A text or a name; empty if absent."""
        value: str = self._values.get(key, "")
        return value

    def maybe(self, key: str) -> str | None:
        """A text or a name; None if absent."""
        value: str | None = self._values.get(key)
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """Words or texts; none if absent."""
        value: tuple[str, ...] = self._values.get(key, ())
        return value

    def yes(self, key: str, default: bool = False) -> bool:
        """Yes or no."""
        value: bool = self._values.get(key, default)
        return value

    def node(self, key: str) -> Node | None:
        """What is read elsewhere."""
        value: Node | None = self._values.get(key)
        return value

    def entries(self, key: str) -> Mapping[str, Node]:
        """What a mapping holds, by name; nothing if absent."""
        value = self._values.get(key)
        return value.of if isinstance(value, Keys) else {}


def sheet(node: Node, section: str, what: str, faults: Faults) -> Sheet:
    """The values of a mapping of this section. what: how it is called in a fault, such as "number `wbc_low`"."""
    known = SECTIONS[section]
    if not isinstance(node, Keys):
        faults.add(node.line, f"{what}: keys with values are wanted.", f"Its keys: {', '.join(known)}.")
        return Sheet(node.line, {}, {})
    _unknown_keys(node, known, what, faults)
    _missing_keys(node, known, what, faults)
    values = {key: _value(node.of[key], known[key], f"{what}, `{key}`", faults) for key in known if key in node.of}
    present = {key: value for key, value in values.items() if value is not None}
    return Sheet(node.line, present, {key: value.line for key, value in node.of.items()})


def _unknown_keys(node: Keys, known: Collection[str], what: str, faults: Faults) -> None:
    for key in node.of.keys() - known:
        faults.add(node.of[key].line, f"{what}: there is no key `{key}`.", meant(key, known))


def _missing_keys(node: Keys, known: Mapping[str, Key], what: str, faults: Faults) -> None:
    for name, key in known.items():
        if key.needed and name not in node.of:
            faults.add(node.line, f"{what} has no `{name}`.", f"Add `{name}:` ({key.says}).")


def _value(node: Node, key: Key, what: str, faults: Faults) -> Any:
    value = plain(node, key.holds)
    if value is None:
        faults.add(node.line, f"{what}: {_WANTED[key.holds]} is wanted.", _found(node))
        return None
    for word in (value,) if isinstance(value, str) else value if key.words else ():
        if key.words and word not in key.words:
            faults.add(node.line, f"{what}: there is no word `{word}` here.", meant(word, key.words))
            return None
    return value


def _found(node: Node) -> str:
    match node:
        case Text(text) if text:
            return f"Found: {text[:60]}"
        case Text():
            return "It is empty."
        case Items():
            return "Found a list."
        case Keys():
            return "Found keys with values."


def plain(node: Node, holds: str) -> Any:
    """The value of a node that holds such a thing, None if it does not."""
    match holds, node:
        case "free", _:
            return node
        case "keys" | "named", Keys():
            return node
        case "names", Text() | Items():
            return _words(node)
        case "texts", Items(of) if all(isinstance(item, Text) and item.text for item in of):
            return tuple(item.text for item in of if isinstance(item, Text))
        case "pair", Items(of) if len(of) == 2:
            return _words(node)
        case "yes", Text(text):
            return _TRUTHS.get(text)
        case _, Text(text):
            return _scalar(text, holds)
    return None


def _scalar(text: str, holds: str) -> Any:
    match holds:
        case "name" | "number" | "span":
            return text if NAME.fullmatch(text) else None
        case "version":
            return text if VERSION.fullmatch(text) else None
        case "figure":
            return Decimal(text) if FIGURE.fullmatch(text) else None
        case "text" | "condition":
            return text.strip() or None
    return None


def _words(node: Node) -> tuple[str, ...] | None:
    items = node.of if isinstance(node, Items) else (node,)
    words = tuple(item.text for item in items if isinstance(item, Text) and NAME.fullmatch(item.text))
    return words if len(words) == len(items) else None


def named(nodes: Mapping[str, Node], what: str, faults: Faults) -> Mapping[str, Node]:
    """The entries again; a fault for each name that is not well formed, or that means something in conditions."""
    for name, node in nodes.items():
        if not NAME.fullmatch(name):
            faults.add(node.line, f"{what} `{name}`: that is no name.", "Names: small letters, digits, - and _.")
        elif name in RESERVED:
            faults.add(node.line, f"{what} `{name}`: that word has a meaning in conditions.", "Choose another name.")
    return nodes
