"""Side by side as people see it: what all say stands once, what differs in a table, with sources."""

from __future__ import annotations

import io
from dataclasses import replace

from countwell import read_record
from countwell.model.advice import Advice
from countwell.model.answers import Answer, Cited, Finding
from countwell.paper.beside import agreed_words, compared
from countwell.paper.page import page
from countwell.paper.terminal import show
from countwell.questions.ask import ask
from generative.making import AS_OF, record, result, steady, when

SENT = read_record(record([*steady(), result("wbc", "3.2", "2026-03-02T08:00")]))


def answered(*beside: str) -> Answer:
    return ask("review", SENT, as_of=when(AS_OF), beside=beside)


def finding(drug: str, layer: str = "one", rule: str = "low") -> Finding:
    source = Cited("board", "item 3", None, False, "Drugs board")
    return Finding(
        "white-cells", rule, "yes", layer, Advice(drug=drug), sources=(source,), tell={"clinician": f"Says {drug}."}
    )


def saying(name: str, drug: str, *findings: Finding) -> Answer:
    said = Advice(drug=drug, patient="phone")
    return replace(
        answered(), protocol={"id": name}, advice=said, advice_at_most=said, findings=findings, details={}, beside=()
    )


def test_what_all_say_stands_once_and_those_who_say_the_same_share_a_row() -> None:
    one, two, three = saying("a", "continue"), saying("b", "stop"), saying("c", "continue")
    seen = compared(replace(one, beside=(two, three)))
    assert seen.parts == ("Tablets",)
    assert seen.rows == ((("a", "c"), {"Tablets": ("Continue",)}), (("b",), {"Tablets": ("Stop",)}))
    assert agreed_words(seen.agreed) == (
        "All agree. Patient: phone. Prescriber: nothing. Precautions: none. Tests: none asked for."
    )


def test_where_all_agree_there_is_no_row_that_differs() -> None:
    seen = compared(replace(saying("a", "hold"), beside=(saying("b", "hold"),)))
    assert seen.parts == ()
    assert seen.agreed["Tablets"] == ("Hold",)


def test_what_is_not_known_shows_both_ends() -> None:
    open_ = replace(saying("b", "continue"), advice_at_most=Advice(drug="stop", patient="phone"))
    seen = compared(replace(saying("a", "continue"), beside=(open_,)))
    assert seen.rows[1] == (("b",), {"Tablets": ("Continue", "at most stop")})


def test_a_finding_that_all_make_is_no_difference_and_the_others_carry_their_sources() -> None:
    shared, own = finding("hold", layer="layer"), finding("stop", rule="lower")
    seen = compared(replace(saying("a", "hold", shared), beside=(saying("b", "stop", shared, own),)))
    assert [(reason.packs, reason.says, reason.places) for reason in seen.reasons] == [
        (("b",), "Says stop.", "board: item 3 (not verified)")
    ]


def test_the_terminal_and_the_page_show_every_protocol_and_its_reason() -> None:
    answer = answered("bsr-2017", "ibd-uk")
    out = io.StringIO()
    show(answer, SENT, out, width=100)
    shown, markup = " ".join(out.getvalue().split()), page(answer, SENT)
    for text in (
        "Side by side",
        "bsr-2017",
        "ibd-uk",
        "below 3.5: stop and take advice.",
        "no average is made of them",
    ):
        assert text in shown
        assert text in markup


def test_nothing_stands_side_by_side_where_nobody_asked() -> None:
    out = io.StringIO()
    show(answered(), SENT, out)
    assert "Side by side" not in out.getvalue()
    assert "Side by side" not in page(answered(), SENT)
