"""Sentences of an answer, and doses, in a template, as they are printed."""

from __future__ import annotations

from django import template

from countwell.base.errors import Unreadable
from countwell.paper.plain import as_read, dose
from countwell.vocabulary.numbers import read_number

register = template.Library()
register.filter("as_read", as_read)


@register.filter("dose")
def typed_dose(text: object) -> str:
    """A dose as doses are printed, 50 for 50.0; what is no plain number stands as it was typed."""
    try:
        comparator, mg = read_number(str(text))
    except Unreadable:
        return str(text)
    return str(text) if comparator else dose(mg)
