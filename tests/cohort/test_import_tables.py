"""Long tables and the tables beside them: who, what was decided, which medicines; CSV and Parquet say the same."""

from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cohort.importing import HEADER, LAYOUT, counts, csv_text, from_csv, one_by_one, row, stored
from countwell.base.errors import RecordError, StoreError
from countwell.cohort.incoming.bring_in import bring_in
from countwell.cohort.incoming.from_tables import FromTables
from countwell.exchange.csv_mapping import read_mapping
from countwell.exchange.record_json import read_record

MAPPING = read_mapping(LAYOUT.encode())
RESULTS = csv_text([row(id="a"), row(id="b", value="2.0", at="2026-03-08 09:00"), row(pid="p2", id="c")])
BESIDE = {
    "patients.csv": "patient,born,sex,country,time_zone,condition,ward\np1,1970-03-04,female,GB,Europe/London,cidp,West\np2,,male,,,,\n",
    "decisions.csv": "patient,do,at,mg_per_day,frequency,by\np1,start,2026-01-05,50,once daily,Dr A\np1,raise,2026-02-05,100,,Dr A\n",
    "medicines.csv": "patient,name,from,to\np1,allopurinol,2026-02-01,\np2,Imurel forte,2026-01-01,\n",
    "symptoms.csv": "patient,symptom,since,present,value,unit,details.with-chills\np1,fever,2026-03-02,yes,38.4,Cel,yes\np2,nausea,2026-03-02,no,,,\n",
    "events.csv": "patient,kind,at,value,unit\np1,weight,2026-01-05,70,kg\np1,died,2026-04-01,,\n",
}


def folder(path, **files):
    path.mkdir()
    for name, text in {"results.csv": RESULTS, **files}.items():
        (path / name).write_text(text)
    return path


def imported(path, **options):
    report = bring_in(FromTables(path, MAPPING, **options), path.parent / "store")
    return report, stored(path.parent / "store")


def test_tables_beside_the_results_are_the_same_record(tmp_path):
    report, bulk = imported(folder(tmp_path / "tables", **BESIDE))
    result = {
        "kind": "result",
        "code": {"system": "loinc", "code": "6690-2"},
        "value": "3.0",
        "unit": "10*9/L",
        "status": "final",
    }
    first = {
        "schema": "countwell.record/1",
        "patient": {"id": "p1", "born": "1970-03-04", "sex": "female", "country": "GB", "time_zone": "Europe/London"},
        "course": {"condition": "cidp"},
        "events": [
            {**result, "id": "a", "collected": "2026-03-01T09:00:00+01:00"},
            {**result, "id": "b", "value": "2.0", "collected": "2026-03-08T09:00:00+01:00"},
            {"kind": "decision", "do": "start", "at": "2026-01-05", "mg_per_day": "50", "frequency": "once daily", "by": "Dr A"},
            {"kind": "decision", "do": "raise", "at": "2026-02-05", "mg_per_day": "100", "by": "Dr A"},
            {"kind": "medicine", "name": "allopurinol", "from": "2026-02-01"},
            {"kind": "symptom", "symptom": "fever", "since": "2026-03-02", "present": True, "value": "38.4", "unit": "Cel", "details": {"with-chills": True}},
            {"kind": "weight", "at": "2026-01-05", "value": "70", "unit": "kg"},
            {"kind": "died", "at": "2026-04-01"},
        ],
    }  # fmt: skip
    second = {
        "schema": "countwell.record/1",
        "patient": {"id": "p2", "sex": "male", "time_zone": "Europe/Berlin"},
        "events": [
            {**result, "id": "c", "collected": "2026-03-01T09:00:00+01:00"},
            {"kind": "medicine", "name": "Imurel forte", "from": "2026-01-01"},
            {"kind": "symptom", "symptom": "nausea", "since": "2026-03-02", "present": False},
        ],
    }
    patients, labs, events = one_by_one([read_record(first), read_record(second)])
    assert (bulk[1], bulk[2]) == (labs, events)
    assert bulk[0] == [(*patients[0], "West"), (*patients[1], "")]
    assert counts(report) == (13, 12, 1, 0)


def test_results_of_a_whole_day_begin_at_the_midnight_of_the_patients_own_zone(tmp_path):
    zones = "patient,time_zone\np1,Europe/London\np2,Asia/Kolkata\n"
    results = csv_text([row(at="2026-03-01"), row(pid="p2", at="2026-03-01"), row(pid="p3", at="2026-03-01")])
    _, (_, labs, _) = imported(folder(tmp_path / "tables", **{"results.csv": results, "patients.csv": zones}))
    midnights = {lab[0]: datetime.fromtimestamp(lab[1] / 10**6, UTC).strftime("%d %H:%M") for lab in labs}
    assert midnights == {"p1": "01 00:00", "p2": "28 18:30", "p3": "28 23:00"}
    assert {lab[2] for lab in labs} == {(date(2026, 3, 1) - date(1970, 1, 1)).days}


def test_two_rows_of_one_patient_are_refused_with_all_that_came_of_it(tmp_path):
    twice = "patient,born\np1,1970-03-04\np1,1971-03-04\n"
    report, (patients, labs, _) = imported(folder(tmp_path / "tables", **{"patients.csv": twice}))
    assert [one[0] for one in patients] == ["p2"]
    assert {lab[0] for lab in labs} == {"p2"}
    assert counts(report) == (5, 1, 0, 4)


