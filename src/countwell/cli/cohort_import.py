"""`countwell cohort import`: many patients at once, from tables, bulk FHIR or OMOP, into a store."""

from __future__ import annotations

import gc
import json
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import click

from countwell.base.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from countwell.cohort.incoming.bring_in import Incoming

KINDS = ("tables", "fhir", "omop")


@click.command(name="import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--into", type=click.Path(path_type=Path), required=True, help="Where the store shall be; nothing may be there."
)
@click.option("--from", "kind", type=click.Choice(KINDS), required=True, help="What the source is.")
@click.option(
    "--mapping", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="How the tables are laid out."
)
@click.option("--patient", help="Whose results they are, where the tables do not say.")
@click.option("--time-zone", help="The zone of patients without one of their own, such as Europe/London.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
def import_(
    source: Path, into: Path, kind: str, mapping: Path | None, patient: str | None, time_zone: str | None, as_json: bool
) -> None:
    """Import SOURCE: every row is filed, held for a person, or refused, and the report says which and why.

    tables: a file of results, or a folder with results*.csv or .parquet and, if there are any, patients, decisions, medicines,
    symptoms … fhir: a folder of a bulk export (NDJSON), or one file. omop: a folder of CDM tables.
    """
    gc.enable()  # an import is long, unlike other commands
    from countwell.cohort.incoming.bring_in import bring_in
    from countwell.cohort.incoming.report import in_words

    with Bar() as bar:
        report = bring_in(_incoming(source, kind, mapping, patient, time_zone), into, bar)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=1))
        return
    click.echo(f"{into}: {report['patients']} patients in {sum(report['seconds'].values()):.1f} s")
    for line in in_words(report):
        click.echo(line)


def _incoming(source: Path, kind: str, mapping: Path | None, patient: str | None, time_zone: str | None) -> Incoming:
    """What reads the source. Raises UsageError if the mapping of tables is missing, or was given to something else."""
    if (mapping is None) == (kind == "tables"):
        raise UsageError("--mapping says how tables are laid out: give it with --from tables, and only there.")
    if mapping is not None:
        from countwell.cohort.incoming.from_tables import FromTables
        from countwell.exchange.csv_mapping import read_mapping

        return FromTables(source, read_mapping(mapping.read_bytes(), mapping.name), patient, time_zone)
    if kind == "fhir":
        from countwell.cohort.incoming.bulk_fhir import BulkFhir

        return BulkFhir(source, time_zone)
    from countwell.cohort.incoming.omop import Omop

    return Omop(source, time_zone)


class Bar:
    """A bar for each stage, on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bar:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, says: str, done: int, of: int) -> None:
        """Show how far a stage has come."""
        if self._bar is not None:
            if says not in self._tasks:
                self._tasks[says] = self._bar.add_task(says)
            self._bar.update(self._tasks[says], completed=done, total=of)
