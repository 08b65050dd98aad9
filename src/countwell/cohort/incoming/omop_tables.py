"""The tables of the OMOP CDM that are read, and the queries by which concepts become codes and rows FHIR resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from countwell.base.errors import RecordError
from countwell.cohort.incoming.table_files import read_or_told

SUFFIXES = (".csv", ".tsv", ".parquet")
WANTED = ("person", "measurement", "observation", "drug_exposure", "condition_occurrence", "death", "concept")
MUST = ("person", "concept")
SYSTEMS = {
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ATC": "http://www.whocc.no/atc",
    "SNOMED": "http://snomed.info/sct",
    "ICD10CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A file of the model, and its columns."""

    path: Path
    columns: frozenset[str]
    delimiter: str = ","

    @property
    def rows_about(self) -> int:
        """About how many rows it has."""
        if self.path.suffix == ".parquet":
            with read_or_told(self.path):
                return int(pq.ParquetFile(self.path).metadata.num_rows)
        return self.path.stat().st_size // 10**2

    def register(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        """Make it a view of that name, every column a text, names in small letters. Raises RecordError if it cannot be read."""
        try:
            if self.path.suffix == ".parquet":
                found = connection.read_parquet(str(self.path))
            else:
                found = connection.read_csv(
                    str(self.path),
                    header=True,
                    delimiter=self.delimiter,
                    all_varchar=True,
                    quotechar='"',
                    strict_mode=True,
                )
            texts = ", ".join(f'CAST("{column}" AS VARCHAR) AS "{column.lower()}"' for column in found.columns)
            found.project(texts).create_view(name)
        except duckdb.Error as error:
            raise RecordError(f"{self.path.name}: cannot be read: {type(error).__name__}.") from error


def tables_of(folder: Path) -> dict[str, Table]:
    """The tables of a folder. Raises RecordError without `person` or `concept`: then nobody, or no code, is known."""
    files = (
        {path.stem.lower(): path for path in sorted(folder.iterdir()) if path.suffix in SUFFIXES}
        if folder.is_dir()
        else {}
    )
    found = {name: _table(files[name]) for name in WANTED if name in files}
    if missing := [name for name in MUST if name not in found]:
        raise RecordError(f"{folder.name}: the table {missing[0]} is missing ({missing[0]}.csv or .parquet).")
    return found


def _table(path: Path) -> Table:
    if path.suffix == ".parquet":
        with read_or_told(path):
            return Table(path, frozenset(name.lower() for name in pq.read_schema(path).names))
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline().strip()
    delimiter = "\t" if "\t" in header else ","
    return Table(path, frozenset(name.strip('"').lower() for name in header.split(delimiter)), delimiter)


def cell(tables: Mapping[str, Table], table: str, column: str) -> str:
    """A column with blanks and nothing as NULL; NULL where the table lacks it."""
    return f"NULLIF(TRIM({table}.{column}), '')" if column in tables[table].columns else "CAST(NULL AS VARCHAR)"


def results_query(table: str, tables: Mapping[str, Table]) -> tuple[str, str, str]:
    """Queries: the rows of a table of results as those of a long table; the distinct (code, unit, printed unit); how many rows
    are left out.

    Of `observation` only what has a LOINC code and a number is a result. A comparator that stands in the source value alone,
    and was lost in the number, counts; an operator that the concept table does not know is no comparator, so it is held.
    """

    def get(column: str) -> str:
        return cell(tables, table, column)

    number, source = get("value_as_number"), get("value_source_value")
    asked = get("operator_concept_id")
    operator = f"CASE WHEN {asked} <> '0' THEN COALESCE(o.concept_name, 'not known') END"
    lost = f"({operator} IS NULL AND regexp_matches({source}, '^[<>≤≥]'))"
    when = f"COALESCE({get(f'{table}_datetime')}, {get(f'{table}_date')})"
    code = "CASE WHEN c.vocabulary_id = 'LOINC' THEN c.concept_code END"
    unit, printed = "CASE WHEN u.vocabulary_id = 'UCUM' THEN u.concept_code END", get("unit_source_value")
    words = f"COALESCE({_named('c')}, {get(f'{table}_source_value')})"
    named = f"CASE WHEN c.vocabulary_id IS DISTINCT FROM 'LOINC' THEN {words} END"
    kept = "" if table == "measurement" else f"WHERE c.vocabulary_id = 'LOINC' AND {number} IS NOT NULL"
    joins = (
        f"{table} LEFT JOIN concept c ON c.concept_id = {get(f'{table}_concept_id')}"
        f" LEFT JOIN concept u ON u.concept_id = {get('unit_concept_id')}"
        f" LEFT JOIN concept o ON o.concept_id = {asked}"
    )
    columns = f"""
        {get("person_id")} AS patient, '{table}/' || {get(f"{table}_id")} AS id, {named} AS test, {code} AS code,
        CASE WHEN {number} IS NULL OR {lost} THEN {source} ELSE {number} END AS value,
        CASE WHEN {number} IS NOT NULL THEN {operator} END AS comparator,
        CASE WHEN d.code IS NOT NULL THEN {unit} || ' or ' || {printed} ELSE COALESCE({unit}, {printed}) END AS unit,
        TRY_CAST({when} AS TIMESTAMP) AS collected, {get("range_low")} AS low, {get("range_high")} AS high"""
    query = f"""SELECT {columns} FROM {joins}
        LEFT JOIN disputed d ON d.code = {code} AND d.unit = {unit} AND d.printed = {printed} {kept}"""
    distinct = f"SELECT DISTINCT {code}, {unit}, {printed} FROM {joins}"
    pairs = f"SELECT * FROM ({distinct}) AS p(code, unit, printed) WHERE code || unit || printed IS NOT NULL"
    left_out = f"SELECT COUNT(*) - COUNT(*) FILTER ({kept or 'WHERE TRUE'}) FROM {joins}"
    return query, pairs, left_out


def _named(concept: str) -> str:
    return f"NULLIF({concept}.concept_name, 'No matching concept')"


@dataclass(frozen=True, slots=True)
class Resource:
    """Which FHIR resource says what a table says. query: its rows, with codes for concepts; of: one row as a resource."""

    kind: str
    query: Callable[[Mapping[str, Table]], str]
    of: Callable[[Mapping[str, Any]], dict[str, Any]]


def _persons(tables: Mapping[str, Table]) -> str:
    def get(column: str) -> str:
        return cell(tables, "person", column)

    died = cell(tables, "death", "death_date") if "death" in tables else "CAST(NULL AS VARCHAR)"
    join = f"LEFT JOIN death ON {cell(tables, 'death', 'person_id')} = {get('person_id')}" if "death" in tables else ""
    return f"""SELECT {get("person_id")} AS patient, {get("year_of_birth")} AS year, {get("month_of_birth")} AS month,
        {get("day_of_birth")} AS day, g.concept_code AS sex, CAST(TRY_CAST({died} AS DATE) AS VARCHAR) AS died
        FROM person LEFT JOIN concept g ON g.concept_id = {get("gender_concept_id")} AND g.vocabulary_id = 'Gender' {join}"""


def _person(row: Mapping[str, Any]) -> dict[str, Any]:
    parts = (row["year"], row["month"], row["day"])
    born = "{:0>4}-{:0>2}-{:0>2}".format(*parts) if all(parts) else None
    sex = {"M": "male", "F": "female"}.get(row["sex"] or "")
    return _filled(
        {
            "resourceType": "Patient",
            "id": row["patient"],
            "birthDate": born,
            "gender": sex,
            "deceasedDateTime": row["died"],
        }
    )


def _coded(table: str, stem: str, more: str) -> Callable[[Mapping[str, Table]], str]:
    """The query of a table whose rows have a concept, the concept of the source, and a text of the source."""

    def query(tables: Mapping[str, Table]) -> str:
        def get(column: str) -> str:
            return cell(tables, table, column)

        further = ", ".join(f"{get(column)} AS {name}" for name, column in (pair.split("=") for pair in more.split()))
        return f"""SELECT {get("person_id")} AS patient, {get(f"{table}_id")} AS id,
            c.vocabulary_id AS vocabulary, c.concept_code AS code,
            {_named("c")} AS name, s.vocabulary_id AS source_vocabulary, s.concept_code AS source_code,
            {get(f"{stem}_source_value")} AS said, {further} FROM {table}
            LEFT JOIN concept c ON c.concept_id = {get(f"{stem}_concept_id")} AND c.concept_id <> '0'
            LEFT JOIN concept s ON s.concept_id = {get(f"{stem}_source_concept_id")} AND s.concept_id <> '0'"""

    return query


def _concept(row: Mapping[str, Any]) -> dict[str, Any]:
    codes = [(row["vocabulary"], row["code"]), (row["source_vocabulary"], row["source_code"])]
    coding = [{"system": SYSTEMS[name], "code": code} for name, code in codes if name in SYSTEMS and code]
    return _filled({"coding": coding, "text": row["name"] or row["said"]})


def _drug(row: Mapping[str, Any]) -> dict[str, Any]:
    """A medicine from when to when. The model has no dose of a day; the end of a supply does not say that it was stopped."""
    stopped = (
        {"status": "stopped", "statusReason": [{"text": row["stopped"]}]} if row["stopped"] else {"status": "active"}
    )
    base = {"resourceType": "MedicationStatement", "id": row["id"], **stopped, "subject": _whose(row)}
    period = _filled({"start": row["start"], "end": row["end"]})
    return _filled({**base, "medicationCodeableConcept": _concept(row), "effectivePeriod": period})


def _condition(row: Mapping[str, Any]) -> dict[str, Any]:
    base = {"resourceType": "Condition", "id": row["id"], "subject": _whose(row), "code": _concept(row)}
    return _filled({**base, "onsetDateTime": row["start"], "abatementDateTime": row["end"]})


def _whose(row: Mapping[str, Any]) -> dict[str, str]:
    return {"reference": f"Patient/{row['patient']}"}


def _filled(resource: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if value}


_DRUG = "start=drug_exposure_start_date end=drug_exposure_end_date stopped=stop_reason"
_CONDITION = "start=condition_start_date end=condition_end_date"
RESOURCES: Mapping[str, Resource] = {
    "person": Resource("Patient", _persons, _person),
    "drug_exposure": Resource("MedicationStatement", _coded("drug_exposure", "drug", _DRUG), _drug),
    "condition_occurrence": Resource("Condition", _coded("condition_occurrence", "condition", _CONDITION), _condition),
}
