"""STATUS by Spark on this machine (two executors of one core) beside the same in one process: equal answers, times.

    python bench/spark.py STORE [--protocol mg] [--rounds 3]

The session is started before the clock; the first job, in which workers start and read the compiled rules, is shown apart.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from cohort_measured import busy, timed
from common import heading, table
from scan import read

from countwell.cluster.over_store import answers_in
from countwell.cluster.rows import table_of
from countwell.cluster.status import status_on_cluster
from countwell.cohort.passes import status_of
from countwell.cohort.plan import plan
from countwell.cohort.store import open_store

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)


def session(folder: str) -> Any:
    """Spark with two executors, each a process of its own."""
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    made = SparkSession.builder.master("local-cluster[2,1,1024]").config("spark.ui.enabled", "false")
    made = made.config("spark.ui.showConsoleProgress", "false").config("spark.local.dir", folder).getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    return made


def in_one_process(path: Path, protocol: str) -> pa.Table:
    """The same with two threads, answers kept."""
    store, rules = open_store(path), plan(protocol)
    with ThreadPoolExecutor(2) as threads:
        return pa.concat_tables(
            threads.map(lambda place: table_of(status_of(read(store, place), rules, AS_OF)), store.places)
        )


def main() -> None:
    """Rounds of both in turn."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("store", type=Path)
    asked.add_argument("--protocol", default="mg")
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    heading(f"Spark local-cluster[2,1,1024] on {given.store.name}, {given.protocol}; {busy()}")
    with tempfile.TemporaryDirectory() as folder:
        spark, out = session(folder), Path(folder) / "answers"

        def on_cluster() -> None:
            shutil.rmtree(out, ignore_errors=True)
            status_on_cluster(spark, given.store, out, given.protocol, as_of=AS_OF)

        own = in_one_process(given.store, given.protocol)
        first = timed(on_cluster)
        if not answers_in(out).equals(own):
            sys.exit("The answers differ: no time is worth printing.")
        rounds = [
            (timed(lambda: in_one_process(given.store, given.protocol)), timed(on_cluster)) for _ in range(given.rounds)
        ]
        spark.stop()
    alone, spread = (statistics.median(pair[n].wall for pair in rounds) for n in (0, 1))
    rows = [
        ["one process", alone, 1.0],
        ["Spark, first job", first.wall, first.wall / alone],
        ["Spark", spread, spread / alone],
    ]
    table([f"{own.num_rows} patients, equal answers", "wall s", "ratio"], rows)


if __name__ == "__main__":
    main()
