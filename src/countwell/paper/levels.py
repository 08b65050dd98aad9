"""The advice part by part: at least, at most, as boxes and words, and the actions in order."""

from __future__ import annotations

from countwell.model.advice import CALM, LADDERS, Advice, rank
from countwell.model.answers import Answer
from countwell.paper import marks, words
from countwell.paper.markup import Child, Safe, el
from countwell.paper.plain import day, fact, listing, said
from countwell.paper.words import shown

OPEN = "Something not known"


def levels(answer: Answer) -> Safe:
    """One cell for each part of the advice."""
    least, most = answer.advice, answer.advice_at_most
    cells = [_ladder(part, least, most) for part in LADDERS]
    for part, tell in (("tests", tests_words), ("supply", supply_words), ("precautions", precautions_words)):
        cells.append(_cell(part, None, tell(least), tell(most)))
    return el("dl", cells, class_="levels")


def _ladder(part: str, least: Advice, most: Advice) -> Safe:
    low, high = getattr(least, part), getattr(most, part)
    return _cell(part, _boxes(part, low, high), ladder_words(part, least), ladder_words(part, most))


def ladder_words(part: str, advice: Advice) -> str:
    """The rung of one ladder in words, with what ends a hold."""
    told = shown(words.LADDERS[part], getattr(advice, part))
    if part != "drug":
        return told
    until = f", until {fact(advice.until).lower()}" if advice.until else ""
    return told + until + (f", decide by {day(advice.decide_by)}" if advice.decide_by else "")


def _boxes(part: str, low: str, high: str) -> Safe:
    ladder = LADDERS[part]
    filled, open_ = ladder.index(low), ladder.index(high)
    kinds = ["full" if i <= filled else "may" if i <= open_ else "" for i in range(len(ladder))]
    boxes = [el("i", class_=f"box {kind}".strip()) for kind in kinds]
    return el("span", boxes, class_="boxes", aria_hidden="true")


def _cell(part: str, boxes: Child, least: str, most: str) -> Safe:
    told: list[Child] = [el("b", least)]
    if most != least:  # the graver of the two is the one that must not be overlooked
        told = [el("span", "at least: ", least), el("span", "at most: ", el("b", most), class_="at-most")]
    return el("div", el("dt", shown(words.PARTS, part)), el("dd", boxes, told), class_="level")


def tests_words(advice: Advice) -> str:
    """Each group of tests with its day."""
    rows = [
        f"{fact(group)} by {day(when)}"
        for group, when in sorted(advice.tests.items(), key=lambda row: (row[1], row[0]))
    ]
    return ", ".join(rows) or "None asked for"


def supply_words(advice: Advice) -> str:
    """Whether the repeat may be released."""
    return shown(words.SUPPLY, advice.supply)


def precautions_words(advice: Advice) -> str:
    """Against what."""
    return listing([said(word).capitalize() for word in sorted(advice.precautions)]) or "None"


def actions(answer: Answer) -> Safe:
    """What is called for, in the order of the answer."""
    items = [el("li", shown(words.ACTIONS, action)) for action in answer.actions]
    return el("ul", items or el("li", "No action named"), class_="actions", aria_label="What to do, in order")


def sign_of(advice: Advice, known: bool = True) -> Safe:
    """The sign of a piece of advice: its tier's; a dashed square where nothing is called for and something is not known."""
    ranked = rank(advice)
    if ranked is CALM and not known:
        return sign("unknown")
    return sign(marks.tier_class(ranked))


def sign(name: str) -> Safe:
    """A sign as a small picture; words beside it always say the same."""
    shape = el("g", marks.SIGNS[name], class_=f"sign {name}")
    return el(
        "svg", shape, class_="icon", viewbox="0 0 16 16", width=16, height=16, aria_hidden="true", focusable="false"
    )


def called_for(answer: Answer) -> str:
    """What is called for in a word or two. Where nothing surely is, and something is not ruled out, that much is said."""
    ranked = rank(answer.advice)
    return OPEN if ranked is CALM and is_open(answer) else ranked.words


def is_open(answer: Answer) -> bool:
    """Whether something not known leaves the advice open."""
    return answer.advice != answer.advice_at_most


def tone(answer: Answer) -> str:
    """The class that the advice block is drawn with."""
    ranked = rank(answer.advice)
    return "unknown" if ranked is CALM and is_open(answer) else marks.tier_class(ranked)
