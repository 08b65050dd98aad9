"""The data types that all FHIR resources share: codings, references, times. Faults of form are FieldFaults, by FHIR path."""

from __future__ import annotations

from countwell.exchange.fields import Fields, unreadable
from countwell.exchange.strict_json import Node, NumberText
from countwell.model.records import Code

UCUM = "http://unitsofmeasure.org"


def codings(resource: Fields, name: str) -> tuple[Code, ...]:
    """The codings of a CodeableConcept that have a code; a system that is not given is the empty text."""
    concept = resource.within(name)
    coded = concept.objects("coding") if concept else ()
    found = [(coding.text("system"), coding.text("code"), coding.text("display")) for coding in coded]
    return tuple(Code(system or "", code, display) for system, code, display in found if code)


def texts(resource: Fields, name: str) -> tuple[str, ...]:
    """Everything a CodeableConcept says in words: its text first, then the displays."""
    concept = resource.within(name)
    if concept is None:
        return ()
    said = [concept.text("text"), *(coding.text("display") for coding in concept.objects("coding"))]
    return tuple(dict.fromkeys(text for text in said if text))


def first_text(resource: Fields, name: str) -> str | None:
    """The words of a CodeableConcept, or its first code."""
    said = [*texts(resource, name), *(code.code for code in codings(resource, name))]
    return said[0] if said else None


def word(resource: Fields, name: str) -> str | None:
    """The code of a CodeableConcept that has one system of its own, such as a clinical status."""
    found = codings(resource, name)
    return found[0].code if found else None


def reference(resource: Fields, name: str) -> str | None:
    """The text of a Reference."""
    target = resource.within(name)
    return target.text("reference") if target else None


def references(resource: Fields, name: str) -> tuple[str, ...]:
    """The texts of a list of References."""
    return tuple(text for item in resource.objects(name) if (text := item.text("reference")))


def extension(resource: Fields, url: str) -> Fields | None:
    """The extension of that url."""
    return next((item for item in resource.objects("extension") if item.text("url") == url), None)


def chosen(resource: Fields, stem: str) -> tuple[str, ...]:
    """The fields of a choice, such as `valueQuantity` of `value[x]`, that are there."""
    return tuple(name for name in resource.content if _is_choice(name, stem) and resource.content[name] is not None)


def _is_choice(name: str, stem: str) -> bool:
    return name.startswith(stem) and name[len(stem) : len(stem) + 1].isupper()


def number(fields: Fields, name: str) -> str | None:
    """A FHIR decimal as the text that was sent. Raises FieldFault for a text, a boolean or an object in its place."""
    value = fields.content.get(name)
    if value is not None and not isinstance(value, NumberText):
        raise unreadable(fields.path + name, "not a number.")
    return None if value is None else str(value)


def is_modified(node: Node) -> bool:
    """Whether anything in a resource bears an extension that changes its meaning; contained resources have their own."""
    left = [node]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if one.get("modifierExtension"):
                return True
            left += [child for name, child in one.items() if name != "contained"]
        elif isinstance(one, list):
            left += one
    return False
