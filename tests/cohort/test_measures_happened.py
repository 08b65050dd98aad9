"""Episodes and delays out of decision points."""

import numpy as np

from countwell.cohort.columns import NEVER_DAY, NO_DAY
from countwell.cohort.measures.happened import delays, episodes


def points(patient, day, bits=None, due=None, last=None):
    """Decision points of one rule word and one group."""
    size = len(patient)
    return {
        "patient": np.array(patient),
        "day": np.array(day),
        "surely": np.array(bits or [0] * size, dtype=np.uint64),
        "due_by": np.array(due or [NO_DAY] * size)[:, None],
        "last": np.array(last or [NO_DAY] * size)[:, None],
    }


def rows(found):
    return list(zip(*(column.tolist() for column in found.values()), strict=True))


def test_an_episode_begins_when_the_rule_begins_to_hold_and_ends_when_it_no_longer_does():
    found = episodes(points([0] * 5, [1, 2, 3, 4, 5], [0, 1, 1, 0, 1]), 1)
    assert rows(found) == [(0, 0, 2, 4), (0, 0, 5, NEVER_DAY)]


def test_an_episode_ends_with_its_patient():
    found = episodes(points([0, 0, 1, 1], [1, 2, 3, 4], [1, 1, 1, 0]), 1)
    assert rows(found) == [(0, 0, 1, NEVER_DAY), (1, 0, 3, 4)]


def test_rules_beyond_the_sixty_fourth_stand_in_the_second_word():
    made = points([0, 0], [1, 2])
    made["surely"] = np.array([[0, 0], [0, 2]], dtype=np.uint64)
    assert rows(episodes(made, 66)) == [(0, 65, 2, NEVER_DAY)]


def test_a_test_answers_the_date_that_was_in_force_before_it_came():
    found = delays(points([0] * 4, [1, 8, 12, 20], due=[10, 10, 24, 24], last=[0, 0, 9, 9]), 1)
    assert rows(found) == [(0, 0, 10, 9), (0, 0, 24, NEVER_DAY)]


def test_a_date_that_was_brought_forward_counts_as_it_then_was():
    found = delays(points([0] * 3, [1, 5, 9], due=[30, 8, 40], last=[0, 0, 9]), 1)
    assert rows(found) == [(0, 0, 8, 9), (0, 0, 40, NEVER_DAY)]


def test_a_test_that_nobody_had_asked_for_answers_no_date():
    found = delays(points([0] * 2, [1, 5], due=[NO_DAY, 40], last=[0, 5]), 1)
    assert rows(found) == [(0, 0, 40, NEVER_DAY)]


def test_one_patients_test_answers_no_other_patients_date():
    found = delays(points([0, 1], [1, 2], due=[10, NO_DAY], last=[0, 5]), 1)
    assert rows(found) == [(0, 0, 10, NEVER_DAY)]


def test_nothing_comes_of_nothing():
    empty = {"patient": np.zeros(0, int), "day": np.zeros(0, int), "surely": np.zeros((0, 1), np.uint64)}
    empty |= {"due_by": np.zeros((0, 2), int), "last": np.zeros((0, 2), int)}
    assert rows(episodes(empty, 3)) == []
    assert rows(delays(empty, 2)) == []
