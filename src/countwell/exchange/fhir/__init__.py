"""FHIR R4: bundles, single resources and NDJSON into records, and records into bundles."""

from countwell.exchange.fhir.bundle import read_fhir
from countwell.exchange.fhir.writer import to_fhir

__all__ = ["read_fhir", "to_fhir"]
