"""FHIR R4 resources, from a bundle, a list or NDJSON, into one Intake for each patient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from countwell.base.errors import RecordError
from countwell.exchange.entries import Intake, Part, mark, take_in, unusable
from countwell.exchange.fhir import orders
from countwell.exchange.fhir.chart import Chart, Source, chart_of, source_of
from countwell.exchange.fhir.head import head
from countwell.exchange.fhir.history import history
from countwell.exchange.fhir.medicines import medicines
from countwell.exchange.fhir.patient import told_by
from countwell.exchange.fhir.prescriptions import HANDED_OVER, KINDS
from countwell.exchange.fhir.received import Given, of_other_servers, received, with_versions
from countwell.exchange.fhir.results import observation
from countwell.exchange.fhir.versions import OTHER_TYPES
from countwell.exchange.strict_json import Node

OF_MEDICINES = (*KINDS, *HANDED_OVER, "MedicationOrder", "MedicationPrescription")
OF_HISTORY = ("Condition", "AllergyIntolerance", "Immunization")
READ = frozenset({"Observation", "DiagnosticReport", "ServiceRequest", *OF_MEDICINES, *OF_HISTORY, *OTHER_TYPES})
NOT_ABOUT_ANYONE = ("note", "other-result", "supply")
NOBODY = "no-patient-named"


def read_fhir(documents: Iterable[tuple[str, Node] | Part], time_zone: str | None = None) -> list[Intake]:
    """One Intake for each patient. documents: (where, JSON value): bundles or single resources, in any mixture; what
    could not even be parsed, as a Part that says so.

    What names no patient goes to the only patient, and is held; with several patients it makes an Intake of its own,
    under the id `no-patient-named`. Raises RecordError if no patient is named anywhere.
    """
    found = [item for document in documents for item in _resources(document)]
    resources = with_versions(item for item in found if isinstance(item, Given))
    strangers = of_other_servers(resources)
    patients, shared = by_patient([given for given in resources if given not in strangers])
    source = source_of(resources)
    if not patients:
        raise RecordError("no patient is named in it. Send the Patient, or resources with a subject.")
    rest = [item for item in found if isinstance(item, Part)]
    rest += parts_held(shared, source, "no patient is named.")
    rest += parts_held(strangers, source, "it names a patient of another server.")
    intakes = [(head(name, own, time_zone), list(parts_of(chart_of(own, source)))) for name, own in patients.items()]
    if len(intakes) == 1 or not any(part.events for part in rest):
        intakes[0][1].extend(rest)
    else:
        intakes.append(({"patient": {"id": NOBODY}}, rest))
    return [take_in(patient, parts) for patient, parts in intakes]


def _resources(document: tuple[str, Node] | Part) -> Iterator[Given | Part]:
    if isinstance(document, Part):
        yield document
    else:
        yield from received(document[1], document[0])


def by_patient(resources: Sequence[Given]) -> tuple[Mapping[str, list[Given]], list[Given]]:
    """The resources of each patient, by the reference that means the patient; and those that name nobody."""
    same = {name: min(given.names) for given in resources if given.kind == "Patient" for name in given.names}
    patients: dict[str, list[Given]] = defaultdict(list)
    shared: list[Given] = []
    for given in resources:
        owner = min(given.names, default=None) if given.kind == "Patient" else given.owner
        (shared if owner is None else patients[same.get(owner, owner)]).append(given)
    return dict(patients), shared


def parts_of(chart: Chart) -> Iterator[Part]:
    """A Part for each resource of a patient."""
    for given in chart.resources:
        if given.kind not in OF_MEDICINES:
            yield part_of(given, chart)
    yield from medicines([given for given in chart.resources if given.kind in OF_MEDICINES], chart)


def part_of(given: Given, chart: Chart) -> Part:
    """The Part of a resource that can be read by itself."""
    match given.kind:
        case "Patient":
            return told_by(given)
        case "Observation":
            return observation(given, chart)
        case "DiagnosticReport":
            return orders.report(given, chart)
        case "ServiceRequest":
            return orders.order(given)
        case kind if kind in OF_HISTORY:
            return history(given)
        case kind if kind in OTHER_TYPES:
            return unusable(dict(given.fields.content), f"this is {OTHER_TYPES[kind]}, not R4.", given.where)
        case "OperationOutcome" if reports_an_error(given):
            return unusable(
                dict(given.fields.content), "the sender reports an error, so this may not be all.", given.where
            )
        case kind:
            return Part(given.where, (), f"{kind} is not read here.")


def reports_an_error(given: Given) -> bool:
    """Whether an OperationOutcome says that something went wrong."""
    issues = given.fields.content.get("issue")
    told = [issue.get("severity") for issue in issues if isinstance(issue, dict)] if isinstance(issues, list) else []
    return not told or not {"error", "fatal"}.isdisjoint(map(str, told))


def parts_held(resources: Sequence[Given], source: Source, says: str) -> Iterator[Part]:
    """Resources that belong to none of the patients: whatever would count for a patient is held."""
    for part in parts_of(chart_of(resources, source)):
        yield Part(part.where, tuple(_held(event, says) for event in part.events), part.says)


def _held(event: Node, says: str) -> Node:
    if not isinstance(event, dict) or event["kind"] in NOT_ABOUT_ANYONE:
        return event
    return {**event, "not_used": mark("subject", says, "missing", "Find out whose it is.")}
