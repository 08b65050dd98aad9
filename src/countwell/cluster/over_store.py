"""A pass over all row groups of a store on a cluster: one file of answers for each, and the word that all are there.

Workers read the store and write their files by path: both have to lie where every worker sees them under the same name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from countwell.base.errors import CohortError, StoreError
from countwell.cluster.rows import table_of, write_whole
from countwell.cluster.spread import spread
from countwell.cohort.manifest import footer_mark
from countwell.cohort.store import Place, RowGroup, Store, open_store
from countwell.cohort.whole import written_whole

COMPLETE = "complete.json"
ANSWER = pa.schema([("file", pa.string()), ("first", pa.int64()), ("patients", pa.int64()), ("rows", pa.int64())])

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Job:
    """What workers need to know. read: a row group of a store, with the columns that the pass needs; run: the pass over it."""

    read: Callable[[Store, Place], RowGroup]
    run: Callable[[RowGroup], Arrays]


def over_store(session: Any, path: Path | str, job: Job, out: Path | str, says: Mapping[str, Any]) -> dict[str, Any]:
    """Runs a job over every row group of the store at `path` and writes the answers into the folder `out`.

    says: what is written into `complete.json` beside the counts (protocol, versions, instants …). That file is written last:
    a folder without it is not whole. Gives back its content. Raises StoreError if `out` is there already or cannot be
    written, CohortError if the store is broken or the answers are not those of its patients.
    """
    store = open_store(path)
    folder = _new_folder(Path(out))
    places = store.places
    answers = spread(session, len(places), _one(store, job, folder), ANSWER).to_pylist()
    _refuse_other(store, answers)
    complete = {**says, "patients": store.patients, "rows": sum(a["rows"] for a in answers), "files": answers}
    _clear(folder)
    _write_last(folder / COMPLETE, complete)
    return complete


def _new_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise StoreError(f"{folder.name}: is there already. Choose another place, or remove it.") from error
    except OSError as error:
        raise StoreError(f"{folder.name}: cannot be made: {error.strerror}.") from error
    return folder.absolute()


def _one(store: Store, job: Job, folder: Path) -> Callable[[int], pa.Table]:
    """The work of one task: one row group read, answered and written. Pure, so that doing it twice changes nothing."""

    def work(number: int) -> pa.Table:
        place = store.places[number]
        _refuse_changed(store, place)
        rows = table_of(job.run(job.read(store, place)))
        name = f"answers-{place.part:05d}-{place.group:03d}.parquet"
        write_whole(rows, folder / name)
        answer = {"file": [name], "first": [place.first], "patients": [place.patients], "rows": [rows.num_rows]}
        return pa.table(answer, schema=ANSWER)

    return work


def _refuse_changed(store: Store, place: Place) -> None:
    """The files that this worker sees under the path are those that the driver opened."""
    said = store.manifest["parts"][place.part]["files"]
    for table, marks in said.items():
        file = store.files(table)[place.part]
        try:
            same = footer_mark(file) == marks["footer"]
        except OSError as error:
            raise StoreError(f"part {place.part}, {table}: a worker cannot read it: {error.strerror}.") from error
        if not same:
            raise CohortError(
                f"part {place.part}, {table}: a worker sees another file there than the driver. Share one store."
            )


def _refuse_other(store: Store, answers: list[dict[str, Any]]) -> None:
    """Every row group has one file, of its own patients."""
    wanted = [(place.first, place.patients) for place in store.places]
    if [(answer["first"], answer["patients"]) for answer in answers] != wanted:
        raise CohortError(f"{store.path.name}: the answers are not those of its row groups. Run it again.")


def _clear(folder: Path) -> None:
    """What killed workers left half written."""
    for left in folder.glob(".answers-*"):
        left.unlink(missing_ok=True)


def _write_last(file: Path, content: Mapping[str, Any]) -> None:
    with written_whole(file) as aside:
        aside.write_text(json.dumps(content, indent=1), encoding="utf-8")


def answers_in(folder: Path | str) -> pa.Table:
    """All answers in a folder that `over_store` wrote, in order of the store.

    Raises StoreError if there is no such folder, CohortError if it is not whole or a file of it is missing or another.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise StoreError(f"{folder.name}: there is no such folder.")
    if not (folder / COMPLETE).is_file():
        raise CohortError(f"{folder.name}: has no {COMPLETE}: the job did not end. Run it again.")
    complete = json.loads((folder / COMPLETE).read_text(encoding="utf-8"))
    return pa.concat_tables(_read(folder / answer["file"], answer["rows"]) for answer in complete["files"])


def _read(file: Path, rows: int) -> pa.Table:
    try:
        table = pq.read_table(file)
    except (OSError, pa.ArrowException) as error:
        raise CohortError(f"{file.name}: is missing or cannot be decoded. Run the job again.") from error
    if table.num_rows != rows:
        raise CohortError(f"{file.name}: {table.num_rows} rows, {rows} were written. Run the job again.")
    return table
