"""A store opens whole or not at all, and gives out what was put in; what is broken is refused with file and row group.

Longer than other modules: each way in which a store can be broken or killed has its own case.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from countwell.base.errors import CohortError, StoreError, exit_code
from countwell.cohort import columns as c
from countwell.cohort import manifest, vocabularies, writing
from countwell.cohort.store import open_store
from countwell.cohort.writing import StoreWriter

SMALL = {"patients_per_row_group": 3, "patients_per_part": 6}
PATIENTS = 8
LABS_EACH = 2


def batch(count: int) -> tuple[dict, dict, dict]:
    """So many patients, each with two results and one event; what a column holds is told by its patient."""
    number = np.arange(count)
    each = np.repeat(number, LABS_EACH)
    patients = {name: np.zeros(count, int) for name in c.PATIENTS.names}
    patients |= {"patient": number, "born": number, "id": [f"p{n}" for n in number]}
    labs = {name: np.zeros(len(each), int) for name in c.LABS.names} | {"patient": each}
    labs["collected"] = np.tile(np.arange(LABS_EACH), count) * 1_000_000
    labs["low"] = each * 10
    events = {name: np.zeros(count, int) for name in c.EVENTS.names} | {"patient": number, "value": number * 100}
    return patients, labs, events


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of eight patients in three row groups of two parts."""
    with StoreWriter(tmp_path / "store", **SMALL) as writer:
        writer.add(*batch(5))
        writer.add(*batch(3))
    return tmp_path / "store"


def rewritten(file: Path, change) -> None:
    """The file with its table changed row group by row group, and a manifest that vouches for the new bytes."""
    source = pq.ParquetFile(file)
    groups = change([source.read_row_group(n) for n in range(source.num_row_groups)])
    with pq.ParquetWriter(file, groups[0].schema, compression="zstd") as writer:
        for group in groups:
            writer.write_table(group, row_group_size=max(group.num_rows, 1))
    vouch(file)


def vouch(file: Path) -> None:
    """Lets the manifest say that these are the bytes that were written."""
    said = json.loads((file.parents[1] / manifest.NAME).read_text())
    part = next(part for part in said["parts"] if part["name"] == file.parent.name)
    part["files"][file.stem] = manifest.file_marks(file)
    (file.parents[1] / manifest.NAME).write_text(json.dumps(said))


def read_all(folder: Path) -> list:
    return list(open_store(folder).row_groups())


def refused(folder: Path) -> str:
    """With which words a store is refused, at opening or at reading; it must be."""
    with pytest.raises(CohortError) as error:
        read_all(folder)
    assert exit_code(error.value) == 3
    return str(error.value)


# What was put in comes out


def test_row_groups_hold_the_same_patients_of_all_three_files(folder):
    store = open_store(folder, thorough=True)
    assert store.patients == PATIENTS
    assert [(place.part, place.group, place.first, place.patients) for place in store.places] == [
        (0, 0, 0, 3),
        (0, 1, 3, 3),
        (1, 0, 6, 2),
    ]
    for place, group in zip(store.places, store.row_groups(), strict=True):
        numbers = np.arange(place.first, place.first + place.patients)
        assert np.array_equal(group.patients["patient"], numbers)
        assert np.array_equal(group.labs["patient"], np.repeat(numbers, LABS_EACH))
        assert np.array_equal(group.events["patient"], numbers)


def test_patients_are_numbered_through_and_keep_their_values(folder):
    values = np.concatenate([group.events["value"] for group in open_store(folder).row_groups()])
    assert list(values) == [0, 100, 200, 300, 400, 0, 100, 200]


def test_only_the_columns_asked_for_are_read_and_patient_beside_them(folder):
    group = next(open_store(folder).row_groups(patients=["born", "id"], labs=["low"], events=()))
    assert list(group.labs) == ["patient", "low"]
    assert list(group.patients["id"]) == ["p0", "p1", "p2"]
    assert group.events == {}


