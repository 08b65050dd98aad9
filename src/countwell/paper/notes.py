"""What is not known, not used, replaced, not looked at; what other sources would say; which tests are next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from countwell.model.answers import Answer, NotUsed, Superseded, Unknown
from countwell.paper import levels
from countwell.paper.markup import Child, Safe, el
from countwell.paper.plain import clean, day_of, fact, listing, said
from countwell.paper.words import DUE, WHY, shown


def unknown_section(answer: Answer) -> Safe | None:
    """What keeps the answer open, and the one thing that would settle each."""
    if not answer.unknown:
        return None
    items = [el("li", levels.sign("unknown"), el("div", _unknown(row))) for row in answer.unknown]
    return el("section", el("h2", "Not known"), el("ul", items, class_="marked"), class_="panel not-known-panel")


def _unknown(row: Unknown) -> list[Child]:
    first = el("p", el("b", fact(row.fact)), ": ", shown(WHY, row.why), ". ", el("b", "Would settle it: "), row.settle)
    return [first, el("p", "Leaves open: ", widens(row), class_="meta") if row.widens else None]


def widens(row: Unknown) -> str:
    """What it leaves open, with the words for the rungs."""
    return clean(row.widens.replace("…", "to").replace("-", " "))


def refused_section(answer: Answer) -> Safe | None:
    """Inputs that were not used; the only place where a refused unit is shown."""
    if not answer.refused:
        return None
    items = [
        el("li", levels.sign("watch" if row.critical else "unknown"), el("div", _refused(row)))
        for row in answer.refused
    ]
    return el("section", el("h2", "Not used"), el("ul", items, class_="marked"), class_="panel")


def _refused(row: NotUsed) -> list[Child]:
    critical = el("b", "Critical: read as sent it may lie past a limit. ") if row.critical else None
    held = "Held for a person. " if row.held else ""
    return [
        el("p", "Sent: ", el("code", el("bdi", row.as_sent)), f" ({shown(WHY, row.why)}, {said(row.field)})"),
        el("p", critical, row.says),
        el("p", el("b", "Do: "), row.do, f" Tell: {clean(row.tell)}. ", held),
        el("p", f"Event {clean(row.event)}", class_="meta") if row.event else None,
    ]


def superseded_section(answer: Answer) -> Safe | None:
    """Results that were replaced, and the decisions that rested on them."""
    if not answer.superseded:
        return None
    items = [
        el("li", levels.sign("watch" if row.decisions else "note"), el("div", _superseded(row)))
        for row in answer.superseded
    ]
    return el("section", el("h2", "Corrected or withdrawn"), el("ul", items, class_="marked"), class_="panel")


def _superseded(row: Superseded) -> list[Child]:
    rested = (
        f"Decisions that rested on it: {listing([clean(ref) for ref in row.decisions])}. {clean(row.do)}."
        if row.decisions
        else ""
    )
    was = el("p", el("del", row.as_sent), f" {said(row.status)} by {clean(row.by)}.")
    return [was, el("p", rested) if rested else el("p", "No decision rested on it.", class_="meta")]


def tests_section(answer: Answer) -> Safe:
    """The next tests, per group, each with its rule."""
    rows: Sequence[Mapping[str, Any]] = answer.details.get("tests", ())
    items = [el("li", _due(row)) for row in rows] or [el("li", "No schedule is in force.")]
    soon = levels.tests_words(answer.advice)
    meta = el("p", "With all findings: ", el("b", soon), class_="meta") if answer.advice.tests else None
    return el("section", el("h2", "Next tests"), el("ul", items, class_="due"), meta, class_="panel")


def _due(row: Mapping[str, Any]) -> list[Child]:
    group, status = fact(str(row.get("group", ""))), str(row.get("state", ""))
    late = f" {row['overdue_days']} days" if row.get("overdue_days") else ""
    missing = row.get("missing") or ()
    return [
        el("div", el("b", group), el("b", due_words(row)), class_="spread"),
        el(
            "div",
            el("span", last_words(row), class_="meta"),
            el("span", shown(DUE, status) + late, class_=f"tag {said(status).replace(' ', '-')}"),
            class_="spread",
        ),
        el("p", f"Did not come with the last one: {listing([fact(str(name)) for name in missing])}.")
        if missing
        else None,
        el("p", f"Rule {clean(row.get('rule'))}", class_="meta") if row.get("rule") else None,
    ]


def due_words(row: Mapping[str, Any]) -> str:
    """From when to when a group is due."""
    first, last = row.get("due_from"), row.get("due_by")
    if not last:
        return "now"
    return f"{day_of(first)} to {day_of(last)}" if first and first != last else f"by {day_of(last)}"


def last_words(row: Mapping[str, Any]) -> str:
    """When it was last done."""
    return f"last {day_of(row['last'])}" if row.get("last") else "never done"


def views_section(answer: Answer) -> Safe | None:
    """What other sources would say; they are shown and not blended."""
    items = [el("li", el("b", pack), ": ", says) for pack, says in views(answer)]
    if not items:
        return None
    note = el("p", "Shown beside the answer. They do not change it.", class_="meta")
    return el("section", el("h2", "Other sources"), el("ul", items), note, class_="panel")


def views(answer: Answer) -> list[tuple[str, str]]:
    """Pack and sentence of every table that is only a view; protocols asked beside this one have a table of their own."""
    return [(view.get("pack", ""), view.get("says", "")) for view in answer.views if view.get("table")]


def not_looked_section(answer: Answer) -> Safe | None:
    """Tests that nothing asked for and nobody sent."""
    if not answer.not_looked_at:
        return None
    names = listing([fact(name) for name in answer.not_looked_at])
    text = f"{names}: no rule in force requires them and none was sent."
    return el("section", el("h2", "Not looked at"), el("p", text), class_="panel")
