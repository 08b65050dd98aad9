"""Finding a patient: by any part of a name, by number, by birth date. Only those in the person's care are looked through."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from countwell.clinic.models import Patient, Person
from countwell.clinic.store.hours import today_of
from countwell.clinic.store.scope import patients_of
from countwell.clinic.store.standing import late_days
from countwell.clinic.store.worklist import OVER

# Letters that no accent makes, as people type them who do not have them on their keys.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
SIGNS = re.compile(r"[\W_]+")  # the accents that `NFKD` sets apart among them
ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b|(?<=sep)t\b", re.IGNORECASE)  # what `12th Sept` has more than `12 Sep`
# A day as people write it, its parts set apart by a space or by nothing. 03 02 1974 is two days: both are looked for.
DAYS = (
    "%Y %m %d", "%d %m %Y", "%m %d %Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%Y %b %d", "%Y %B %d",
    "%Y%m%d", "%d%m%Y", "%m%d%Y", "%d%b%Y",
)  # fmt: skip
PARTS = len(("day", "month", "year"))
CENTURIES = ("19", "20")
LONGEST = 10  # words in a row that are taken as one number or one day


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand next to each other, taken as one: as letters and digits, and the days that it can mean."""

    text: str
    days: frozenset[date]

    @classmethod
    def of(cls, typed: str) -> Run:
        """Out of what was typed."""
        return cls(folded(typed), days_of(typed))

    def fits(self, name: str, number: str, born: date | None) -> bool:
        """Whether it stands in a patient's name or number, or can mean the birth date."""
        return self.text in name or self.text in number or born in self.days


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for. runs: for each word, in order, the runs that begin with it, the shortest first."""

    runs: tuple[tuple[Run, ...], ...]

    @classmethod
    def of(cls, typed: str) -> Sought:
        """Out of what was typed. Nothing typed fits everybody."""
        words = [word for word in typed.replace(",", " ").split() if folded(word)]
        return cls(tuple(_runs(words[place : place + LONGEST]) for place in range(len(words))))

    @property
    def days(self) -> frozenset[date]:
        """Every day that can be meant by some of it."""
        return frozenset(day for runs in self.runs for run in runs for day in run.days)

    def fits(self, name: str, number: str, born: date | None) -> bool:
        """Whether a patient is meant: each word by itself, or with those next to it, is in the name, the number or the birth
        date. So a number and a day may be typed with spaces, before or after a name."""
        reached = {0}
        for place, runs in enumerate(self.runs):
            if place in reached:
                reached |= {place + words for words, run in enumerate(runs, 1) if run.fits(name, number, born)}
        return len(self.runs) in reached


def _runs(words: Sequence[str]) -> tuple[Run, ...]:
    return tuple(Run.of(" ".join(words[:count])) for count in range(1, len(words) + 1))


def folded(text: str) -> str:
    """Letters and digits alone, small and without accents: `O’Neill` is `oneill`, `Müller-Łuć` is `mullerluc`."""
    small = text.casefold()
    plain = small if small.isascii() else unicodedata.normalize("NFKD", small).translate(PLAIN)
    return SIGNS.sub("", plain)


def days_of(text: str) -> frozenset[date]:
    """The days that a text can mean; none if it is no day. Two digits of a year are of this century or the last."""
    parts = ORDINAL.sub("", "".join(sign if sign.isalnum() else " " for sign in text)).split()
    if not 0 < len(parts) <= PARTS or not any(sign.isdigit() for sign in text):
        return frozenset()
    *others, last = parts
    years = [last, *(f"{century}{last}" for century in CENTURIES)] if others and len(last) == 2 else [last]
    return frozenset(day for year in years for day in _read(" ".join([*others, year])))


def _read(text: str) -> Iterator[date]:
    for form in DAYS:
        try:
            yield datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue


def found(person: Person, at: datetime, text: str) -> list[int]:
    """The keys of those in the person's care who are meant, by name. All names of a record count, not only the first."""
    sought = Sought.of(text)
    rows = patients_of(person, at).order_by("name", "born", "pk")
    if not sought.runs:
        return list(rows.values_list("pk", flat=True))
    columns = rows.values_list("pk", "name", "number", "born", "head")
    return [pk for pk, name, number, born, head in columns if sought.fits(_names(name, head), folded(number), born)]


def _names(name: str, head: str) -> str:
    """All names by which a patient is known, as one text."""
    others = json.loads(head)["patient"].get("names") or ()
    return " ".join(folded(one) for one in {name, *map(str, others)})


@dataclass(frozen=True, slots=True)
class Found:
    """One row. late: days that a test is late today; the rest is what the rules last said."""

    patient: Patient
    late: int


def shown(person: Person, at: datetime, keys: list[int]) -> list[Found]:
    """These patients in the order of the keys. Nothing is decided anew for it."""
    today = today_of(person.clinic, at)
    whole = patients_of(person, at).filter(pk__in=keys).select_related("standing", "owner").defer("standing__answer")
    by_key = whole.in_bulk()
    return [Found(by_key[key], _late(by_key[key], today)) for key in keys if key in by_key]


def _late(patient: Patient, today: date) -> int:
    standing = getattr(patient, "standing", None)
    return 0 if standing is None or standing.state in OVER else late_days(standing.due, today)