def test_arrays_of_numbers_are_of_the_type_of_the_schema_and_not_copied(folder):
    group = next(open_store(folder).row_groups())
    assert {name: array.dtype for name, array in group.labs.items()} == {
        field.name: np.dtype(field.type.to_pandas_dtype()) for field in c.LABS
    }
    assert not group.labs["low"].flags.writeable


def test_further_columns_of_patients_are_kept(tmp_path):
    patients, labs, events = batch(2)
    with StoreWriter(tmp_path / "store", further=("by_site",)) as writer:
        writer.add({**patients, "by_site": ["north", "south"]}, labs, events)
    group = next(open_store(tmp_path / "store").row_groups(patients=["by_site"]))
    assert list(group.patients["by_site"]) == ["north", "south"]


def test_a_store_of_nobody_opens(tmp_path):
    with StoreWriter(tmp_path / "store"):
        pass
    assert open_store(tmp_path / "store").patients == 0
    assert read_all(tmp_path / "store") == []


def test_a_row_group_without_a_single_result_stays_aligned(tmp_path):
    patients, labs, events = batch(6)
    late = labs["patient"] >= 3
    with StoreWriter(tmp_path / "store", **SMALL) as writer:
        writer.add(patients, {name: array[late] for name, array in labs.items()}, events)
    assert [len(group.labs["patient"]) for group in read_all(tmp_path / "store")] == [0, 6]


def test_laboratories_are_taken_up_and_stand_in_the_manifest(tmp_path):
    with StoreWriter(tmp_path / "store") as writer:
        assert [writer.words.place("labs", name) for name in ("A", "B", "A", None)] == [1, 2, 1, 0]
        assert writer.words.place("tests", "no such test") == 0
    assert open_store(tmp_path / "store").manifest["labs"] == ["", "A", "B"]


@pytest.mark.parametrize("words", [254, 255])
def test_a_growing_list_takes_up_no_more_than_its_column_can_tell_apart(words):
    lists = vocabularies.Words()
    for number in range(words):
        lists.place("countries", f"country {number}")
    assert lists.place("countries", "country 0") == 1
    if words == 255:
        with pytest.raises(CohortError, match="more than 256 different countries"):
            lists.place("countries", "one more")
    else:
        assert lists.place("countries", "one more") == 255


# Batches that are not taken


@pytest.mark.parametrize(
    ("table", "change", "says"),
    [
        (1, lambda t: t.pop("low"), "labs: the column low is missing"),
        (1, lambda t: t.update(low=[2**31] * len(t["low"])), "labs: the column low does not fit int32"),
        (2, lambda t: t.update(value=[None] * len(t["value"])), "events: the column value has empty places"),
        (1, lambda t: t.update(patient=t["patient"][::-1]), "labs: is not in order of patient"),
        (1, lambda t: t.update(collected=t["collected"][::-1]), "labs: is not in order of collected"),
        (1, lambda t: t.update(patient=t["patient"] + 1), "labs: holds rows of patients of another row group"),
        (0, lambda t: t.update(patient=[0, 2, 1]), "patients: the patients are not numbered one after the other"),
        (2, lambda t: t.update(at=[5, 5, 5], patient=[0, 0, 0], kind=[2, 1, 3]), "events: is not in order of kind"),
    ],
)
def test_a_batch_out_of_form_or_order_is_refused_and_leaves_no_store(tmp_path, table, change, says):
    tables = batch(3)
    change(tables[table])
    with pytest.raises(CohortError, match=says), StoreWriter(tmp_path / "store") as writer:
        writer.add(*tables)
    assert list(tmp_path.iterdir()) == []


# Interruptions

SLOW = """
import sys
sys.path[:0] = {path!r}
from cohort.test_store import batch, SMALL
from countwell.cohort.writing import StoreWriter
with StoreWriter({place!r}, **SMALL) as writer:
    writer.add(*batch(7))
    print("half", flush=True)
    sys.stdin.readline()
    writer.add(*batch(7))
"""


