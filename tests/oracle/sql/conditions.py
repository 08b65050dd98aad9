"""Conditions printed as SQL: true, false and NULL for not known, joined by AND and OR, which treat NULL just so.

Silence (nothing requires it, nobody sent or asked it) is heard as false by `when` and as not known by `unless`.
"""

from __future__ import annotations

from countwell.model.advice import LADDER_OF, RANK
from countwell.model.pack import Pack
from countwell.model.rules import And, AtLeast, Atom, Compare, Condition, Holds, IsWord, Or

from .printed import compared, compared_spans, elapsed, listed, name, number

HEARD_AS = {"when": "false", "unless": "NULL"}
LAPSING = ("latest", "highest")


def printed(pack: Pack, condition: Condition, mode: str) -> str:
    """A condition. The facts that it reads are joined under their own names, the tables under `table x`; the case is c."""
    match condition:
        case And(of):
            return "(" + " AND ".join(printed(pack, part, mode) for part in of) + ")"
        case Or(of):
            return "(" + " OR ".join(printed(pack, part, mode) for part in of) + ")"
        case _:
            return atom(pack, condition, mode)  # type: ignore[arg-type]


def atom(pack: Pack, one: Atom, mode: str) -> str:
    """One atom as it is heard."""
    if isinstance(one, AtLeast):
        return _at_least(one, mode)
    silent = " OR ".join(f"{name(fact)}.silent" for fact in facts_in(one))
    if isinstance(one, Compare) and one.number is not None and pack.facts[one.fact].kind in LAPSING:
        silent += f" AND NOT {_open_before(pack, one)}"
    return f"coalesce({_known(pack, one)}, CASE WHEN {silent} THEN {HEARD_AS[mode]} END)"


def _open_before(pack: Pack, one: Compare) -> str:
    """Whether a comparison was open before its value lapsed: then it stays open, also if nothing requires the test."""
    was = f"{name(one.fact)}.was"
    limit = pack.numbers[one.number or ""].value
    return f"({was} IS NOT NULL AND {compared(was, one.op, number(limit))} IS NULL)"


def _known(pack: Pack, one: Atom) -> str:
    match one:
        case Holds(fact, negated):
            return f"{'NOT ' if negated else ''}{name(fact)}.truth"
        case IsWord(fact, words, negated):
            return f"{'NOT ' if negated else ''}{_is_word(name(fact), listed(sorted(words)))}"
        case Compare(fact, op, None, str() as other):
            return compared_spans(f"{name(fact)}.span", op, f"{name(other)}.span")
        case Compare(fact, op, str() as limit):
            return _against_number(pack, fact, op, limit)
    raise TypeError(f"no atom of a condition: {one!r}")


def _against_number(pack: Pack, fact: str, op: str, limit: str) -> str:
    definition, found = pack.facts[fact], pack.numbers[limit]
    if definition.kind == "since" or definition.of[0] in ("age", "weight-age"):
        return elapsed(name(fact), op, "c.day", pack, limit)  # type: ignore[arg-type]
    return compared(f"{name(fact)}.span", op, number(found.value))  # type: ignore[arg-type]


def _is_word(fact: str, wanted: str) -> str:
    """Of several words that all hold, one is enough; of several that are possible, all must be among those wanted."""
    return (
        f"(CASE WHEN {fact}.several THEN list_has_any({fact}.words, {wanted}) WHEN list_has_all({wanted}, {fact}.words) THEN true"
        f" WHEN list_has_any({fact}.words, {wanted}) THEN NULL WHEN {fact}.words IS NOT NULL THEN false END)"
    )


def _at_least(one: AtLeast, mode: str) -> str:
    table, part = name(f"table {one.table}"), LADDER_OF[one.word]
    reached = f"CASE WHEN {table}.{part} >= {RANK[one.word]} THEN true WHEN {table}.{part}_at_most < {RANK[one.word]} THEN false END"
    return f"CASE WHEN {table}.silent THEN {HEARD_AS[mode]} ELSE {'NOT ' if one.negated else ''}({reached}) END"


def facts_in(one: Atom) -> tuple[str, ...]:
    """The facts that an atom reads."""
    match one:
        case AtLeast():
            return ()
        case Compare(fact, _, _, str() as other):
            return (fact, other)
        case _:
            return (one.fact,)
