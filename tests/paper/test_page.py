"""The page: safe whatever was sent, whole without the network, in the order in which it is to be read.

Longer than other modules: everything that one page must hold is looked for on the same page.
"""

import re
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from countwell.exchange.record_json import read_record
from countwell.model.advice import Advice
from countwell.model.answers import Answer, CourseNow, NotUsed, Superseded
from countwell.paper.figure import figure
from countwell.paper.index import index_page
from countwell.paper.page import charts_of, css_text, packs_of, page, style
from countwell.paper.plain import clean, dose
from countwell.paper.plan import plan_section
from countwell.paper.worklist import Row, ordered, total
from countwell.questions.ask import ask, joined
from paper.people import NOW, decision, hartley, record, result, this_morning, with_events

HOSTILE = "<script>alert(1)</script>\u202e\u0007\"'&"
VOID = {"meta", "br", "hr", "path", "rect", "circle"}
CALM = CourseNow("active", date(2025, 6, 2), Decimal("150.0"), "once daily")


class Reader(HTMLParser):
    """Tags, attributes, texts, and whether every element is closed in turn."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.stack: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        if self.stack and self.stack[-1] != "style":
            self.texts.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.stack == []
    return reader


def words(text: str) -> str:
    return re.sub(r"\s+", " ", " ".join(read(text).texts).replace("\u00a0", " "))


def made(**parts) -> Answer:
    """An answer made by hand: nothing found, nothing called for."""
    empty = {field.name: () for field in fields(Answer)}
    base = {
        "question": "review",
        "protocol": {"id": "cidp", "version": "1.0.0", "layers": ["everyday 1.0.0"], "status": "draft"},
        "as_of": NOW,
        "known_at": NOW,
        "course": CALM,
        "actions": ("continue",),
        "advice": Advice(),
        "advice_at_most": Advice(),
        "headline": "Nothing is called for. Next count by 8 March 2026.",
        "details": {},
    }
    return Answer(**(empty | base | parts))


@pytest.fixture(scope="module")
def packs():
    return joined("cidp").packs


@pytest.fixture(scope="module")
def whole(packs) -> str:
    answer = ask("review", record(), as_of=NOW)
    return page(answer, record(), figure(answer, record(), packs), packs)


def test_packs_and_chart_are_found_by_the_names_in_the_answer(whole):
    answer = ask("review", record(), as_of=NOW)
    assert page(answer, record()) == whole
    assert charts_of(answer, record()).startswith("<svg ")
    assert packs_of(made(protocol={"id": "nowhere"})) == ()
    assert "<svg" in page(made(protocol={"id": "nowhere"}), record())


def test_an_answer_of_another_version_is_not_drawn_with_the_limits_of_this_one():
    answer = ask("review", record(), as_of=NOW)
    assert next(pack.name for pack in packs_of(answer)) == answer.protocol["id"]
    assert packs_of(replace(answer, protocol={**answer.protocol, "version": "0.9.0"})) == ()
    older = [f"{str(layer).partition(' ')[0]} 0.9.0" for layer in answer.protocol["layers"]]
    assert packs_of(replace(answer, protocol={**answer.protocol, "layers": older})) == ()


def test_nothing_is_fetched_and_nothing_runs(whole):
    reader = read(whole)
    tags = {tag for tag, _ in reader.tags}
    assert tags.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base", "image", "use"})
    assert not [name for _, attrs in reader.tags for name in attrs if name.startswith("on") or name == "style"]
    links = [attrs["href"] for _, attrs in reader.tags if "href" in attrs]
    assert links == ["#main"]
    assert "url(" not in style().replace("url(#", "")
    assert "default-src 'none'" in next(attrs["content"] for _, attrs in reader.tags if "http-equiv" in attrs)


def test_it_has_one_heading_landmarks_a_language_and_a_way_past_the_head(whole):
    reader = read(whole)
    tags = [tag for tag, _ in reader.tags]
    assert tags.count("h1") == tags.count("main") == tags.count("header") == tags.count("footer") == 1
    assert next(attrs for tag, attrs in reader.tags if tag == "html")["lang"] == "en"
    assert next(attrs for tag, attrs in reader.tags if tag == "a")["href"] == "#main"
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(low + 1 >= high for low, high in pairwise(levels))


def test_the_same_answer_gives_the_same_bytes(packs, whole):
    answer = ask("review", record(), as_of=NOW)
    assert page(answer, record(), figure(answer, record(), packs), packs) == whole


def test_every_value_stands_in_the_table_as_it_was_sent(whole):
    text = words(whole)
    for event in hartley()["events"]:
        if event["kind"] == "result" and event["value"]:
            assert f"{event['value']} {event['unit']}" in text


def test_hostile_text_is_shown_and_does_nothing(packs):
    odd = hartley(patient=hartley()["patient"] | {"names": [HOSTILE], "id": HOSTILE})
    told = read_record(odd)
    refused = NotUsed("x", "unit", HOSTILE, "no-unit", HOSTILE, True, HOSTILE, HOSTILE)
    answer = made(
        headline=HOSTILE,
        refused=(refused,),
        superseded=(Superseded(HOSTILE, HOSTILE, HOSTILE, "corrected", (HOSTILE,)),),
        notices=(HOSTILE,),
        views=({"pack": HOSTILE, "says": HOSTILE},),
        not_looked_at=(HOSTILE,),
        details={"tests": [{"group": HOSTILE, "state": HOSTILE, "rule": HOSTILE}], HOSTILE: HOSTILE},
    )
    text = page(answer, told, figure(answer, told, packs), packs)
    for shown in (text, index_page([Row(answer, told, "a.html")])):
        assert "<script" not in shown
        assert "\u202e" not in shown
        assert "\u0007" not in shown
        assert "⟨U+202E⟩" in shown
        assert "script" not in {tag for tag, _ in read(shown).tags}


def test_a_name_cannot_leave_the_style_it_is_printed_by():
    assert css_text('a"}</style>\n') == r"a\000022\00007d\00003c\00002fstyle\00003e\000020"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("\x1b[31m", "⟨U+001B⟩[31m"),
        ("two\nlines", "two lines"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\ud800", "⟨U+D800⟩"),
        ("\u200b", "⟨U+200B⟩"),
    ],
)
def test_characters_that_are_not_seen_are_named(text, shown):
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("state", "word"), [("held", "Held"), ("stopped", "Stopped"), ("died", "Died"), ("ended", "Taken over")]
)
def test_a_hold_stop_or_death_is_said_before_anything_else(state, word):
    course = CourseNow(state, date(2026, 3, 1), Decimal(150), reason="leucopenia", decide_by=date(2026, 3, 4))
    text = words(page(made(course=course), record()))
    main = text[text.index("clinical use", text.index("Course")) :]
    assert main.index(f"{word}") < main.index("Nothing is called for")
    assert "reason: leucopenia" in text
    assert "Dose now none last 150 mg a day" in text


def test_a_hold_without_a_day_to_decide_by_says_so():
    assert "no day to decide by" in words(page(made(course=CourseNow("held", date(2026, 3, 1))), record())).lower()


def test_doses_have_no_trailing_zero_and_stand_with_mg_per_kg():
    text = words(page(made(), record()))
    assert "150 mg a day 2.14 mg/kg at 70 kg (1 Feb 2026)" in text
    assert "150.0" not in text
    assert [dose("50.0"), dose("62.50"), dose("100"), dose(Decimal("1E+2"))] == ["50", "62.5", "100", "100"]


def test_forbidden_ways_of_writing_are_nowhere(whole):
    text = words(whole)
    assert re.search(r"\b(qd|QD|qod|bid|BID)\b", text) is None
    assert "µ" not in text
    assert "/mL" not in text.replace("3000/mL", "")  # the reading quotes its source
    assert re.search(r"\d\.0 mg\b", text) is None


def test_a_refused_unit_stands_as_sent_with_what_to_do():
    odd = with_events(this_morning("wbc", "1900", "/mL"))
    text = page(ask("review", odd, as_of=NOW), odd)
    assert "<code><bdi>1900 /mL</bdi></code>" in text
    assert "Critical" in words(text)


def test_at_most_is_said_beside_at_least():
    text = words(page(made(advice_at_most=Advice(drug="stop", prescriber="now"), actions=("cannot-say",)), record()))
    assert "At least this" in text
    assert "at most: Stop" in text
    assert "Something is not known" in text or "Cannot say" in text


def test_a_calm_answer_with_open_ends_is_not_shown_as_done():
    sure, unsure = page(made(), record()), page(made(advice_at_most=Advice(drug="stop")), record())
    assert 'class="sign calm"' in sure
    assert 'class="sign calm"' not in unsure
    assert ("Nothing called for" in sure, "Nothing called for" in unsure) == (True, False)


def test_where_at_most_is_graver_it_stands_out_and_at_least_does_not():
    text = page(made(advice_at_most=Advice(drug="stop")), record())
    assert '<span>at least: Continue</span><span class="at-most">at most: <b>Stop</b></span>' in text


def test_gates_are_told_by_sign_and_word():
    gates = [{"gate": "count since the last change", "met": met, "why": "w"} for met in (True, False, None)]
    answer = made(details={"plan": [{"from": "2026-03-23", "mg_per_day": "175.0", "gates": gates}]})
    text = words(str(plan_section(answer)))
    assert "175 mg a day" in text
    assert re.findall(r"([✓✗?]) (met|not met|not known) :", text) == [
        ("✓", "met"),
        ("✗", "not met"),
        ("?", "not known"),
    ]
    assert "2 of 3 gates are not met" in text


def test_draft_packs_say_that_they_are_not_for_clinical_use(whole):
    assert "not for clinical use" in words(whole)
    assert "not for clinical use" not in words(page(made(protocol={"id": "x", "status": "in-use"}), record()))


def test_findings_stand_as_found_source_do_not_known(whole):
    text = words(whole)
    start = text.index("White cells: watch")
    block = text[start : text.index("Rule cidp/white-cells/watch") + 900]
    places = [block.index(word) for word in ("Found", "Source says", "Do White cells", "Not known")]
    assert places == sorted(places)
    assert "read in the source" in block
    assert "3000/mL" in block


def test_the_list_is_worst_first_and_its_sum_adds_up():
    stop = with_events(result("wbc", "2026-03-01", "1.9", "10*9/L", id="low", collected="2026-03-02T07:00:00-05:00"))
    rows = [
        Row(made(), record(), "calm.html"),
        Row(made(advice_at_most=Advice(drug="stop")), record(), "open.html"),
        Row(ask("review", stop, as_of=NOW), stop, "stop.html"),
        Row(made(advice=Advice(drug="hold")), record(), "hold.html"),
        Row(made(details={"tests": [{"overdue_days": 3}]}), record(), "late.html"),
        Row(made(advice=Advice(patient="tell")), record(), "tell.html"),
    ]
    assert [row.link for row in ordered(rows)] == [
        f"{n}.html" for n in ("stop", "hold", "tell", "open", "late", "calm")
    ]
    assert total(rows) == "6 patients = 1 now + 1 today + 1 this week + 2 something not known + 1 nothing called for"
    text = index_page(rows)
    assert read(text).tags
    assert [attrs["href"] for tag, attrs in read(text).tags if tag == "a"][1] == "stop.html"
    assert total([]) == "0 patients = 0"


def test_a_hold_without_a_day_is_a_row_of_its_own_and_a_stop_is_never_ticked():
    held, stopped = made(course=CourseNow("held")), made(course=CourseNow("stopped", decide_by=None))
    rows = [Row(held, record()), Row(stopped, record())]
    assert [(row.group, row.words) for row in rows] == [
        ("Something not known", "Held, no day"),
        ("Nothing called for", "Stopped"),
    ]
    assert 'class="sign calm"' not in index_page(rows)


@pytest.mark.parametrize("question", ["review", "dose", "schedule", "supply", "restart", "response", "start"])
def test_every_question_has_a_page(question, packs):
    answer = ask(question, record(), as_of=NOW)
    assert read(page(answer, record(), figure(answer, record(), packs), packs)).tags


def test_a_stopped_patient_is_told_first_by_the_real_engine():
    stopped = with_events(decision("stop", "2026-03-01", None, reason="leucopenia"))
    text = words(page(ask("vaccine", stopped, as_of=NOW, said={"name": ["influenza, injected"]}), stopped))
    assert text.index("Stopped. Since 1 Mar 2026") < text.index("Azathioprine is stopped")


def test_an_answer_without_names_or_birth_date_still_has_a_page():
    bare = replace(record(), patient=replace(record().patient, names=(), born=None, sex=None))
    assert "birth date not known" in words(page(made(), bare))
