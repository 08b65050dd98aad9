"""`countwell packs`: list them, read them as sentences, check them, prove them, compare two."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click

from countwell.base.errors import Fault, PackError, UsageError
from countwell.cli.files import write_text
from countwell.cli.packs_export import export
from countwell.cli.packs_genes import genes
from countwell.cli.packs_sign import key, sign
from countwell.engine.cases import broken_cases
from countwell.engine.sentences import number_in_words, table_in_words
from countwell.model.pack import Pack
from countwell.pack.certificate import certificate_path, is_proven, written
from countwell.pack.lint import faults_of
from countwell.pack.load import Loaded, find, load, shipped
from countwell.pack.read import read_pack
from countwell.pack.versions import changed, same_rules

if TYPE_CHECKING:
    from countwell.engine.prove import Verdict

FAILED = 4


@click.group()
def packs() -> None:
    """Protocols and layers: the rules, where they come from, and the proofs that they are whole."""


packs.add_command(export)
packs.add_command(genes)
packs.add_command(key)
packs.add_command(sign)


@packs.command(name="list")
def list_() -> None:
    """List the packs that come with Countwell."""
    for name in shipped():
        pack = read_pack(find(name))
        proven = "proven" if is_proven(pack) else "not proven"
        click.echo(f"{pack.name:24} {pack.kind:9} {pack.version:8} {pack.status:9} {proven:11} {pack.title}")


@packs.command()
@click.argument("name")
@click.option("--html", type=click.Path(path_type=Path), help="Write it as a page, with numbers, cases and proof.")
def show(name: str, html: Path | None) -> None:
    """Print a pack as sentences, each rule with its sources; then readings, statements and gaps."""
    pack = read_pack(find(name))
    if html is not None:
        from countwell.paper.pack_page import pack_page

        write_text(html, pack_page(pack, _proofs(name)))
        return
    click.echo(f"{pack.title}\n{pack.kind} {pack.name} {pack.version}, {pack.status}\n")
    for line in _extends(pack):
        click.echo(line)
    for table in pack.tables:
        asks = f" (asked: {', '.join(table.asks)})" if table.asks else ""
        click.echo(f"{table.name}{asks}")
        for rule, sentence, places in table_in_words(pack, table):
            click.echo(f"  {rule}: {sentence}" + (f"\n      [{places}]" if places else ""))
        click.echo("")
    for line in _beside(pack):
        click.echo(line)


def _proofs(name: str) -> dict[str, list[str]] | None:
    """What the prover says now of each table of a pack; None where there is no prover."""
    try:
        prover = _prover()
    except UsageError:
        return None
    (loaded,) = _loaded([name], every=False)
    said: dict[str, list[str]] = {}
    for verdict in prover.prove(loaded.packs):
        if verdict.pack == loaded.pack.name:
            said.setdefault(verdict.table, []).append(f"{'Holds' if verdict.ok else 'FAILS'}: {verdict.says}")
    return said


def _extends(pack: Pack) -> Iterator[str]:
    """Whose rules it takes over, and what it changes."""
    if pack.extends is None:
        return
    yield f"The rules of {pack.extends.pack} {pack.extends.version}, with other numbers:"
    for before, number in changed(pack):
        agreed = " and ".join(number.agreed)
        yield f"  {number_in_words(number)}, there {number_in_words(before)} [{number.source}: {number.at}; agreed by {agreed}]"
    yield ""


def _beside(pack: Pack) -> Iterator[str]:
    for reading in pack.readings.values():
        yield f"Reading {reading.id}: {reading.says} Read as: {reading.read} Because: {reading.because}"
        yield from (f"    rejected: {other}" for other in reading.rejected)
    for statement in pack.statements:
        yield f"Stated ({statement.source}, {statement.at}): {statement.says}"
    for gap in pack.gaps:
        yield f"Not stated by the source ({gap.source}, {gap.at}): {gap.says}"


@packs.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All packs that come with Countwell.")
def check(names: tuple[str, ...], every: bool) -> None:
    """Check packs: language, citations, use, units, and their own worked cases."""
    faults = [fault for loaded in _loaded(names, every) for fault in (*faults_of(loaded), *_broken(loaded.packs))]
    faults = list(dict.fromkeys(faults))
    if faults:
        raise PackError(faults)
    checked = {pack.name: pack for loaded in _loaded(names, every) for pack in loaded.packs}
    cases = sum(len(pack.cases) for pack in checked.values())
    click.echo(f"{len(checked)} packs without faults, {cases} cases hold.")


def _broken(checked: Sequence[Pack]) -> Iterator[Fault]:
    for pack in checked:
        for broken in broken_cases(pack):
            yield Fault(
                broken.where, f"case `{broken.case}` does not hold: {broken.says}", "Mend the case or the rule."
            )


def _loaded(names: Sequence[str], every: bool) -> list[Loaded]:
    wanted = list(names) or (list(shipped()) if every else [])
    if not wanted:
        raise click.UsageError("name a pack, or say --all.")
    found = []
    for name in wanted:
        path = find(name)
        pack = read_pack(path)
        found.append(load(path) if pack.kind == "protocol" else Loaded(pack))
    return found


@packs.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All packs that come with Countwell.")
@click.option("--certify", is_flag=True, help="Write a certificate beside each pack that is proven.")
@click.option("--verbose", is_flag=True, help="Print what was proven, too.")
def prove(names: tuple[str, ...], every: bool, certify: bool, verbose: bool) -> None:
    """Prove packs over all patients: no gap, no dead rule, worse never milder, units exact."""
    prover = _prover()
    verdicts: dict[tuple[str, str, str, str], Verdict] = {}
    packs: dict[str, Pack] = {}
    proven = prover.Proven()
    for loaded in _loaded(names, every):
        verdicts |= {(v.pack, v.table, v.check, v.says): v for v in prover.prove(loaded.packs, proven=proven)}
        packs |= {pack.name: pack for pack in loaded.packs}
    verdicts |= {(v.pack, v.table, v.check, v.says): v for v in prover.prove_units()}
    failed = [verdict for verdict in verdicts.values() if not verdict.ok]
    for verdict in verdicts.values() if verbose else failed:
        click.echo(str(verdict))
    click.echo(f"{len(verdicts) - len(failed)} proofs hold, {len(failed)} fail, over {len(packs)} packs.")
    if failed:
        sys.exit(FAILED)
    if certify:
        _certify(list(packs.values()), list(verdicts.values()))


def _prover() -> ModuleType:
    """The proofs, which need Z3; everything else works without it."""
    try:
        from countwell.engine import prove
    except ModuleNotFoundError as error:
        raise UsageError("Proofs need Z3. Run ./go test once, or install countwell[prove].") from error
    return prove


def _certify(proven: Sequence[Pack], verdicts: Sequence[Verdict]) -> None:
    prover = _prover()
    for pack in proven:
        path = certificate_path(pack)
        path.parent.mkdir(exist_ok=True)
        path.write_text(written(prover.certified(pack, verdicts)), encoding="utf-8")
        click.echo(f"certified: {path}")


@packs.command()
@click.argument("names", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All packs that come with Countwell.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a self-contained page.")
@click.option("--markdown", "as_markdown", is_flag=True, help="As Markdown.")
def compare(names: tuple[str, ...], every: bool, html: Path | None, as_markdown: bool) -> None:
    """Lay packs side by side: dose, tests, limits, each with source and place; what several say stands once."""
    from countwell.paper import guidelines
    from countwell.paper.terminal import console_for

    laid = [loaded.pack for loaded in _loaded(names, every)]
    if html is not None:
        write_text(html, guidelines.page(laid))
    elif as_markdown:
        click.echo(guidelines.markdown(laid), nl=False)
    else:
        console_for().print(guidelines.table(laid))


@packs.command()
@click.argument("one")
@click.argument("other")
def diff(one: str, other: str) -> None:
    """Say what differs between two packs (or versions of one), with a patient who would be treated differently."""
    prover = _prover()
    first, second = read_pack(find(one)), read_pack(find(other))
    if same_rules(first, second):
        click.echo("The same rules: no patient would be treated differently.")
        return
    for found in prover.differences(first, second):
        click.echo(f"{found.table}: {found.says}." if found.table else f"{found.says}.")
