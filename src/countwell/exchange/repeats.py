"""Which events of a record are the same one, sent twice.

The same id with the same content is one event. The same id with other content says two things at once: none of them is used.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
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
    names = [id_of(event) for event in events]
    contents = _contents_of_repeated(names, events)
    taken, seen = set(names), set[str]()
    for place, (name, event) in enumerate(zip(names, events, strict=True)):
        if name in contents or (name is None and _is_result(event)):
            content = said(event)
            if content in seen:
                continue
            seen.add(content)
        yield Sent(name or _free_ref(place, taken), event, len(contents.get(name, ())) > 1)


def _contents_of_repeated(names: Sequence[str | None], events: Sequence[Node]) -> Mapping[str | None, set[str]]:
    """What the events say that share an id with another one, by that id."""
    times = Counter(names)
    found: dict[str | None, set[str]] = defaultdict(set)
    for name, event in zip(names, events, strict=True):
        if name is not None and times[name] > 1:
            found[name].add(said(event))
    return found


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


def _free_ref(place: int, taken: Collection[str | None]) -> str:
    ref = f"#{place}"
    while ref in taken:
        ref = "#" + ref
    return ref
