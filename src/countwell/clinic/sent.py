"""What a request may bring: the fields that its form has, each once, as text. Nothing else comes from a page of ours."""

from __future__ import annotations

import unicodedata

from django.http import HttpRequest, QueryDict

from countwell.clinic.policy import policy
from countwell.clinic.refused import NotUsable

ALWAYS = frozenset({"csrfmiddlewaretoken", "banner"})
TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
DIGITS = 18  # of the longest number that both databases keep

TWICE = "A field came twice, and which was meant cannot be told. Nothing was saved. Send it again."
SIGNS = "The text holds signs that cannot be typed. Nothing was saved. Type it again instead of pasting it."
BODY = "Only the forms of these pages are taken. Nothing was saved."
FILE = "No page here takes a file. Nothing was saved."
FOREIGN = "A field came that this form does not have. Nothing was saved. Open the page again and use its form."


def check_sent(request: HttpRequest, route: str) -> None:
    """Raises NotUsable for a field sent twice or unknown to this address, for a file, for signs that nobody can type."""
    _each_once_and_typed(request.GET)
    if request.method != "POST":
        return
    if request.content_type not in TYPES:
        raise NotUsable(BODY)
    if request.FILES:
        raise NotUsable(FILE)
    _each_once_and_typed(request.POST)
    if set(request.POST) - policy().fields[route] - ALWAYS:
        raise NotUsable(FOREIGN)


def _each_once_and_typed(sent: QueryDict) -> None:
    for name, values in sent.lists():
        if len(values) > 1:
            raise NotUsable(TWICE)
        if not _typed(name) or not _typed(values[0]):
            raise NotUsable(SIGNS)


def _typed(text: str) -> bool:
    """Whether it holds no control signs but the ends of lines and the tab: PostgreSQL keeps none, and a log would break."""
    return all(sign in "\r\n\t" or unicodedata.category(sign) != "Cc" for sign in text)


def number_of(text: str) -> int | None:
    """A number by which a form names a row; `None` for anything that is not one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None