@pytest.mark.parametrize("typed", [False, True], ids=["texts", "Arrow's own types"])
def test_parquet_says_the_same_as_csv(typed, tmp_path):
    rows = [
        row(received="2026-03-02 10:00"),
        row(value="1.5", at="2026-03-08 09:00", status="preliminary"),
        row(value="7.25", at="2026-03-15 23:30"),
    ]
    _, in_csv, _ = from_csv(tmp_path, csv_text(rows))
    table = pa.table({name: [one.get(name, "") or None for one in rows] for name in HEADER})
    if typed:
        for name in ("at", "received"):
            times = pa.array([datetime.fromisoformat(one[name]) if one.get(name) else None for one in rows])
            table = table.set_column(HEADER.index(name), name, times)
        table = table.set_column(HEADER.index("value"), "value", pa.array([float(one["value"]) for one in rows]))
    pq.write_table(table, tmp_path / "results.parquet")
    bring_in(FromTables(tmp_path / "results.parquet", MAPPING), tmp_path / "other")
    assert stored(tmp_path / "other") == in_csv


def test_rows_with_too_many_cells_are_refused_alone(tmp_path):
    text = csv_text([row(id="a"), row(id="b", at="2026-03-08 09:00")])
    lines = text.splitlines()
    report, bulk, alone = from_csv(tmp_path, "\n".join([*lines[:2], lines[1] + ',"x"', lines[2]]) + "\n")
    assert bulk == alone
    assert counts(report) == (3, 2, 0, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (RESULTS.replace("status", "stat"), "lacks columns"),
        (RESULTS.replace("pid,", "id,pid,", 1), "stand twice"),
        (RESULTS.encode() + b'"\xff",' + b'"",' * 13 + b'""\n', "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_leaves_no_store(text, says, tmp_path):
    (tmp_path / "results.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecordError, match=says):
        bring_in(FromTables(tmp_path / "results.csv", MAPPING), tmp_path / "store")
    assert [path.name for path in tmp_path.iterdir()] == ["results.csv"]


def test_a_store_that_is_there_is_not_written_over(tmp_path):
    imported(folder(tmp_path / "tables"))
    with pytest.raises(StoreError):
        imported(tmp_path / "tables")


def test_an_interrupted_import_leaves_nothing(tmp_path):
    class Broken(FromTables):
        def batches(self):
            yield from super().batches()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring_in(Broken(folder(tmp_path / "tables"), MAPPING), tmp_path / "store")
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]


def test_many_buckets_give_the_same_store_as_one(tmp_path, monkeypatch):
    rows = [
        row(pid=f"p{number % 50}", value=f"{number % 7 + 1}", at=f"2026-03-{number % 28 + 1:02} 09:00")
        for number in range(400)
    ]
    _, one, alone = from_csv(tmp_path, csv_text(rows))
    monkeypatch.setattr("countwell.cohort.incoming.sent.ROWS_PER_BUCKET", 10)
    bring_in(FromTables(tmp_path / "results.csv", MAPPING), tmp_path / "other")
    assert stored(tmp_path / "other") == one == alone


def test_an_event_table_without_a_kind_or_a_patient_is_refused(tmp_path):
    for text in ("patient,at\np1,2026-01-01\n", "kind,at\ndied,2026-01-01\n"):
        (tmp_path / "events.csv").write_text(text)
        with pytest.raises(RecordError, match="wanted"):
            bring_in(FromTables(tmp_path, MAPPING), tmp_path / "store")


PARQUET = pa.table({name: pa.array([row().get(name, "")] * 60) for name in HEADER})


def parquet_refused(tmp_path, data) -> str:
    """With which words a Parquet file of results is refused; it must be, and nothing may be left."""
    (tmp_path / "results.parquet").write_bytes(data)
    with pytest.raises(RecordError) as error:
        bring_in(FromTables(tmp_path / "results.parquet", MAPPING), tmp_path / "store")
    assert [path.name for path in tmp_path.iterdir()] == ["results.parquet"]
    return str(error.value)


def parquet_of(table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="none")
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("left", [0, 3, 0.5, 0.99])
def test_a_truncated_parquet_file_is_refused(left, tmp_path):
    data = parquet_of(PARQUET)
    assert "not Parquet that can be read" in parquet_refused(
        tmp_path, data[: left if left > 1 else int(left * len(data))]
    )


def test_parquet_whose_pages_were_overwritten_is_refused(tmp_path):
    data = parquet_of(PARQUET)
    assert "not Parquet that can be read" in parquet_refused(tmp_path, data[:4] + b"\xff" * 400 + data[404:])


def test_parquet_of_another_schema_is_refused(tmp_path):
    assert "missing: status" in parquet_refused(tmp_path, parquet_of(PARQUET.drop_columns("status")))


def test_a_parquet_column_of_lists_is_refused(tmp_path):
    lists = PARQUET.slice(0, 1).drop_columns("value").append_column("value", pa.array([[3.0]]))
    assert "the column value holds lists" in parquet_refused(tmp_path, parquet_of(lists))


@pytest.mark.parametrize("name", ["patients", "decisions"])
def test_a_truncated_table_beside_the_results_is_refused(name, tmp_path):
    tables = folder(tmp_path / "tables")
    (tables / f"{name}.parquet").write_bytes(parquet_of(pa.table({"patient": ["p1"]}))[:-9])
    with pytest.raises(RecordError, match=r"cannot be read|not Parquet"):
        imported(tables)
    assert [path.name for path in tmp_path.iterdir()] == ["tables"]
