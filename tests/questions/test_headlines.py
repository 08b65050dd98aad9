"""What the first sentence must not leave out: what a hold rested on, and what is still waited for."""

import pytest

from generative.making import Json, decision, result, steady, told

LOW = [e for e in steady() if not (e.get("test") == "wbc" and e["collected"].startswith("2026-03-01"))]


def counted(value: str | None, received: str, **more: object) -> Json:
    return result("wbc", value, "2026-03-01T08:00", order="o1", received=received, **more)


FIRST = counted("1.8", "2026-03-01T12:00", id="w1")
HELD = decision("hold", "2026-03-01T13:00", reason="leucopenia", rests_on=["w1"], decide_by="2026-03-05")
RESTED = "The hold of 1 March 2026 rested on White cells 1.8 10*9/L, "
PUT_ASIDE = [
    (
        counted("5.1", "2026-03-01T18:00", status="corrected"),
        "since corrected to 5.1 10*9/L: tell those who acted on it.",
    ),
    (counted(None, "2026-03-01T18:00", status="entered-in-error"), "withdrawn since: tell those who acted on it."),
    (counted("5.1", "2026-03-03T18:00", status="corrected"), None),
]


@pytest.mark.parametrize("question", ["review", "supply"])
@pytest.mark.parametrize(("later", "said"), PUT_ASIDE)
def test_a_hold_that_rested_on_a_result_put_aside_says_so(later: Json, said: str | None, question: str) -> None:
    headline = told([*LOW, FIRST, HELD, later], question)["headline"]
    assert headline.startswith("Azathioprine is on hold since 1 March 2026")
    assert (f"{RESTED}{said}" in headline) if said else ("rested on" not in headline)


def test_a_hold_that_rests_on_what_stands_says_nothing_of_it() -> None:
    assert "rested on" not in told([*LOW, FIRST, HELD])["headline"]


def test_a_hold_that_a_restart_has_ended_is_not_told_of() -> None:
    (later, _), restart = PUT_ASIDE[0], decision("restart", "2026-03-01T20:00", "100")
    assert "rested on" not in told([*LOW, FIRST, HELD, later, restart])["headline"]


def of_genes(**status: str) -> list[Json]:
    """Not begun; of some genes the order instead of the type."""
    kept = [e for e in steady() if e["kind"] != "decision" and (e.get("gene") or "").lower() not in status]
    return [*kept, *({"kind": "test-ordered", "test": t, "at": "2026-02-20", "status": s} for t, s in status.items())]


@pytest.mark.parametrize("question", ["review", "start", "dose"])
def test_a_gene_that_is_waited_for_is_named(question: str) -> None:
    assert "TPMT is pending." in told(of_genes(tpmt="pending"), question)["headline"]
    both = told(of_genes(tpmt="pending", nudt15="pending"), question)["headline"]
    assert "TPMT is pending." in both
    assert "NUDT15 is pending." in both
    assert "pending" not in told(of_genes(), question)["headline"]


def test_a_count_that_is_waited_for_is_named_once() -> None:
    events = [e for e in steady() if e.get("test") != "wbc"]
    headline = told([*events, {"kind": "test-ordered", "test": "wbc", "at": "2026-02-20", "status": "pending"}])[
        "headline"
    ]
    assert headline.count("pending") == 1
