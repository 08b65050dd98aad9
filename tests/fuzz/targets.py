"""The targets: one function each from bytes to nothing. A law that does not hold raises `laws.Broken`; so does any other error.

Longer than other modules: all targets are chosen from by name, and each builds its input in its own way.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from contextlib import suppress

from countwell import Record, ask, read_record
from countwell.base import dates
from countwell.engine.decide import decide
from countwell.engine.joined import Joined
from countwell.exchange.csv_mapping import SHIPPED as MAPPINGS
from countwell.exchange.csv_mapping import LabMapping, read_mapping, shipped
from countwell.exchange.intake import Intake, read_bytes
from countwell.facts.asked import NOTHING_ASKED
from countwell.facts.past import past_of
from countwell.model.answers import QUESTIONS
from countwell.model.pack import Pack
from countwell.pack.lint import faults_of_pack
from countwell.pack.load import SHIPPED as PACKS
from countwell.pack.read import read_text
from countwell.paper.page import page
from countwell.questions.supposed import KEYS
from countwell.vocabulary.genes import genes, phenotype
from countwell.vocabulary.medicines import medicine_named
from countwell.vocabulary.numbers import numbers_in, read_number, read_word
from countwell.vocabulary.quantities import read_limit, read_quantity
from countwell.vocabulary.symptoms import symptom_named, symptoms
from countwell.vocabulary.tests import tests
from countwell.vocabulary.vaccines import vaccine_named

from .changing import DATES, NUMBERS, UNITS, WORDS, as_json, changed, odd_text, scrambled
from .choices import Choices
from .documents import AS_OF, BUNDLE, FURTHER, HOME, RECORD, ROWS
from .laws import Broken, check_answer, check_page, lawful

ZONE = dates.zone(HOME)
NOW = dates.moment(AS_OF, ZONE)
SMALL_PACKS = ("aih", "schedule-published", "white-cells-published")


def _bytes_of(document: object, choices: Choices) -> bytes:
    """A changed document as bytes; now and then the bytes are changed too, or stand alone."""
    if choices.chance(8):
        return choices.rest()
    data = as_json(changed(document, choices)).encode("utf-8", "replace")
    return scrambled(data, choices) if choices.chance(24) else data


def _review(record: Record, choices: Choices) -> None:
    alone = choices.chance(64)
    protocol, layers = ("cidp", []) if alone else (record.course.protocol or "cidp", None)
    with lawful():
        answer = ask("review", record, as_of=NOW, protocol=protocol, layers=layers)
        check_answer(answer, record, NOW, layered=not alone and record.course.layers is None)
        if choices.chance(4):
            check_page(page(answer, record))


def record(data: bytes) -> None:
    """A Countwell record, then its review."""
    choices = Choices(data)
    further = [choices.one_of(FURTHER) for _ in range(choices.below(4))]
    sent = _bytes_of({**RECORD, "events": [*RECORD["events"], *further]}, choices)
    with lawful():
        _review(read_record(sent), choices)


def source(data: bytes) -> None:
    """Any bytes: a file of which nothing is known. What came is what was filed, held or refused."""
    choices = Choices(data)
    several = [
        _bytes_of(choices.one_of((RECORD, BUNDLE, [RECORD], BUNDLE["entry"][2]["resource"])), choices) for _ in range(2)
    ]
    with lawful():
        _reviews(read_bytes(choices.one_of((b"\n".join(several), several[0], b"\n".join(several * 2)))), choices)


def _reviews(intakes: list[Intake], choices: Choices) -> None:
    for intake in intakes:
        if intake.received != len(intake.filed) + len(intake.held) + len(intake.refused):
            raise Broken("the counts do not add up")
        if (intake.held or intake.refused) and not intake.record.refused:
            raise Broken("an entry was held or refused, and the record does not know")
        _review(intake.record, choices)


def fhir(data: bytes) -> None:
    """A FHIR bundle, then a review of each patient. Every entry has an outcome."""
    choices = Choices(data)
    document = changed(BUNDLE, choices, least=1)
    with lawful():
        intakes = read_bytes(as_json(document).encode("utf-8", "replace"))
        entries = document.get("entry") if isinstance(document, dict) else None
        if isinstance(entries, list) and sum(intake.received for intake in intakes) < len(entries):
            raise Broken("an entry of the bundle has no outcome")
        _reviews(intakes, choices)


def laboratory(data: bytes) -> None:
    """A laboratory's CSV by a shipped mapping, or by one that was changed."""
    choices = Choices(data)
    name = choices.one_of(tuple(ROWS))
    mapping = _mapping(name, choices)
    if mapping is None:
        return
    text = _table(name, shipped(name), choices).encode(
        "utf-8" if name != "german-practice" else "windows-1252", "replace"
    )
    with lawful():
        _reviews(read_bytes(scrambled(text, choices) if choices.chance(64) else text, mapping), choices)


