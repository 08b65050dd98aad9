"""Whether each accepted spelling of a unit has the factor that it says: read anew from the spelling, and compared.

What a prefix and a unit mean is written down here a second time, on purpose: the vocabulary's factors are not asked. A factor
between mass and amount of substance rests on a molar mass and cannot be read from a spelling; there only agreement within the
family is checked (mg/dL with mg/L, umol/L with mmol/L).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from countwell.engine.prove.patients import decimal
from countwell.engine.prove.verdict import Verdict
from countwell.vocabulary.units import Family, Unit, families


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a spelling can mean: so many of the base of its kind (`g/L`: 1 of mass a litre)."""

    kind: str
    factor: Fraction


_PREFIX = {
    "f": -15,
    "femto": -15,
    "p": -12,
    "n": -9,
    "u": -6,
    "mc": -6,
    "micro": -6,
    "m": -3,
    "c": -2,
    "d": -1,
    "": 0,
    "k": 3,
}
_THOUSANDS = "k thou thous thousand tys tsd".split()
_MANY = dict.fromkeys(_THOUSANDS, 10**3) | dict.fromkeys(["lakh", "lakhs", "lac", "lacs"], 10**5)
_MANY |= {"mpt": 10**6} | dict.fromkeys(["g", "giga", "gpt", "bill"], 10**9)
_ONE = {"", "1", "#", "cell", "cells"}
_MASS = {"g": 1, "gm": 1, "gms": 1, "gram": 1, "grams": 1, "gs": 1}
_AMOUNT = {"mol": 1}
_ENZYME_UNIT = Fraction(1, 60 * 10**6)  # of a katal: one micromole a minute
_ENZYME = {"kat": Fraction(1)} | dict.fromkeys(["u", "ie", "iu", "ui", "[iu]", "e", "unit", "units"], _ENZYME_UNIT)
_CUBIC_MILLIMETRE = Fraction(1, 10**6)  # in litres
_CUBIC = "mm3 mm^3 cumm cmm cu.mm cu.mm. c.mm".split()
_LITRE = {"l": Fraction(1), "lit": Fraction(1), "litre": Fraction(1)}
_VOLUME = dict.fromkeys(_CUBIC, _CUBIC_MILLIMETRE) | {"100ml": Fraction(1, 10)}
_POUND = Fraction(45359237, 10**5)  # in grams, by definition
_POUNDS = dict.fromkeys(["lb", "lbs", "lb_av", "[lb_av]", "pound", "pounds"], _POUND)
_STONES = dict.fromkeys(["st", "stone", "stones", "[stone_av]"], 14 * _POUND)
_KILOS = dict.fromkeys(["kgs", "kilo", "kilogram", "kilograms"], Fraction(1000))
_INCH = Fraction(254, 10**4)  # in metres, by definition
_LENGTH = dict.fromkeys(["m", "metre", "metres", "meter", "meters"], Fraction(1))
_INCHES = dict.fromkeys(["in", "inch", "inches", "[in_i]"], _INCH) | {
    "centi" + word: Fraction(1, 100) for word in _LENGTH
}
_CUBIC_MICRONS = dict.fromkeys("um3 um^3 cuum cu.microns cubicmicrons".split(), Fraction(1, 10**15))
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_WHOLE, _TENTH = Decimal(1), Decimal(1) / 10
_POWER = re.compile(r"[x*]?10(?:\*\*|\*|\^|e\+?|\(|-)?([1-9]\d?)\)?")


def prove_units(of: Iterable[Family] | None = None) -> list[Verdict]:
    """One verdict for each family of units (by default, those of the vocabulary), or one for each wrong spelling."""
    return [verdict for family in (families().values() if of is None else of) for verdict in _prove(family)]


def _prove(family: Family) -> Iterator[Verdict]:
    spelled = [(unit, spelling) for unit in family.units for spelling in dict.fromkeys((unit.ucum, *unit.spellings))]
    faults = [*_wrong(family, spelled), *_disagreeing(family, spelled)]
    # One factor stands for many spellings: the first that shows it wrong is enough.
    yield from {verdict.says.partition(" is read as ")[2]: verdict for verdict in reversed(faults)}.values()
    if not faults:
        yield _verdict(family, True, None, _says(family, [spelling for _, spelling in spelled]))


def _says(family: Family, spelled: list[str]) -> str:
    unread = [spelling for spelling in spelled if not meanings(spelling)]
    if unread and len(family.units) == 1:
        return "one unit: nothing is converted"
    rest = f"; not read: {', '.join(unread)}" if unread else ""
    return f"{len(spelled) - len(unread)} of {len(spelled)} spellings agree with their factors{rest}"


def _wrong(family: Family, spelled: list[tuple[Unit, str]]) -> Iterator[Verdict]:
    """Spellings of the same kind as the canonical unit: the factor can be read from them."""
    base = meanings(family.canonical)
    for unit, spelling in spelled:
        expected = [mine.factor / its.factor for mine in meanings(spelling) for its in base if mine.kind == its.kind]
        if expected and _factor(unit) not in expected:
            yield _misread(family, unit, spelling, expected[0])
    yield from (_misread_temperature(family, unit) for unit in family.units if not _is_temperature(unit))


def _misread(family: Family, unit: Unit, spelling: str, expected: Fraction) -> Verdict:
    sent = Fraction(3) / expected
    read = f"{_plain(sent * _factor(unit))} {family.canonical}"
    witness = {"sent": f"{_plain(sent)} {spelling}", "read as": read, "is": f"3.0 {family.canonical}"}
    says = f"3.0 {family.canonical}, sent as {_plain(sent)} {spelling}, is read as {_plain(sent * _factor(unit))}"
    return _verdict(family, False, witness, says)


