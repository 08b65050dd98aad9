"""The JSON Schema of packs, for editors: made from the same key tables that the reader goes by.

`python -m countwell.pack.schema` writes it anew. An editor that knows it completes keys and underlines what is unknown; what
names mean, and whether they exist, only `countwell packs check` can tell.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from countwell.pack.keys import SECTIONS, Key
from countwell.pack.kinds import KINDS, WORDS, Kind
from countwell.pack.shape import FIGURE, NAME, VERSION

FILE = Path(__file__).resolve().parents[1] / "schemas" / "pack.schema.json"

Schema = dict[str, Any]

_TEXT: Schema = {"type": ["string", "number", "boolean"]}
_YES: Schema = {"enum": ["yes", "no", True, False]}


def schema() -> Schema:
    """The whole schema."""
    sections = {_id(name): _section(name) for name in SECTIONS if name != "pack"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Countwell pack",
        "description": "What one source says on azathioprine treatment, as rules. See packs/README.md.",
        **_section("pack"),
        "$defs": {
            "name": {"type": "string", "pattern": _whole(NAME.pattern)},
            "names": {"anyOf": [_ref("name"), {"type": "array", "items": _ref("name")}]},
            "fact": {"anyOf": [_fact(name, kind) for name, kind in KINDS.items()]},
            **sections,
        },
    }


def text() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _id(section: str) -> str:
    return section.replace(" ", "-")


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{_id(name)}"}


def _whole(pattern: str) -> str:
    return f"^({pattern})$"


def _section(name: str) -> Schema:
    keys = SECTIONS[name]
    return {
        "type": "object",
        "properties": {word: {"description": key.says, **_property(name, word, key)} for word, key in keys.items()},
        "required": [word for word, key in keys.items() if key.needed],
        "additionalProperties": _ref("rule") if name == "table" else False,
    }


def _property(section: str, word: str, key: Key) -> Schema:
    match key.holds:
        case "keys":
            return _ref(key.of)
        case "named":
            return _named(word, key)
        case "free":
            return _FREE[section, word]
        case "names" if key.words:
            return {"anyOf": [{"enum": list(key.words)}, {"type": "array", "items": {"enum": list(key.words)}}]}
        case _ if key.words:
            return {"enum": list(key.words)}
        case holds:
            return _HOLDS[holds]


_HOLDS: Mapping[str, Schema] = {
    "text": _TEXT,
    "condition": {"type": "string"},
    "name": _ref("name"),
    "number": _ref("name"),
    "span": _ref("name"),
    "names": _ref("names"),
    "pair": {"type": "array", "items": _ref("name"), "minItems": 2, "maxItems": 2},
    "yes": _YES,
    "version": {"type": "string", "pattern": _whole(VERSION.pattern)},
    "figure": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": _whole(FIGURE.pattern)}]},
    "texts": {"type": "array", "items": _TEXT},
}

_FREE: Mapping[tuple[str, str], Schema] = {
    ("dose", "ceiling"): {"anyOf": [_ref("name"), _ref("ceiling")]},
    ("pack", "tell"): {"type": "object", "additionalProperties": {"type": "object"}},
    ("case", "given"): {"type": "object", "additionalProperties": _TEXT},
}

_ENTRIES: Mapping[str, Schema] = {"sets": _ref("names"), "facts": _ref("fact")}


def _named(word: str, key: Key) -> Schema:
    names = {} if word == "cases" else {"propertyNames": _ref("name")}
    return {"type": "object", **names, "additionalProperties": _ENTRIES[word] if word in _ENTRIES else _ref(key.of)}


def _fact(name: str, kind: Kind) -> Schema:
    params = {param: _words((place,), many=place in ("limits", "detail")) for param, place in kind.params.items()}
    return {
        "type": "object",
        "description": kind.says,
        "properties": {name: _words(kind.of, many=kind.many), **params, "worse": _words(("worse",), many=False)},
        "required": [name, *kind.needs],
        "additionalProperties": False,
    }


def _words(places: tuple[str, ...], *, many: bool) -> Schema:
    closed = [word for place in places for word in WORDS.get(place, ())]
    one: Schema = _YES if places == ("yes",) else {"enum": closed} if len(places) == 1 and closed else _TEXT
    return {"anyOf": [one, {"type": "array", "items": one}]} if many else one


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
