"""Finds packs by name, and loads a protocol with the layers that go with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from countwell.base.errors import Fault, PackError
from countwell.model.pack import Pack
from countwell.model.rules import Table
from countwell.pack.faults import meant
from countwell.pack.places import SHIPPED, find, shipped
from countwell.pack.read import read_pack

__all__ = ["SHIPPED", "Loaded", "find", "load", "shipped", "speaking_for", "unread"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A protocol with its layers, in order."""

    pack: Pack
    layers: tuple[Pack, ...] = ()

    @property
    def packs(self) -> tuple[Pack, ...]:
        """The protocol first, then its layers."""
        return (self.pack, *self.layers)

    def tables(self) -> Iterator[tuple[Pack, Table, bool]]:
        """Every table in the order of reading, with its pack, and whether it joins or is only another view."""
        seen: set[str] = set()
        for pack in self.packs:
            for table in pack.tables:
                yield pack, table, table.joins == "always" or table.name not in seen
            seen.update(table.name for table in pack.tables)


def speaking_for(condition: str) -> tuple[str, ...]:
    """The protocols that come with Countwell and speak for this condition."""
    packs = (read_pack(find(name), cases=False) for name in shipped())
    return tuple(pack.name for pack in packs if pack.kind == "protocol" and condition in pack.conditions)


def load(name_or_path: str | Path, layers: Sequence[str] | None = None, *, cases: bool = True) -> Loaded:
    """A protocol with its layers: its own (`with:`), or those that are named. Raises PackError with the faults of all files."""
    path = find(str(name_or_path))
    pack = read_pack(path, cases=cases)
    _refuse_kind(pack, "protocol")
    return _with_layers(pack, pack.layers if layers is None else tuple(layers), cases)


def _with_layers(pack: Pack, names: Sequence[str], cases: bool) -> Loaded:
    faults = [
        Fault(f"{pack.path}:1", f"the layer `{name}` stands twice.", "Take one out.")
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    layers: list[Pack] = []
    for name in dict.fromkeys(names):
        try:
            layers.append(_layer(name, pack, cases))
        except PackError as error:
            faults += error.faults
    loaded = Loaded(pack, tuple(layers))
    if faults := faults or unread(loaded):
        raise PackError(faults)
    return loaded


def _layer(name: str, pack: Pack, cases: bool) -> Pack:
    layer = read_pack(find(name, beside=Path(pack.path).parent), cases=cases)
    _refuse_kind(layer, "layer")
    if layer.layers:
        what = f"{layer.name} is a layer and takes layers along itself: {', '.join(layer.layers)}."
        raise PackError([Fault(f"{layer.path}:1", what, "Name all layers in the protocol, in their order.")])
    return layer


def _refuse_kind(pack: Pack, wanted: str) -> None:
    if pack.kind != wanted:
        raise PackError([Fault(f"{pack.path}:1", f"{pack.name} is a {pack.kind}, not a {wanted}.", "Choose another.")])


def unread(loaded: Loaded) -> list[Fault]:
    """A fault for each table that a pack `reads` and no earlier one has."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for pack in loaded.packs:
        faults += [_unread(pack, name, seen) for name in pack.reads if name not in seen]
        seen.update(table.name for table in pack.tables)
    return faults


def _unread(pack: Pack, name: str, seen: set[str]) -> Fault:
    return Fault(
        f"{pack.path}:1", f"{pack.name} reads the table `{name}`, which no earlier pack has.", meant(name, seen)
    )