def _mapping(name: str, choices: Choices) -> LabMapping | None:
    if not choices.chance(32):
        return shipped(name)
    with lawful():
        return read_mapping(scrambled((MAPPINGS / f"{name}.yaml").read_bytes(), choices))
    return None


def _table(name: str, mapping: LabMapping, choices: Choices) -> str:
    written = io.StringIO()
    header = list(mapping.columns.values())
    writer = csv.writer(written, delimiter=mapping.delimiter)
    writer.writerow(header)
    for row in ROWS[name]:
        cells = [row.get(ours, "") for ours in mapping.columns]
        for _ in range(choices.below(4)):
            cells[choices.below(len(cells))] = odd_text(choices)
        writer.writerow(cells[: len(cells) - choices.below(3) + 1])
    return written.getvalue()


def quantity(data: bytes) -> None:
    """A value with its unit, for every test; a gene; a word."""
    choices = Choices(data)
    name = choices.one_of(tuple(tests()))
    asked = tests()[name]
    text = choices.one_of(NUMBERS) if choices.chance(96) else choices.text()
    unit = choices.one_of((*asked.units, *UNITS, odd_text(choices), "", None))
    if choices.chance(96):
        text = choices.one_of(("<", "<= ", ">", "≥", "+", "-", " ", "\n", "٣", "e", ".")) + text
    with lawful():
        if asked.scale == "number":
            _span(name, text, unit)
    with lawful():
        if asked.scale == "number":
            read_limit(name, text, unit)
    with lawful():
        read_word(text)
    with lawful():
        numbers_in(text)
        comparator, number = read_number(text)
        if not number.is_finite() or (not text.isascii() and comparator is None):
            raise Broken(f"{text!r} was read as {number}")
    for gene in genes():
        with lawful():
            phenotype(gene, text)


def _span(name: str, text: str, unit: str | None) -> None:
    found = read_quantity(name, text, unit)
    if not found.low.is_finite() or (found.low < 0 and name != "temperature"):
        raise Broken(f"{name} {text!r} {unit!r} was read as {found.low}")
    if found.high is not None and found.high < found.low:
        raise Broken(f"{name} {text!r} {unit!r} ends before it begins")
    if not (unit or "").strip() and tests()[name].units.get("") is None:
        raise Broken(f"{name} {text!r} was read without a unit")


def _when(choices: Choices) -> str:
    text = (
        choices.one_of(DATES)
        if choices.chance(128)
        else "".join(choices.one_of("0123456789-:TZ+. ") for _ in range(24))
    )
    return text[: 1 + choices.below(35)] if choices.chance(64) else text


def days(data: bytes) -> None:
    """Dates, time zones and durations, up to the ends of the calendar."""
    choices = Choices(data)
    home = ZONE
    with lawful():
        home = dates.zone(choices.one_of(("UTC", "Pacific/Apia", "Asia/Kathmandu", odd_text(choices))))
    with lawful():
        found = dates.moment(_when(choices), home, local=choices.chance(128), partial=choices.chance(128))
        dates.end_of_day(found.day, home)
        for unit in dates.UNITS:
            length = dates.Duration(choices.one_of((0, 1, 6, 12, 100, 10_000, 10**9)), unit)
            dates.add(found.day, length, choices.one_of(("later", "earlier")))
            dates.before(found.day, length)
        ask("review", read_record(RECORD), as_of=found)


