"""JSON read strictly: no key twice, no NaN, no endless nesting, and every number kept as the text that was sent.

Knows nothing of records. What cannot be read is a `RecordError` that says where.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import NoReturn, TypeAlias

from countwell.base.errors import RecordError
from countwell.exchange.limits import DEEPEST_NESTING, LARGEST_BYTES


class NumberText(str):
    """A JSON number, as the text it was sent as: `3.0` stays `3.0`."""

    __slots__ = ()


Node: TypeAlias = "bool | str | NumberText | list[Node] | dict[str, Node] | None"


def parse(data: bytes | str) -> Node:
    """The value of a JSON text. Raises RecordError for anything that is not strictly JSON, or too large, or too deep."""
    text = decoded(data)
    try:
        value = json.loads(
            text,
            parse_float=NumberText,
            parse_int=NumberText,
            parse_constant=_not_a_number,
            object_pairs_hook=_without_repeats,
        )
    except RecursionError as error:
        raise RecordError("the input is nested too deeply.") from error
    except json.JSONDecodeError as error:
        raise RecordError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    return value if _is_shallow_and_plain(text) else checked(value)


def _is_shallow_and_plain(text: str) -> bool:
    """Whether a text of JSON can neither be nested too deeply nor hold half a character, whatever it says."""
    return text.count("{") + text.count("[") < DEEPEST_NESTING and text.isascii() and "\\u" not in text


PACKED = (b"\x1f\x8b", b"PK")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def decoded(data: bytes | str) -> str:
    """`data` as text: UTF-8, with or without a byte order mark. Raises RecordError if it is too large or not UTF-8."""
    refuse_size(len(data))
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    if data[:2] in PACKED:
        raise RecordError("it is packed (gzip, zip). Unpack it first.")
    if data[:2] in UTF_16:
        raise RecordError("it is UTF-16. Send it as UTF-8.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordError(f"not UTF-8: the byte at {error.start} cannot be read. Send it as UTF-8.") from error


def refuse_size(size: int) -> None:
    """Raises RecordError if so many bytes are more than is read."""
    if size > LARGEST_BYTES:
        raise RecordError(f"the input is larger than {LARGEST_BYTES} bytes. Send one patient at a time.")


def _not_a_number(word: str) -> NoReturn:
    raise RecordError(f"{word} is no number. Leave the value out, or send null.")


def _without_repeats(pairs: list[tuple[str, Node]]) -> dict[str, Node]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RecordError(
            f"the key {json.dumps(twice[:100])} stands twice in one object. Nobody can say which is meant."
        )
    return found


PLAIN = (str, bool, NumberText)


def plain(value: object) -> Node:
    """A Python value as `parse` would have given it: numbers as texts. Raises RecordError for what JSON does not have."""
    if value is None or type(value) in PLAIN:
        return value  # type: ignore[return-value]
    match value:
        case str():
            return str(value)
        case int() | Decimal():
            return _finite(str(value))
        case float():
            return _finite(repr(value))
        case list() | tuple():
            return [plain(item) for item in value]
        case dict() if all(isinstance(name, str) for name in value):
            return {str(name): plain(item) for name, item in value.items()}
        case _:
            raise RecordError(f"a {type(value).__name__} stands in it, which JSON does not have.")


def plain_document(value: object) -> Node:
    """`plain` for a whole document, with the same limits as `parse`."""
    try:
        return checked(plain(value))
    except (RecursionError, ValueError) as error:
        raise RecordError("the input is nested too deeply, or holds a number of thousands of digits.") from error


def _finite(text: str) -> NumberText:
    if not Decimal(text).is_finite():
        _not_a_number(text)
    return NumberText(text)


def checked(value: Node) -> Node:
    """The value itself, once it is known not to be nested too deeply and to hold only text that can be written."""
    containers: list[Node] = [[value]]
    for _ in range(DEEPEST_NESTING):
        children = [child for node in containers for child in _children(node)]
        for child in children:
            if isinstance(child, str) and not child.isascii():
                _refuse_half_characters(child)
        containers = [child for child in children if isinstance(child, (dict, list)) and child]
        if not containers:
            return value
    raise RecordError(f"the input is nested deeper than {DEEPEST_NESTING} levels.")


def _children(node: Node) -> Sequence[Node]:
    match node:
        case dict():
            return [*node, *node.values()]
        case list():
            return node
        case _:
            return ()


def _refuse_half_characters(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise RecordError("a text holds half a character (a lone surrogate). Send it as UTF-8.") from error


def written(node: Node) -> str:
    """A value as JSON text; a `NumberText` becomes the number it says, digit for digit."""
    match node:
        case NumberText():
            return str(node)
        case dict():
            return "{" + ", ".join(f"{json.dumps(name)}: {written(value)}" for name, value in node.items()) + "}"
        case list():
            return "[" + ", ".join(map(written, node)) + "]"
        case _:
            return json.dumps(node, ensure_ascii=False)
