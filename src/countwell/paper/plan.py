"""The dose plan as numbered steps with gates, and whatever else a question's details hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from countwell.model.answers import Answer
from countwell.paper.markup import Child, Safe, el
from countwell.paper.plain import as_read, clean, day_of, dose, fact, listing, rule_words, said
from countwell.paper.words import DETAILS, GATES, shown

SHOWN_ELSEWHERE = frozenset({"tests", "plan", "options", "range_mg_per_day", "target", "because"})


def plan_section(answer: Answer) -> Safe | None:
    """Range, steps with gates, doses to choose from."""
    details = answer.details
    parts = [
        _range(details),
        _steps(details.get("plan") or ()),
        _options(details.get("options") or ()),
        _because(details),
    ]
    if not any(parts):
        return None
    note = el("p", "A step never opens by itself. A prescriber signs it.", class_="meta")
    return el("section", el("h2", "Dose plan"), parts, note, class_="panel plan")


def range_words(details: Mapping[str, Any]) -> str:
    """The target range; empty if the question has none."""
    if "range_mg_per_day" not in details:
        return ""
    found = details["range_mg_per_day"]
    return (
        f"Target {dose(found[0])} to {dose(found[1])} mg a day."
        if found
        else "No target is in force. The prescriber decides."
    )


def _range(details: Mapping[str, Any]) -> Child:
    words = range_words(details)
    return el("p", words) if words else None


def _steps(plan: Sequence[Mapping[str, Any]]) -> Child:
    return el("ol", [el("li", _step(step)) for step in plan], class_="steps") if plan else None


def _step(step: Mapping[str, Any]) -> list[Child]:
    gates = step.get("gates") or ()
    return [
        el("p", el("b", f"{_mg(step)} mg a day"), _per_kg(step), _tablets(step)),
        el("p", from_words(step), class_="meta"),
        el("ul", [_gate(gate) for gate in gates], class_="gates") if gates else None,
    ]


def step_words(step: Mapping[str, Any]) -> str:
    """A step's dose with mg/kg and tablets together."""
    return f"{_mg(step)} mg a day{_per_kg(step)}{_tablets(step)}"


def _mg(step: Mapping[str, Any]) -> str:
    return dose(str(step["mg_per_day"])) if step.get("mg_per_day") else "?"


def from_words(step: Mapping[str, Any]) -> str:
    """From when a step may begin, and how many gates are shut."""
    first = f"not before {day_of(step['from'])}" if step.get("from") else "no day is set"
    gates = step.get("gates") or ()
    shut = sum(gate.get("met") is not True for gate in gates)
    return f"{first}; {shut} of {len(gates)} gates are not met" if shut else first


def _per_kg(row: Mapping[str, Any]) -> str:
    return f", {clean(row['mg_per_kg'])} mg/kg" if row.get("mg_per_kg") else ""


def _tablets(row: Mapping[str, Any]) -> str:
    words = tablets_words(row.get("tablets") or ())
    return f", {words}" if words else ""


def tablets_words(tablets: Sequence[Mapping[str, Any]]) -> str:
    """`3 × 50 mg`."""
    return listing([f"{dose(str(t.get('count', '')))} × {dose(str(t.get('strength_mg', '')))} mg" for t in tablets])


def _gate(gate: Mapping[str, Any]) -> Safe:
    met = gate.get("met")
    sign, words = GATES[met]
    why = f" ({as_read(clean(gate['why']))})" if gate.get("why") else ""
    mark = el("span", sign, class_="gate", aria_hidden="true")
    return el(
        "li",
        mark,
        el("span", el("b", words), ": ", clean(gate.get("gate", "")), el("span", why, class_="meta")),
        class_=f"g-{words.replace(' ', '-')}",
    )


def gate_words(gate: Mapping[str, Any]) -> str:
    """A gate on one line."""
    sign, words = GATES[gate.get("met")]
    return clean(f"{sign} {words}: {gate.get('gate', '')}")


def _options(options: Sequence[Mapping[str, Any]]) -> Child:
    if not options:
        return None
    rows = [el("li", option_words(option)) for option in options]
    return [el("h3", "Doses to choose from"), el("ul", rows)]


def option_words(option: Mapping[str, Any]) -> str:
    """A dose with mg/kg and tablets together."""
    notes = [
        ", below the target" if option.get("below_target") else "",
        ", confirm first" if option.get("confirm") else "",
    ]
    return f"{dose(option['mg_per_day'])} mg a day{_per_kg(option)}{_tablets(option)}{''.join(notes)}"


def _because(details: Mapping[str, Any]) -> Child:
    rows = details.get("because") or ()
    return [el("h3", "Because"), el("ul", [el("li", as_read(str(row))) for row in rows])] if rows else None


def further_section(answer: Answer) -> Safe | None:
    """Every other detail of the answer, by name."""
    rows = list(further(answer))
    if not rows:
        return None
    items = [el("div", el("dt", name), el("dd", words)) for name, words in rows]
    return el("section", el("h2", "Details"), el("dl", items, class_="details"), class_="panel")


def further(answer: Answer) -> Iterator[tuple[str, str]]:
    """Name and words of every detail that has no place of its own."""
    for name, value in answer.details.items():
        if name not in SHOWN_ELSEWHERE:
            yield shown(DETAILS, name) if name in DETAILS else fact(name), value_words(name, value)


def value_words(name: str, value: Any) -> str:
    """A detail in words: dates as dates, doses as doses, lists as lists."""
    match value:
        case None:
            return "not known"
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return "; ".join(f"{fact(str(key)).lower()} {value_words(str(key), part)}" for key, part in value.items())
        case list() | tuple():
            return listing([value_words(name, part) for part in value]) or "none"
        case _:
            return _scalar(name, value)


def _scalar(name: str, value: object) -> str:
    text = str(value)
    if name == "changed":
        _, table, rule = text.split("/")
        return rule_words(table, rule)
    if len(text) >= 10 and text[:4].isdigit() and text[4] == "-":
        return day_of(text)
    if name.endswith("_mg") or name.startswith("mg_"):
        return f"{dose(text)} mg"
    return said(text) if text.replace("-", "").isalpha() else clean(text)