def started(place: Path) -> subprocess.Popen[str]:
    """A writer in another process that has written one part and waits."""
    path = [str(Path(__file__).parents[1])]
    text = SLOW.format(path=path, place=str(place))
    process = subprocess.Popen([sys.executable, "-c", text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "half\n"
    return process


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_a_killed_writer_leaves_nothing_that_opens_and_the_next_one_begins_anew(tmp_path):
    process = started(tmp_path / "store")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with pytest.raises(StoreError):
        open_store(tmp_path / "store")
    with pytest.raises(CohortError, match=r"has no manifest\.json"):
        open_store(tmp_path / ".store.writing")
    with StoreWriter(tmp_path / "store", **SMALL) as writer:
        writer.add(*batch(3))
    assert open_store(tmp_path / "store").patients == 3
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a lock on a folder")
def test_a_second_writer_into_the_same_place_is_refused_and_the_first_finishes(tmp_path):
    process = started(tmp_path / "store")
    with pytest.raises(StoreError, match="another import is writing there"):
        StoreWriter(tmp_path / "store")
    process.communicate("go on\n")
    assert open_store(tmp_path / "store").patients == 14


def test_a_place_that_is_taken_is_refused(folder):
    with pytest.raises(StoreError, match="is there already") as error:
        StoreWriter(folder)
    assert exit_code(error.value) == 5
    assert open_store(folder).patients == PATIENTS


class Full:
    """A Parquet writer on a disk that is full after so many row groups."""

    def __init__(self, real, room: int) -> None:
        self.real, self.room = real, room

    def __call__(self, *args, **kwargs):
        opened = self.real(*args, **kwargs)
        write = opened.write_table

        def write_table(*table, **more):
            self.room -= 1
            if self.room < 0:
                raise OSError(28, "No space left on device")
            write(*table, **more)

        opened.write_table = write_table
        return opened


@pytest.mark.parametrize("room", [0, 1, 4, 6])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, monkeypatch, room):
    monkeypatch.setattr(writing.pq, "ParquetWriter", Full(pq.ParquetWriter, room))
    with (
        pytest.raises(StoreError, match="No space left on device"),
        StoreWriter(tmp_path / "store", **SMALL) as writer,
    ):
        writer.add(*batch(9))
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_importer_leaves_nothing(tmp_path):
    def fail():
        with StoreWriter(tmp_path / "store", **SMALL) as writer:
            writer.add(*batch(9))
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="folders have modes")
def test_a_store_is_for_its_owner_alone(folder):
    assert folder.stat().st_mode & 0o077 == 0


# Broken stores


def test_what_is_no_folder_cannot_be_reached(tmp_path):
    with pytest.raises(StoreError) as error:
        open_store(tmp_path / "nowhere")
    assert exit_code(error.value) == 5


@pytest.mark.parametrize("table", ["patients", "labs", "events"])
@pytest.mark.parametrize("left", [0, 5, 0.5, -1])
def test_a_truncated_file_is_refused(folder, table, left):
    file = folder / "part-00001" / f"{table}.parquet"
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * left) if isinstance(left, float) else left])
    assert f"part-00001/{table}.parquet" in refused(folder)
    vouched = json.loads((folder / manifest.NAME).read_text())
    vouched["parts"][1]["files"][table]["bytes"] = file.stat().st_size
    (folder / manifest.NAME).write_text(json.dumps(vouched))
    assert f"part-00001/{table}.parquet" in refused(folder)


def test_a_missing_file_is_refused(folder):
    (folder / "part-00000" / "labs.parquet").unlink()
    assert "part-00000/labs.parquet: is missing" in refused(folder)


def test_another_file_of_the_same_size_is_refused_by_its_footer(folder):
    file = folder / "part-00000" / "labs.parquet"
    data = bytearray(file.read_bytes())
    data[-20] ^= 1
    file.write_bytes(data)
    assert "part-00000/labs.parquet" in refused(folder)


