"""A pack as a library of CQL: the same conditions as the engine runs, for systems that run CQL. Nothing in it decides."""

from countwell.cql.from_fhir import facts_library, facts_library_name
from countwell.cql.library import library, library_name

__all__ = ["facts_library", "facts_library_name", "library", "library_name"]
