"""The look: the stylesheet of the patient page with the clinic's own behind it, as one file that a browser keeps."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from django.http import HttpRequest, HttpResponse

from countwell.clinic.refused import NotThere
from countwell.paper.page import style

YEAR = "public, max-age=31536000, immutable"


@cache
def css() -> str:
    """What the sections that `paper` makes look like, then the clinic's frame, forms and lists."""
    return style() + files("countwell.clinic").joinpath("static/clinic/clinic.css").read_text(encoding="utf-8")


@cache
def version() -> str:
    """Stands in the address, so that a new look has a new one: the first letters of its hash."""
    return hashlib.sha256(css().encode()).hexdigest()[:16]


def look(request: HttpRequest, wanted: str) -> HttpResponse:
    """The stylesheet; an older one is no longer here."""
    if wanted != version():
        raise NotThere
    return HttpResponse(css(), content_type="text/css; charset=utf-8", headers={"Cache-Control": YEAR})
