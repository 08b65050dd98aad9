"""STATUS on a cluster is STATUS in one process, also when an executor is killed while it runs."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cluster.killing import kill_newest
from cluster.works import first_marked
from cohort.patients_at_random import as_of, records
from countwell.cluster import status as of_cluster
from countwell.cluster.over_store import answers_in, over_store
from countwell.cohort.of_record import write_records
from countwell.exchange.record_json import read_record

PROTOCOL, PATIENTS, SEED = "cidp", 12, 5
INSTANT = as_of(SEED)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("random") / "store"
    drawn = [read_record(document) for document in records(PROTOCOL, PATIENTS, SEED, INSTANT)]
    write_records(drawn, path, patients_per_row_group=3, patients_per_part=6)
    return path


@pytest.fixture(scope="module")
def alone(store):
    """The answers of one process, uncompiled like the workers'."""
    out = store.with_name("alone.parquet")
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    asked = [sys.executable, "-m", "cluster.alone", store, PROTOCOL, INSTANT.isoformat(), out]
    subprocess.run(asked, cwd=Path(__file__).parents[1], env=environment, check=True)
    return pq.read_table(out)


def test_a_cluster_says_what_one_process_says(session, store, alone, tmp_path):
    said = of_cluster.status_on_cluster(session, store, tmp_path / "out", PROTOCOL, as_of=INSTANT)
    assert answers_in(tmp_path / "out").equals(alone)
    assert (said["pass"], said["patients"], said["rows"]) == ("status", PATIENTS, PATIENTS)
    assert said["packs"][0].startswith(PROTOCOL)


def test_it_says_so_too_when_an_executor_is_killed(session, store, alone, tmp_path, monkeypatch):
    begun = tmp_path / "begun"
    begun.mkdir()

    def marked(session, store, job, out, says):
        return over_store(session, store, replace(job, read=first_marked(job.read, begun)), out, says)

    monkeypatch.setattr(of_cluster, "over_store", marked)
    asked = (session, store, tmp_path / "out", PROTOCOL)
    running = threading.Thread(target=lambda: of_cluster.status_on_cluster(*asked, as_of=INSTANT))
    running.start()
    kill_newest(begun, levels_up=2, at_least=2)
    running.join(timeout=300)
    assert answers_in(tmp_path / "out").equals(alone)
    assert len(list(begun.iterdir())) > len(list((tmp_path / "out").glob("answers-*"))), "the kill came too late"
