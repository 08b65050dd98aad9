"""A restored clinic can be read and not written until a person has said what became of the time since the backup."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

FILE = "read-only"


def read_only() -> str:
    """Why nothing can be written at the moment, in words; "" when it can."""
    place = _place()
    return place.read_text(encoding="utf-8").strip() if place.exists() else ""


def begin(why: str) -> None:
    """From now on nothing can be written, in any process."""
    _place().write_text(why + "\n", encoding="utf-8")


def end() -> None:
    """Everything can be written again."""
    _place().unlink(missing_ok=True)


def _place() -> Path:
    return Path(settings.DATA) / FILE
