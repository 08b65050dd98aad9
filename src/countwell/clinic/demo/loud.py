"""What every page of a demonstration says at its top, so that nobody takes it for a clinic."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def loud(_: HttpRequest) -> dict[str, object]:
    """For the templates: whether this is a demonstration."""
    return {"demonstration": settings.DEMONSTRATION}
