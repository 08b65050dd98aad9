"""Which results stand in whose reports, over all files: what a report of another patient lists is believed of neither."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from countwell.exchange.fhir.received import Given, received, tail
from countwell.exchange.strict_json import Node

OTHER_PATIENT = "Patient/-"


class Listings:
    """Which results stand in which patient's reports: two hashes for each, kept in memory until the end."""

    def __init__(self) -> None:
        self._refs: array[int] = array("q")
        self._owners: array[int] = array("q")
        self._found: dict[int, set[int]] | None = None

    def add(self, ref: str, owner: str) -> None:
        """A report of `owner` lists `ref`."""
        self._refs.append(hash(tail(ref)))
        self._owners.append(hash(owner))

    def holds(self, ids: pa.Array) -> np.ndarray:
        """Whether a report lists the Observation of each id."""
        if not self._refs:
            return np.zeros(len(ids), bool)
        hashes = np.array([hash(f"Observation/{one}") for one in ids.to_pylist()], np.int64)
        return np.isin(hashes, np.frombuffer(self._refs, np.int64))

    def of_others(self, resources: Sequence[Given], patient: str) -> list[Given]:
        """Stand-ins for reports of other patients that list results of this one: neither may be believed then."""
        strays = [
            name
            for given in resources
            if given.kind == "Observation"
            for name in given.names
            if self._is_stray(name, patient)
        ]
        if not strays:
            return []
        listing: dict[str, Node] = {"resourceType": "DiagnosticReport", "subject": {"reference": OTHER_PATIENT}}
        listing["result"] = [{"reference": name} for name in strays]
        return [item for item in received(listing) if isinstance(item, Given)]

    def _is_stray(self, name: str, patient: str) -> bool:
        if self._found is None:
            self._found = {}
            for ref, owner in zip(self._refs, self._owners, strict=True):
                self._found.setdefault(ref, set()).add(owner)
        return bool(self._found.get(hash(name), set()) - {hash(patient)})
