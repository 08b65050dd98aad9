"""The accepted spellings of units, by family, each with its exact factor. Case counts, nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cache

from countwell.vocabulary.load import Row, rows

# Results carry at most 28 digits; products of sent values and factors are far shorter, so they are exact.
_EXACT = Context(prec=28)


@dataclass(frozen=True, slots=True)
class Unit:
    """One way to give a quantity: canonical value = (value - minus) * times / divide.

    canonical: the unit of the result; ucum: the UCUM expression that `spellings` stand for.
    """

    canonical: str
    ucum: str
    spellings: tuple[str, ...]
    times: Decimal
    divide: Decimal = Decimal(1)
    minus: Decimal = Decimal(0)

    def to_canonical(self, value: Decimal) -> Decimal:
        """`value` in the canonical unit, exactly (Fahrenheit: to 28 digits).

        In the canonical unit the digits stay as sent (3.0 is 3.0); converted, zeros at the end go (3000 /uL is 3).
        """
        if self.times == 1 and not self.minus:
            return value
        product = _EXACT.multiply(_EXACT.subtract(value, self.minus), self.times)
        return _short(_EXACT.divide(product, self.divide))


@dataclass(frozen=True, slots=True)
class Family:
    """Units that measure one kind of thing.

    not_these: spellings that are something else, with what they are; percentages: spellings of a share, which has no
    reading in any of the units.
    """

    name: str
    canonical: str
    units: tuple[Unit, ...]
    not_these: Mapping[str, str]
    percentages: tuple[str, ...]
    decided_by: str


@cache
def families() -> Mapping[str, Family]:
    """Every family of units by name."""
    return {row.name: _family(row.only(*_FIELDS)) for row in rows("units")}


@cache
def spellings(*names: str) -> Mapping[str, Unit]:
    """Every accepted spelling in the families `names`, with its unit.

    Raises ValueError if two families read one spelling differently.
    """
    found: dict[str, Unit] = {}
    for unit in (unit for name in names for unit in families()[name].units):
        for spelling in unit.spellings:
            if found.setdefault(spelling, unit) is not unit:
                raise ValueError(f"the unit spelling {spelling!r} has two meanings in {names}.")
    return found


def _family(row: Row) -> Family:
    canonical = row.text("canonical")
    units = tuple(_unit(unit, canonical) for unit in row.rows("units"))
    return Family(
        row.name, canonical, units, row.mapping("not_these"), row.texts("percentages"), row.text("decided_by")
    )


def _unit(row: Row, canonical: str) -> Unit:
    row.only("ucum", "times", "divide", "minus", "spellings")
    times, divide, minus = (Decimal(row.text(field, default)) for field, default in _DEFAULTS)
    return Unit(canonical, row.text("ucum"), row.texts("spellings"), times, divide, minus)


def _short(value: Decimal) -> Decimal:
    short = value.normalize(_EXACT)
    return short.quantize(Decimal(1), context=_EXACT) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]


_FIELDS = "canonical decided_by units not_these percentages".split()
_DEFAULTS = (("times", "1"), ("divide", "1"), ("minus", "0"))
