"""The data files beside these modules."""

from __future__ import annotations

from importlib.resources import files


def text_of(name: str) -> str:
    """The text of a data file."""
    return files("countwell.simulate").joinpath(name).read_text(encoding="utf-8")