def _disagreeing(family: Family, spelled: list[tuple[Unit, str]]) -> Iterator[Verdict]:
    """Spellings of another kind than the canonical unit: all of one kind must agree with the first."""
    base = {meaning.kind for meaning in meanings(family.canonical)}
    first: dict[str, tuple[Unit, str, Fraction]] = {}
    for unit, spelling in spelled:
        for meaning in (meaning for meaning in meanings(spelling) if base and not base & {meaning.kind}):
            other, its, factor = first.setdefault(meaning.kind, (unit, spelling, meaning.factor))
            expected = _factor(other) * meaning.factor / factor
            if _factor(unit) != expected and not base & {also.kind for also in meanings(spelling)}:
                yield _unlike(family, (unit, spelling), its, expected)


def _unlike(family: Family, wrong: tuple[Unit, str], other: str, expected: Fraction) -> Verdict:
    unit, spelling = wrong
    read, like = (f"{_plain(factor)} {family.canonical}" for factor in (_factor(unit), expected))
    says = f"1 {spelling} is read as {read}; going by {other} it is {like}"
    return _verdict(family, False, {"sent": f"1 {spelling}", "read as": read, "is": like}, says)


def _factor(unit: Unit) -> Fraction:
    return Fraction(unit.times) / Fraction(unit.divide)


def _plain(value: Fraction) -> str:
    return decimal(value, _TENTH if value == 3 else _WHOLE)


def _is_temperature(unit: Unit) -> bool:
    """Whether a unit with a zero of its own agrees with water freezing and boiling; other units have none."""
    points = {"[degF]": ((32, 0), (212, 100))}.get(unit.ucum, () if unit.minus == 0 else ((0, 1),))
    return all((sent - Fraction(unit.minus)) * _factor(unit) == read for sent, read in points)


def _misread_temperature(family: Family, unit: Unit) -> Verdict:
    read = (212 - Fraction(unit.minus)) * _factor(unit)
    words = {
        "sent": f"212 {unit.ucum}",
        "read as": f"{_plain(read)} {family.canonical}",
        "is": f"100 {family.canonical}",
    }
    return _verdict(family, False, words, f"212 {unit.ucum} is read as {_plain(read)} {family.canonical}")


def _verdict(family: Family, ok: bool, witness: Mapping[str, str] | None, says: str) -> Verdict:
    return Verdict("vocabulary", family.name, "units", ok, witness, says)


def meanings(spelling: str) -> set[Meaning]:
    """All that a spelling can mean: `G/L` is grams or thousand millions a litre, and the family tells which.

    >>> meanings("10^3/uL") == meanings("10*9/L")
    True
    """
    text = _folded(spelling)
    if text.endswith("%"):
        return set(_per(text[:-1], "dl"))
    above, bar, below = text.partition("/")
    return set(_per(above, below)) if bar else set(_alone(above))


def _folded(spelling: str) -> str:
    """One way of writing for all: no capitals, no blanks, no notes in braces."""
    text = re.sub(r"\bper\s+", "/", re.sub(r"\{[^}]*\}", "", spelling), flags=re.IGNORECASE)
    text = re.sub(r"\b10x(?=\d/)", "10^", re.sub(r"\s", "", text))
    text = re.sub(r"microlit(er|re)", "ul", re.sub(r"cubicmillimet(er|re)", "mm3", text, flags=re.IGNORECASE))
    return text.translate(_SUPERSCRIPTS).replace("×", "x").replace("µ", "u").replace("μ", "u").lower()


def _per(above: str, below: str) -> Iterator[Meaning]:
    volume = _prefixed(below, _LITRE) or _VOLUME.get(below)
    if volume is not None:
        yield from (Meaning(f"{kind} a litre", factor / volume) for kind, factor in _counted(above))


def _counted(above: str) -> Iterator[tuple[str, Fraction]]:
    if (number := _many(above)) is not None:
        yield "number", number
    for kind, units in (("mass", _MASS), ("amount", _AMOUNT), ("activity", _ENZYME)):
        if (factor := _prefixed(above, units)) is not None:
            yield kind, factor


def _many(text: str) -> Fraction | None:
    word = text.strip(".*x")
    if text in _ONE:
        return Fraction(1)
    if power := _POWER.fullmatch(text):
        return Fraction(10 ** int(power[1]))
    return Fraction(int(word)) if word.isascii() and word.isdigit() else _whole(_MANY.get(word))


def _whole(number: int | None) -> Fraction | None:
    return None if number is None else Fraction(number)


def _prefixed(text: str, units: Mapping[str, Fraction | int]) -> Fraction | None:
    """A unit with a prefix: `umol`, `ml`."""
    found = (
        Fraction(units[text.removeprefix(prefix)]) * Fraction(10) ** power
        for prefix, power in _PREFIX.items()
        if text.startswith(prefix) and text.removeprefix(prefix) in units
    )
    return next(found, None)


def _alone(text: str) -> Iterator[Meaning]:
    """A unit without a bar: a weight, a length, a volume, or a molar concentration."""
    if text.endswith("m") and text[:-1] in _PREFIX:
        yield Meaning("amount a litre", Fraction(10) ** _PREFIX[text[:-1]])
    kinds = (
        ("mass", _MASS | _KILOS | _POUNDS | _STONES),
        ("length", _LENGTH | _INCHES),
        ("volume", _LITRE | _CUBIC_MICRONS),
    )
    for kind, units in kinds:
        if (factor := units.get(text) or _prefixed(text, units)) is not None:
            yield Meaning(kind, Fraction(factor))
