"""Reads tables and their rules."""

from __future__ import annotations

from collections.abc import Mapping

from countwell.model.advice import Advice
from countwell.model.rules import Condition, Dose, Due, Holds, Reserve, Rule, Table, Window, normal
from countwell.pack.keys import SECTIONS
from countwell.pack.scope import Scope
from countwell.pack.shape import Sheet, named, sheet
from countwell.pack.strict import Keys, Node, Text
from countwell.pack.words import parse

_NOTHING = Keys({}, 0)
_NEVER = Holds("")  # stands in for a condition that is faulty; never leaves this package


def tables(nodes: Mapping[str, Node], scope: Scope) -> tuple[Table, ...]:
    """Every table, in the order of the file."""
    return tuple(_table(name, node, scope) for name, node in named(nodes, "table", scope.faults).items())


def _table(name: str, node: Node, scope: Scope) -> Table:
    what = f"table `{name}`"
    if not isinstance(node, Keys):
        scope.faults.add(node.line, f"{what}: rules are wanted.", "Such as `low: {when: …, advice: {…}}`.")
        return Table(name, ())
    own = Keys({key: value for key, value in node.of.items() if key in SECTIONS["table"]}, node.line)
    rules = named({key: value for key, value in node.of.items() if key not in own.of}, f"{what}, rule", scope.faults)
    page = sheet(own, "table", what, scope.faults)
    return Table(
        name=name,
        rules=tuple(_rule(f"{name}/{rule}", rule, value, scope) for rule, value in rules.items()),
        clear=_condition(page, "clear", what, scope),
        asks=page.names("asks"),
        joins=page.maybe("joins") or "always",
        line=node.line,
    )


def _rule(path: str, name: str, node: Node, scope: Scope) -> Rule:
    what = f"rule `{path}`"
    page = sheet(node, "rule", what, scope.faults)
    advice = _part(page, "advice", what, scope)
    return Rule(
        name=name,
        when=_condition(page, "when", what, scope) or _NEVER,
        unless=_condition(page, "unless", what, scope),
        advice=_advice(advice) if "advice" in page else None,
        decide_within=scope.span(advice.maybe("decide-within"), page.line_of("advice"), what),
        due=_due(page, what, scope),
        dose=_dose(page, what, scope),
        words=frozenset(page.names("words")),
        window=_window(page, what, scope),
        reserve=_reserve(page, what, scope),
        gate=page.maybe("gate"),
        tell=_tell(page, what, scope),
        source=scope.source(page.maybe("source"), page.line_of("source"), what),
        at=page.maybe("at"),
        reading=scope.reading(page.maybe("reading"), page.line_of("reading"), what),
        line=page.line,
    )


def _condition(page: Sheet, key: str, what: str, scope: Scope) -> Condition | None:
    text = page.maybe(key)
    if text is None:
        return None
    condition, wrong = parse(text, scope.names)
    for one in wrong:
        scope.faults.add(page.line_of(key), f"{what}, `{key}`: {one.what}", one.do)
    return _NEVER if condition is None or wrong else normal(condition)


def _part(page: Sheet, key: str, what: str, scope: Scope) -> Sheet:
    """One of the mappings of a rule; empty if the rule has none."""
    return sheet(page.node(key) or _NOTHING, SECTIONS["rule"][key].of, f"{what}, `{key}`", scope.faults)


def _advice(part: Sheet) -> Advice:
    return Advice(
        drug=part.maybe("drug") or "continue",
        patient=part.maybe("patient") or "none",
        prescriber=part.maybe("prescriber") or "none",
        until=part.maybe("until"),
        precautions=frozenset(part.names("precautions")),
    )


def _due(page: Sheet, what: str, scope: Scope) -> Due | None:
    times = {key: scope.span(page.maybe(key), page.line_of(key), what) for key in ("every", "from", "within")}
    if "due" in page:
        return Due(page.names("due"), times["every"], times["from"], times["within"])
    for key in (key for key in times if key in page):
        scope.faults.add(page.line_of(key), f"{what} has `{key}` and no `due`.", "Say which tests are due.")
    return None


def _dose(page: Sheet, what: str, scope: Scope) -> Dose | None:
    if "dose" not in page:
        return None
    part = _part(page, "dose", what, scope)
    first, confirm, step = (
        scope.number(part.maybe(key), part.line_of(key), what) for key in ("first", "confirm", "step")
    )
    ceiling, times, of = _ceiling(part, what, scope)
    return Dose(
        first=first,
        target=_pair(part, what, scope),
        ceiling=ceiling,
        times=times,
        of=of,
        none=part.yes("none"),
        confirm=confirm,
        step=step,
        step_every=scope.span(part.maybe("every"), part.line_of("every"), what),
    )


def _pair(part: Sheet, what: str, scope: Scope) -> tuple[str, str] | None:
    names = part.names("target")
    for name in names:
        scope.number(name, part.line_of("target"), what)
    return (names[0], names[1]) if names else None


def _ceiling(part: Sheet, what: str, scope: Scope) -> tuple[str | None, str | None, str | None]:
    """A number; or a number by which a dose fact is multiplied, and that fact."""
    match part.node("ceiling"):
        case None:
            return None, None, None
        case Text(text, line):
            return scope.number(text, line, what), None, None
        case node:
            times = sheet(node, "ceiling", f"{what}, `ceiling`", scope.faults)
            number = scope.number(times.maybe("times"), node.line, what)
            return None, number, scope.fact(times.maybe("of"), node.line, what)


def _window(page: Sheet, what: str, scope: Scope) -> Window | None:
    if "window" not in page:
        return None
    part = _part(page, "window", what, scope)
    low, high = (scope.span(part.maybe(key), part.line_of(key), what) for key in ("low", "high"))
    return Window(part.text("after"), low or "", high)


def _reserve(page: Sheet, what: str, scope: Scope) -> Reserve | None:
    if "reserve" not in page:
        return None
    part = _part(page, "reserve", what, scope)
    days = scope.span(part.maybe("days"), part.line_of("days"), what)
    return Reserve(days, scope.number(part.maybe("share"), part.line_of("share"), what))


def _tell(page: Sheet, what: str, scope: Scope) -> dict[str, str]:
    if "tell" not in page:
        return {}
    part = _part(page, "tell", what, scope)
    return {key: part.text(key) for key in SECTIONS["tell"] if key in part}
