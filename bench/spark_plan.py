"""A paper plan for a register that is larger than any here: from the cost per patient as measured now, on this machine.

    python bench/spark_plan.py STORE [--protocol mg] [--patients 100000000] [--cores 200] [--hours 1]

Nothing is run at that size. Assumed, and printed: cost is linear (bench/cohort.py shows how far), a core there is a core here,
a task loses what Spark takes to start it, and storage gives each core as many bytes as the pass asks for.
"""

import argparse
import statistics
from datetime import UTC, datetime
from pathlib import Path

from cohort_measured import busy, own_peak, timed
from common import heading, table
from scan import read, size

from countwell.cluster.rows import table_of
from countwell.cohort.columns import PATIENTS_PER_ROW_GROUP
from countwell.cohort.passes import status_of
from countwell.cohort.plan import plan
from countwell.cohort.store import open_store

AS_OF = datetime(2026, 6, 30, 12, tzinfo=UTC)
TASK_SECONDS = 0.05  # what Spark takes to start a task and take its answer, beside the pass; measured by bench/spark.py
JVM_MB = 1024


def main() -> None:
    """What is measured, what follows."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("store", type=Path)
    asked.add_argument("--protocol", default="mg")
    asked.add_argument("--patients", type=int, default=100_000_000)
    asked.add_argument("--cores", type=int, default=200)
    given = asked.parse_args()
    store, rules = open_store(given.store), plan(given.protocol)
    answers = [0]

    def one(place: object) -> None:
        answers[0] = table_of(status_of(read(store, place), rules, AS_OF)).nbytes

    one(store.places[0])
    seconds = [timed(lambda place=place: one(place)).cpu for place in store.places[:20]]
    heading(f"{given.protocol} on {given.store.name}; {busy()}")
    per_task = statistics.median(seconds)
    per_patient = per_task / store.places[0].patients
    tasks = -(-given.patients // PATIENTS_PER_ROW_GROUP)
    core_hours = tasks * (per_task + TASK_SECONDS) / 3600
    table(
        ["measured here", "", "unit"],
        [
            ["CPU of STATUS, read and answered", per_patient * 1e6, "us a patient"],
            ["store", size(store) / store.patients, "bytes a patient"],
            ["answers in memory", answers[0] / store.places[0].patients, "bytes a patient"],
            ["peak of one worker", round(own_peak()), "MB"],
        ],
    )
    wall = core_hours / given.cores * 3600
    gigabytes = size(store) / store.patients * given.patients / 1e9
    table(
        [f"for {given.patients} patients", "", "unit"],
        [
            ["row groups, each a task", tasks, "tasks"],
            ["store on disk", gigabytes, "GB"],
            ["work", core_hours, "core hours"],
            [f"with {given.cores} cores", wall, "seconds"],
            ["read rate that this asks of storage", gigabytes / wall, "GB a second"],
            ["memory of a machine of 16 cores", (16 * own_peak() + 4 * JVM_MB) / 1024, "GB"],
        ],
    )


if __name__ == "__main__":
    main()
