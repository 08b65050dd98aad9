"""`countwell cohort import` as a command: which source it reads, what it prints, what it refuses."""

import json

import pytest
from click.testing import CliRunner

from cohort.importing import LAYOUT, csv_text, row
from countwell.base.errors import UsageError
from countwell.cli.cohort_import import import_
from exchange.making import observation


def run(*words):
    return CliRunner().invoke(import_, [str(word) for word in words], catch_exceptions=True)


@pytest.fixture
def tables(tmp_path):
    (tmp_path / "mapping.yaml").write_text(LAYOUT)
    (tmp_path / "results.csv").write_text(csv_text([row(), row(unit="", at="2026-03-08 09:00")]))
    return tmp_path / "results.csv", "--mapping", tmp_path / "mapping.yaml", "--from", "tables"


def test_the_counts_are_printed_and_the_store_is_there(tables, tmp_path):
    found = run(*tables, "--into", tmp_path / "store")
    assert found.exit_code == 0, found.output
    assert "1 patients" in found.output
    assert "results: received 2 = 1 filed + 1 held + 0 refused" in found.output
    assert (tmp_path / "store" / "manifest.json").is_file()


def test_the_whole_report_as_json(tables, tmp_path):
    found = run(*tables, "--into", tmp_path / "store", "--json")
    assert json.loads(found.output) == json.loads((tmp_path / "store" / "import.json").read_text())


def test_fhir_needs_no_mapping(tmp_path):
    (tmp_path / "Observation.ndjson").write_text(json.dumps(observation()) + "\n")
    found = run(tmp_path / "Observation.ndjson", "--from", "fhir", "--into", tmp_path / "store")
    assert "Observation: received 1 = 1 filed" in found.output


@pytest.mark.parametrize("words", [("--from", "tables"), ("--from", "fhir", "--mapping", "mapping.yaml")])
def test_a_mapping_belongs_to_tables_and_only_to_them(words, tables, tmp_path):
    words = [tmp_path / word if word == "mapping.yaml" else word for word in words]
    found = run(tables[0], *words, "--into", tmp_path / "store")
    assert isinstance(found.exception, UsageError)
    assert not (tmp_path / "store").exists()
