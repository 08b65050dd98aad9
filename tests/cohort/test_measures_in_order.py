"""Work on row groups in threads: results in order, errors when their turn comes."""

import threading
import time

import pytest

from countwell.cohort.in_order import in_order


def test_results_come_in_the_order_of_the_groups_however_long_each_takes():
    def work(number):
        time.sleep(0.02 if number % 2 else 0)
        return number

    assert list(in_order(range(9), work)) == list(range(9))


def test_an_error_is_raised_when_its_turn_comes_and_nothing_follows_it():
    results = in_order(range(5), lambda number: 1 // (2 - number))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)
    assert list(results) == []


def test_no_more_groups_are_read_than_are_worked_on():
    read, most = [], []

    def groups():
        for number in range(20):
            read.append(number)
            yield number

    for result in in_order(groups(), lambda number: number, threads=2):
        most.append(len(read) - result)
    assert max(most) <= 4
    assert threading.active_count() < 10


def test_of_no_groups_nothing_comes():
    assert list(in_order((), lambda group: group)) == []
