"""One answer as a page: everything in one file, no script, nothing fetched. Worst and what to do come first."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from countwell.base.errors import PackError
from countwell.model.answers import Answer
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.pack.load import load
from countwell.paper import findings, levels, notes, plan
from countwell.paper.banner import banner, born, protocol, state_sentence, status
from countwell.paper.beside import beside_section
from countwell.paper.chart import chart_css, chart_svg
from countwell.paper.figure import chart_for, figure
from countwell.paper.markup import Child, Safe, el
from countwell.paper.plain import as_read, clean, moment
from countwell.paper.words import QUESTIONS, SUPPORTS, shown

IN_USE = "in-use"


def page(answer: Answer, record: Record, charts: str | None = None, packs: Sequence[Pack] | None = None) -> str:
    """The page of one answer. charts: markup of `figure`, put in as it is (empty: none). packs: for chart and sources.

    Left out, the packs are found by the names in the answer, and the chart is drawn with them.
    """
    packs = packs_of(answer) if packs is None else packs
    charts = figure(answer, record, packs) if charts is None else charts
    who = record.patient.names[0] if record.patient.names else record.patient.id
    title = f"{shown(QUESTIONS, answer.question)}: {clean(who)}"
    sheet = f"{who} · {born(record.patient, answer)} · {record.patient.id}"
    return document(
        title, banner(answer, record), sections(answer, record, charts, packs), _footer(answer, record), sheet
    )


def sections(
    answer: Answer, record: Record, charts: str, packs: Sequence[Pack], under_advice: Child = None, aside: Child = None
) -> list[Safe]:
    """What stands between head and foot, worst first. under_advice, aside: what a page puts there, such as how to act on it."""
    first, rest = sentences(answer.headline)
    side = [notes.tests_section(answer), plan.plan_section(answer), aside, plan.further_section(answer)]
    top = [
        _notices(answer),
        _advice(answer, first, rest),
        under_advice,
        notes.unknown_section(answer),
        notes.refused_section(answer),
        notes.superseded_section(answer),
    ]
    below = [
        beside_section(answer),
        findings.sure_section(answer, record, packs),
        Safe(charts),
        findings.open_section(answer),
        notes.views_section(answer),
        notes.not_looked_section(answer),
        findings.trace(answer),
    ]
    columns = el("div", el("div", top), el("aside", side, aria_label="Tests and dose"), class_="columns")
    return [columns, *(Safe(part) for part in below if part)]


def charts_of(answer: Answer, record: Record, packs: Sequence[Pack] | None = None) -> str:
    """The chart alone, as an SVG file. packs: found by the names in the answer if left out."""
    return chart_svg(chart_for(answer, record, packs_of(answer) if packs is None else packs))


def packs_of(answer: Answer) -> tuple[Pack, ...]:
    """The protocol of an answer with its layers; nothing if they are not among the shipped, or not in these versions."""
    layers = [str(layer) for layer in answer.protocol.get("layers", ())]
    named = [f"{answer.protocol.get('id', '')} {answer.protocol.get('version', '')}", *layers]
    try:
        packs = load(str(answer.protocol.get("id", "")), [layer.partition(" ")[0] for layer in layers]).packs
    except PackError:
        return ()
    return packs if [f"{pack.name} {pack.version}" for pack in packs] == named else ()


def document(title: str, header: Child, main: Child, footer: Child, sheet: str = "", css: str = "") -> str:
    """A whole HTML file around these parts. sheet: what stands at the head of every printed sheet; css: of this page alone."""
    look = style(sheet) + css
    head = [
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy(look)),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{title} · Countwell"),
        el("style", Safe(look)),
    ]
    skip = el("a", "Skip to main content", class_="skip", href="#main")
    body = el("body", skip, header, el("main", main, id="main", tabindex="-1", class_="wrap"), footer)
    return f"<!DOCTYPE html>\n{el('html', el('head', head), body, lang='en')}\n"


def style(sheet: str = "") -> str:
    """The one stylesheet, chart included."""
    head = f'@page{{@top-left{{content:"{css_text(sheet)}";font-size:8pt}}}}' if sheet else ""
    return _page_css() + chart_css() + head


@cache
def _page_css() -> str:
    return files("countwell.paper").joinpath("page.css").read_text(encoding="utf-8")


def css_text(text: str) -> str:
    """A text inside a CSS string: all but plain letters and digits by their numbers."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in clean(text))


def policy(look: str) -> str:
    """Nothing may be loaded, run, framed or sent; of styles only this page's own."""
    digest = base64.b64encode(hashlib.sha256(look.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def sentences(headline: str) -> tuple[str, str]:
    """The first sentence of a headline, and the rest, as they are printed."""
    first, dot, rest = as_read(headline).partition(". ")
    return (f"{first}.", rest) if dot else (first, "")


def _notices(answer: Answer) -> Safe | None:
    texts = list(dict.fromkeys(answer.notices))
    if answer.protocol.get("status") != IN_USE and not texts:
        texts.append(f"Protocol {protocol(answer)}: {status(answer)}.")
    if not texts:
        return None
    return el("div", [el("p", text) for text in texts], class_="notice", role="note")


def _advice(answer: Answer, first: str, rest: str) -> Safe:
    state = state_sentence(answer)
    open_ = levels.is_open(answer)
    least = "At least this. What is not known could make it more." if open_ else "At least and at most agree."
    return el(
        "section",
        el("p", levels.sign("stop"), el("b", state), class_="state") if state else None,
        el("p", levels.sign_of(answer.advice, not open_), el("b", levels.called_for(answer)), class_="rank"),
        el("h1", first),
        el("p", rest, class_="lead") if rest else None,
        el("p", least, class_="meta"),
        levels.actions(answer),
        levels.levels(answer),
        class_=f"panel advice {levels.tone(answer)}",
        aria_label="Advice",
    )


def _footer(answer: Answer, record: Record) -> Safe:
    time_zone = findings.zone_of(record)
    question, calendar = shown(QUESTIONS, answer.question), clean(record.patient.time_zone)
    asked = f"{question}, as of {moment(answer.as_of, time_zone)} ({calendar}), "
    known = (
        f"with what was known at {moment(answer.known_at, time_zone)}. Protocol {protocol(answer)}, {status(answer)}."
    )
    return el("footer", el("div", el("p", el("b", SUPPORTS)), el("p", asked + known), class_="wrap"))
