"""Versions of packs: which is newer, and whether the rules are the same."""

from __future__ import annotations

from pathlib import Path

from countwell.model.pack import Number, Pack
from countwell.pack.certificate import rules_hash
from countwell.pack.read import read_pack


def version(pack: Pack) -> tuple[int, int, int]:
    """The version of a pack as three numbers, which compare as versions do."""
    return numbers(pack.version)


def numbers(text: str) -> tuple[int, int, int]:
    """A version, as it is written, as three numbers."""
    major, minor, patch = (int(part) for part in text.split("."))
    return major, minor, patch


def is_newer(one: Pack, other: Pack) -> bool:
    """Whether `one` has a higher version than `other`."""
    return version(one) > version(other)


def same_rules(one: Pack, other: Pack) -> bool:
    """Whether two packs decide alike: the same numbers, facts and tables, whatever their prose says."""
    return rules_hash(one) == rules_hash(other)


def needs_new_version(old: Pack, new: Pack) -> bool:
    """Whether the rules have changed without a higher version."""
    return not same_rules(old, new) and not is_newer(new, old)


def changed(pack: Pack) -> list[tuple[Number, Number]]:
    """The numbers that a pack changes of the one that it extends: as they are there, and here."""
    if pack.extends is None:
        return []
    before = read_pack(Path(pack.extends.path)).numbers
    return [(before[name], number) for name, number in pack.numbers.items() if number.agreed]
