"""The terminal: readable without colour, at any width, whatever was sent."""

import io
import re
from dataclasses import replace

import pytest

from countwell.paper.terminal import console_for, show, worklist
from countwell.paper.worklist import Row
from countwell.questions.ask import ask
from paper.people import NOW, decision, record, this_morning, with_events


def printed(answer, about=None, width=100) -> str:
    file = io.StringIO()
    show(answer, about or record(), file, width)
    return file.getvalue()


@pytest.fixture(scope="module")
def review():
    return ask("review", record(), as_of=NOW)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_no_line_is_wider_than_the_terminal_and_no_colour_is_needed(review, width):
    text = printed(review, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "\x1b" not in text


def test_the_parts_come_in_order(review):
    text = printed(review)
    heads = ["White cells", "\nDo\n", "\nAdvice\n", "\nPatient\n", "\nFound\n", "\nNot known\n", "\nNext tests\n"]
    places = [text.index(head) for head in heads]
    assert places == sorted(places)
    assert "1. Do not raise the dose" in text
    assert "White cells 3.0 10*3/uL, 1\u00a0Mar\u00a02026, 09:00" in text
    assert text.rstrip().endswith("It does not replace one.")
    assert "not for clinical use" in text


def test_what_holds_is_the_first_word():
    held = with_events(decision("hold", "2026-03-01", None, reason="infection", decide_by="2026-03-04"))
    assert printed(ask("supply", held, as_of=NOW), held).startswith(
        "Held. Since 1\u00a0Mar\u00a02026. Reason: infection."
    )


def test_no_escape_sequence_or_markup_gets_through(review):
    hostile = replace(record().patient, names=("\x1b[2J[bold red]A[/]\u202e",))
    text = printed(review, replace(record(), patient=hostile))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "⟨U+001B⟩[2J[bold red]A[/]⟨U+202E⟩" in text


def test_refused_inputs_are_told_with_what_to_do():
    odd = with_events(this_morning("wbc", "1900", "/mL"))
    text = printed(ask("review", odd, as_of=NOW), odd)
    assert "CRITICAL 1900 /mL: not plausible" in text
    assert "laboratory desk" in text


def test_doses_are_plain(review):
    text = printed(ask("dose", record(), as_of=NOW))
    assert "Target 140 to 210 mg a day." in text
    assert re.search(r"\d\.0 mg\b", text) is None


def test_the_worklist_is_worst_first_with_its_sum(review):
    stopped = with_events(this_morning("wbc", "1.9", "10*9/L"))
    rows = [Row(review, record()), Row(ask("review", stopped, as_of=NOW), stopped)]
    file = io.StringIO()
    console_for(file, 100).print(worklist(rows))
    text = file.getvalue()
    assert text.startswith("2 patients = 1 now + 1 today")
    assert text.index("Now: 1") < text.index("Today: 1")
