"""`countwell demo`: forty invented patients, as files, as a list, as pages."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from countwell.base.clock import now
from countwell.base.dates import Moment, end_of_day, moment, of_instant, zone
from countwell.base.errors import RecordError, UsageError
from countwell.simulate.demonstration import INDEX, INPUTS, Demonstration, faults, make

IN_FULL = "demo-20"
HOME = zone("UTC")


@click.command()
@click.option("--check", is_flag=True, help="Make it, verify it, print it, and end with 0 only if all is well.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="The folder to write (default: a new one)."
)
@click.option("--as-of", "as_of", help="The instant or day at which everything is looked at (default: now).")
def demo(check: bool, out: Path | None, as_of: str | None) -> None:
    """A demonstration ready to look at: every person in it is invented."""
    asked = _moment(as_of) if as_of else of_instant(now(), HOME)
    if check and out is None:
        with tempfile.TemporaryDirectory(prefix="countwell-demo-") as folder:
            _run(Path(folder), asked, check)
        return
    made = _run(_folder(out), asked, check)
    click.echo(f"Pages:  {made.folder / INDEX}\nInputs: {made.folder / INPUTS}")


def _run(folder: Path, as_of: Moment, check: bool) -> Demonstration:
    made = make(folder, as_of)
    _print(made)
    wrong = faults(made) if check else []
    for fault in wrong:
        click.echo(f"countwell demo: {fault}", err=True)
    if check:
        click.echo(f"Checked {len(made.shown)} patients and {len(made.shown) + 1} pages: {len(wrong)} faults.")
    if wrong:
        sys.exit(1)
    return made


def _moment(text: str) -> Moment:
    try:
        asked = moment(text, HOME, local=True)
    except RecordError as error:
        raise UsageError(f"--as-of {text!r}: {error}") from error
    return end_of_day(asked.day, HOME) if asked.whole_day else asked


def _folder(out: Path | None) -> Path:
    """A new folder, or one that is empty or holds an earlier demonstration."""
    if out is None:
        return Path(tempfile.mkdtemp(prefix="countwell-demo-"))
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()) and not (out / INPUTS).is_dir():
        raise UsageError(f"{out} holds other files. Name a new folder.")
    return out


def _print(made: Demonstration) -> None:
    from countwell.paper.terminal import console_for, show, worklist

    one = next(one for one in made.shown if one.situation.id == IN_FULL)
    click.echo(f"One patient in full ({one.situation.shows}):\n")
    show(one.review, one.record)
    click.echo()
    console_for().print(worklist(made.rows))
    sums = made.sums
    click.echo(
        f"\n{sums.received} entries received = {sums.filed} filed + {sums.held} held for a person + {sums.refused} refused."
    )
