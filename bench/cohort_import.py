"""Import of raw registers into a sorted store, against the scan of that store.

    python bench/cohort_import.py FOLDER … [--rounds 1]

FOLDER: made by `cohort_register.py long` or `cohort_register.py fhir`. The import is this process and what it starts; the scan
decodes all columns that a pass reads, in turns with it. One row is imported first: what is loaded once does not count.
"""

import argparse
import json
import resource
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from cohort_measured import busy, own_peak, timed
from common import heading, table
from scan import scan, size

from countwell.cohort.incoming.bring_in import bring_in
from countwell.cohort.store import open_store
from countwell.exchange.csv_mapping import read_mapping

MAPPING = Path(__file__).with_name("cohort_long.yaml")
COLUMNS = "patient id code value unit high collected received status lab replaces".split()


def incoming(folder: Path) -> Any:
    """What reads this folder."""
    if list(folder.glob("*.ndjson")):
        from countwell.cohort.incoming.bulk_fhir import BulkFhir

        return BulkFhir(folder, None)
    from countwell.cohort.incoming.from_tables import FromTables

    return FromTables(folder, read_mapping(MAPPING.read_bytes(), MAPPING.name), None, None)


class Quiet:
    """No progress is shown."""

    def step(self, says: str, done: int, of: int) -> None:
        """Nothing."""


def main() -> None:
    """A table for each folder, then what became of its rows."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folders", nargs="+", type=Path)
    asked.add_argument("--rounds", type=int, default=1)
    given = asked.parse_args()
    heading(f"Import; {busy()}")
    _warm()
    for folder in given.folders:
        _measure(folder, given.rounds)


def _warm() -> None:
    """Imports one row, as tables and as FHIR."""
    line = b'{"resourceType":"Observation","id":"a","status":"final","subject":{"reference":"Patient/p"}}'
    with tempfile.TemporaryDirectory() as aside:
        for name, text in (("results.csv", ",".join(COLUMNS) + "\n"), ("a.ndjson", line.decode())):
            folder = Path(aside) / name.partition(".")[2]
            folder.mkdir()
            (folder / name).write_text(text)
            bring_in(incoming(folder), Path(aside) / f"{name}-store", Quiet())


def _measure(folder: Path, rounds: int) -> None:
    imports, scans = [], []
    with tempfile.TemporaryDirectory() as aside:
        for number in range(rounds):
            into = Path(aside) / f"store-{number}"
            children = _children()
            wall, cpu = time.perf_counter(), time.process_time()
            report = bring_in(incoming(folder), into, Quiet())
            imports.append((time.perf_counter() - wall, time.process_time() - cpu + _children() - children))
            scans.append(timed(lambda into=into: scan(open_store(into))))
        store = open_store(into)
        bytes_in = sum(file.stat().st_size for file in folder.iterdir())
        wall, cpu = (statistics.median(one[n] for one in imports) for n in (0, 1))
        read_wall, read_cpu = (statistics.median(one[n] for one in scans) for n in (0, 1))
        states, out = store.manifest["rows"]["labs"], size(store)
        print(
            f"{folder.name}: {store.patients} patients, {states} states, {bytes_in >> 20} MB in, {out >> 20} MB out; {busy()}"
        )
        rows = [
            ["import", wall, cpu, wall / read_wall, cpu / read_cpu, store.patients / wall, own_peak()],
            ["scan of the store", read_wall, read_cpu, 1.0, 1.0, store.patients / read_wall, 0.0],
        ]
        table(["", "wall s", "CPU s", "wall/scan", "CPU/scan", "patients/s", "peak MB"], rows)
        print(
            json.dumps(
                {name: report[name] for name in report if name in ("received", "filed", "held", "refused", "seconds")}
            )
        )
        shutil.rmtree(into)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
