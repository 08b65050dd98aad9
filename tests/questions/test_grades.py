"""The CTCAE grade stands beside what was found, with its version, and nothing hangs on it."""

from __future__ import annotations

import io

from countwell import read_record
from countwell.paper.grades import grade_words
from countwell.paper.page import page
from countwell.paper.terminal import show
from countwell.questions import ask as asking
from countwell.questions.ask import ask
from generative.making import AS_OF, record, result, steady, told, when
from house.source import SRC

LOW = [*steady(), result("neutrophils", "0.8", "2026-03-02T08:00", normal_low="2.0", id="n1")]


def test_each_version_is_stored_with_the_event_it_grades() -> None:
    rows = [row for row in told(record(LOW))["grades"] if row["event"] == "n1"]
    assert [(row["test"], row["version"], row["grade"]) for row in rows] == [
        ("neutrophils", "5.0", [3, 3]),
        ("neutrophils", "6.0", [2, 2]),
    ]


def test_grades_stand_by_test_and_oldest_first_in_whatever_order_results_were_sent() -> None:
    earlier = result("neutrophils", "0.7", "2026-03-02T07:00", normal_low="2.0", id="n0", status="preliminary")
    later = result("neutrophils", "0.6", "2026-03-02T09:00", normal_low="2.0", id="n2", status="preliminary")
    one, other = (told(record([*steady(), *sent]))["grades"] for sent in ((earlier, later), (later, earlier)))
    assert one == other
    assert {row["event"] for row in one} == {"n0", "n2"}


def test_a_value_without_a_finding_has_no_grade() -> None:
    assert told(record(steady()))["grades"] == []


def test_the_terminal_and_the_page_name_the_versions() -> None:
    read = read_record(record(LOW))
    answer = ask("review", read, as_of=when(AS_OF))
    out = io.StringIO()
    show(answer, read, out, width=120)
    words = "CTCAE 5.0: grade 3, 6.0: grade 2 (neutrophils decreased)"
    assert words in " ".join(out.getvalue().split())
    assert words in page(answer, read)


def test_two_values_of_one_grade_under_one_finding_are_said_once() -> None:
    fallen = [
        result("platelets", "280", "2026-01-05T08:00", normal_low=None),
        result("platelets", "200", "2026-03-02T08:00", normal_low=None),
    ]
    answer = ask("review", read_record(record([*steady(start="2021-01-04"), *fallen])), as_of=when(AS_OF))
    (late,) = (finding for finding in answer.findings if finding.rule == "platelets-late")
    assert list(grade_words(answer, late)) == ["CTCAE 5.0 and 6.0: grade 0 to 1 (platelets decreased)"]


def test_without_grades_the_answer_is_the_same(monkeypatch) -> None:
    with_grades = told(record(LOW))
    monkeypatch.setattr(asking, "graded", lambda past, findings: ())
    assert told(record(LOW)) == with_grades | {"grades": []}


def test_nothing_but_the_answer_reads_a_grade() -> None:
    readers = [path for path in SRC.rglob("*.py") if "vocabulary.ctcae" in path.read_text(encoding="utf-8")]
    assert [path.relative_to(SRC).as_posix() for path in readers] == ["questions/grades.py"]