def said(data: bytes) -> None:
    """Any question with anything said beside it, of a record with a few more events."""
    choices = Choices(data)
    question = choices.one_of(tuple(QUESTIONS))
    keys = tuple(symptoms()) if question == "symptoms" else (*KEYS.get(question, ()), choices.one_of(WORDS))
    further = [choices.one_of(FURTHER) for _ in range(choices.below(3))]
    told: dict[str, list[str]] = {}
    for _ in range(choices.below(4)):
        told.setdefault(choices.one_of(keys), []).append(_answered(choices))
    with lawful():
        sent = read_record({**RECORD, "events": [*RECORD["events"], *further]})
        answer = ask(question, sent, as_of=NOW, said=told)
        answer.to_json()
        if choices.chance(2):
            check_page(page(answer, sent))


def _answered(choices: Choices) -> str:
    plain = (
        "yes",
        "no",
        "unknown",
        "now",
        "later",
        "50",
        "75",
        "150",
        "1500",
        "154 lb",
        "70 kg",
        "38.4",
        "101 degF",
        "alcohol",
    )
    usual = (
        *plain,
        "allopurinol",
        "influenza",
        "2026-03-01T08:00",
        "2026-03-10",
        "2026-04-10",
        "once daily",
        "twice daily",
    )
    return odd_text(choices) if choices.chance(96) else choices.one_of(usual)


def pack(data: bytes) -> None:
    """The text of a protocol: its faults, or a pack; one without faults runs."""
    choices = Choices(data)
    if choices.chance(24):
        text = choices.rest().decode("utf-8", "replace")
    else:
        text = _changed_lines((PACKS / f"{choices.one_of(SMALL_PACKS)}.yaml").read_text("utf-8"), choices)
    with lawful():
        found = read_text(text, "fuzz.yaml")
        if not faults_of_pack(found) and found.kind == "protocol":
            _run(found)


def _run(found: Pack) -> None:
    decided = decide(Joined((found,)), past_of(read_record(RECORD)), as_of=NOW, known_at=NOW, asked=NOTHING_ASKED)
    if decided.at_least is None or decided.at_most is None or decided.findings is None:
        raise Broken("nothing was decided")


def _changed_lines(text: str, choices: Choices) -> str:
    lines = text.split("\n")
    for _ in range(1 + choices.below(3)):
        place = choices.below(len(lines))
        match choices.below(8):
            case 0:
                del lines[place]
            case 1:
                lines.insert(choices.below(len(lines)), lines[place])
            case 2:
                lines[place] = lines[place][: choices.below(len(lines[place]) + 1)]
            case 3:
                lines[place] = lines[place].replace(
                    choices.one_of((":", "<", ">", "and", "{", "[", "1", "hold")), odd_text(choices), 1
                )
            case 4:
                lines[place] = " " * choices.below(8) + lines[place].strip()
            case 5:
                words = lines[place].split(" ")
                words[choices.below(len(words))] = choices.one_of(
                    (*lines[choices.below(len(lines))].split(" "), "&a", "*a", "!!x", "<<:")
                )
                lines[place] = " ".join(words)
            case 6:
                lines[place] += choices.one_of(
                    (" and not " * 300, "(" * 300, "[" * 300, "{a: " * 300, " # x", "\t", "\x85", "- x")
                )
            case _:
                lines[place] = lines[place] + odd_text(choices)
        lines = lines or [""]
    return "\n".join(lines)


def names(data: bytes) -> None:
    """Names of medicines, symptoms, vaccines."""
    choices = Choices(data)
    text = choices.text(200) if choices.chance(128) else odd_text(choices)
    for named in (medicine_named, symptom_named, vaccine_named):
        with lawful():
            named(text)


def warm_up() -> None:
    """Read the packs and lists once, so that no input is blamed for it."""
    for protocol in ("cidp", "mg", "aih"):
        page(ask("review", read_record(RECORD), as_of=NOW, protocol=protocol), read_record(RECORD))
    for target in TARGETS.values():
        with suppress(Broken):
            target(b"")


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "record": record,
    "source": source,
    "fhir": fhir,
    "laboratory": laboratory,
    "quantity": quantity,
    "days": days,
    "said": said,
    "pack": pack,
    "names": names,
}
