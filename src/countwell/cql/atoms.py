"""Each atom of a condition as a definition: true, false, or null for not known. Silence is heard where it is read.

A comparison is true if all values of the span meet it, false if none does, else null: the one truth table of Countwell.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from countwell.base.dates import Duration
from countwell.base.spans import NEGATED, Op
from countwell.cql.facts import AS_OF, LAPSED, WAS, holds_all, is_time, may_lapse
from countwell.cql.written import case, quoted, texts
from countwell.model.advice import LADDER_OF, RANK
from countwell.model.pack import Pack
from countwell.model.rules import AtLeast, Atom, Compare, Holds, IsWord

NOTHING_THERE = "nothing there"
ENDS = ("earliest", "latest")
# `x < k` and `x >= k` are one test and its opposite, and so are `x <= k` and `x > k`.
BELOW = ("<", ">=")


def name_of(atom: Atom) -> str:
    """How an atom is called, without its `not`. A yes/no fact is called as its parameter."""
    match atom:
        case Compare(fact, op, number, other):
            return f"{fact} {op} {number or other}"
        case Holds(fact):
            return fact
        case IsWord(fact, words):
            return f"{fact} is {' or '.join(sorted(words))}"
        case AtLeast(table, word):
            return f"table {table} at least {word}"


def definitions(pack: Pack, atom: Atom) -> Iterator[tuple[str, str]]:
    """The definitions that an atom needs, by name; a yes/no fact needs none."""
    match atom:
        case Compare(fact, op, str() as number) if is_time(pack.facts[fact]):
            duration = pack.numbers[number].duration
            assert duration is not None
            yield from _ends_of_time(fact, number, duration)
            yield name_of(atom), _elapsed(fact, op, number)
        case Compare(fact, op, str() as number):
            yield name_of(atom), _compared(fact, op, number)
            if may_lapse(pack.facts[fact]):
                was_open = f"({_compared(fact + WAS, op, number)}) is null"
                yield _was_open(atom), f"Coalesce({quoted(fact + LAPSED[0])}, false) and {was_open}"
        case Compare(fact, op, None, str() as other):
            yield name_of(atom), _two_facts(fact, op, other)
        case IsWord(fact, words):
            yield name_of(atom), _words(fact, words, all_hold=holds_all(pack.facts[fact]))
        case AtLeast(table, word):
            yield name_of(atom), _reached(table, word)


def _compared(fact: str, op: Op, number: str) -> str:
    """Against a number: `x < k` by the high end, false by the low one."""
    high, low, limit = quoted(f"{fact} high"), quoted(f"{fact} low"), quoted(number)
    at_high, at_low = (
        f"({end} = {limit} and {quoted(f'{fact} {which} is open')})" for end, which in ((high, "high"), (low, "low"))
    )
    if op in BELOW:
        below, above = f"{high} < {limit} or {at_high}", f"{low} >= {limit}"
    else:
        below, above = f"{high} <= {limit}", f"{low} > {limit} or {at_low}"
    return _sides(below, above, below_is=op in ("<", "<="))


def _sides(below: str, above: str, *, below_is: bool) -> str:
    yes, no = str(below_is).lower(), str(not below_is).lower()
    return case((below, yes), (above, no))


def _two_facts(one: str, op: Op, other: str) -> str:
    """Between two facts: true if it holds for every pair of values, false if for none. No lower end is as low as can be."""
    below, above = (one, other) if op in BELOW else (other, one)
    low_of_below, low_of_above = (
        f"Coalesce({quoted(f'{fact} low')}, {quoted(NOTHING_THERE)})" for fact in (below, above)
    )
    high_of_below, high_of_above = (quoted(f"{fact} high") for fact in (below, above))
    open_there = f"({quoted(f'{below} high is open')} or {quoted(f'{above} low is open')})"
    return _sides(
        f"{high_of_below} < {low_of_above} or ({high_of_below} = {low_of_above} and {open_there})",
        f"{low_of_below} >= {high_of_above}",
        below_is=op in ("<", ">"),
    )


def _ends_of_time(fact: str, number: str, duration: Duration) -> Iterator[tuple[str, str]]:
    """The days on which the duration is over, from the earliest and the latest day on which it can have begun."""
    for end in ENDS:
        yield _over(fact, end, number), _later(quoted(f"{fact} {end}"), duration)


def _over(fact: str, end: str, number: str) -> str:
    return f"{fact} {end} + {number}"


def _later(day: str, duration: Duration) -> str:
    """A day moved on. CQL moves a missing day of a month to the month's end; a waiting time runs to the first of the next."""
    if duration.unit == "hours":
        return f"{day} + {_counted(timedelta(hours=duration.count).days, 'day')}"
    moved = _counted(duration.count, duration.unit.removesuffix("s"))
    if duration.unit not in ("months", "years"):
        return f"{day} + {moved}"
    return case((f"({day} + {moved}) - {moved} < {day}", f"{day} + {moved} + 1 day"), otherwise=f"{day} + {moved}")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit if count == 1 else f'{unit}s'}"


