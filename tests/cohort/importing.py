"""Both ways into the store for the tests of the import: in bulk, and patient by patient through the single readers and `of_record`."""

import json
from pathlib import Path

import pyarrow.parquet as pq

from countwell.cohort.columns import EVENTS, LABS
from countwell.cohort.incoming.bring_in import bring_in
from countwell.cohort.incoming.bulk_fhir import BulkFhir
from countwell.cohort.incoming.from_tables import FromTables
from countwell.cohort.of_record import of_record
from countwell.cohort.store import open_store
from countwell.cohort.vocabularies import Words
from countwell.exchange.csv_mapping import read_mapping
from countwell.exchange.intake import read_source
from countwell.exchange.lab_csv import read_csv

LAYOUT = """
date: "%Y-%m-%d %H:%M"
day: "%Y-%m-%d"
time_zone: Europe/Berlin
columns: {patient: pid, id: id, test: test, code: code, value: value, unit: unit, low: low, high: high, collected: at,
  received: received, status: status, lab: lab, order: order, replaces: replaces, born: born}
"""
HEADER = "pid id test code value unit low high at received status lab order replaces born".split()
NAMED = {"lab": "labs", "sex": "sexes", "zone": "zones", "country": "countries", "condition": "conditions"}


def row(**cells):
    """A row of the layout: a white cell count of 3.0 unless it says otherwise."""
    usual = {
        "pid": "p1",
        "code": "6690-2",
        "value": "3.0",
        "unit": "10*9/L",
        "at": "2026-03-01 09:00",
        "status": "final",
    }
    return {**usual, **cells}


def csv_text(rows, header=HEADER):
    """Rows as CSV."""
    quoted = [",".join('"' + str(one.get(name, "")).replace('"', '""') + '"' for name in header) for one in rows]
    return "\n".join((",".join(header), *quoted)) + "\n"


def stored(path):
    """The rows of a store, without the numbers of readings and with words for growing lists: (patients, labs, events)."""
    store = open_store(path)
    rows = {
        table: [one for file in store.files(table) for one in pq.read_table(file).to_pylist()]
        for table in ("patients", "labs", "events")
    }
    names = {one["patient"]: one["id"] for one in rows["patients"]}
    patients = sorted(_said(list(one)[1:], list(one.values())[1:], store.manifest) for one in rows["patients"])
    labs, events = (
        sorted(
            (names[one["patient"]], *_said(list(one)[1:], list(one.values())[1:], store.manifest))
            for one in rows[table]
        )
        for table in ("labs", "events")
    )
    return patients, labs, events


def one_by_one(records):
    """The same rows from records."""
    words = Words()
    made = [of_record(record, words) for record in records]
    further = ("id", "born", "sex", "country", "zone", "condition", "protocol")
    return (
        sorted(_said(further, one.patient, words.lists) for one in made),
        sorted((one.patient[0], *_said(LABS.names[1:], lab, words.lists)) for one in made for lab in one.labs),
        sorted((one.patient[0], *_said(EVENTS.names[1:], event, words.lists)) for one in made for event in one.events),
    )


def _said(names, values, words):
    pairs = zip(names, values, strict=False)
    return tuple(words[NAMED[name]][value] if name in NAMED else value for name, value in pairs if name != "ref")


def from_csv(folder: Path, text, layout=LAYOUT, **options):
    """(report, rows in bulk, rows one by one) of a CSV."""
    mapping = read_mapping(layout.encode())
    file = folder / "results.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    report = bring_in(FromTables(file, mapping, **options), folder / "store")
    intakes = read_csv(file.read_bytes(), mapping, options.get("patient"), options.get("time_zone"))
    records = [intake.record for intake in intakes if intake.record.patient.id != "no-patient-named"]
    return report, stored(folder / "store"), one_by_one(records)


def from_fhir(folder: Path, files):
    """(report, rows in bulk, rows one by one) of resources; files: name -> resources, or lines as they are."""
    source = folder / "export"
    source.mkdir()
    for name, resources in files.items():
        lines = [one if isinstance(one, str) else json.dumps(one) for one in resources]
        (source / f"{name}.ndjson").write_text("\n".join(lines) + "\n")
    report = bring_in(BulkFhir(source), folder / "store")
    records = [intake.record for intake in read_source(source) if intake.record.patient.id != "no-patient-named"]
    return report, stored(folder / "store"), one_by_one(records)


def counts(report):
    """(received, filed, held, refused) of all sources of a report; they add up."""
    found = {
        name: sum(one[name] for one in report["sources"].values()) for name in ("received", "filed", "held", "refused")
    }
    assert found["received"] == found["filed"] + found["held"] + found["refused"]
    return tuple(found.values())
