"""Sentences of an answer in a template, as they are printed."""

from __future__ import annotations

from django import template

from countwell.paper.plain import as_read

register = template.Library()
register.filter("as_read", as_read)
