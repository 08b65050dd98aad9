"""The SQL oracle and the reference say the same of patients at random; with a fault planted in the SQL they do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from cohort.patients_at_random import as_of, records
from countwell.exchange.record_json import read_record
from countwell.facts.of_patient import KINDS as REFERENCE_KINDS
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.pack.load import load
from oracle.sql import ground, kinds
from oracle.sql.agree import PROTOCOLS, differences, shown
from oracle.sql.edges import documents
from oracle.sql.sheet import Sheet
from oracle.sql.tables import Plan

PATIENTS = 40
TODAY = date(2026, 2, 28)  # six months after 31 August, or a day less
# Each: what is planted, the text that is replaced, and by what.
FAULTS = (
    ("the limit itself left out", "s.high <= bound", "s.high < bound"),
    ("an open end lost", "OR (s.low = bound AND s.low_open)", ""),
    ("the first day of a window left out", "AND m.day >= before", "AND m.day > before"),
    ("the end of a month a day early", "< dayofmonth(the_day(day)) THEN 1", "< dayofmonth(the_day(day)) THEN 0"),
    ("a lapse a day early", "c.day > d.due_by", "c.day >= d.due_by"),
    ("an alarm that does not stand", "OR lapsed THEN half_line(l.span,", "OR lapsed THEN half_line(everything(),"),
)


def packs_of(protocol: str, layers: Sequence[str] | None = None) -> Sequence[Pack]:
    return load(protocol, layers, cases=False).packs


def end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=ZoneInfo("Europe/London"))


def on_the_edges(packs: Sequence[Pack]) -> list[Record]:
    return [read_record(one) for one in documents(packs, TODAY)]


def liver_left_open() -> Record:
    """ALT at least 0.54 times its limit, AST 0.55 times: of the two ALT may be above it, and is wanted again. Once AST, being the
    higher and exact, left SQL without a date."""
    result = {"kind": "result", "unit": "U/L", "normal_high": "40", "status": "final"}
    events = [
        {"kind": "decision", "do": "start", "at": "2026-01-20", "mg_per_day": "150"},
        {**result, "id": "a", "test": "ast", "value": "22", "collected": "2026-02-10"},
        {**result, "id": "b", "test": "alt", "value": ">= 21.6", "collected": "2026-02-27"},
    ]
    who = {"id": "p", "time_zone": "Europe/London"}
    course = {"condition": "mg", "protocol": "mg"}
    return read_record({"schema": "countwell.record/1", "patient": who, "course": course, "events": events})


@pytest.mark.slow
@pytest.mark.parametrize(("protocol", "seed"), [(name, seed) for seed, name in enumerate(PROTOCOLS)])
def test_sql_says_what_the_reference_says(protocol: str, seed: int) -> None:
    read = [*(read_record(one) for one in records(protocol, PATIENTS, seed, as_of(seed))), liver_left_open()]
    assert [shown(one) for one in differences(packs_of(protocol), read, as_of(seed))] == []


@pytest.mark.slow
def test_sql_says_what_the_reference_says_at_every_number_and_window() -> None:
    packs = packs_of("cidp")
    some = on_the_edges(packs)[::5]  # all of them by hand, with `oracle.sql.agree --edges`
    assert [shown(one) for one in differences(packs, some, end_of(TODAY))] == []


@pytest.fixture
def planted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """SQL in which one piece of text is another, wherever it stands."""
    name, old, new = request.param
    plain, found = Sheet.run, []

    def run(self: Sheet, text: str) -> None:
        found.append(old in text)
        plain(self, text.replace(old, new))

    monkeypatch.setattr(Sheet, "run", run)
    found += [old in text for text in ground.MACROS]
    monkeypatch.setattr(ground, "MACROS", tuple(text.replace(old, new) for text in ground.MACROS))
    yield name
    assert any(found), f"{old!r} is not in the SQL: plant another fault"


@pytest.mark.parametrize("planted", FAULTS, indirect=True, ids=[fault[0] for fault in FAULTS])
def test_a_fault_in_the_sql_is_seen(planted: str) -> None:
    packs = packs_of("cidp", [])
    assert list(differences(packs, on_the_edges(packs), end_of(TODAY)))


def test_every_kind_of_fact_is_said_in_sql_or_has_a_reason() -> None:
    assert set(kinds.KINDS) | set(kinds.NOT_SAID) == set(REFERENCE_KINDS)
    assert not set(kinds.KINDS) & set(kinds.NOT_SAID)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_rule_of_a_review_reads_a_fact_that_sql_does_not_say(protocol: str) -> None:
    plan = Plan(packs_of(protocol))
    read = {placed.pack.facts[fact].kind for placed in plan.rules for fact in placed.facts}
    assert not read & set(kinds.NOT_SAID)
