"""Builds HTML and SVG out of elements. Every text is escaped on its way in; the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from countwell.paper.plain import clean

VOID = frozenset({"meta", "br", "hr", "link", "input"})
EMPTY_SVG = frozenset({"path", "rect", "circle", "line", "polygon", "polyline", "use"})


class Safe(str):
    """Text that is markup already; templates take it as such."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


Child = object


def el(tag: str, *children: Child, **attributes: object) -> Safe:
    """An element. `class_` is `class`, `aria_label` is `aria-label`; attributes and children that are None are left out."""
    opening = f"<{tag}{''.join(_attribute(name, value) for name, value in attributes.items())}"
    if tag in VOID:
        return Safe(f"{opening}>")
    if tag in EMPTY_SVG and not children:
        return Safe(f"{opening}/>")
    return Safe(f"{opening}>{join(children)}</{tag}>")


def join(children: Iterable[Child]) -> Safe:
    """Children one after another; texts are escaped, markup is kept, lists are opened."""
    return Safe("".join(map(_child, children)))


def _child(child: Child) -> str:
    if child is None or child is False:
        return ""
    if isinstance(child, Safe):
        return child
    if isinstance(child, str | int):
        return text(child)
    return join(child) if isinstance(child, Iterable) else text(child)


def text(value: object) -> Safe:
    """Plain text as markup."""
    return Safe(escape(clean(value), quote=True))


def _attribute(name: str, value: object) -> str:
    if value is None or value is False:
        return ""
    name = name.rstrip("_").replace("_", "-")
    name = "viewBox" if name == "viewbox" else name
    return f" {name}" if value is True else f' {name}="{escape(_figure(value), quote=True)}"'


def _figure(value: object) -> str:
    """A coordinate with at most one decimal; anything else as text."""
    if isinstance(value, float):
        return f"{value:.1f}".rstrip("0").rstrip(".")
    return clean(value)
