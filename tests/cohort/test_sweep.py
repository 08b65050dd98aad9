"""Who may be on azathioprine with nobody following."""

from datetime import date

import pytest

from cohort.hand_made import AS_OF, Made, day
from countwell.cohort import sweep
from countwell.cohort.columns import GENOTYPE, LABEL, LONG_AGO, MEDICINE, NEVER_DAY, NO_DAY, WITHDRAWN

ON = day("2026-03-01")


def found(made):
    return [(one.patient, one.kind, one.on, one.course) for one in sweep.newest_first(sweep.sweep(made.seen()))]


def taking(made, patient=0, on=ON, name="azathioprine", end_day=NEVER_DAY):
    made.event(patient, on, MEDICINE, code=made.words.place("medicines", name), end_day=end_day)
    return made


def test_azathioprine_without_a_course_is_found_with_its_day():
    assert found(taking(Made())) == [(0, sweep.PRESCRIBED, date(2026, 3, 1), sweep.NEVER_STARTED)]


def test_another_medicine_is_no_evidence():
    assert found(taking(Made(), name="allopurinol")) == []


@pytest.mark.parametrize("do", ["start", "hold"])
def test_an_open_course_is_followed(do):
    made = taking(Made())
    made.decide(0, ON - 10, "start", 50)
    made.decide(0, ON - 5, do, 50)
    assert found(made) == []


@pytest.mark.parametrize(("days", "number"), [(-1, 0), (0, 0), (1, 1)])
def test_after_a_stop_only_evidence_of_a_later_day_counts(days, number):
    made = Made()
    made.decide(0, ON - 100, "start", 50)
    made.decide(0, ON, "stop")
    made.event(0, ON + days, LABEL)
    assert [row[1:] for row in found(made)] == [(sweep.DISPENSED, date(2026, 3, 2), "stopped")] * number


@pytest.mark.parametrize("do", ["died", "transfer-out"])
def test_the_dead_and_those_passed_on_are_left_out(do):
    made = Made()
    made.decide(0, ON - 100, "start", 50)
    made.decide(0, ON, do)
    made.event(0, ON + 1, LABEL)
    assert found(made) == []


def test_a_course_that_was_only_planned_is_not_open():
    made = taking(Made())
    made.decide(0, ON, "refuse")
    assert len(found(made)) == 1


def test_genotypes_activity_and_metabolites_are_evidence_and_a_withdrawn_result_is_none():
    made = Made(5)
    made.event(0, ON, GENOTYPE)
    made.test(1, ON, "tpmt")
    made.test(2, ON, "tgn")
    made.test(3, ON, "mmp", status=WITHDRAWN)
    made.test(4, ON, "wbc")
    assert {row[0]: row[1] for row in found(made)} == {0: sweep.GENE, 1: sweep.ACTIVITY, 2: sweep.METABOLITE}


def test_the_newest_evidence_is_told_and_the_newest_patient_first():
    made = taking(taking(Made(2), 0, ON), 1, ON + 5)
    made.test(0, ON + 9, "tgn")
    assert [row[:3] for row in found(made)] == [
        (0, sweep.METABOLITE, date(2026, 3, 10)),
        (1, sweep.PRESCRIBED, date(2026, 3, 6)),
    ]


def test_a_medicine_taken_since_nobody_knows_when_is_told_last_and_without_a_day():
    made = taking(Made(2), 1)
    made.event(0, NO_DAY, MEDICINE, at=LONG_AGO, code=made.words.place("medicines", "azathioprine"))
    assert [row[2] for row in found(made)] == [date(2026, 3, 1), None]


def test_a_medicine_that_has_ended_is_evidence_of_its_last_day():
    made = taking(Made(), end_day=ON + 20)
    assert found(made)[0][2] == date(2026, 3, 21)


def test_what_comes_after_the_day_is_not_known_yet():
    assert found(taking(Made(), on=AS_OF + 1)) == []
