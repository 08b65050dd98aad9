"""The facts of a plan against the word lists of a store: one row of integers for each, and its members."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from countwell.cohort import shape as at
from countwell.cohort.columns import (
    CIRCUMSTANCE,
    GENOTYPE,
    HISTORY,
    LABEL,
    LIST_CONFIRMED,
    MEDICINE,
    ORDER,
    SCALE,
    STATES,
    SYMPTOM,
    VACCINATION,
)
from countwell.cohort.plan import Plan, members
from countwell.cohort.wanted import EVENTS, Fact
from countwell.cohort.words import Words
from countwell.vocabulary.medicines import medicines
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import groups, test

Lists = Mapping[str, Sequence[str]]
WORSE = {"none": 0, "lower": 1, "higher": 2}
COURSE_EVENTS = dict(zip(EVENTS, (at.RUN, at.FIRST, at.CHANGE, at.HALT, at.REDUCE), strict=True))
AGAINST = {"baseline": at.BASELINE, "highest": at.HIGHEST, "lowest": at.LOWEST}


@dataclass
class Members:
    """Lists of places, one after the other."""

    all: list[int] = field(default_factory=list)

    def put(self, numbers: Iterable[int]) -> tuple[int, int]:
        """Puts a list in; where it begins and how many they are."""
        row = list(numbers)
        begin = len(self.all)
        self.all += row
        return begin, len(row)


def bits(places: Iterable[int]) -> int:
    return sum(1 << place for place in dict.fromkeys(places))


def fact_row(fact: Fact, tests: Mapping[str, int], lists: Lists, words: Words, in_all: Members) -> Sequence[int]:
    row = [0] * at.FACT_COLUMNS
    row[at.KIND] = at.KINDS.index(fact.kind)
    members = list(_members(fact, tests, lists, words))
    row[at.FROM], row[at.MANY] = in_all.put(members)
    row[at.WORSE] = WORSE[fact.worse]
    row[at.EVENT] = COURSE_EVENTS.get(fact.event or "", at.NONE)
    row[at.HANGS_ON] = at.NONE if fact.hangs_on is None else fact.hangs_on
    row[at.WITHIN], row[at.WITHIN_UNIT] = _span(fact, "within", "confirmed", "after", "apart", "weight-within")
    row[at.AGE], row[at.AGE_UNIT] = _span(fact, "limit-within")
    row[at.LIMITS] = fact.words.get("as") == "limits"
    row[at.BETWEEN_LOW], row[at.BETWEEN_HIGH] = (scaled(end) for end in fact.between or (0, 0))
    row[at.AGAINST] = AGAINST.get(str(fact.words.get("against")), 0)
    row[at.PERCENT] = fact.words.get("as") == "%"
    row[at.FALL] = fact.words.get("direction") == "fall"
    row[at.STEP] = scaled(fact.numbers.get("step", Fraction(0)))
    row[at.TIMES] = int(fact.numbers.get("times", 0))
    row[at.DETAILS], row[at.WHICH] = _details(fact), _which(fact, lists)
    row[at.OF_KIND], row[at.OF_CODES], row[at.BESIDE] = _events(fact, members)
    row[at.CAUSE] = place(lists["causes"], fact.words.get("cause"))
    return row


# Facts that rest on events alone: the kind whose codes they ask for, and a kind beside it of which any event counts.
_EVENTS = {
    "symptom": (SYMPTOM, at.NONE),
    "circumstance": (CIRCUMSTANCE, at.NONE),
    "medicine": (MEDICINE, LIST_CONFIRMED),
    "history": (HISTORY, LIST_CONFIRMED),
    "gene": (GENOTYPE, ORDER),
    "pending": (ORDER, at.NONE),
    "vaccinated": (VACCINATION, at.NONE),
    "label": (LABEL, at.NONE),
}
_BY_CODE = ("symptom", "circumstance", "medicine", "history")


def _events(fact: Fact, members: Sequence[int]) -> tuple[int, int, int]:
    """(OF_KIND, OF_CODES, BESIDE): bits of the codes, counted round; all of them where any event of the kind counts."""
    kind, beside = _EVENTS.get(fact.kind, (at.NONE, at.NONE))
    if fact.kind not in _BY_CODE:
        return kind, -1, beside
    return kind, bits(code % at.BITS_IN_A_WORD for code in members if code >= 0), beside


def _span(fact: Fact, *names: str) -> tuple[int, int]:
    return next((fact.spans[name] for name in names if name in fact.spans), (at.NONE, 0))


def scaled(number: Fraction | int) -> int:
    """A number times SCALE. Raises ValueError if that is not whole."""
    scaled = Fraction(number) * SCALE
    if scaled.denominator != 1:
        raise ValueError(f"{number} has more decimals than the store holds.")
    return int(scaled)


def place(row: Sequence[str], word: object) -> int:
    return list(row).index(str(word)) if word in row else at.NONE


def _members(fact: Fact, tests: Mapping[str, int], lists: Lists, words: Words) -> Iterable[int]:
    """What a fact is of, as places: tests of the plan, else places in the list of the store."""
    if fact.kind in ("latest", "highest", "baseline", "change", "streak", "recovered"):
        return [tests[name] for name in fact.of]
    if fact.kind == "done":
        return group_row(fact.of[0], None, tests)[: at.SCHEDULED]
    if fact.kind in _LISTED:
        return _listed(fact, lists)
    return _bits_of(fact, tests, lists, words)


_LISTED = {
    "symptom": "symptoms",
    "medicine": "medicines",
    "history": "histories",
    "circumstance": "circumstances",
    "accepted": "findings",
}


def _listed(fact: Fact, lists: Lists) -> list[int]:
    """Places of the words that a fact is of; of a class of medicines those of every medicine in it."""
    row = lists[_LISTED[fact.kind]]
    if fact.kind == "medicine":
        return _codes(row, lambda name: _is_a(name, fact.of))
    return [place(row, name) for name in fact.of]


def _bits_of(fact: Fact, tests: Mapping[str, int], lists: Lists, words: Words) -> list[int]:
    """Of a word fact the bit of each word that it can be; of an order and a gene also under which places they are found."""
    match fact.kind:
        case "pending":
            name = fact.of[0]
            return [tests[name], place(lists["tests"], name), place(lists["genes"], test(name).gene)]
        case "gene":
            name, phenotypes = fact.of[0], lists["phenotypes"]
            own = [place(lists["genes"], name), at.NONE, place(lists["tests"], name.lower())]
            each = [words.bit_of(fact, word) for word in phenotypes]
            return [*own, words.bit_of(fact, "untested"), bits(each), *each]
        case "state":
            return [words.bit_of(fact, name) for name in STATES]
        case "reason":
            return [words.bit_of(fact, "none")]
        case "condition":
            return [words.bit_of(fact, name) for name in lists["conditions"]]
        case "person" if fact.of[0] in ("sex", "country"):
            return [words.bit_of(fact, word) for word in lists["sexes" if fact.of[0] == "sex" else "countries"]]
    return []


def _codes(row: Sequence[str], wanted: Callable[[str], bool]) -> list[int]:
    return [place for place, name in enumerate(row) if name and wanted(name)]


def _is_a(name: str, wanted: Sequence[str]) -> bool:
    listed = medicines().get(name)
    if listed is None:
        return name in wanted
    return any(listed.is_a(one) for one in wanted)


def _details(fact: Fact) -> int:
    """Bits of the details that are asked for, two apart as in the store."""
    wanted = fact.words.get("with-any")
    if fact.kind != "symptom" or not isinstance(wanted, tuple):
        return 0
    listed = list(symptoms()[fact.of[0]].details)
    return bits(2 * listed.index(name) for name in wanted if name in listed)


def _which(fact: Fact, lists: Lists) -> int:
    """What of several things a kind can be about."""
    match fact.kind:
        case "symptom":
            asked = symptoms()[fact.of[0]]
            if fact.words.get("value") is None:
                return at.NONE
            return 0 if asked.without_value is None else scaled(Fraction(asked.without_value))
        case "dose":
            return int(fact.of[0] == "mg/kg/day")
        case "reason":
            return int(fact.of[0] == "ever")
        case "person":
            return ("age", "sex", "country", "weight-age", "weight-change").index(fact.of[0])
        case "medicine":
            return place(lists["lists"], "medicines")
        case "history":
            return place(lists["lists"], "history")
        case "label":
            return int(fact.of[0] == "doubled")
    return 0


def group_row(name: str, plan: Plan | None, tests: Mapping[str, int]) -> list[int]:
    group = groups().get(name)
    must = group.must if group is not None else (name,)
    one_of = group.one_of if group is not None else ()
    scheduled = int(plan is not None and name in plan.scheduled)
    return [
        bits(tests[n] for n in must),
        bits(tests[n] for n in one_of),
        bits(tests[n] for n in members(name)),
        scheduled,
    ]
