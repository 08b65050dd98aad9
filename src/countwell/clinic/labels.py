"""What a field is called on its page: forms, and what is said of them when they are refused, use the same words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from countwell.vocabulary.symptoms import symptoms


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    return yaml.safe_load(files("countwell.clinic").joinpath("labels.yaml").read_text(encoding="utf-8"))


def label(route: str, name: str) -> str:
    """The label of a field of an address; empty for one that the page fills in by itself (a button, a token)."""
    own = _labels().get(route, {})
    if name in own:
        return own[name]
    symptom, _, detail = name.removesuffix("-value").partition(".")
    if route == "telephone" and symptom in symptoms():
        asked = symptoms()[symptom]
        return asked.details[detail] if detail else asked.question
    return ""
