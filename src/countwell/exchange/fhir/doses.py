"""The dose of a day in mg, from a Dosage: only where it can be worked out exactly. Everything else is for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from countwell.exchange.fhir.parts import UCUM, first_text, number
from countwell.exchange.fields import FieldFault, Fields, amount
from countwell.vocabulary import lists

TABLETS = frozenset("{tbl} {tablet} {pill} {tab} {TAB} TAB tab tablet tablets pill pills Tablet TABLET".split())
PERIODS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
DAY = timedelta(days=1)
TOO_FINE = (
    "dayOfWeek",
    "timeOfDay",
    "count",
    "countMax",
    "frequencyMax",
    "periodMax",
    "duration",
    "boundsRange",
    "boundsDuration",
)


@dataclass(frozen=True, slots=True)
class Daily:
    """A day's dose. frequency: a listed word, None if it is not one."""

    mg: Decimal
    frequency: str | None


def not_derivable(says: str) -> FieldFault:
    """The fault of a dose that does not come out in mg a day."""
    return FieldFault("mg_per_day", "unreadable", says, "Enter the dose in mg a day by hand.", held=True)


def daily(dosages: Sequence[Fields], strength_mg: Decimal | None) -> Daily:
    """The dose of a day. Raises FieldFault if it does not follow from what was sent."""
    if len(dosages) != 1:
        raise not_derivable(f"{len(dosages)} dosages, so the day's dose is not plain.")
    times, frequency = times_a_day(dosages[0])
    return Daily(times * one_dose(dosages[0], strength_mg), frequency)


def one_dose(dosage: Fields, strength_mg: Decimal | None) -> Decimal:
    """One dose in mg."""
    rates = dosage.objects("doseAndRate")
    dose = rates[0].within("doseQuantity") if len(rates) == 1 else None
    text = number(dose, "value") if dose else None
    if dose is None or text is None or dose.text("comparator"):
        raise not_derivable("no single dose is given.")
    count, unit = amount("doseQuantity", text), dose.text("code") or dose.text("unit") or ""
    if unit == "mg" and dose.text("system") in (UCUM, None):
        return count
    if unit in TABLETS and strength_mg is not None:
        return count * strength_mg
    raise not_derivable("the dose is not in mg, and the product's strength is not known.")


def times_a_day(dosage: Fields) -> tuple[Decimal, str | None]:
    """How often a day, with Countwell's word for it."""
    timing = dosage.within("timing")
    if _as_needed(dosage) or timing is None:
        raise not_derivable("how often a day is not said.")
    repeat = timing.within("repeat")
    if repeat is None or repeat.content.get("frequency") is None:
        return by_word(first_text(timing, "code"))
    return by_repeat(repeat)


def _as_needed(dosage: Fields) -> bool:
    return bool(dosage.content.get("asNeededBoolean") or dosage.content.get("asNeededCodeableConcept"))


def by_word(word: str | None) -> tuple[Decimal, str]:
    """A word or abbreviation such as BID."""
    name = lists.named("frequencies", word or "")
    times = lists.doses_per_day(name) if name else None
    if name is None or times is None:
        raise not_derivable("how often a day is not said.")
    return Decimal(times), name


def by_repeat(repeat: Fields) -> tuple[Decimal, str | None]:
    """`frequency` doses in `period` hours or days."""
    unit = PERIODS.get(repeat.text("periodUnit") or "")
    if unit is None or any(repeat.content.get(name) is not None for name in TOO_FINE):
        raise not_derivable("how often a day does not come out exactly.")
    frequency = amount("frequency", number(repeat, "frequency") or "")
    period = amount("period", number(repeat, "period") or "")
    times = frequency * Decimal(DAY // unit) / period
    if times != times.to_integral_value():
        raise not_derivable("not the same dose every day.")
    return times, _word_for(times)


def _word_for(times: Decimal) -> str | None:
    names = lists.entries("frequencies")
    return next((name for name in names if lists.doses_per_day(name) == times), None)
