"""`countwell cohort`: a register of patients as one: who needs what, what happened, measures, two sets of rules compared."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from countwell.base.clock import now
from countwell.base.dates import moment, zone
from countwell.base.errors import RecordError, UsageError
from countwell.cli.cohort_import import import_

if TYPE_CHECKING:
    from countwell.cohort.report.told import Told
    from countwell.cohort.store import Store

NEEDED = ("numpy", "pyarrow", "numba", "duckdb")
HOW = "Populations need further packages. Install them with: pip install 'countwell[cohort]'"
STORE = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
HOME = zone("UTC")


def needed() -> None:
    """Raises UsageError, saying how to install them, unless the packages of the extra `cohort` are there."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UsageError(f"{HOW} (missing: {', '.join(missing)}).")


class WhenInstalled(click.Group):
    """A group whose commands say what is not installed instead of failing at an import."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command, if it can run."""
        needed()
        return super().invoke(ctx)


@click.group(cls=WhenInstalled)
def cohort() -> None:
    """Populations: the same packs over a whole register. Not for clinical use."""


cohort.add_command(import_)


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


AS_OF = click.option(
    "--as-of", "as_of", help="The day looked at, to its end on each patient's calendar (default: today)."
)
PROTOCOL = click.option("--protocol", help="One protocol for everybody, instead of each patient's own.")
HTML = click.option("--html", type=FILE, help="Write one self-contained HTML file.")


@cohort.command()
@click.argument("store", type=STORE)
@_options(AS_OF, PROTOCOL)
@click.option("--known-at", "known_at", help="What had been received by then counts (default: as-of).")
@click.option("--out", type=FILE, help="Write every answer as Parquet.")
@click.option("--list", "listed", type=click.IntRange(0), default=0, help="Name so many patients, worst first.")
def status(
    store: Path, as_of: str | None, protocol: str | None, known_at: str | None, out: Path | None, listed: int
) -> None:
    """Who needs what on a day: counts by advice, worst first, and by due state."""
    from countwell.cohort.standings import standings

    opened, asked = _open(store), _when(as_of)
    with _progress(opened, "Status") as moved, _writing(out):
        found = standings(opened, asked, _when(known_at) if known_at else None, protocol, listed, out, moved)
    _say([*found.lines(), "", *found.due_lines()])
    if listed:
        _say(["", *found.listed()])


@cohort.command()
@click.argument("store", type=STORE)
@click.option("--until", help="Up to this day (default: today).")
@_options(PROTOCOL)
@click.option("--out", type=STORE, help="A folder for episodes.parquet and delays.parquet.")
def replay(store: Path, until: str | None, protocol: str | None, out: Path | None) -> None:
    """All that happened under the rules: episodes of every rule, and when each due test was done."""
    from countwell.cohort.replays import replay as replayed

    opened = _open(store)
    with _progress(opened, "Replay") as moved, _writing(out):
        found = replayed(opened, _day(until), protocol, out, moved)
    _say(found.lines())


@cohort.command()
@click.argument("store", type=STORE)
@_options(AS_OF, PROTOCOL, HTML)
@click.option("--by", help="Break down by sex, age, condition, protocol, lab, or a column of the store's own.")
def measures(store: Path, as_of: str | None, protocol: str | None, html: Path | None, by: str | None) -> None:
    """Tests on time, alarms acted on, alert burden, open reviews, persistence, dose, values. Small numbers are hidden."""
    from countwell.cohort.measured import measured
    from countwell.cohort.report.imported import imported
    from countwell.cohort.report.whole import about, remarks, told

    opened, day = _open(store), _day(as_of)
    with _progress(opened, "Measures") as moved:
        found = measured(opened, day, by, protocol, moved)
    whole = told(found)
    _tell(whole, html, "Azathioprine monitoring", day, about(found, opened.path.name), remarks(found), imported(store))


@cohort.command()
@click.argument("store", type=STORE)
@click.option("--a", "a", required=True, help="The first set of rules: a protocol, or protocol+layer+layer.")
@click.option("--b", "b", required=True, help="The second one.")
@_options(AS_OF, HTML)
@click.option("--out", type=FILE, help="Write a CSV of the patients who would be treated differently.")
def compare(store: Path, a: str, b: str, as_of: str | None, html: Path | None, out: Path | None) -> None:
    """What B would have said of these results, not what would have happened."""
    from countwell.cohort.compare import TITLE
    from countwell.cohort.compared import compared, rules_named

    opened, day = _open(store), _day(as_of)
    with _progress(opened, "Comparison") as moved, _writing(out):
        found = compared(opened, rules_named(a), rules_named(b), day, listed=out is not None, moved=moved)
        if out is not None:
            _write_csv(out, ("patient", "difference", "a", "b"), found.listed)
    click.echo(f"{TITLE}\n")
    _tell(found.told(), html, TITLE, day, found.about(opened.path.name))


@cohort.command()
@click.argument("store", type=STORE)
@_options(AS_OF)
@click.option(
    "--list", "listed", type=click.IntRange(0), default=2 * 10, help="Name so many patients, newest evidence first."
)
@click.option("--out", type=FILE, help="Write all of them as CSV.")
def sweep(store: Path, as_of: str | None, listed: int, out: Path | None) -> None:
    """Who may be on azathioprine with nobody following: evidence of it and no open course."""
    from countwell.cohort.swept import COLUMNS, swept

    opened = _open(store)
    with _progress(opened, "Sweep") as moved, _writing(out):
        found = swept(opened, _day(as_of), moved)
        if out is not None:
            _write_csv(out, COLUMNS, found)
    _say(["  ".join(row) for row in found[:listed]])
    click.echo(f"{len(found)} patients with evidence and no open course; {min(listed, len(found))} of them listed.")


def _open(store: Path) -> Store:
    from countwell.cohort.store import open_store

    return open_store(store)


def _when(text: str | None) -> date | datetime:
    """A day, or an instant with its offset. Raises UsageError for anything else."""
    if text is None:
        return now().date()
    try:
        asked = moment(text, HOME)
    except RecordError as error:
        raise UsageError(f"{text!r}: {error}") from error
    return asked.day if asked.whole_day else asked.at


def _day(text: str | None) -> date:
    asked = _when(text)
    if isinstance(asked, datetime):
        raise UsageError(f"{text!r}: a whole day is wanted here, such as 2026-03-01.")
    return asked


@contextmanager
def _progress(store: Store, says: str) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, in patients."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(says, total=store.patients)
        yield lambda patients: bar.advance(task, patients)


@contextmanager
def _writing(path: Path | None) -> Iterator[None]:
    """Turns a file that cannot be written into a sentence."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{path or error.filename}: cannot be written: {error.strerror}.") from error


def _write_csv(path: Path, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


def _tell(
    whole: Sequence[Told],
    html: Path | None,
    title: str,
    day: date,
    about: dict[str, str],
    remarks: Sequence[str] = (),
    tables: Any = (),
) -> None:
    from countwell.cohort.report.lines import lines
    from countwell.cohort.report.page import report_page

    for one in whole:
        _say(lines(one))
    if html is not None:
        with _writing(html):
            html.write_text(report_page(title, about, whole, day, remarks, tables), encoding="utf-8")


def _say(lines: Any) -> None:
    click.echo("\n".join(lines))
