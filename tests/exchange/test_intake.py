"""A source is told by its content; counts add up; one patient is asked about at a time."""

import io
import json
import os

import pytest

from countwell.base.errors import RecordError, UsageError
from countwell.exchange import intake as intakes
from countwell.exchange.intake import only_patient, read_bytes, read_one, read_source
from countwell.exchange.limits import LARGEST_BYTES
from exchange.making import bundle, document, observation, result
from exchange.test_lab_csv import HEADER, LAYOUT, ROW


def text(value):
    return json.dumps(value).encode()


def test_a_countwell_record_is_told_by_its_schema():
    (intake,) = read_bytes(text(document(result(id="a1"), {"kind": "dream"}, result(id="a1"))))
    assert [entry.outcome for entry in intake.entries] == ["filed", "refused", "filed"]
    assert intake.entries[1].where == "events[1]"


def test_a_bundle_is_told_by_its_type():
    assert len(read_bytes(text(bundle(observation())))[0].record.events) == 1


def test_ndjson_is_read_line_by_line():
    lines = [text({"resourceType": "Patient", "id": "p1"}), text(observation()), b"{broken", b'{"a":1,"a":2}', b""]
    (intake,) = read_bytes(b"\n".join(lines))
    assert (len(intake.filed), len(intake.refused)) == (2, 2)
    assert [entry.where for entry in intake.refused] == ["line 3", "line 4"]


def test_a_list_of_resources_is_read():
    (intake,) = read_bytes(text([{"resourceType": "Patient", "id": "p1"}, observation()]))
    assert len(intake.record.events) == 1


def test_several_records_are_several_intakes():
    assert len(read_bytes(text([document(), document(result())]))) == 2


def test_a_folder_is_read_together(tmp_path):
    (tmp_path / "Patient.ndjson").write_bytes(text({"resourceType": "Patient", "id": "p1"}))
    (tmp_path / "Observation.ndjson").write_bytes(text(observation()) + b"\n" + text(observation(id="o2")))
    (tmp_path / "record.json").write_bytes(text(document(result())))
    (tmp_path / "broken.json").write_bytes(b"{")
    (tmp_path / "readme.txt").write_bytes(b"not read")
    found = read_source(tmp_path)
    assert sorted(len(intake.record.events) for intake in found) == [1, 2]
    assert [entry.where for intake in found for entry in intake.refused] == ["broken.json"]


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(RecordError, match="no file"):
        read_source(tmp_path)


def test_csv_is_read_with_its_mapping(tmp_path):
    (tmp_path / "lab.csv").write_text(f"{HEADER}\n{ROW}\n")
    (tmp_path / "lab.yaml").write_text(LAYOUT)
    assert read_one(str(tmp_path / "lab.csv"), mapping=str(tmp_path / "lab.yaml")).events[0].test == "wbc"


def test_csv_without_a_mapping_asks_for_it():
    with pytest.raises(RecordError, match="give its mapping"):
        read_bytes(f"{HEADER}\n{ROW}\n".encode())


def test_hl7_is_named():
    with pytest.raises(RecordError, match="HL7 v2"):
        read_bytes(b"MSH|^~\\&|")


@pytest.mark.parametrize(
    "data",
    [b"", b"   ", b"<Bundle/>", b"\xff\xfe", b"\x00", b"3", b'"text"', b"null", b"{", b"[", b"[]", b"{}", b"[1]"],
)
def test_what_is_nothing_of_ours_is_refused(data):
    with pytest.raises(RecordError):
        read_bytes(data)


def test_a_file_that_is_too_large_is_refused_without_reading_it(tmp_path):
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        os.truncate(file.fileno(), LARGEST_BYTES * 16)
    with pytest.raises(RecordError, match="larger"):
        read_source(path)


def test_standard_input_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(intakes, "LARGEST_BYTES", 10)
    monkeypatch.setattr("countwell.exchange.strict_json.LARGEST_BYTES", 10)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"x" * 100)))
    with pytest.raises(RecordError, match="larger"):
        read_one("-")


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text(document(result())))))
    assert read_one("-").patient.id == "p1"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RecordError, match="cannot be read"):
        read_one(str(tmp_path / "nothing.json"))


TWO = [document(), {**document(), "patient": {"id": "p2"}}]


def test_one_patient_is_asked_about():
    found = read_bytes(text(TWO))
    assert only_patient(found, "p2").record.patient.id == "p2"
    with pytest.raises(UsageError, match=r"2 patients\. Say which one: --patient ID"):
        only_patient(found)
    with pytest.raises(UsageError, match="no such patient"):
        only_patient(found, "p3")


def test_one_bad_record_is_told_with_all_its_faults():
    with pytest.raises(RecordError, match=r"schema.*\n.*patient\.id"):
        read_bytes(text({"schema": "x", "patient": {}}))
