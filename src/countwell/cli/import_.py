"""`countwell import`: patients of long standing, and what laboratories have of them, from files into the clinic."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countwell.base.clock import now
from countwell.base.errors import RecordError, UsageError
from countwell.exchange.csv_mapping import LabMapping, read_mapping
from countwell.exchange.intake import SUFFIXES, file_bytes

if TYPE_CHECKING:
    from countwell.clinic.models import Person

FILES = click.Path(path_type=Path, exists=True)
TABLE = ".csv"


@click.command("import")
@click.argument("source", type=FILES)
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), help="The data folder of the clinic.")
@click.option("--owner", required=True, help="The address of whoever is accountable for patients that are new.")
@click.option(
    "--mapping", type=FILES, help="How a laboratory's CSV is laid out. Without it a CSV is a table of patients."
)
@click.option("--protocol", help="Which one new patients follow where the source names none.")
def import_(source: Path, into: Path | None, owner: str, mapping: Path | None, protocol: str | None) -> None:
    """Take in SOURCE, a file or each file of a folder: Countwell records, FHIR R4, a laboratory's CSV, a table of patients.

    A table of patients has the columns number, name, born, protocol, mg_per_day and since; and, where they are known,
    condition, sex, frequency, time_zone, country, phone, email, gp, gp_email, released. It ends with 3 if a file could not be
    read or a row of such a table was refused; all the others are taken in.
    """
    from countwell.clinic import serving

    serving.begin(into)
    serving.migrate()
    layout = read_mapping(mapping.read_bytes(), mapping.name) if mapping else None
    one, at = _owner(owner), now()
    said = [(file.name, _taken(file, one, at, layout, protocol)) for file in files_of(source)]
    for name, (says, _) in said:
        click.echo(f"{name}: {says}")
    _note(one, at, len(said))
    wanting = [name for name, (_, whole) in said if not whole]
    if wanting:
        raise RecordError(f"Not all was taken in: see above, {', '.join(wanting)}. Mend these and import them again.")


def files_of(source: Path) -> list[Path]:
    """The file, or those of the folder that can be read, by name. Raises UsageError if there is none."""
    if not source.is_dir():
        return [source]
    found = sorted(file for file in source.iterdir() if file.suffix in (*SUFFIXES, TABLE))
    if not found:
        raise UsageError(f"{source.name} holds no file that ends with {', '.join((*SUFFIXES, TABLE))}.")
    return found


def _owner(address: str) -> Person:
    """The account. Raises UsageError if it is none that treats."""
    from countwell.clinic.models import Person
    from countwell.clinic.models.people import CLINICAL

    found = Person.objects.filter(email=address.strip().lower(), role__in=CLINICAL, is_active=True).first()
    if found is None:
        raise UsageError("--owner: there is no open account of a prescriber, nurse or pharmacist with this address.")
    return found


def _taken(
    file: Path, owner: Person, at: datetime, mapping: LabMapping | None, protocol: str | None
) -> tuple[str, bool]:
    """What became of one file, and whether it was read and none of its patients refused; it keeps none of the others out."""
    try:
        if file.suffix == TABLE and mapping is None:
            return _of_table(file_bytes(file), owner, at)
        return _of_message(file, owner, at, mapping if file.suffix == TABLE else None, protocol), True
    except RecordError as error:
        return f"not read: {error}", False


def _of_table(data: bytes, owner: Person, at: datetime) -> tuple[str, bool]:
    from countwell.clinic.store.taken_over import take_over

    done = take_over(data, owner, at)
    sum_ = f"{done.rows} patients = {done.taken_on} taken on + {done.held} held for a person + {done.refused} refused."
    return "\n  ".join((sum_, *done.says)), not done.refused


def _of_message(file: Path, owner: Person, at: datetime, mapping: LabMapping | None, protocol: str | None) -> str:
    from countwell.clinic.store.intake import take_in

    told = take_in(
        owner.clinic, file_bytes(file), owner, at, name=file.name, mapping=mapping, take_on=owner, protocol=protocol
    )
    return (
        f"{told.received} entries = {told.filed} filed + {told.held} held for a person + {told.refused} refused; "
        f"of those filed {told.known} were known before."
    )


def _note(owner: Person, at: datetime, files: int) -> None:
    """A row in the audit: an import is no request of a browser."""
    from countwell.clinic.store import audit

    audit.seal(
        at=at,
        person=owner.pk,
        role=owner.role,
        clinic=owner.clinic_id,
        action="run",
        route="import",
        patient="",
        outcome=200,
        purpose=f"{files} files",
        request=str(uuid.uuid4()),
    )
