"""What became of everything that came: received = filed + held + refused, for each source, with reasons and examples.

No example says anything of a patient: a code, a unit, and a value if it looks like a number.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from countwell.base.errors import Unreadable
from countwell.cohort.readings import held_to_wholes, read_results
from countwell.exchange.entries import Part
from countwell.exchange.kinds import WITHDRAWN
from countwell.exchange.limits import clipped
from countwell.exchange.repeats import id_of
from countwell.exchange.strict_json import Node
from countwell.model.records import Record, Refused, Result
from countwell.vocabulary.quantities import Quantity, read_quantity
from countwell.vocabulary.tests import test

OUTCOMES = ("filed", "held", "refused")
UNIT_OPEN = ("no-unit", "ambiguous-unit")
MOST_EXAMPLES = 2 + 1
LIKE_A_NUMBER = re.compile(r"[<>=≤≥+\-.,\s\d/^*eE%]{1,24}")
LIKE_A_WORD = re.compile(r"\S{1,24}")
PLACES = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Why:
    """Why something was held or refused."""

    source: str
    outcome: str
    why: str
    field: str


@dataclass
class Tally:
    """Counts. unlisted: codes and names that are not listed, as sent; units: (test, unit) that were refused."""

    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reasons: Counter[Why] = field(default_factory=Counter)
    examples: dict[Why, list[Mapping[str, str]]] = field(default_factory=lambda: defaultdict(list))
    unlisted: Counter[str] = field(default_factory=Counter)
    units: Counter[tuple[str, str]] = field(default_factory=Counter)

    def filed(self, source: str, count: int = 1) -> None:
        """So many entries were filed."""
        self.outcomes[source]["filed"] += count

    def put(self, source: str, outcome: str, why: str, where: str = "", sent: Node = None) -> None:
        """One entry was held or refused."""
        self.outcomes[source][outcome] += 1
        reason = Why(source, outcome, why, PLACES.sub("", where))
        self.reasons[reason] += 1
        shown = example(sent)
        if shown and len(self.examples[reason]) < MOST_EXAMPLES and shown not in self.examples[reason]:
            self.examples[reason].append(shown)

    def unread(self, source: str, event: Mapping[str, Node], why: str, count: int) -> None:
        """So many results of that wording have the form of a result and no value that can be used."""
        held = why in UNIT_OPEN
        reason = Why(source, "held" if held else "refused", why, "unit" if held else "value")
        self.put(source, reason.outcome, why, reason.field, dict(event))
        self.outcomes[source][reason.outcome] += count - 1
        self.reasons[reason] += count - 1
        if held:
            self.units[str(event["test"]), _word(event.get("unit"))] += count

    def received(self, source: str) -> int:
        """How many entries came from a source."""
        return sum(self.outcomes[source].values())

    def take(self, sources: Sequence[str], parts: Sequence[Part], record: Record) -> None:
        """Count the parts of one patient's record, each with the name of its source."""
        refused = _refused_by_ref(record)
        place = 0
        for source, part in zip(sources, parts, strict=True):
            refs = [id_of(event) or f"#{place + offset}" for offset, event in enumerate(part.events)]
            place += len(part.events)
            self._outcome(source, part, [item for ref in dict.fromkeys(refs) for item in refused.get(ref, ())])

    def _outcome(self, source: str, part: Part, refused: Sequence[Refused]) -> None:
        for event in part.events:
            self._notice(event)
        if not refused:
            self.filed(source)
            return
        item = next((item for item in refused if item.held), refused[0])
        sent = next((event for event in part.events if isinstance(event, dict)), None)
        self.put(source, "held" if item.held else "refused", item.why, item.field, sent)

    def not_read(self, source: str, event: Mapping[str, Node], count: int) -> None:
        """So many entries of that wording were filed that are not read."""
        self.filed(source, count)
        self._notice(dict(event), count)

    def _notice(self, event: Node, count: int = 1) -> None:
        """Keep what a person who maintains the lists would want to know: codes and units that are not listed."""
        if not isinstance(event, dict):
            return
        if event.get("kind") == "other-result" or (event.get("kind") == "result" and event.get("test") is None):
            self.unlisted[_code(event) or clipped(str(event.get("display") or "no code"))] += count
        elif event.get("kind") == "result" and event.get("value") is not None and event.get("status") not in WITHDRAWN:
            name, unit = str(event["test"]), event.get("unit")
            read = quantity(name, str(event["value"]), None if unit is None else str(unit))
            if isinstance(read, Unreadable) and read.why in UNIT_OPEN:
                self.units[name, _word(unit)] += 1


def example(event: Node) -> Mapping[str, str]:
    """What may be shown of an event: never its words, dates, or anything of the patient."""
    if not isinstance(event, dict):
        return {}
    shown = {"kind": str(event.get("kind") or ""), "code": _code(event), "test": _word(event.get("test"))}
    if event.get("kind") == "result":
        shown |= {
            "value": _number(event.get("value")),
            "unit": _word(event.get("unit")),
            "status": _word(event.get("status")),
        }
    return {name: text for name, text in shown.items() if text}


def _code(event: Mapping[str, Node]) -> str:
    code = event.get("code")
    return f"{_word(code.get('system'))} {_word(code.get('code'))}" if isinstance(code, dict) else ""


def _number(value: Node) -> str:
    """A value if it looks like a number, else how long it is: a text may hold anything."""
    if value is None:
        return ""
    text = str(value)
    return text if LIKE_A_NUMBER.fullmatch(text) else f"(a text of {len(text)} characters)"


def _word(value: Node) -> str:
    """A code or a unit if it is one short word, else that it is none."""
    if value is None:
        return ""
    return clipped(str(value)) if LIKE_A_WORD.fullmatch(str(value)) else "(several words)"


def _refused_by_ref(record: Record) -> Mapping[str | None, list[Refused]]:
    """All that cannot be used: what was refused, and the results whose value cannot be read."""
    found: dict[str | None, list[Refused]] = defaultdict(list)
    for item in (*record.refused, *unread(record)):
        found[item.event].append(item)
    return found


def unread(record: Record) -> Iterator[Refused]:
    """The results of a record whose form is right and whose value cannot be used, parts above their whole among them."""
    for name, row in held_to_wholes(read_results(e for e in record.events if isinstance(e, Result))).items():
        for reading in row:
            if (problem := reading.problem) is not None:
                where, held = "unit" if problem.why in UNIT_OPEN else "value", problem.why in UNIT_OPEN
                yield Refused(reading.ref, where, "", problem.why, "", "", "laboratory desk", test=name, held=held)


@lru_cache(maxsize=1 << 15)
def quantity(name: str, value: str, unit: str | None) -> Quantity | Unreadable | None:
    """A value read, or why it cannot be; None if results of that test are no numbers."""
    if test(name).scale != "number":
        return None
    try:
        return read_quantity(name, value, unit)
    except Unreadable as error:
        return error


def known_end(read: Quantity) -> Decimal:
    """The value, or the end of a censored one that is known."""
    return read.high if read.high is not None else read.low
