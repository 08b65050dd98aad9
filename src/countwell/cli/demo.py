"""`countwell demo`: an invented clinic to sign in to; with --out, forty of its patients as files, as a list, as pages."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from countwell.base.clock import now
from countwell.base.dates import Moment, end_of_day, moment, of_instant, zone
from countwell.base.errors import RecordError, UsageError
from countwell.cli.serve import LOCAL, USUAL_PORT
from countwell.simulate.demonstration import INDEX, INPUTS, Demonstration, faults, make

if TYPE_CHECKING:
    from countwell.clinic.demo.opening import Opened

IN_FULL = "demo-20"
HOME = zone("UTC")
PAGES = ("-m", "countwell", "demo", "--check", "--out")
ELSEWHERE = ("COUNTWELL_DATABASE", "COUNTWELL_HOSTS", "COUNTWELL_HTTPS", "COUNTWELL_OIDC", "COUNTWELL_MAIL")
NO_CLINIC = "The clinic needs its own packages: install countwell[clinic]. Pages alone: countwell demo --out FOLDER"


@click.command()
@click.option("--check", is_flag=True, help="Make it, verify it, print it, and end with 0 only if all is well.")
@click.option("--every", is_flag=True, help="With --check: every page of every patient, which takes minutes.")
@click.option(
    "--port", default=USUAL_PORT, show_default=True, type=click.IntRange(1), help="Where the clinic is served."
)
@click.option("--code", metavar="SECRET", help="Instead: the code of the second step that belongs to a secret now.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Pages alone, without a clinic: the folder."
)
@click.option(
    "--as-of", "as_of", help="With --out: the instant or day at which everything is looked at (default: now)."
)
def demo(check: bool, every: bool, port: int, code: str | None, out: Path | None, as_of: str | None) -> None:
    """A demonstration ready to look at: every person in it is invented."""
    if as_of and out is None:
        raise UsageError("--as-of goes with --out: the clinic is always placed at this instant.")
    if code is not None:
        click.echo(_code(code))
    elif out is not None:
        made = _run(_folder(out), _moment(as_of) if as_of else of_instant(now(), HOME), check)
        click.echo(f"Pages:  {made.folder / INDEX}\nInputs: {made.folder / INPUTS}")
    elif check:
        sys.exit(_checked(every))
    else:
        _served(port)


def _served(port: int) -> None:
    """Opened in a new folder, served until Ctrl-C or SIGTERM, and thrown away."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # by itself it would end at once, and leave the folder
    folder = Path(tempfile.mkdtemp(prefix="countwell-demo-"))
    try:
        click.echo("Opening the demonstration clinic: about half a minute ...")
        opened = _opened(folder)
        _print_sign_ins(opened)
        click.echo(f"\nThe clinic: http://{LOCAL[0]}:{port}/  (Ctrl-C ends it, and nothing is kept)")
        from countwell.clinic import serving

        # Letters were written here, by threads that a forked worker would lack: its first letter would never end.
        multiprocessing.set_start_method("spawn", force=True)
        serving.serve(LOCAL[0], port, 1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _code(secret: str) -> str:
    with tempfile.TemporaryDirectory(prefix="countwell-demo-") as folder:
        _begin(Path(folder))
        from countwell.clinic.demo.staff import code_now

        return code_now(secret)


def _checked(every: bool) -> int:
    """The pages in a process of their own meanwhile. 0 if all is well."""
    with tempfile.TemporaryDirectory(prefix="countwell-demo-") as folder:
        pages = (sys.executable, *PAGES, str(Path(folder) / "pages"))
        with subprocess.Popen(pages, stdout=subprocess.PIPE, text=True, encoding="utf-8") as beside:
            opened = _opened(Path(folder) / "clinic")
            from countwell.clinic.demo.faults import faults as wrong_in

            wrong = wrong_in(opened, now(), every)
            said = beside.stdout.read() if beside.stdout else ""
        click.echo(said)
        _print_sign_ins(opened)
        for fault in wrong:
            click.echo(f"countwell demo: {fault}", err=True)
        count = opened.clinic.patients.count()
        click.echo(f"\nChecked the clinic of {count} patients: {len(wrong)} faults.")
    return 1 if wrong or beside.returncode else 0


def _opened(folder: Path) -> Opened:
    """The clinic, in a new store."""
    _begin(folder)
    from countwell.clinic import serving
    from countwell.clinic.demo.opening import open_demo

    serving.migrate()
    return open_demo(now())


def _begin(folder: Path) -> None:
    """In a store of its own: nothing that is set for a real clinic is used."""
    for name in ELSEWHERE:
        os.environ.pop(name, None)
    os.environ["COUNTWELL_DEMO"] = "yes"
    from countwell.clinic import serving

    try:
        serving.begin(folder)
    except ModuleNotFoundError as error:
        raise UsageError(NO_CLINIC) from error


def _print_sign_ins(opened: Opened) -> None:
    sums = opened.sums
    click.echo("DEMONSTRATION: all patients and people are invented. These sign-ins are for it alone.\n")
    click.echo("The second step: type the secret into an authenticator, or run: countwell demo --code SECRET\n")
    click.echo(f"{'role':<11} {'address':<28} {'password':<21} secret of the second step")
    for one in opened.sign_ins:
        click.echo(f"{one.person.role:<11} {one.person.email:<28} {one.password:<21} {one.secret or 'none'}")
    click.echo(
        f"\n{sums.received} entries came = {sums.filed} filed + {sums.held} held for a person + {sums.refused} refused."
    )


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


def _folder(out: Path) -> Path:
    """A new folder, or one that is empty or holds an earlier demonstration."""
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
