"""A synthetic register: as a sorted store, as the unsorted long tables a sender would export, or as bulk FHIR.

    python bench/cohort_register.py store FOLDER --patients 1000000 [--plain]
    python bench/cohort_register.py long FOLDER --patients 100000
    python bench/cohort_register.py fhir FOLDER --patients 10000

About 50 results a patient over eleven tests, with doses, weights, symptoms, medicines. --plain: final, exact results alone:
the register on which tools that know nothing of corrections can give equal answers.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from cohort_drawn import PLAIN, People, Results, generator, people, results
from cohort_happenings import Happenings, happenings
from cohort_sent import long_table, observation_lines, patient_lines, statement_lines

CHUNK = 20_000
FILES = 16
Drawn = tuple[People, Results, list[Happenings]]


def drawn(patients: int, seed: int, plain: bool) -> Iterator[Drawn]:
    """The register in chunks of whole patients."""
    for first in range(0, patients, CHUNK):
        draw = generator(seed, first)
        of = people(first, min(CHUNK, patients - first), draw)
        rows, more = results(of, draw), happenings(of, draw)
        yield of, _only_plain(rows) if plain else rows, more


def _only_plain(rows: Results) -> Results:
    kept = rows.of == PLAIN
    return Results(**{name: getattr(rows, name)[kept] for name in Results.__slots__})


def write_long(folder: Path, patients: int, seed: int) -> int:
    """Results in no order over 16 files, so that no file holds one patient whole; decisions and medicines beside them."""
    folder.mkdir(parents=True)
    count = 0
    with ExitStack() as files:
        writers: list[pq.ParquetWriter] = []
        for of, rows, _ in drawn(patients, seed, plain=False):
            draw = np.random.default_rng([seed, of.first, 1])
            table = long_table(of, rows, draw)
            count += len(table)
            if not writers:
                names = [folder / f"results-{number:02d}.parquet" for number in range(FILES)]
                writers = [files.enter_context(pq.ParquetWriter(n, table.schema, compression="zstd")) for n in names]
            cuts = np.linspace(0, len(table), FILES + 1).astype(int)
            for writer, low, high in zip(writers, cuts[:-1], cuts[1:], strict=True):
                writer.write_table(table.slice(low, high - low))
    return count


def write_fhir(folder: Path, patients: int, seed: int) -> int:
    """Patient, Observation and MedicationStatement as NDJSON."""
    folder.mkdir(parents=True)
    count = 0
    names = ("Patient", "Observation", "MedicationStatement")
    with ExitStack() as files:
        out = {name: files.enter_context((folder / f"{name}.ndjson").open("w")) for name in names}
        for of, rows, more in drawn(patients, seed, plain=False):
            out["Patient"].writelines(patient_lines(of))
            table = long_table(of, rows, None)
            out["Observation"].writelines(observation_lines(table))
            out["MedicationStatement"].writelines(statement_lines(of, more))
            count += len(table)
    return count


def write_store(folder: Path, patients: int, seed: int, plain: bool) -> int:
    """A store, chunk by chunk; no more than one chunk is in memory."""
    from cohort_rows import write

    return write(folder, drawn(patients, seed, plain))


def main() -> None:
    """What was written, and how long it took."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("form", choices=("store", "long", "fhir"))
    asked.add_argument("folder", type=Path)
    asked.add_argument("--patients", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--plain", action="store_true")
    given = asked.parse_args()
    if given.folder.exists():
        sys.exit(f"{given.folder} is there already. Name a folder that is not.")
    began = time.perf_counter()
    if given.form == "store":
        count = write_store(given.folder, given.patients, given.seed, given.plain)
    else:
        count = {"long": write_long, "fhir": write_fhir}[given.form](given.folder, given.patients, given.seed)
    took = time.perf_counter() - began
    print(f"{given.folder}: {given.patients} patients, {count} results, seed {given.seed}, {took:.1f} s")


if __name__ == "__main__":
    main()
