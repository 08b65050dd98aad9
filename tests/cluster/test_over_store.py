"""A pass over a store on a cluster gives the answers of one process, in files that are whole or refused."""

import json
import threading

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cluster.killing import kill_newest
from cluster.stores import small_store
from cluster.works import counted, counted_slowly, counted_wrongly, read_counted
from countwell.base.errors import CohortError, StoreError
from countwell.cluster.over_store import COMPLETE, Job, _refuse_changed, answers_in, over_store
from countwell.cluster.rows import table_of, write_whole
from countwell.cohort.store import open_store

SAYS = {"pass": "counts"}


@pytest.fixture
def store(tmp_path):
    return small_store(tmp_path / "store")


def in_one_process(path):
    store = open_store(path)
    return pa.concat_tables(table_of(counted(read_counted(store, place))) for place in store.places)


def test_the_answers_are_those_of_one_process(session, store, tmp_path):
    complete = over_store(session, store, Job(read_counted, counted), tmp_path / "out", SAYS)
    assert answers_in(tmp_path / "out").equals(in_one_process(store))
    assert (complete["pass"], complete["patients"], len(complete["files"])) == ("counts", 45, 5)
    assert complete["rows"] == in_one_process(store).num_rows


def test_an_executor_killed_mid_way_changes_no_answer(session, store, tmp_path):
    begun = tmp_path / "begun"
    begun.mkdir()
    job = Job(read_counted, counted_slowly(begun))
    running = threading.Thread(target=lambda: over_store(session, store, job, tmp_path / "out", SAYS))
    running.start()
    kill_newest(begun, levels_up=2)
    running.join(timeout=300)
    assert answers_in(tmp_path / "out").equals(in_one_process(store))
    assert len(list(begun.iterdir())) > 5, "nothing had to be done again: the kill came too late to show anything"
    assert not list((tmp_path / "out").glob(".*")), "something half written was left"


def test_a_job_that_fails_leaves_a_folder_that_is_refused(session, store, tmp_path):
    with pytest.raises(Exception, match="planted"):
        over_store(session, store, Job(read_counted, counted_wrongly), tmp_path / "out", SAYS)
    with pytest.raises(CohortError, match="did not end"):
        answers_in(tmp_path / "out")


def test_a_folder_that_is_there_is_not_written_into(tmp_path, store):
    with pytest.raises(StoreError, match="there already"):
        over_store(None, store, Job(read_counted, counted), store, SAYS)


@pytest.fixture
def answered(tmp_path):
    """A folder as over_store leaves it."""
    folder = tmp_path / "out"
    folder.mkdir()
    files = [{"file": f"answers-{n}.parquet", "rows": 2} for n in range(2)]
    for number, file in enumerate(files):
        write_whole(pa.table({"patient": [2 * number, 2 * number + 1]}), folder / file["file"])
    (folder / COMPLETE).write_text(json.dumps({"files": files}))
    assert answers_in(folder)["patient"].to_pylist() == [0, 1, 2, 3]
    return folder


def test_a_missing_file_is_refused(answered):
    (answered / "answers-1.parquet").unlink()
    with pytest.raises(CohortError, match=r"answers-1\.parquet"):
        answers_in(answered)


def test_a_file_cut_off_is_refused(answered):
    file = answered / "answers-1.parquet"
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(CohortError, match=r"answers-1\.parquet"):
        answers_in(answered)


def test_a_file_of_other_rows_is_refused(answered):
    pq.write_table(pa.table({"patient": [2]}), answered / "answers-1.parquet")
    with pytest.raises(CohortError, match="1 rows, 2 were written"):
        answers_in(answered)


def test_a_worker_that_sees_another_file_refuses_it(store):
    opened = open_store(store)
    _refuse_changed(opened, opened.places[0])
    other = store / "part-00000" / "labs.parquet"
    pq.write_table(pq.read_table(other).slice(1), other)
    with pytest.raises(CohortError, match="another file"):
        _refuse_changed(opened, opened.places[1])
    _refuse_changed(opened, opened.places[2])
    other.unlink()
    with pytest.raises(StoreError, match="cannot read"):
        _refuse_changed(opened, opened.places[0])


def test_no_folder_is_said(tmp_path):
    with pytest.raises(StoreError, match="no such folder"):
        answers_in(tmp_path / "nowhere")
