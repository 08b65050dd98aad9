"""Reads the facts of a pack against the closed list of kinds, and settles which way each is worse."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from countwell.model.pack import FactDefinition
from countwell.pack import known
from countwell.pack.faults import meant
from countwell.pack.kinds import KINDS, WORDS, Kind
from countwell.pack.measures import worse_of
from countwell.pack.scope import Scope
from countwell.pack.shape import named
from countwell.pack.strict import Items, Keys, Node, Text

_FINDING = re.compile(r"[a-z][a-z0-9_-]*(/[a-z][a-z0-9_-]*){2}", re.ASCII)


def facts(scope: Scope) -> dict[str, FactDefinition]:
    """Every fact by its name, each with the way in which it is worse."""
    drafts = {name: _fact(name, node, scope) for name, node in named(scope.fact_nodes, "fact", scope.faults).items()}
    found = {name: fact for name, fact in drafts.items() if fact is not None}
    return {name: replace(fact, worse=worse_of(fact, found)) for name, fact in found.items()}


def _fact(name: str, node: Node, scope: Scope) -> FactDefinition | None:
    if not isinstance(node, Keys) or not node.of:
        scope.faults.add(node.line, f"fact `{name}`: a kind and what it is of are wanted.", "Such as {latest: wbc}.")
        return None
    word = next(iter(node.of))
    if word not in KINDS:
        scope.faults.add(node.line, f"fact `{name}`: there is no kind `{word}`.", _kind_meant(word, node))
        return None
    return _of_kind(name, word, node, scope)


def _kind_meant(word: str, node: Keys) -> str:
    later = next((key for key in node.of if key in KINDS), None)
    return f"Write the kind first: {{{later}: …}}." if later else meant(word, KINDS)


def _of_kind(name: str, word: str, node: Keys, scope: Scope) -> FactDefinition:
    kind, what = KINDS[word], f"fact `{name}`"
    of = _Words(scope, what, word, (node.of[word], kind.many))
    params = {key: value for key, value in node.of.items() if key not in (word, "worse")}
    _check_keys(params, kind, node.line, what, scope)
    return FactDefinition(
        name=name,
        kind=word,
        of=of.among(kind.of),
        params={key: _param(key, value, kind, of, scope) for key, value in params.items() if key in kind.params},
        worse=_own_worse(node, what, scope),
        line=node.line,
    )


def _check_keys(params: Mapping[str, Node], kind: Kind, line: int, what: str, scope: Scope) -> None:
    for key in params.keys() - kind.params.keys():
        scope.faults.add(params[key].line, f"{what}: there is no `{key}` here.", meant(key, [*kind.params, "worse"]))
    for key in kind.needs:
        if key not in params:
            scope.faults.add(line, f"{what} has no `{key}`.", f"Add `{key}:`.")


def _own_worse(node: Keys, what: str, scope: Scope) -> str:
    """The way that the fact itself gives; empty if it leaves that to its kind."""
    if "worse" not in node.of:
        return ""
    words = _Words(scope, what, "worse", (node.of["worse"], False)).among(("worse",))
    return words[0] if words else ""


def _param(key: str, node: Node, kind: Kind, of: _Words, scope: Scope) -> str | tuple[str, ...]:
    place, what = kind.params[key], f"{of.what}, `{key}`"
    several = place in ("limits", "detail")
    words = _Words(scope, what, key, (node, several)).among((place,))
    if place == "limits" and len(words) != 2:
        scope.faults.add(node.line, f"{what}: the names of two numbers are wanted.", "Such as [limit_low, limit_high].")
    return words if several else "".join(words)


class _Words:
    """The words of one value of a fact, to be looked up where they must stand."""

    def __init__(self, scope: Scope, what: str, key: str, value: tuple[Node, bool]) -> None:
        self.what = what
        self._scope = scope
        self._key = key
        self._node, several = value
        self.texts = _texts(self._node)
        if not self.texts or (len(self.texts) > 1 and not several):
            wanted = "one word or several" if several else "one word"
            scope.faults.add(self._node.line, f"{what}, `{key}`: {wanted} is wanted.")

    def among(self, places: tuple[str, ...]) -> tuple[str, ...]:
        """The words; a fault for each that none of the places knows."""
        for text in self.texts:
            self._check(text, places)
        return self.texts

    def _check(self, text: str, places: tuple[str, ...]) -> None:
        known_words: list[str] = []
        for place in places:
            if place == "span":
                self._scope.span(text, self._node.line, self.what)
                return
            words = self._listed(place)
            if text in words:
                return
            known_words += words
        place = " or ".join(places)
        self._scope.faults.add(self._node.line, f"{self.what}: there is no {place} `{text}`.", meant(text, known_words))

    def _listed(self, place: str) -> Collection[str]:
        """Every word that this place knows."""
        scope = self._scope
        match place:
            case "fact":
                return scope.fact_nodes
            case "event or fact":
                return [*WORDS["event"], *scope.fact_nodes]
            case "limits":
                return scope.numbers
            case "count":
                return [name for name, number in scope.numbers.items() if number.unit == "count"]
            case "%":
                return [name for name, number in scope.numbers.items() if number.unit == "%"]
            case "finding":
                return [text for text in self.texts if _FINDING.fullmatch(text)]
            case _:
                return WORDS[place] if place in WORDS else known.words(place)


def _texts(node: Node) -> tuple[str, ...]:
    items = node.of if isinstance(node, Items) else (node,)
    texts = tuple(item.text for item in items if isinstance(item, Text) and item.text)
    return texts if len(texts) == len(items) else ()
