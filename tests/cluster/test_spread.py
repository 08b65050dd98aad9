"""Work spread over a cluster comes back whole, in order and once, whoever dies on the way."""

import threading

import pyarrow as pa
import pytest

from cluster.killing import kill_newest
from cluster.works import SCHEMA, broken, slowly, squares
from countwell.base.errors import CohortError
from countwell.cluster.spread import _refuse_lost, spread


def in_one_process(tasks):
    return pa.concat_tables([squares(number) for number in range(tasks)]) if tasks else SCHEMA.empty_table()


@pytest.mark.parametrize("tasks", [0, 1, 2, 7])
def test_every_task_answers_once_and_in_order(session, tasks):
    assert spread(session, tasks, squares, SCHEMA).to_pylist() == in_one_process(tasks).to_pylist()


def test_an_answer_that_is_missing_or_came_twice_is_refused():
    _refuse_lost([0, 0, 1, 2], 3)
    for numbers in ([0, 2], [0, 1], [0, 1, 0, 2], [0, 0, 1, 2, 2, 1], [1, 0, 2], []):
        with pytest.raises(CohortError):
            _refuse_lost(numbers, 3)


def test_a_task_that_always_fails_fails_the_whole(session):
    with pytest.raises(Exception, match="planted"):
        spread(session, 3, broken, SCHEMA)


def test_a_worker_killed_mid_way_loses_and_doubles_nothing(session, tmp_path):
    begun = tmp_path / "begun"
    begun.mkdir()
    found = []
    running = threading.Thread(target=lambda: found.append(spread(session, 12, slowly(squares, begun), SCHEMA)))
    running.start()
    kill_newest(begun, levels_up=0)
    running.join(timeout=300)
    assert found, "the job did not end"
    assert found[0].to_pylist() == in_one_process(12).to_pylist()
    assert len(list(begun.iterdir())) > 12, "nothing had to be done again: the kill came too late to show anything"
