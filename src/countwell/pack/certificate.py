"""The certificate of a pack: the hash of its rules, and what was proven of them. Loading checks hashes; it proves nothing.

It stands beside the pack, as `certificates/NAME.json`, and is written by `countwell packs prove`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any

from countwell.base.errors import Fault, PackError
from countwell.model.pack import Pack

PROSE = frozenset({"line", "tell", "source", "at", "reading", "verified", "agreed"})


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was proven of a pack. proven: the tables; by: the command and its solver."""

    pack: str
    version: str
    rules_sha256: str
    proven: tuple[str, ...]
    by: str
    solver: str = ""


def rules_of(pack: Pack) -> dict[str, object]:
    """All of a pack that decides anything: no prose, no sources, no lines."""
    return {
        "pack": pack.name,
        "kind": pack.kind,
        "conditions": sorted(pack.conditions),
        "layers": list(pack.layers),
        "reads": sorted(pack.reads),
        "numbers": _canonical(pack.numbers),
        "facts": _canonical(pack.facts),
        "tables": _canonical(pack.tables),
    }


def _canonical(value: Any) -> object:
    """Plain JSON for a part of the model; what decides nothing is left out, and so is what is empty."""
    match value:
        case None | str() | bool() | int():
            return value
        case tuple():
            return [_canonical(item) for item in value]
        case frozenset():
            return sorted(value)
        case Decimal():
            return format(value.normalize(), "f")
        case Mapping():
            return {key: _canonical(item) for key, item in value.items()}
    parts = ((name, getattr(value, name)) for name in value.__dataclass_fields__ if name not in PROSE)
    kept = {name: _canonical(part) for name, part in parts if part not in (None, (), {})}
    return {"": type(value).__name__, **kept}


def rules_hash(pack: Pack) -> str:
    """SHA-256 of the rules of a pack, in hexadecimal."""
    text = json.dumps(rules_of(pack), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def certificate_path(pack: Pack) -> Path:
    """Where the certificate of a pack stands."""
    return Path(pack.path).parent / "certificates" / f"{pack.name}.json"


def certificate(pack: Pack, proven: tuple[str, ...], by: str, solver: str = "") -> Certificate:
    """A certificate for the rules as they are now."""
    return Certificate(pack.name, pack.version, rules_hash(pack), proven, by, solver)


def written(certificate: Certificate) -> str:
    """A certificate as its file holds it."""
    content = {part.name: getattr(certificate, part.name) for part in fields(certificate)}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read_certificate(pack: Pack) -> Certificate | None:
    """The certificate of a pack, None if there is none. Raises PackError if its file cannot be read as one."""
    path = certificate_path(pack)
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Certificate(**(content | {"proven": tuple(content["proven"])}))
    except (ValueError, TypeError, KeyError) as error:
        raise PackError(
            [Fault(f"{path}:1", "this is no certificate.", f"Run `countwell packs prove {pack.name}`.")]
        ) from error


def is_proven(pack: Pack) -> bool:
    """Whether a certificate vouches for these rules in this version, every table included."""
    found = read_certificate(pack)
    if found is None or (found.pack, found.version) != (pack.name, pack.version):
        return False
    return found.rules_sha256 == rules_hash(pack) and {table.name for table in pack.tables} <= set(found.proven)
