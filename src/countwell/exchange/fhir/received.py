"""The resources in a source, each with its place, the names by which others refer to it, and the id its event will bear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from countwell.exchange.entries import Part, unusable
from countwell.exchange.fhir.parts import reference
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.strict_json import Node, NumberText

UTC = ZoneInfo("UTC")
HISTORY = "/_history/"
READ_WHEN_CONTAINED = ("Observation",)


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """One resource as received. names: the references that mean it; event: the id of what is made of it; earlier: of which
    it is a newer version; owner: the reference of its patient; server: the one that reference names, "" if it names none."""

    where: str
    kind: str
    fields: Fields
    names: frozenset[str]
    event: str | None
    owner: str | None
    earlier: str | None = None
    server: str = ""


def received(document: Node, where: str = "") -> Iterator[Given | Part]:
    """Every resource of a bundle (bundles within it too), or the one resource; what is none, as a Part that says so."""
    if not isinstance(document, dict):
        yield unusable(document, "not an object.", where)
    elif document.get("resourceType") != "Bundle":
        yield from _resource(document, where, None)
    else:
        yield from _bundle(document, where)


def _bundle(bundle: Mapping[str, Node], where: str) -> Iterator[Given | Part]:
    entries = bundle.get("entry")
    if entries is not None and not isinstance(entries, list):
        yield unusable(entries, "Bundle.entry is not a list.", f"{where}entry")
    for place, entry in enumerate(entries if isinstance(entries, list) else ()):
        yield from _entry(entry, f"{where}entry[{place}]")
    if _has_more(bundle):
        yield unusable(bundle.get("link"), "more pages follow, so this is not all. Fetch them too.", f"{where}link")


def _entry(entry: Node, where: str) -> Iterator[Given | Part]:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(resource, dict):
        yield unusable(entry, "no resource in it.", where)
    elif _asks_to_delete(entry):
        yield unusable(resource, "asks to delete something. Do it by hand.", where)
    elif resource.get("resourceType") == "Bundle":
        yield from _bundle(resource, f"{where}.")
    else:
        url = entry.get("fullUrl")
        yield from _resource(resource, where, url if isinstance(url, str) else None)


def _has_more(bundle: Mapping[str, Node]) -> bool:
    links = bundle.get("link")
    return isinstance(links, list) and any(isinstance(link, dict) and link.get("relation") == "next" for link in links)


def _asks_to_delete(entry: Mapping[str, Node]) -> bool:
    request = entry.get("request")
    return isinstance(request, dict) and request.get("method") == "DELETE"


def _resource(resource: Mapping[str, Node], where: str, url: str | None) -> Iterator[Given | Part]:
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or isinstance(kind, NumberText):
        yield unusable(dict(resource), "no resourceType.", where)
        return
    fields = Fields(resource, UTC, f"{kind}.")
    identity = _text(resource.get("id"))
    event = _event_id(kind, identity)
    server = server_of(url or "") if kind == "Patient" else server_of(_patient(fields))
    given = Given(
        f"{where} {kind}".strip(), kind, fields, names(kind, identity, url), event, owner(fields), server=server
    )
    yield given
    yield from _contained(given, resource.get("contained"))


def _contained(parent: Given, contained: Node) -> Iterator[Given | Part]:
    """Results that stand inside a report; their patient is the report's."""
    for place, item in enumerate(contained if isinstance(contained, list) else ()):
        if isinstance(item, dict) and item.get("resourceType") in READ_WHEN_CONTAINED:
            for given in _resource(item, f"{parent.where}.contained[{place}]", None):
                yield _within(given, parent, _text(item.get("id"))) if isinstance(given, Given) else given


def _within(given: Given, parent: Given, identity: str | None) -> Given:
    local = frozenset(f"{name}#{identity}" for name in parent.names)
    event = f"{parent.event}#{identity}" if parent.event and identity else None
    return replace(given, names=local, event=event, owner=given.owner or parent.owner)


def _event_id(kind: str, identity: str | None) -> str | None:
    """The id of the event: of an Observation its own, of others with their type in front."""
    return identity if kind == "Observation" or identity is None else f"{kind}/{identity}"


def _text(value: Node) -> str | None:
    return value if isinstance(value, str) and value else None


def names(kind: str, identity: str | None, url: str | None) -> frozenset[str]:
    """All references that mean a resource."""
    found = {f"{kind}/{identity}"} if identity else set()
    return frozenset(found | ({tail(url)} if url else set()))


def tail(text: str) -> str:
    """A reference without server and version: `Observation/a1`; one that is not of that form as it is."""
    bare = text.partition(HISTORY)[0]
    return bare if bare.startswith(("urn:", "#")) else "/".join(bare.rstrip("/").split("/")[-2:])


def server_of(text: str) -> str:
    """The server that an absolute reference names: `https://hospital.example/fhir`; "" of every other form."""
    bare = text.partition(HISTORY)[0].rstrip("/")
    return "/".join(bare.split("/")[:-2]) if "://" in bare else ""


def _patient(fields: Fields) -> str:
    try:
        return reference(fields, "subject") or reference(fields, "patient") or ""
    except FieldFault:
        return ""


def owner(fields: Fields) -> str | None:
    """The patient that a resource refers to; None if it names nobody, or no patient, or cannot be read."""
    target = tail(_patient(fields))
    return target if target.startswith(("Patient/", "urn:")) else None


def of_other_servers(resources: Sequence[Given]) -> list[Given]:
    """The resources whose patient is on another server than the Patient's own; if that is not said and several servers are
    named, it cannot be known which is meant, and those of each of them."""
    about = [given for given in resources if given.kind != "Patient" and given.server]
    own = {given.server for given in resources if given.kind == "Patient"} - {""}
    if not own and len({given.server for given in about}) < 2:
        return []
    return [given for given in about if given.server not in own]


def with_versions(resources: Iterable[Given]) -> list[Given]:
    """The same resources; where several versions of one came, each older one under an id of its own, replaced by the next."""
    kept = list(resources)
    by_event: dict[tuple[str, str | None], list[Given]] = defaultdict(list)
    for given in kept:
        if given.event:
            by_event[given.event, given.owner].append(given)
    renamed = {id(old): new for group in by_event.values() for old, new in _versions(group)}
    return [renamed.get(id(given), given) for given in kept]


def _versions(group: Sequence[Given]) -> Iterator[tuple[Given, Given]]:
    numbers = [_version(given) for given in group]
    known = sorted({number for number in numbers if number is not None})
    if len(known) < 2 or None in numbers:
        return
    for given, number in zip(group, numbers, strict=True):
        place = known.index(number or 0)
        event = _versioned(given.event, known[place], known[-1])
        yield (
            given,
            replace(
                given, event=event, earlier=_versioned(given.event, known[place - 1], known[-1]) if place else None
            ),
        )


def _versioned(event: str | None, number: int, newest: int) -> str | None:
    return event if number == newest else f"{event}{HISTORY}{number}"


def _version(given: Given) -> int | None:
    try:
        meta = given.fields.within("meta")
        text = meta.text("versionId") if meta else None
    except FieldFault:
        return None
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