@pytest.mark.parametrize("before_the_end", range(2, 12, 3))
def test_a_flipped_bit_of_a_value_is_refused_when_it_is_read(folder, before_the_end):
    """The values stand in the dictionary page, so small that nothing but its checksum would tell."""
    file = folder / "part-00000" / "labs.parquet"
    column = pq.read_metadata(file).row_group(1).column(c.LABS.names.index("low"))
    data = bytearray(file.read_bytes())
    data[column.data_page_offset - before_the_end] ^= 1
    file.write_bytes(data)
    store = open_store(folder)
    store.read(store.places[0])
    with pytest.raises(CohortError, match=r"part-00000/labs\.parquet, row group 1: cannot be decoded"):
        store.read(store.places[1])
    with pytest.raises(CohortError, match="is not the file that was written"):
        open_store(folder, thorough=True)


@pytest.mark.parametrize("table", ["patients", "labs", "events"])
def test_swapped_row_groups_are_refused(folder, table):
    rewritten(folder / "part-00000" / f"{table}.parquet", lambda groups: groups[::-1])
    assert f"part-00000/{table}.parquet, row group 0: holds patients of another row group" in refused(folder)


def test_swapped_row_groups_are_refused_without_statistics_too(folder):
    file = folder / "part-00000" / "labs.parquet"
    groups = [pq.ParquetFile(file).read_row_group(n) for n in (1, 0)]
    with pq.ParquetWriter(file, groups[0].schema, write_statistics=False) as writer:
        for group in groups:
            writer.write_table(group)
    vouch(file)
    open_store(folder)
    assert "part-00000/labs.parquet, row group 0: holds rows of patients of another row group" in refused(folder)


def test_each_row_group_of_two_that_are_swapped_is_refused_by_its_own_rows(folder):
    file = folder / "part-00000" / "labs.parquet"
    groups = [pq.ParquetFile(file).read_row_group(n) for n in (1, 0)]
    with pq.ParquetWriter(file, groups[0].schema, write_statistics=False) as writer:
        for group in groups:
            writer.write_table(group)
    vouch(file)
    store = open_store(folder)
    for place in store.places[:2]:
        with pytest.raises(CohortError, match="holds rows of patients of another row group"):
            store.read(place)


def test_order_begins_anew_with_each_patient_and_each_collection(tmp_path):
    patients, labs, events = batch(3)
    labs |= {"collected": np.full(6, 5), "test": np.array([1, 9, 1, 9, 1, 9]), "known": np.array([9, 1, 9, 1, 9, 1])}
    with StoreWriter(tmp_path / "store", **SMALL) as writer:
        writer.add(patients, labs, events)
    assert list(read_all(tmp_path / "store")[0].labs["test"]) == [1, 9, 1, 9, 1, 9]


def test_where_only_days_are_read_their_order_is_checked(folder):
    rewritten(folder / "part-00000" / "labs.parquet", days_backwards)
    store = open_store(folder)
    with pytest.raises(CohortError, match="is not in order of collected"):
        store.read(store.places[0], labs=["collected_day"])


