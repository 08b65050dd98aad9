"""One patient's resources, and which resources of the source refer to which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from countwell.exchange.fhir.parts import references
from countwell.exchange.fhir.received import UTC, Given, tail
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.strict_json import Node


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that came. reports: for each reference to a result, the reports that list it.

    ambiguous: references that mean resources of several patients, as where each bundle has ids of its own.
    """

    by_name: Mapping[str, Given]
    reports: Mapping[str, tuple[Given, ...]]
    ambiguous: frozenset[str]


def source_of(resources: Sequence[Given]) -> Source:
    """The index over everything that came."""
    reports: dict[str, list[Given]] = defaultdict(list)
    for report in resources:
        for name in _listed(report) if report.kind == "DiagnosticReport" else ():
            reports[name].append(report)
    owners = Counter(name for name, _ in {(name, given.owner) for given in resources for name in given.names})
    return Source(
        by_name={name: given for given in resources for name in given.names},
        reports={name: tuple(found) for name, found in reports.items()},
        ambiguous=frozenset(name for name, count in owners.items() if count > 1),
    )


@dataclass(frozen=True, slots=True)
class Chart:
    """All that came about one patient, within all that came."""

    resources: tuple[Given, ...]
    own: Mapping[str, Given]
    source: Source

    def find(self, referring: Given, text: str | None) -> Fields | None:
        """The resource that `text` means inside `referring`: contained in it, the patient's own, or another of the source."""
        if text is None:
            return None
        if text.startswith("#"):
            return _contained(referring.fields.content.get("contained"), text[1:])
        found = self.own.get(tail(text)) or self.source.by_name.get(tail(text))
        return found.fields if found else None

    def reports_of(self, given: Given) -> tuple[Given, ...]:
        """The reports that list a result; those of other patients only where the reference can mean no other result."""
        listing = [report for name in sorted(given.names) for report in self.source.reports.get(name, ())]
        plain = given.names.isdisjoint(self.source.ambiguous)
        return tuple(dict.fromkeys(report for report in listing if plain or report.owner == given.owner))


def chart_of(resources: Sequence[Given], source: Source) -> Chart:
    """A patient's chart."""
    return Chart(tuple(resources), {name: given for given in resources for name in given.names}, source)


def _listed(report: Given) -> list[str]:
    try:
        listed = references(report.fields, "result")
    except FieldFault:
        return []
    own = sorted(report.names)
    return [f"{name}{text}" for text in listed if text.startswith("#") for name in own] + [
        tail(text) for text in listed
    ]


def _contained(contained: Node, identity: str) -> Fields | None:
    for item in contained if isinstance(contained, list) else ():
        if isinstance(item, dict) and item.get("id") == identity:
            return Fields(item, UTC, "contained.")
    return None
