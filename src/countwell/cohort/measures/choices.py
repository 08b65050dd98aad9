"""The choices of presentation from `choices.yaml`. None of them is a rule for a patient."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def _choices() -> dict[str, Any]:
    text = files("countwell.cohort.measures").joinpath("choices.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


def choice(name: str) -> Any:
    """The value of one choice: a number or a list of them. Raises KeyError for a name that is not in the file."""
    return _choices()[name]["value"]


def because(name: str) -> str:
    """Why that choice was made, in one sentence."""
    return str(_choices()[name]["because"])


def fewest() -> int:
    """The smallest count that is shown; smaller ones are hidden (0 is shown: it counts nobody)."""
    return int(choice("fewest"))
