"""Which protocol speaks is named and never guessed; what no protocol is for is said."""

import gc
import json
import sys

import pytest

from countwell.base.errors import UsageError
from countwell.cli import main
from countwell.model.records import Course
from countwell.pack.load import find, speaking_for
from countwell.pack.read import read_pack
from countwell.questions.protocol import not_its_condition, protocol_for
from generative.making import record, result, rules, steady, told


def test_the_protocol_of_the_course_is_followed_unless_another_is_named():
    course = Course(condition="mg", protocol="mg")
    assert protocol_for(course, None) == "mg"
    assert protocol_for(course, "neurology-uk") == "neurology-uk"


def test_of_several_protocols_for_a_condition_none_is_chosen_and_all_are_named():
    with pytest.raises(UsageError) as refused:
        protocol_for(Course(condition="mg"), None)
    assert "For Myasthenia gravis: mg, neurology-uk." in str(refused.value)


def test_one_protocol_alone_is_not_chosen_either():
    assert speaking_for("sarcoidosis") == ("neurology-uk",)
    with pytest.raises(UsageError, match="Name one: --protocol neurology-uk"):
        protocol_for(Course(condition="sarcoidosis"), None)


@pytest.mark.parametrize("condition", ["kidney-transplant", "uveitis", "multiple-sclerosis"])
def test_a_condition_without_a_protocol_is_said_to_be_not_covered(condition):
    with pytest.raises(UsageError, match="is not covered: no protocol speaks for it"):
        protocol_for(Course(condition=condition), None)


@pytest.mark.parametrize(
    ("condition", "says"), [("mg", "For Myasthenia gravis: mg, neurology-uk."), ("uveitis", "Uveitis is not covered")]
)
def test_the_command_without_a_protocol_asks_for_one_and_answers_nothing(
    condition, says, tmp_path, capsys, monkeypatch
):
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record(steady(), course={"condition": condition, "protocol": None})), encoding="utf-8")
    monkeypatch.setattr(gc, "disable", lambda: None)  # a command is short, the tests are not
    monkeypatch.setattr(sys, "argv", ["countwell", "ask", "review", str(file), "--as-of", "2026-03-02"])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out) == (2, "")
    assert says in printed.err


def test_a_condition_that_no_list_knows_is_said_to_be_not_covered_as_it_was_sent():
    with pytest.raises(UsageError, match="stiff person syndrome is not covered"):
        protocol_for(Course(condition="stiff person syndrome"), None)
    notices = told(record(steady(), "cidp", course={"condition": "stiff person syndrome"}))["notices"]
    assert "stiff person syndrome is not covered: no protocol of Countwell speaks for it." in notices


def test_without_protocol_and_condition_a_protocol_is_asked_for():
    with pytest.raises(UsageError, match="neither a protocol nor a condition"):
        protocol_for(Course(), None)


@pytest.mark.parametrize("condition", [None, "crohn", "ulcerative-colitis", "ibd"])
def test_a_protocol_says_nothing_of_conditions_that_are_its_own(condition):
    assert list(not_its_condition(read_pack(find("ibd-uk")), condition)) == []


def test_a_protocol_for_other_conditions_says_so_and_speaks():
    sent = record([*steady(), result("platelets", "149", "2026-03-02T08:00")], "ibd-uk", course={"condition": "mg"})
    said = told(sent)
    says = "This protocol is for Crohn's disease, Ulcerative colitis or Inflammatory bowel disease; the record says Myasthenia gravis."
    assert says in said["notices"]
    assert "ibd-uk/other-counts/platelets" in rules(said)


def test_a_condition_that_nobody_covers_is_said_beside_the_answer():
    sent = record(steady(), "cidp") | {"course": {"condition": "kidney-transplant", "protocol": "cidp"}}
    assert (
        "Kidney transplant is not covered: no protocol of Countwell speaks for it." in told(sent, "review")["notices"]
    )
