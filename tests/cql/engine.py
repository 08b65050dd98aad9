"""The independent engine (ms-cql-sdk): a library read once, its definitions evaluated for one patient after another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cql_sdk.api import load_library_from_cql_text
from cql_sdk.elm.models.library import Library
from cql_sdk.runtime.context import RuntimeContext

from countwell.cql import library
from countwell.model.pack import Pack

# A branch of a `case` stands in the engine's tree as a node that is read by the `case` itself.
PARTS_OF_OTHERS = {"CaseItem"}


@lru_cache(maxsize=100)
def read(text: str) -> Library:
    """The library of a text. Raises the engine's own errors for what it cannot read."""
    return load_library_from_cql_text(text)


class Run:
    """One library for one patient: definitions are evaluated when asked for, each once."""

    def __init__(self, pack: Pack, text: str | None = None) -> None:
        self.library = read(text if text is not None else library(pack))
        self._context = RuntimeContext.default().with_library(self.library)

    def give(self, parameters: Mapping[str, Any]) -> None:
        """Parameters, in place of all those of before. Raises KeyError for one that the library does not declare."""
        for name in parameters:
            self.library.parameters[name]
        self._context.with_parameters(dict(parameters))

    def __getitem__(self, name: str) -> Any:
        return self._context.evaluate_definition(name)
