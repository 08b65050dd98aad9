"""STATUS of a store in one process, as a table: python -m cluster.alone STORE PROTOCOL INSTANT OUT."""

import sys
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq

from countwell.cluster.rows import table_of
from countwell.cohort.passes import status_of
from countwell.cohort.plan import plan
from countwell.cohort.store import open_store


def status_alone(store, protocol, as_of):
    rules = plan(protocol)
    return pa.concat_tables(table_of(status_of(group, rules, as_of)) for group in open_store(store).row_groups())


if __name__ == "__main__":
    store, protocol, instant, out = sys.argv[1:]
    pq.write_table(status_alone(store, protocol, datetime.fromisoformat(instant)), out)
