"""How one laboratory writes its CSV: a mapping file, written by a person who knows the laboratory. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml

from countwell.base.dates import zone
from countwell.base.errors import RecordError
from countwell.vocabulary.load import Row, parse
from countwell.vocabulary.tests import tests

COLUMNS = frozenset(
    "patient born name id test code value comparator unit collected received status low high range lab order replaces".split()
)
SHIPPED = Path(__file__).with_name("mappings")


@dataclass(frozen=True, slots=True)
class LabMapping:
    """columns: our name -> the header's; constants: our name -> what every row means. tests, units, statuses, comparators:
    the sender's word -> ours. unit_of: the unit of a test where the file has none. missing: what stands for no value.

    date, day: the formats of a time and of a day (strptime). midnight_is_day: 00:00 stands for "no time".
    """

    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    tests: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    unit_of: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    comparators: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    system: str = "loinc"
    delimiter: str = ","
    encoding: Literal["utf-8", "windows-1252"] = "utf-8"
    decimal: Literal["point", "comma"] = "point"
    range_separator: str = "-"
    date: str = ""
    day: str = ""
    midnight_is_day: bool = False
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


def shipped(name: str) -> LabMapping:
    """The example mapping of that name."""
    return read_mapping((SHIPPED / f"{name}.yaml").read_bytes(), name)


def read_mapping(data: bytes, where: str = "mapping") -> LabMapping:
    """A mapping file. Raises RecordError, naming the file, for anything that is not plain."""
    try:
        return _mapping(Row(where, parse(data.decode("utf-8"), where)))
    except (ValueError, yaml.YAMLError) as error:
        raise RecordError(f"{where}: {error}") from error


def _mapping(row: Row) -> LabMapping:
    row.only(*_MAPS, *_WORDS, *_CHOICES, "missing", "midnight_is_day", "time_zone")
    maps: dict[str, Any] = {name: row.mapping(name) for name in _MAPS}
    _refuse_unknown(row.name, maps)
    given: dict[str, Any] = {name: row.text(name) for name in _WORDS if name in row.fields}
    if len(given.get("delimiter", ",")) != 1:
        raise ValueError(f"{row.name}.delimiter: one character is wanted.")
    given |= {name: _choice(row, name) for name in _CHOICES if name in row.fields}
    given |= {"missing": frozenset(row.texts("missing")), "midnight_is_day": row.text("midnight_is_day") == "yes"}
    return LabMapping(**maps, **given, time_zone=zone(row.text("time_zone", "UTC")))


_MAPS = ("columns", "constants", "tests", "units", "unit_of", "statuses", "comparators")
_WORDS = ("system", "delimiter", "range_separator", "date", "day")
_CHOICES = {"encoding": ("utf-8", "windows-1252"), "decimal": ("point", "comma")}


def _choice(row: Row, name: str) -> str:
    if row.text(name) not in _CHOICES[name]:
        raise ValueError(f"{row.name}.{name}: one of {' '.join(_CHOICES[name])} is wanted.")
    return row.text(name)


def _refuse_unknown(where: str, maps: Mapping[str, Mapping[str, str]]) -> None:
    """Raises ValueError for a column or a test that does not exist here, and for a mapping that cannot find value or test."""
    if unknown := {*maps["columns"], *maps["constants"]} - COLUMNS:
        raise ValueError(f"{where}.columns: {sorted(unknown)} are not known; known are {' '.join(sorted(COLUMNS))}.")
    if unknown := ({*maps["tests"].values(), *maps["unit_of"]}) - set(tests()):
        raise ValueError(f"{where}.tests: {sorted(unknown)} are not listed tests.")
    if "value" not in maps["columns"] or not {"test", "code"} & set(maps["columns"]):
        raise ValueError(f"{where}.columns: a column for value, and one for test or code, are wanted.")
