"""The laboratory tests (and bedside measures) that Countwell reads: units, plausible range, codes, names, groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal, TypeAlias, get_args

from countwell.vocabulary.codes import Refused, system_name
from countwell.vocabulary.load import Row, rows
from countwell.vocabulary.names import index, key
from countwell.vocabulary.units import Unit, families, spellings

Worse: TypeAlias = Literal["lower", "higher", "none"]
Scale: TypeAlias = Literal["number", "word", "gene"]


@dataclass(frozen=True, slots=True)
class Test:
    """One test.

    unit: canonical, "" where there is none (a word, a gene) or several that are never compared (TPMT activity).
    units: every accepted spelling. not_units: spellings that are something else, with what they are.
    plausible: both ends included, in the canonical unit; None where there is no number.
    likely: where a number is looked for that may have been meant in another unit; serves urgency alone.
    worse: which way is bad for a patient on azathioprine. loinc: code -> seen | recall. not_this: code -> what it is.
    decimals: digits after the point for display; never for a decision. threshold_window: where a limit of a pack may lie.
    adult: the plausible values of patients from adult_from years on; None: as for everybody.
    part_of: the test that it cannot exceed in one specimen by more than the factor part_margin (rounding).
    upper_limits: where a laboratory's upper limit may lie, both ends included; one outside is doubted. None: any is believed.
    """

    __test__ = False  # not a test case of pytest

    name: str
    display: str
    scale: Scale
    unit: str
    units: Mapping[str, Unit]
    not_units: Mapping[str, str]
    percentages: frozenset[str]
    plausible: tuple[Decimal, Decimal] | None
    likely: tuple[Decimal, Decimal] | None
    worse: Worse
    decimals: int
    loinc: Mapping[str, str]
    not_this: Mapping[str, str]
    also: tuple[str, ...]
    gene: str = ""
    threshold_window: tuple[Decimal, Decimal] | None = None
    part_of: str = ""
    part_margin: Decimal | None = None
    adult: tuple[Decimal, Decimal] | None = None
    adult_from: int = 0
    upper_limits: tuple[Decimal, Decimal] | None = None

    def is_plausible(self, value: Decimal) -> bool:
        """Whether a living adult can have this value (canonical unit)."""
        return self.plausible is not None and self.plausible[0] <= value <= self.plausible[1]

    def is_upper_limit(self, limit: Decimal) -> bool:
        """Whether a laboratory can have this upper limit (canonical unit); 0 is none of any test."""
        if self.upper_limits is None:
            return limit > 0
        return self.upper_limits[0] <= limit <= self.upper_limits[1]

    @property
    def zero_is_plausible(self) -> bool:
        """Whether 0 is a value of this test and not a sign of a fault."""
        return self.is_plausible(Decimal(0))


@dataclass(frozen=True, slots=True)
class Group:
    """Tests that fall due together: all of `must`, at least one of `one_of` (if any), and `may` when sent."""

    name: str
    display: str
    must: tuple[str, ...]
    one_of: tuple[str, ...]
    may: tuple[str, ...]
    also: tuple[str, ...]
    codes: Mapping[str, Mapping[str, str]]

    @property
    def members(self) -> tuple[str, ...]:
        """Every test of the group, required ones first."""
        return (*self.must, *self.one_of, *self.may)


@cache
def tests() -> Mapping[str, Test]:
    """Every laboratory test by name, in display order."""
    return {row.name: _test(row) for row in rows("tests")}


@cache
def measures() -> Mapping[str, Test]:
    """Weight, height, temperature: read by the same rules."""
    return {row.name: _test(row) for row in rows("measures")}


def test(name: str) -> Test:
    """The test or measure called `name`. Raises KeyError if there is none: ask `name in tests()` first."""
    return measures()[name] if name in measures() else tests()[name]


def test_named(text: str) -> str | None:
    """Countwell's name of a test that a sender calls `text`; None if the name is not listed."""
    return _names().get(key(text))


def test_of_code(system: str, code: str) -> str | Refused | None:
    """Countwell's name of the test with this LOINC code.

    A code that is listed as something else is `Refused`, with what it is; None: the code, or the system, is not listed.
    """
    if system_name(system) != "loinc":
        return None
    return _codes().get(code.strip())


@cache
def groups() -> Mapping[str, Group]:
    """Every group of tests by name."""
    return {row.name: _group(row) for row in rows("groups")}


def group_of(test_name: str) -> str | None:
    """The group that a test belongs to, None if it stands alone."""
    return next((name for name, group in groups().items() if test_name in group.members), None)


def group_named(text: str) -> str | None:
    """The group that a sender calls `text` ("FBC", "U&E"); None if the name is not listed."""
    return index((name, group.also) for name, group in groups().items()).get(key(text))


def group_of_code(system: str, code: str) -> str | None:
    """The group that is ordered under that code (LOINC panel, SNOMED CT order), None if it is not listed."""
    wanted = system_name(system) or ""
    return next((group.name for group in groups().values() if code.strip() in group.codes.get(wanted, ())), None)


@cache
def _names() -> Mapping[str, str]:
    return index((test.name, (test.display, *test.also)) for test in tests().values())


@cache
def _codes() -> Mapping[str, str | Refused]:
    refused: dict[str, str | Refused] = {
        code: Refused(code, test.name, says) for test in tests().values() for code, says in test.not_this.items()
    }
    return refused | {code: test.name for test in tests().values() for code in test.loinc}


def _test(row: Row) -> Test:
    row.only(*_FIELDS)
    names = row.texts("units")
    canonical = {families()[name].canonical for name in names}
    return Test(
        name=row.name,
        display=row.text("display"),
        scale=_scale(row.text("scale", "number")),
        unit=canonical.pop() if len(canonical) == 1 else "",
        units=spellings(*names),
        not_units={spelling: says for name in names for spelling, says in families()[name].not_these.items()},
        percentages=frozenset(spelling for name in names for spelling in families()[name].percentages),
        plausible=_range(row, "plausible"),
        likely=_range(row, "likely") or _range(row, "plausible"),
        worse=_worse(row.text("worse")),
        decimals=int(row.text("decimals", "0")),
        loinc=row.mapping("loinc"),
        not_this=row.mapping("not_this"),
        also=row.texts("also"),
        gene=row.text("gene"),
        threshold_window=_range(row, "threshold_window"),
        part_of=row.text("part_of"),
        part_margin=Decimal(margin) if (margin := row.text("part_margin")) else None,
        adult=_range(row, "adult"),
        adult_from=int(row.text("adult_from", "0")),
        upper_limits=_range(row, "upper_limits"),
    )


_FIELDS = (
    "display scale units plausible likely adult adult_from threshold_window upper_limits part_of part_margin worse decimals "
    "gene loinc not_this also"
).split()


def _group(row: Row) -> Group:
    row.only("display", "must", "one_of", "may", "also", "codes")
    codes = {system: row.row("codes").mapping(system) for system in row.row("codes").fields}
    must, one_of, may = (row.texts(field) for field in ("must", "one_of", "may"))
    return Group(row.name, row.text("display"), must, one_of, may, row.texts("also"), codes)


def _range(row: Row, field: str) -> tuple[Decimal, Decimal] | None:
    if not (ends := row.texts(field)):
        return None
    low, high = (Decimal(end) for end in ends)
    return low, high


def _scale(text: str) -> Scale:
    return next(scale for scale in get_args(Scale) if scale == text)


def _worse(text: str) -> Worse:
    return next(worse for worse in get_args(Worse) if worse == text)
