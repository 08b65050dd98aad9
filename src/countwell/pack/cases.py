"""Reads the worked cases of a pack."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from decimal import Decimal
from typing import cast

from countwell.base.dates import Duration, Unit
from countwell.model.advice import LADDER_OF
from countwell.model.pack import Case
from countwell.pack.faults import meant
from countwell.pack.known import SPAN_UNITS
from countwell.pack.measures import Measure, measure
from countwell.pack.scope import Scope
from countwell.pack.shape import Sheet, sheet
from countwell.pack.strict import Keys, Node, Text

ALWAYS = ("unknown", "none")
OUTCOMES = (*LADDER_OF, "continue")
_SUCH = {"number": 'A number, such as 3.0 or "<0.5".', "time": "A time, such as 3 weeks.", "yes-no": "yes or no."}
_NUMBER = re.compile(r"(<|<=|>|>=)?-?\d{1,12}(\.\d{1,9})?", re.ASCII)
_TIME = re.compile(rf"(\d{{1,6}}) ({'|'.join(unit[:-1] + 's?' for unit in SPAN_UNITS)})", re.ASCII)


def cases(nodes: Mapping[str, Node], scope: Scope) -> tuple[Case, ...]:
    """Every case, in the order of the file."""
    return tuple(_case(name, node, scope) for name, node in nodes.items())


def _case(name: str, node: Node, scope: Scope) -> Case:
    what = f"case `{name}`"
    page = sheet(node, "case", what, scope.faults)
    table = page.text("table")
    if table and table not in scope.tables:
        scope.faults.add(page.line_of("table"), f"{what}: there is no table `{table}`.", meant(table, scope.tables))
    return Case(name, table, _given(page, what, scope), _expected(page, table, what, scope), line=node.line)


def _given(page: Sheet, what: str, scope: Scope) -> dict[str, str]:
    node = page.node("given")
    if node is None:
        return {}
    if not isinstance(node, Keys):
        scope.faults.add(node.line, f"{what}, `given`: facts with values are wanted.", "Such as {wbc: 3.0}.")
        return {}
    return {name: _value(name, value, what, scope) for name, value in node.of.items()}


def _value(name: str, node: Node, what: str, scope: Scope) -> str:
    if not isinstance(node, Text) or not node.text:
        scope.faults.add(node.line, f"{what}: `{name}` has no value.", "Such as 3.0, yes, unknown, none, or 3 weeks.")
        return ""
    if name in scope.facts and not is_outcome(name, node.text, scope.tables):
        _check_value(name, node, measure(scope.facts[name], scope.facts), what, scope)
    elif name in scope.names.tables:
        _check_outcome(name, node, what, scope)
    else:
        _unknown(name, node.line, what, scope)
    return node.text


def _unknown(name: str, line: int, what: str, scope: Scope) -> None:
    known = [*scope.fact_nodes, *scope.names.tables]
    if name not in known:  # a fact that is there and faulty has its own fault
        scope.faults.add(line, f"{what}: there is no fact or table `{name}`.", meant(name, known))


def _check_value(name: str, node: Text, kind: Measure, what: str, scope: Scope) -> None:
    if node.text not in ALWAYS and not _fits(node.text, kind):
        such = meant(node.text, kind.words or ()) if kind.sort == "word" else _SUCH[kind.sort]
        scope.faults.add(node.line, f"{what}: `{name}` cannot be `{node.text}`.", such)


def _fits(text: str, kind: Measure) -> bool:
    match kind.sort:
        case "number":
            return _NUMBER.fullmatch(text) is not None
        case "time":
            return _TIME.fullmatch(text) is not None
        case "yes-no":
            return text in ("yes", "no")
        case "word":
            return kind.words is None or text in kind.words


def _check_outcome(name: str, node: Text, what: str, scope: Scope) -> None:
    words = [*OUTCOMES, *ALWAYS]
    if node.text not in words:
        scope.faults.add(node.line, f"{what}: `{name}` cannot be `{node.text}`.", meant(node.text, words))


def is_outcome(name: str, text: str, tables: Container[str]) -> bool:
    """Whether a case gives the outcome of a table, and not the value of a fact that bears the same name."""
    return name in tables and text in OUTCOMES


def _expected(page: Sheet, table: str, what: str, scope: Scope) -> dict[str, object]:
    expected: dict[str, object] = {key: _advice(page, key, what, scope) for key in ("advice", "at-most") if key in page}
    expected |= {key: page.names(key) for key in ("words", "rules", "not-ruled-out") if key in page}
    for key in ("rules", "not-ruled-out"):
        _check_rules(page.names(key), table, page.line_of(key), what, scope)
    return expected


def _advice(page: Sheet, key: str, what: str, scope: Scope) -> dict[str, str | tuple[str, ...]]:
    part = sheet(page.node(key) or Keys({}, 0), "expected advice", f"{what}, `{key}`", scope.faults)
    said = {ladder: part.text(ladder) for ladder in ("drug", "patient", "prescriber", "until") if ladder in part}
    return {**said, **({"precautions": part.names("precautions")} if "precautions" in part else {})}


def _check_rules(names: tuple[str, ...], table: str, line: int, what: str, scope: Scope) -> None:
    node = scope.tables.get(table)
    rules = node.of if isinstance(node, Keys) else {}
    for name in names:
        if rules and name not in rules:
            scope.faults.add(line, f"{what}: table `{table}` has no rule `{name}`.", meant(name, rules))


def number_given(text: str) -> Decimal | None:
    """The exact number that a case gives, or None."""
    return Decimal(text) if _NUMBER.fullmatch(text) and text[0] not in "<>" else None


def time_given(text: str) -> Duration | None:
    """The time that a case gives, or None."""
    match = _TIME.fullmatch(text)
    return Duration(int(match[1]), cast(Unit, match[2].removesuffix("s") + "s")) if match else None
