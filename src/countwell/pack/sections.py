"""Reads sources, readings, numbers, statements and gaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import cast

from countwell.base.dates import Duration, Unit, add
from countwell.base.errors import RecordError
from countwell.model.pack import Number, Reading, Source, Statement
from countwell.pack import known
from countwell.pack.faults import Faults, meant
from countwell.pack.scope import Scope
from countwell.pack.shape import Sheet, named, plain, sheet
from countwell.pack.strict import Node


def sources(nodes: Mapping[str, Node], faults: Faults) -> dict[str, Source]:
    """Every source by its name."""
    return {name: _source(name, node, faults) for name, node in named(nodes, "source", faults).items()}


def _source(name: str, node: Node, faults: Faults) -> Source:
    page = sheet(node, "source", f"source `{name}`", faults)
    return Source(
        id=name,
        title=page.text("title"),
        kind=page.text("kind"),
        verified=page.yes("verified"),
        cite=page.maybe("cite"),
        url=page.maybe("url"),
        doi=page.maybe("doi"),
        file=page.maybe("file"),
        line=node.line,
    )


def readings(nodes: Mapping[str, Node], faults: Faults) -> dict[str, Reading]:
    """Every reading by its name."""
    return {name: _reading(name, node, faults) for name, node in named(nodes, "reading", faults).items()}


def _reading(name: str, node: Node, faults: Faults) -> Reading:
    page = sheet(node, "reading", f"reading `{name}`", faults)
    says, read, because = (page.text(key) for key in ("says", "read", "because"))
    return Reading(name, says, read, because, page.names("rejected"), node.line)


def sets(nodes: Mapping[str, Node], faults: Faults) -> dict[str, frozenset[str]]:
    """Every named list of words."""
    return {name: _set(name, node, faults) for name, node in named(nodes, "set", faults).items()}


def _set(name: str, node: Node, faults: Faults) -> frozenset[str]:
    words = plain(node, "names")
    if not words:
        faults.add(node.line, f"set `{name}`: words are wanted.", "Such as [intermediate, poor].")
    return frozenset(words or ())


def numbers(nodes: Mapping[str, Node], scope: Scope) -> dict[str, Number]:
    """Every number by its name."""
    return {name: _number(name, node, scope) for name, node in named(nodes, "number", scope.faults).items()}


def _number(name: str, node: Node, scope: Scope) -> Number:
    what = f"number `{name}`"
    page = sheet(node, "number", what, scope.faults)
    value = cast(Decimal, page.value("value", Decimal(0)))
    source = scope.source(page.maybe("source"), page.line_of("source"), what) or ""
    _check_unit(page, value, what, scope.faults)
    return Number(
        name=name,
        value=value,
        unit=page.text("unit"),
        source=source,
        at=page.text("at"),
        verified=page.yes("verified", default=source in scope.sources and scope.sources[source].verified),
        reading=scope.reading(page.maybe("reading"), page.line_of("reading"), what),
        duration=_duration(value, page.text("unit")),
        agreed=page.names("agreed"),
        line=node.line,
    )


def _check_unit(page: Sheet, value: Decimal, what: str, faults: Faults) -> None:
    unit, units = page.text("unit"), known.number_units()
    if unit and unit not in units:
        faults.add(page.line_of("unit"), f"{what}: there is no unit `{unit}`.", meant(unit, units))
    if unit in known.SPAN_UNITS and value != int(value):
        faults.add(page.line_of("value"), f"{what}: {value} {unit}: a time is a whole number.", "Use a smaller unit.")
    if unit in known.SPAN_UNITS and _too_long(Duration(int(value), cast(Unit, unit))):
        faults.add(page.line_of("value"), f"{what}: {value} {unit} is longer than a life.", "Check the unit.")
    if value < 0 and unit != "%":
        faults.add(page.line_of("value"), f"{what}: {value} is below zero.", "Only a change in % can be.")


def _too_long(duration: Duration) -> bool:
    """Whether a time is longer than any that a patient's calendar needs."""
    try:
        return add(date.min, duration, "later") > add(date.min, Duration(100, "years"), "later")
    except RecordError:
        return True


def _duration(value: Decimal, unit: str) -> Duration | None:
    return Duration(int(value), cast(Unit, unit)) if unit in known.SPAN_UNITS and value >= 0 else None


def statements(nodes: Mapping[str, Node], section: str, scope: Scope) -> tuple[Statement, ...]:
    """Every statement, or every gap."""
    return tuple(_statement(name, node, section, scope) for name, node in named(nodes, section, scope.faults).items())


def _statement(name: str, node: Node, section: str, scope: Scope) -> Statement:
    what = f"{section} `{name}`"
    page = sheet(node, section, what, scope.faults)
    source = scope.source(page.maybe("source"), page.line_of("source"), what) or ""
    return Statement(name, page.text("says"), source, page.text("at"), page.maybe("for"), line=node.line)
