"""`countwell packs key` and `countwell packs sign`: a hospital vouches for the packs that it has read."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import click

from countwell.base.errors import UsageError
from countwell.cli.files import write_text
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.pack.signature import new_key, path
from countwell.pack.signature import sign as signed

NEEDS = "Keys and signatures need the package cryptography: install countwell[clinic]."


def _refuse_without() -> None:
    if find_spec("cryptography") is None:
        raise UsageError(NEEDS)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def key(file: Path) -> None:
    """Make a key to sign packs with: FILE holds it, and whoever has that file can sign. Prints the public key."""
    click.echo(
        f"Keep {file} where the clinic's machine is not. The public key, for COUNTWELL_PACK_KEYS:\n{new_key(file)}"
    )


@click.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All packs that come with Countwell.")
@click.option("--key", "key_", required=True, type=click.Path(path_type=Path), help="The file of the private key.")
@click.option("--into", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write to.")
def sign(names: tuple[str, ...], every: bool, key_: Path, into: Path) -> None:
    """Sign packs that are proven: each file to the letter. A clinic has the signatures in `signatures` of its data."""
    _refuse_without()
    wanted = list(names) or (list(shipped()) if every else [])
    if not wanted:
        raise UsageError("Name a pack, or say --all.")
    into.mkdir(parents=True, exist_ok=True)
    for pack in [read_pack(find(name), cases=False) for name in wanted]:
        write_text(path(pack.name, into), signed(pack, key_))
        click.echo(f"signed: {path(pack.name, into)}")