def _elapsed(fact: str, op: Op, number: str) -> str:
    """Time passed, by the calendar: true or false if so from both ends. What never began is less than any time.

    The earliest beginning speaks for "less", the latest for "more"; an earliest day that is null lies before all others.
    """
    begun, day = quoted(f"{fact} has begun"), quoted(AS_OF)
    earliest, latest = (quoted(_over(fact, end, number)) for end in ENDS)
    less = op in ("<", "<=")
    first, last = (earliest, latest) if less else (latest, earliest)
    return case(
        (f"not {begun}", str(less).lower()),
        (f"{begun} and {day} {op} {first}", "true"),
        (f"{begun} and {day} {NEGATED[op]} {last}", "false"),
    )


def _words(fact: str, words: frozenset[str], *, all_hold: bool) -> str:
    """Of words that are possible all must be among those wanted; of words that hold all at once, one is enough."""
    listed = quoted(fact)
    among, others = (
        f"exists ({listed} W where {test})" for test in (f"W in {texts(words)}", f"not (W in {texts(words)})")
    )
    if all_hold:
        return case((f"{listed} is null", "null"), otherwise=among)
    return case((f"{listed} is null", "null"), (f"not {others}", "true"), (f"not {among}", "false"))


def _reached(table: str, word: str) -> str:
    part, rung = LADDER_OF[word], RANK[word]
    return case(
        (quoted(f"table {table} together is silent"), "null"),
        (f"{quoted(f'table {table} together, {part} at least')} >= {rung}", "true"),
        (f"{quoted(f'table {table} together, {part} at most')} < {rung}", "false"),
    )


def _was_open(atom: Compare) -> str:
    return f"{name_of(atom)} was open"


def silences(atom: Atom) -> tuple[str, ...]:
    """What may be silent about an atom: its facts, the table that it reads, or a comparison with a number as a whole."""
    match atom:
        case Compare(number=str()):
            return (name_of(atom),)
        case Compare(fact, _, _, str() as other):
            return (fact, other)
        case AtLeast(table):
            return (f"table {table} together",)
        case _:
            return (atom.fact,)


def unheard(subject: str, says: str) -> str:
    """What silence about a fact, a table or a comparison counts as, by its name: `no` in `when`, `yes` in `clear`."""
    return f"{says}, if {subject} is silent"


def silence(pack: Pack, atom: Atom, says: str) -> Iterator[tuple[str, str]]:
    """The definitions of that. What a result that has lapsed left open while it vouched is not silent."""
    counts = "true" if says == "yes" else "false"
    for subject in silences(atom):
        quiet = quoted(f"{atom.fact if isinstance(atom, Compare) and atom.number else subject} is silent")
        if isinstance(atom, Compare) and atom.number and may_lapse(pack.facts[atom.fact]):
            quiet = f"{quiet} and not {quoted(_was_open(atom))}"
        yield unheard(subject, says), f"if {quiet} then {counts} else null"
