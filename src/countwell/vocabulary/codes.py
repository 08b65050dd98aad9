"""Code systems: which one a sender means, and what is said of a code that must not be read as what it stands beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from countwell.vocabulary.names import key

_SYSTEMS: Mapping[str, str] = {
    "loinc": "loinc",
    "ln": "loinc",
    "http://loinc.org": "loinc",
    "https://loinc.org": "loinc",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "2.16.840.1.113883.6.1": "loinc",
    "rxnorm": "rxnorm",
    "rxn": "rxnorm",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "2.16.840.1.113883.6.88": "rxnorm",
    "atc": "atc",
    "whoatc": "atc",
    "http://www.whocc.no/atc": "atc",
    "urn:oid:2.16.840.1.113883.6.73": "atc",
    "snomed": "snomed",
    "snomedct": "snomed",
    "snomed ct": "snomed",
    "sct": "snomed",
    "http://snomed.info/sct": "snomed",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "2.16.840.1.113883.6.96": "snomed",
    "icd10cm": "icd10cm",
    "icd-10-cm": "icd10cm",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "icd10": "icd10",
    "icd-10": "icd10",
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "drugbank": "drugbank",
    "cas": "cas",
    "unii": "unii",
    "http://fdasis.nlm.nih.gov": "unii",
    "pharmgkb": "pharmgkb",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """A code that is listed so as not to be mistaken.

    code: as sent; near: the name that it is mistaken for; says: what it is instead, to finish "this code is …".
    """

    code: str
    near: str
    says: str


def system_name(system: str) -> str | None:
    """The short name of a code system (`loinc rxnorm atc snomed icd10cm …`), from any of its identifiers, else None.

    >>> system_name("http://loinc.org")
    'loinc'
    """
    return _SYSTEMS.get(key(system))
