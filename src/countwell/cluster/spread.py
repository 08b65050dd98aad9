"""Work spread over a cluster: a number goes to each task, a table comes back from each. Knows no store and no rule.

Spark runs a task again when its worker, its machine or its answer is lost, and takes one answer of each task. So work has to be
the same however often it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa

from countwell.base.errors import CohortError

Work = Callable[[int], pa.Table]

TASK = pa.field("task", pa.int32())


def spread(session: Any, tasks: int, work: Work, schema: pa.Schema) -> pa.Table:
    """The tables of work(0), work(1) … work(tasks - 1) as one, in that order.

    session: a pyspark.sql.SparkSession. work: is sent to the workers, where what it needs must be installed; its table has at
    least one row. schema: of every table; signed integers, floats, text (Spark knows no unsigned integers). Raises CohortError
    if the answer of a task is missing or came twice, and what Spark raises if a task failed on every attempt.
    """
    from pyspark.sql.pandas.types import from_arrow_schema

    if tasks == 0:
        return schema.empty_table()
    tagged = pa.schema([TASK, *schema])
    numbers = session.range(0, tasks, 1, tasks)
    rows = numbers.mapInArrow(_on_worker(work, tagged), from_arrow_schema(tagged)).toArrow()
    _refuse_lost(rows["task"].to_pylist(), tasks)
    return rows.drop_columns(["task"]).cast(schema)


def _on_worker(work: Work, tagged: pa.Schema) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column(0).to_pylist():
                rows = work(number)
                marked = pa.array([number] * rows.num_rows, TASK.type)
                yield from pa.table([marked, *rows.columns], schema=tagged).to_batches()

    return run


def _refuse_lost(numbers: list[int], tasks: int) -> None:
    """Every task has answered, in order, with rows that stand together."""
    met = [number for place, number in enumerate(numbers) if place == 0 or numbers[place - 1] != number]
    if met != list(range(tasks)):
        raise CohortError(
            f"the cluster gave back {len(set(met))} of {tasks} tasks, or one twice. Nothing of it is used; run it again."
        )
