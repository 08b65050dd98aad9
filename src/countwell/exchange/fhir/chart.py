"""One patient's resources, and which of them refer to which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from countwell.exchange.fhir.parts import references
from countwell.exchange.fhir.received import UTC, Given, tail
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.strict_json import Node


@dataclass(frozen=True, slots=True)
class Chart:
    """All that came about one patient. reports: for each reference to a result, the reports that list it."""

    resources: tuple[Given, ...]
    by_name: Mapping[str, Given]
    reports: Mapping[str, tuple[Given, ...]]

    def find(self, referring: Given, text: str | None) -> Fields | None:
        """The resource that `text` means inside `referring`: contained in it, or another of the source."""
        if text is None:
            return None
        if text.startswith("#"):
            return _contained(referring.fields.content.get("contained"), text[1:])
        found = self.by_name.get(tail(text))
        return found.fields if found else None

    def reports_of(self, given: Given) -> tuple[Given, ...]:
        """The reports that list a result."""
        return tuple(dict.fromkeys(report for name in sorted(given.names) for report in self.reports.get(name, ())))


def chart_of(resources: Sequence[Given], shared: Sequence[Given] = ()) -> Chart:
    """A patient's chart. shared: what belongs to nobody and may be referred to, such as a Medication."""
    reports: dict[str, list[Given]] = defaultdict(list)
    for report in resources:
        if report.kind == "DiagnosticReport":
            for name in _listed(report):
                reports[name].append(report)
    by_name = {name: given for given in (*shared, *resources) for name in given.names}
    return Chart(tuple(resources), by_name, {name: tuple(found) for name, found in reports.items()})


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
