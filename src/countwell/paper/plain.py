"""Numbers, doses, units, dates and foreign text as people read them. Nothing is rounded onto or across a limit."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from countwell.base.dates import Moment
from countwell.paper.words import UNITS, shown
from countwell.vocabulary.tests import groups, measures, test_named, tests

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
JOINERS = "\u200c\u200d"
NARROW = "\u00a0"
OF_LIMIT = "_times"
# Units as they stand after a number in a sentence; those that are words of the language too are left as they are.
IN_TEXT = re.compile(rf"(?<=\d) ({'|'.join(re.escape(name) for name in UNITS if not name.isalpha())})(?![\w*/])")
# How the packs shorten what they compute from results, in a reader's words.
SHORT = {"neut": "neutrophils", "plt": "platelets", "half": "fall from baseline", "drop": "fall"}


def clean(text: object) -> str:
    """Any text, safe to show on one line: characters that are not seen, or turn the direction of reading, are named."""
    line = str(text)
    # Looked at letter by letter, plain words would take a third of the time of a page.
    return line if line.isascii() and line.isprintable() else "".join(map(_seen, line))


def _seen(char: str) -> str:
    if char in "\n\r\t\u2028\u2029":
        return " "
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn", "Co") and char not in JOINERS
    return f"⟨U+{ord(char):04X}⟩" if hidden else char


def number(value: Decimal | str) -> str:
    """A number with the digits it has, never as a power of ten."""
    return format(value, "f") if isinstance(value, Decimal) else value


def dose(mg: Decimal | str) -> str:
    """A dose without trailing zeros: 50, 62.5."""
    digits = number(Decimal(mg))
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def short(value: Decimal, limits: Collection[Decimal] = (), places: int = 2) -> str:
    """A quotient with few digits: as many more as keep it off any limit and off any rounder number."""
    if not value.is_finite() or -int(value.as_tuple().exponent) <= places:
        return number(value)
    while True:
        rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        rounder = rounded == rounded.quantize(Decimal(1).scaleb(1 - places), ROUND_HALF_EVEN) or rounded in limits
        if rounded == value or not rounder or places > 12:
            return dose(rounded)
        places += 1


def unit(name: str) -> str:
    """A unit as it is printed."""
    return UNITS.get(name, clean(name))


def as_read(text: str) -> str:
    """A sentence of an answer as it is printed: `2.9 10*9/L` is `2.9 ×10⁹/L`, kept on one line. An answer keeps UCUM."""
    return IN_TEXT.sub(lambda found: f"{NARROW}{unit(found[1])}", text)


def with_unit(value: str, name: str) -> str:
    """A number and its unit, kept on one line."""
    return f"{value}{NARROW}{unit(name)}" if unit(name) else value


def day(when: date) -> str:
    """A date such as 2 Mar 2026."""
    return f"{when.day}{NARROW}{MONTHS[when.month - 1]}{NARROW}{when.year}"


def day_of(text: object) -> str:
    """The date that a text of an answer's details holds; the text itself if it holds none."""
    try:
        return day(date.fromisoformat(str(text)[:10]))
    except ValueError:
        return clean(text)


def moment(when: Moment, time_zone: ZoneInfo) -> str:
    """A moment on the patient's own calendar, such as 2 Mar 2026, 10:00."""
    clock = "" if when.whole_day else when.at.astimezone(time_zone).strftime(", %H:%M")
    return day(when.day) + clock


def fact(name: str) -> str:
    """A fact, a test or a group of tests by its display name; a fact of a pack by its own, tests in it spelled out."""
    for listed in (tests(), groups(), measures()):
        if name in listed:
            return str(listed[name].display)
    if name.endswith(OF_LIMIT):  # what it is a multiple of is its unit
        return fact(name.removesuffix(OF_LIMIT))
    first, *rest = name.replace("_", " ").replace("-", " ").split() or [""]
    test = test_named(SHORT.get(first, first))
    subject = tests()[test].display if test else first[:1].upper() + first[1:]
    return clean(" ".join([subject, *map(_spelled, rest)]))


def _spelled(word: str) -> str:
    test = test_named(word)
    return lower_first(tests()[test].display) if test else SHORT.get(word, word)


def lower_first(words: str) -> str:
    """The same words in the middle of a sentence; an abbreviation keeps its letters."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def rule_words(table: str, rule: str) -> str:
    """A rule of a table as it is headed: `Fever: low count`."""
    return f"{fact(table)}: {lower_first(fact(rule))}"


def listing(items: Collection[str]) -> str:
    """`a, b and c`."""
    *most, last = items or ("",)
    return f"{', '.join(most)} and {last}" if most else last


def age(born: date, on: date) -> int:
    """Whole years on that day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def said(word: str) -> str:
    """A closed word without its hyphens."""
    return clean(shown({}, word))
