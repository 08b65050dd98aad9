"""Who may do what, read from `policy.yaml`: deny by default, and no address without a line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from django.core.checks import CheckMessage, Error
from django.urls import URLPattern, URLResolver, get_resolver

from countwell.clinic.models.people import ROLES
from countwell.vocabulary.symptoms import symptoms

SCOPES = ("anyone", "self", "clinic", "patient", "own")
METHODS = ("GET", "POST")
SYMPTOM, DETAIL = "<symptom>", "<detail>"


@dataclass(frozen=True, slots=True)
class Right:
    """One right: which roles have it, and about whom. `safer`: it counts on a page that is out of date too; `compares`: the
    view tells by itself whether what was typed over has been changed since."""

    name: str
    of: str
    who: frozenset[str]
    break_glass: frozenset[str]
    safer: bool
    compares: bool

    def has(self, role: str | None) -> bool:
        """Whether this role has it; `None` is somebody who has not signed in."""
        return self.of == "anyone" or role in self.who


@dataclass(frozen=True, slots=True)
class Policy:
    """All rights; for each address and method the right that it asks for; the fields that its form may send."""

    rights: Mapping[str, Right]
    routes: Mapping[str, Mapping[str, Right]]
    fields: Mapping[str, frozenset[str]]

    def wanted(self, route: str, method: str) -> Right | None:
        """The right for this address and method; `None`: nobody may."""
        return self.routes.get(route, {}).get("GET" if method == "HEAD" else method)


@cache
def policy() -> Policy:
    """The policy of this release."""
    return read(files("countwell.clinic").joinpath("policy.yaml").read_text(encoding="utf-8"))


def read(text: str) -> Policy:
    """A policy. Raises ValueError with all that is wrong: an unknown role, scope, method or right."""
    sent = yaml.safe_load(text)
    rights = {name: _right(name, fields) for name, fields in sent["rights"].items()}
    fields = {name: _fields(names) for name, names in sent.get("fields", {}).items()}
    faults = [
        *_faults_of_rights(rights),
        *_faults_of_routes(sent["routes"], rights),
        *_faults_of_fields(sent["routes"], fields),
    ]
    if faults:
        raise ValueError("\n".join(faults))
    routes = {name: {method: rights[right] for method, right in ways.items()} for name, ways in sent["routes"].items()}
    return Policy(rights, routes, fields)


def _fields(names: Sequence[str]) -> frozenset[str]:
    """The names of a form's fields; `<symptom>` stands for each symptom, `<symptom>.<detail>` for each of its details."""
    return frozenset(each for name in names for each in _each(name))


def _each(name: str) -> Iterator[str]:
    for one in symptoms().values() if SYMPTOM in name else ():
        for detail in one.details if DETAIL in name else ("",):
            yield name.replace(SYMPTOM, one.name).replace(DETAIL, detail)
    if SYMPTOM not in name:
        yield name


def _right(name: str, fields: Mapping[str, object]) -> Right:
    who, glass = fields.get("who", ()), fields.get("break-glass", ())
    assert isinstance(who, Sequence) and isinstance(glass, Sequence)
    return Right(name, str(fields.get("of")), frozenset(who), frozenset(glass), **_marks(fields))


def _marks(fields: Mapping[str, object]) -> dict[str, bool]:
    return {name: fields.get(name) is True for name in ("safer", "compares")}


def _faults_of_rights(rights: Mapping[str, Right]) -> Iterator[str]:
    for right in rights.values():
        if right.of not in SCOPES:
            yield f"policy.yaml, right {right.name}: `of: {right.of}` is none of {', '.join(SCOPES)}."
        if unknown := (right.who | right.break_glass) - set(ROLES):
            yield f"policy.yaml, right {right.name}: no such role: {', '.join(sorted(unknown))}."


def _faults_of_routes(routes: Mapping[str, Mapping[str, str]], rights: Mapping[str, Right]) -> Iterator[str]:
    for route, ways in routes.items():
        for method, right in ways.items():
            if method not in METHODS or right not in rights:
                yield f"policy.yaml, route {route}: `{method}: {right}` is no method with a right."


def _faults_of_fields(routes: Mapping[str, Mapping[str, str]], fields: Mapping[str, frozenset[str]]) -> Iterator[str]:
    written = {route for route, ways in routes.items() if "POST" in ways}
    for route in sorted(written - set(fields)):
        yield f"policy.yaml, route {route}: it is written to, and `fields` does not say which fields its form has."
    for route in sorted(set(fields) - written):
        yield f"policy.yaml, fields of {route}: nobody may write to such an address."


def addresses() -> Iterator[str]:
    """The name of every address of the clinic; an address without a name by its pattern."""
    yield from _named(get_resolver().url_patterns, "")


def _named(patterns: Sequence[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _named(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield pattern.name or before + str(pattern.pattern)


def check_addresses(**_: object) -> list[CheckMessage]:
    """For Django's checks: an error for each address without a policy, and each policy without an address."""
    known, there = set(policy().routes), set(addresses())
    says = [(name, "has no line in policy.yaml, so nobody could say who may see it") for name in sorted(there - known)]
    says += [(name, "stands in policy.yaml and there is no such address") for name in sorted(known - there)]
    return [Error(f"{name} {what}.", id="clinic.E001") for name, what in says]
