"""Which events of a record are the same one, sent twice.

The same id with the same content is one event. The same id with other content says two things at once: none of them is used.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from countwell.exchange.strict_json import Node, NumberText


@dataclass(frozen=True, slots=True)
class Sent:
    """One event as sent. ref: the name by which answers point to it; disputed: other content bears the same id."""

    ref: str
    content: Node
    disputed: bool = False


def once_each(events: Sequence[Node]) -> Iterator[Sent]:
    """Every event once, in the order sent. A result without an id that stands there word for word again is the same one."""
    contents = _contents_by_id(events)
    seen: set[str] = set()
    for place, event in enumerate(events):
        name, content = id_of(event), said(event)
        if content in seen and (name or _is_result(event)):
            continue
        seen.add(content)
        yield Sent(name or _free_ref(place, contents), event, len(contents.get(name or "", ())) > 1)


def _contents_by_id(events: Sequence[Node]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if name := id_of(event):
            found[name].add(said(event))
    return dict(found)


def id_of(event: Node) -> str | None:
    """The event's own id, if it has one that can be read."""
    name = event.get("id") if isinstance(event, dict) else None
    return name.strip() or None if isinstance(name, str) and not isinstance(name, NumberText) else None


def said(event: Node) -> str:
    """What an event says, as one text: the order of its fields does not count, and null is the same as absent."""
    return json.dumps(_without_null(event), sort_keys=True)


def _without_null(node: Node) -> Node:
    match node:
        case dict():
            return {name: _without_null(value) for name, value in node.items() if value is not None}
        case list():
            return [_without_null(item) for item in node]
        case _:
            return node


def _is_result(event: Node) -> bool:
    return isinstance(event, dict) and event.get("kind") == "result"


def _free_ref(place: int, taken: Collection[str]) -> str:
    ref = f"#{place}"
    while ref in taken:
        ref = "#" + ref
    return ref
