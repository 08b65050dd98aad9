"""What a field is called on its page: forms, and what is said of them when they are refused, use the same words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from countwell.clinic.policy import policy
from countwell.vocabulary.symptoms import symptoms

MEASURED = "Measured"


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    return yaml.safe_load(files("countwell.clinic").joinpath("labels.yaml").read_text(encoding="utf-8"))


def label(route: str, name: str) -> str:
    """The label of a field of an address; empty for one that the page fills in by itself (a button, a token)."""
    own = _labels().get(route, {})
    if name in own:
        return own[name]
    return _of_symptom(name) if route == "telephone" else ""


def _of_symptom(name: str) -> str:
    symptom, _, detail = name.removesuffix("-value").partition(".")
    if symptom not in symptoms():
        return ""
    asked = symptoms()[symptom]
    if name.endswith("-value"):
        return MEASURED
    return asked.details[detail] if detail else asked.question


def called_as_shown(route: str, says: str) -> str:
    """A sentence of the engine, which calls fields by their names, in the words of the page.

    It writes `missed: ...` at its beginning, or `needs from=...`, or the name between back-ticks.
    """
    for name in policy().fields.get(route, ()):
        if shown := label(route, name):
            written = re.escape(name)
            says = re.sub(rf"^{written}(?=:)|`{written}`|(?<![\w-]){written}=[^\s,]*[^\s,.]", f"“{shown}”", says)
    return says
