"""The closed list of vaccines, by product: `live` belongs to the product, never to the disease."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from countwell.vocabulary.load import Row, rows
from countwell.vocabulary.names import index, key


@dataclass(frozen=True, slots=True)
class Vaccine:
    """One vaccine. live: True, False, or None if the name covers live and other products: then `choices` are those."""

    name: str
    live: bool | None
    also: tuple[str, ...]
    choices: tuple[str, ...]

    @property
    def question(self) -> str:
        """What to ask when the name alone does not say which product; "" when it does."""
        return f"Which one: {' or '.join(self.choices)}?" if self.choices else ""


@cache
def vaccines() -> Mapping[str, Vaccine]:
    """Every vaccine by name, the ambiguous names included."""
    return {row.name: _vaccine(row) for row in rows("vaccines")}


def vaccine_named(text: str) -> str | None:
    """The listed vaccine that `text` names, with or without the word "vaccine"; None if it is not listed.

    The name may be ambiguous ("influenza"): then `vaccines()[name].live` is None and `question` asks.
    """
    wanted = key(text)
    return _names().get(wanted) or _names().get(wanted.removesuffix(" vaccine"))


def live_vaccines() -> frozenset[str]:
    """The names of the live vaccines."""
    return frozenset(vaccine.name for vaccine in vaccines().values() if vaccine.live)


_LIVE: Mapping[str, bool | None] = {"yes": True, "no": False, "ambiguous": None}


def _vaccine(row: Row) -> Vaccine:
    row.only("live", "also", "choices")
    return Vaccine(row.name, _LIVE[row.text("live")], row.texts("also"), row.texts("choices"))


@cache
def _names() -> Mapping[str, str]:
    return index((vaccine.name, vaccine.also) for vaccine in vaccines().values())
