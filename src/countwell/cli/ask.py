"""`countwell ask`: one question about one patient."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from countwell.base.clock import now
from countwell.base.dates import Moment, end_of_day, moment, of_instant, zone
from countwell.base.errors import RecordError, UsageError
from countwell.cli.files import write_text
from countwell.exchange.intake import read_one
from countwell.exchange.receipts import received_by
from countwell.model.answers import QUESTIONS, Answer
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.questions.ask import ask as put
from countwell.questions.ask import packs_asked


@click.command(context_settings={"ignore_unknown_options": False})
@click.argument("question", type=click.Choice(QUESTIONS))
@click.argument("record")
@click.option("--protocol", help="Protocol to follow, instead of the record's own.")
@click.option("--layers", help="Layers, separated by commas, instead of the protocol's own.")
@click.option("--beside", default="", help="Protocols whose view is shown beside the answer, separated by commas.")
@click.option("--as-of", "as_of", help="The instant or day asked about (default: now).")
@click.option("--known-at", "known_at", help="What had been received by then counts (default: as-of).")
@click.option("--with", "pairs", multiple=True, help="What is supposed: key=value. Several may follow one --with.")
@click.option("--patient", help="Which patient, if the source holds several.")
@click.option("--mapping", help="How a laboratory CSV is laid out (a YAML file).")
@click.option("--json", "as_json", is_flag=True, help="The whole answer as JSON.")
@click.option("--html", "html", type=click.Path(path_type=Path), help="Write a self-contained page.")
@click.option("--svg", "svg", type=click.Path(path_type=Path), help="Write the chart.")
@click.argument("more", nargs=-1)
def ask(
    question: str,
    record: str,
    protocol: str | None,
    layers: str | None,
    beside: str,
    as_of: str | None,
    known_at: str | None,
    pairs: tuple[str, ...],
    patient: str | None,
    mapping: str | None,
    as_json: bool,
    html: Path | None,
    svg: Path | None,
    more: tuple[str, ...],
) -> None:
    """Ask QUESTION about the patient in RECORD.

    RECORD is a file, a folder or - for standard input: a Countwell record, a FHIR R4 Bundle or NDJSON, a laboratory CSV.
    """
    read = read_one(record, patient=patient, mapping=mapping)
    followed = _names(layers) if layers is not None else None
    moment_asked = _moment(as_of, read)
    if moment_asked is None:
        moment_asked = of_instant(now(), zone(read.patient.time_zone))
        read = received_by(read, moment_asked)
    answer = put(
        question,
        read,
        as_of=moment_asked,
        known_at=_moment(known_at, read),
        protocol=protocol,
        layers=followed,
        beside=_names(beside),
        said=said((*pairs, *more)),
    )
    _write(answer, read, packs_asked(read, protocol, followed), html, svg)
    _show(answer, read, as_json)


def said(pairs: tuple[str, ...]) -> dict[str, list[str]]:
    """`key=value` words as what is said. Raises UsageError for a word without `=`."""
    words: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UsageError(f"{pair!r} is not key=value.")
        words.setdefault(key, []).append(value)
    return words


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _moment(text: str | None, record: Record) -> Moment | None:
    if text is None:
        return None
    home = zone(record.patient.time_zone)
    try:
        asked = moment(text, home, local=True)
    except RecordError as error:
        raise UsageError(f"{text!r}: {error}") from error
    return end_of_day(asked.day, home) if asked.whole_day else asked


def _write(answer: Answer, record: Record, packs: Sequence[Pack], html: Path | None, svg: Path | None) -> None:
    if html is None and svg is None:
        return
    from countwell.paper.page import charts_of, page

    if html is not None:
        write_text(html, page(answer, record, packs=packs))
    if svg is not None:
        write_text(svg, charts_of(answer, record, packs))


def _show(answer: Answer, record: Record, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(answer.to_json(), ensure_ascii=False, indent=1) + "\n")
        return
    from countwell.paper.terminal import show

    show(answer, record)
