"""`countwell demo` and `countwell simulate` as a person runs them."""

import json

import pytest
from click.testing import CliRunner

from countwell.base.errors import UsageError
from countwell.cli.demo import demo
from countwell.cli.simulate import simulate


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """A demonstration that was made and checked, and its folder."""
    folder = tmp_path_factory.mktemp("demo")
    return CliRunner().invoke(demo, ["--check", "--out", str(folder), "--as-of", "2026-03-02T12:00:00+00:00"]), folder


def test_the_check_ends_well_and_says_what_it_made(shown):
    result, folder = shown
    assert result.exception is None, result.output
    assert result.exit_code == 0
    assert "0 faults" in result.output
    assert str(folder / "index.html") in result.output


def test_there_is_a_page_for_each_patient_and_an_index(shown):
    _, folder = shown
    pages = {path.name for path in folder.glob("*.html")}
    patients = {path.stem for path in (folder / "inputs" / "clinic").glob("*.json")}
    assert pages == {f"{patient}.html" for patient in patients} | {"index.html"}


def test_a_fault_is_told_and_ends_with_one(tmp_path, monkeypatch):
    monkeypatch.setattr("countwell.cli.demo.faults", lambda made: ["planted."])
    result = CliRunner().invoke(demo, ["--check", "--out", str(tmp_path), "--as-of", "2026-03-02"])
    assert result.exit_code == 1
    assert "planted." in result.output


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("mine")
    result = CliRunner().invoke(demo, ["--out", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_patients_are_written_as_records(tmp_path):
    result = CliRunner().invoke(
        simulate, ["patients", "--number", "3", "--months", "6", "--seed", "5", "--into", str(tmp_path)]
    )
    assert result.exit_code == 0, result.output
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(tmp_path.glob("*.json"))]
    assert [one["patient"]["id"] for one in documents] == ["sim-000001", "sim-000002", "sim-000003"]


@pytest.mark.parametrize("word", ["missed", "missed=lots", "missed=2", "no-such=0.1"])
def test_a_wrong_share_is_refused(word, tmp_path):
    result = CliRunner().invoke(simulate, ["patients", "--into", str(tmp_path), "--share", word])
    assert isinstance(result.exception, UsageError)
