"""From the type of a dataclass field to the JSON Schema of what stands for it in JSON."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

from countwell.base.dates import Moment
from countwell.base.spans import Span

Schema = dict[str, Any]

WHOLE_DAY = r"\d{4}-\d{2}-\d{2}"
TIME = r"T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})"
PLAIN: Mapping[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    object: {},
    Any: {},
    date: {"type": "string", "pattern": f"^{WHOLE_DAY}$"},
    Moment: {"type": "string", "pattern": f"^{WHOLE_DAY}({TIME})?$"},
    Decimal: {"type": ["string", "number"], "pattern": r"^[0-9]{1,6}(\.[0-9]{1,6})?$"},
    Span: {"type": "array", "items": {"type": ["string", "null"]}},
}
TEXT_OR_NUMBER: Schema = {"type": ["string", "number"]}
PARTIAL_DATE: Schema = {"type": "string", "pattern": rf"^\d{{4}}(-\d{{2}})?$|^{WHOLE_DAY}({TIME})?$"}


def of_type(hint: Any) -> Schema:
    """The schema of one type."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (types.UnionType, Union):
        return _or_null(inner)
    if origin in (tuple, frozenset):
        return {"type": "array", "items": of_type(inner[0])}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": of_type(inner[1])}
    return PLAIN.get(hint, {"$ref": f"#/$defs/{hint.__name__}"})


def _or_null(inner: tuple[Any, ...]) -> Schema:
    wanted = of_type(next(kind for kind in inner if kind is not type(None)))
    return or_null(wanted)


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]} if schema else schema
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return {**schema, "type": [*kinds, "null"]}


def fields_of(kind: Any) -> dict[str, tuple[Any, bool]]:
    """The fields of a dataclass: name -> (type, whether it must be there)."""
    hints = get_type_hints(kind)
    missing = dataclasses.MISSING
    return {
        field.name: (hints[field.name], field.default is missing and field.default_factory is missing)
        for field in dataclasses.fields(kind)
    }


def is_optional(hint: Any) -> bool:
    """Whether None is allowed."""
    return type(None) in get_args(hint)


def first_line(kind: type) -> str:
    """What the dataclass says of itself."""
    return (kind.__doc__ or "").strip().partition("\n")[0]
