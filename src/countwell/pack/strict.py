"""Strict YAML: every scalar is text, every value knows its line, and nothing clever is allowed.

Refused: a key that stands twice, keys that are not words, anchors, aliases, tags, tabs, invisible characters, a second
document. Knows nothing of packs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast

import yaml

from countwell.pack.faults import Faults

LARGEST_BYTES = 2_000_000
DEEPEST = 12

# Tabs, control characters, other line ends, and characters that nobody sees or that turn the order of what is seen.
_HIDDEN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]|\r(?!\n)"
)

_HINTS = (
    (re.compile("[“”„‘’]"), "Curly quotation marks do not count: type straight ones."),
    (re.compile("\u00a0"), "It holds a no-break space: type a plain one."),
    (re.compile(r"[:\[,{]\s*[%@`]"), 'Put it in quotation marks: "%".'),
    (
        re.compile(r": .*[^\s\"'{}\[\]]: |: .*[^\s\"']: "),
        "A text with a colon, a comma or a brace stands in quotation marks.",
    ),
    (re.compile(r"[{\[]"), "Look for a bracket, a comma or a quotation mark that is missing."),
    (re.compile(r""), "Look at the indentation, here and one line above: two spaces for each step."),
)


@dataclass(slots=True)
class Text:
    """A scalar, as written."""

    text: str
    line: int


@dataclass(slots=True)
class Items:
    """A list."""

    of: tuple[Node, ...]
    line: int


@dataclass(slots=True)
class Keys:
    """A mapping; each value bears the line of its key."""

    of: dict[str, Node]
    line: int


Node: TypeAlias = Text | Items | Keys


def decoded(content: bytes, faults: Faults) -> str | None:
    """The text of a file, or None (with the reason among the faults) if it is too large or not UTF-8."""
    if len(content) > LARGEST_BYTES:
        faults.add(1, f"the file is larger than {LARGEST_BYTES} bytes.", "Split it into a protocol and layers.")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        faults.add(line, "the file is not UTF-8.", "Save it as UTF-8 in your editor.")
        return None


def tree(text: str, faults: Faults) -> Keys | None:
    """The mapping that a text holds, or None if it cannot be read at all; what is wrong is among the faults."""
    if _hidden(text, faults):
        return None
    try:
        node = _Composer(text, faults).document()
    except yaml.MarkedYAMLError as error:
        _not_yaml(error, text.split("\n"), faults)
        return None
    if isinstance(node, Keys):
        return node
    faults.add(1, "this is no pack.", "A pack begins with `pack: NAME`.")
    return None


def _hidden(text: str, faults: Faults) -> bool:
    if not _HIDDEN.search("".join(set(text) - {"\n"})):  # quick: each character once
        return False
    found = [(number, match) for number, line in _lines(text) if (match := _HIDDEN.search(line))]
    for number, match in found:
        _add_hidden(match.group(), number, faults)
    return bool(found)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(io.StringIO(text, newline="\n"), start=1)


def _add_hidden(character: str, line: int, faults: Faults) -> None:
    if character == "\t":
        faults.add(line, "a tab.", "Use spaces.")
    else:
        faults.add(line, f"an invisible character (U+{ord(character):04X}).", "Take it out.")


def _not_yaml(error: yaml.MarkedYAMLError, lines: list[str], faults: Faults) -> None:
    mark = error.problem_mark or error.context_mark
    number = min(mark.line if mark else 0, len(lines) - 1)
    beginning = lines[number][:200]
    hint = next(says for pattern, says in _HINTS if pattern.search(beginning))
    faults.add(number + 1, f"this cannot be read: {error.problem or error.context}.", hint)


class _Composer:
    """Builds the tree from the parser's events."""

    def __init__(self, text: str, faults: Faults) -> None:
        # The end of the stream is always seen, so there always is a next event.
        self._next = cast(Callable[[], yaml.Event], yaml.CSafeLoader(text).get_event)
        self._escapes = "\\" in text  # with which quoted texts may hold what the file does not
        self._faults = faults

    def document(self) -> Node | None:
        """The one document of the text, None if it is empty."""
        self._next()  # the stream begins
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        node = self._node(self._next(), 0)
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            self._faults.add(_line(after), "a second document begins here.", "Take out the line `---`.")
        return node

    def _node(self, event: yaml.Event, depth: int, line: int = 0) -> Node:
        line = line or _line(event)
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor or event.tag or (self._escapes and event.style == '"'):
                self._refuse(event, line)
            return Text(event.value, line)
        if not isinstance(event, yaml.CollectionStartEvent):
            self._faults.add(line, "an alias (*).", "Write the value out again.")
            return Text("", line)
        self._refuse(event, line)
        if depth == DEEPEST:
            raise yaml.MarkedYAMLError(problem="brackets in brackets without end", problem_mark=_mark(event))
        return self._keys(line, depth) if isinstance(event, yaml.MappingStartEvent) else self._items(line, depth)

    def _refuse(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, line: int) -> None:
        if event.anchor:
            self._faults.add(line, f"an anchor (&{event.anchor}).", "Take it out; write the value where it is used.")
        if event.tag:
            self._faults.add(line, f"a tag ({event.tag}).", "Take it out: what a value is follows from its key.")
        if isinstance(event, yaml.ScalarEvent) and (match := _HIDDEN.search(event.value)):
            _add_hidden(match.group(), line, self._faults)

    def _items(self, line: int, depth: int) -> Items:
        items: list[Node] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Items(tuple(items), line)

    def _keys(self, line: int, depth: int) -> Keys:
        keys: dict[str, Node] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            value = self._node(self._next(), depth + 1, key.line)
            if isinstance(key, Text) and key.text not in keys and key.text != "<<":
                keys[key.text] = value
            else:
                self._refuse_key(keys, key)
        return Keys(keys, line)

    def _refuse_key(self, keys: dict[str, Node], key: Node) -> None:
        if not isinstance(key, Text):
            self._faults.add(key.line, "a key that is not a word.", "Put texts with brackets in quotation marks.")
        elif key.text == "<<":
            self._faults.add(key.line, "a merge (<<).", "Write the keys out.")
        else:
            first = keys[key.text].line
            self._faults.add(key.line, f"`{key.text}` stands twice (first in line {first}).", "Keep one.")


def _mark(event: yaml.Event) -> yaml.Mark:
    """Where an event begins; the parser knows it of every event."""
    return cast(yaml.Mark, event.start_mark)


def _line(event: yaml.Event) -> int:
    return _mark(event).line + 1