def days_backwards(groups):
    place = groups[0].schema.get_field_index("collected_day")
    days = pa.array([2, 1] * (groups[0].num_rows // 2), pa.int32())
    return [groups[0].set_column(place, groups[0].schema.field(place), days), *groups[1:]]


def test_bytes_put_in_front_of_a_file_are_seen_at_opening(folder):
    file = folder / "part-00000" / "labs.parquet"
    file.write_bytes(b"x" + file.read_bytes())
    with pytest.raises(CohortError, match=r"labs\.parquet: \d+ bytes, the manifest says"):
        open_store(folder)


def shuffled(group: pa.Table) -> pa.Table:
    return group.take(pa.array([*range(0, group.num_rows, 2), *range(1, group.num_rows, 2)]))


def test_interleaved_patients_are_refused(folder):
    rewritten(folder / "part-00000" / "labs.parquet", lambda groups: [groups[0], shuffled(groups[1])])
    assert "part-00000/labs.parquet, row group 1: is not in order of patient" in refused(folder)


def test_rows_of_one_patient_out_of_order_are_refused(folder):
    def backwards(groups):
        first = groups[0]
        collected = pa.array(first.column("collected").to_numpy()[::-1])
        place = first.schema.get_field_index("collected")
        return [first.set_column(place, first.schema.field(place), collected), *groups[1:]]

    rewritten(folder / "part-00000" / "labs.parquet", backwards)
    assert "part-00000/labs.parquet, row group 0: is not in order of collected" in refused(folder)


def test_a_row_too_few_is_refused(folder):
    rewritten(folder / "part-00000" / "labs.parquet", lambda groups: [groups[0].slice(1), *groups[1:]])
    assert "5 rows, the manifest says 6" in refused(folder)


def test_a_patient_too_few_is_refused(folder):
    rewritten(folder / "part-00001" / "patients.parquet", lambda groups: [groups[0].slice(0, 1)])
    assert "part-00001/patients.parquet, row group 0" in refused(folder)


def test_a_row_group_too_many_is_refused(folder):
    rewritten(folder / "part-00001" / "labs.parquet", lambda groups: [*groups, groups[0]])
    assert "2 row groups, the manifest says 1" in refused(folder)


def test_a_missing_column_is_refused(folder):
    rewritten(folder / "part-00000" / "labs.parquet", lambda groups: [g.drop_columns(["until"]) for g in groups])
    assert "part-00000/labs.parquet: the column until is missing" in refused(folder)


def test_a_column_of_another_type_is_refused(folder):
    def wider(groups):
        return [g.set_column(0, "patient", g.column("patient").cast(pa.int64())) for g in groups]

    rewritten(folder / "part-00000" / "labs.parquet", wider)
    assert "part-00000/labs.parquet: patient is int64, not int32" in refused(folder)


def test_empty_places_are_refused(folder):
    def holed(groups):
        place = groups[0].schema.get_field_index("low")
        holes = [pa.array([None] * g.num_rows, pa.int32()) for g in groups]
        return [g.set_column(place, "low", hole) for g, hole in zip(groups, holes, strict=True)]

    rewritten(folder / "part-00000" / "labs.parquet", holed)
    assert "row group 0: the column low has empty places" in refused(folder)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"schema": "countwell.cohort/2"},
            "its schema is 'countwell.cohort/2', this Countwell reads 'countwell.cohort/1'",
        ),
        ({"tests": ["", "wbc"]}, "written with another list of tests"),
        ({"upper_limits": {"alt": ["10", "400"]}}, "written with other upper limits in use"),
        ({"upper_limits": {}}, "written with other upper limits in use"),
        ({"frequencies": ["", "once daily", "not listed"]}, "written with another list of frequencies"),
        ({"conditions": ["", "mg", "cidp"]}, "written with another list of conditions"),
        ({"details": {}}, "written with other details of symptoms"),
        ({"parts": None}, "is broken"),
        ({"rows": {"patients": 8}}, "is broken"),
        ({"parts": [{"name": "part-00000", "row_groups": [], "files": {}}]}, "is broken"),
    ],
)
def test_another_schema_or_other_lists_of_words_are_refused(folder, change, says):
    said = json.loads((folder / manifest.NAME).read_text())
    (folder / manifest.NAME).write_text(json.dumps({**said, **change}))
    assert says in refused(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '"x"', "\\xff"])
def test_a_manifest_that_is_none_is_refused(folder, text):
    (folder / manifest.NAME).write_text(text)
    assert manifest.NAME in refused(folder)


def test_no_fault_tells_anything_of_a_patient(folder):
    file = folder / "part-00000" / "patients.parquet"
    rewritten(file, lambda groups: [shuffled(groups[0]), *groups[1:]])
    assert not any(f"p{number}" in refused(folder).replace("part", "") for number in range(PATIENTS))
