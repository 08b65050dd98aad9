"""What the list shows of an answer: the gravest finding with its value and the one before, source and limit, a sparkline.

Made when the rules run and kept with the standing; nothing in it is late or early: days are worked out when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from countwell.clinic.store.wanted import Wanted
from countwell.model.advice import CALM, rank
from countwell.model.answers import Answer, Because, Finding, Unknown
from countwell.model.records import Record, Result
from countwell.paper.banner import dose_now
from countwell.paper.evidence import condition
from countwell.paper.findings import doing, name_of, surely
from countwell.paper.levels import is_open
from countwell.paper.marks import tier_class
from countwell.paper.page import packs_of, sentences
from countwell.paper.plain import age, clean, day, fact, said, unit
from countwell.paper.series import Series, series_of
from countwell.paper.spark import sparkline
from countwell.paper.words import WHY, shown

Row = dict[str, Any]
NEVER = ("never", "")  # nothing is said of it where it is named since when it is waited for
BARE: Row = {"lead": "", "rest": "", "meta": "", "spark": "", "unknown": "", "do": "", "since": None, "more": 0}


def row_of(answer: Answer, record: Record, tests: Sequence[Wanted]) -> Row:
    """The parts of one row, as plain texts; `spark` is markup, `since` an instant. tests: all that is wanted or awaited."""
    findings = sorted((f for f in surely(answer) if _calls(f)), key=lambda f: rank(f.advice).place)
    told = _of_finding(answer, record, findings) if findings else _of_silence(answer)
    return {**BARE, **_of_patient(answer, record, tests), **told}


def _calls(finding: Finding) -> bool:
    return rank(finding.advice) is not CALM and not finding.accepted


def _of_patient(answer: Answer, record: Record, tests: Sequence[Wanted]) -> Row:
    """Who it is in a few letters, the dose now, which tests are wanted, and what was put aside after a decision."""
    who = record.patient
    years = f"{age(who.born, answer.as_of.day)}" if who.born else "age not known"
    return {
        "who": f"{years} {(who.sex or '')[:1].upper()}".strip(),
        "dose": dose_now(answer),
        "tests": [
            {"name": one.name, "last": one.last or NEVER[bool(one.since)], "by": one.by, "missing": one.lacks}
            | {"since": one.since}
            for one in tests
        ],
        "changed": [one.event for one in answer.superseded if one.decisions],
        "not_used": sum(1 for one in answer.refused if one.held),
    }


def _of_finding(answer: Answer, record: Record, findings: Sequence[Finding]) -> Row:
    worst = findings[0]
    lead = next((because for because in worst.because if _is_input(because)), None)
    series = _series(answer, record, lead) if lead else None
    spark = sparkline(series) if series else None
    return {
        "lead": _lead(lead, series) if lead else name_of(worst),
        "rest": " ".join(filter(None, [_dated(lead), _before(series, lead)])),
        "meta": _limit(worst, lead),
        "do": "" if series else next(iter(doing(worst)), ""),
        "spark": spark or "",
        "unknown": "" if spark else _why(answer),
        "sign": tier_class(rank(worst.advice)),
        "since": worst.newest.at.isoformat() if worst.newest else None,
        "more": len({f.episode for f in findings}) - 1,
    }


def _is_input(because: Because) -> bool:
    """Whether a condition hangs on something that came: no state of the course, no time since it, no other table."""
    excepted = (because.op or "").startswith("unless")
    return because.holds is True and not excepted and because.span is not None and bool(because.events)


def _lead(because: Because, series: Series | None) -> str:
    """A result with its name and value as sent; a symptom or medicine by its name alone."""
    value, space, name = clean(because.as_sent or "").rpartition(" ")
    if series is not None or because.unit:
        return f"{series.display if series else fact(because.fact)} {value}{space}{unit(name)}".strip()
    return said(because.as_sent or because.fact).capitalize()


def _dated(because: Because | None) -> str:
    return f"{day(because.at.day)}." if because is not None and because.at else ""


def _series(answer: Answer, record: Record, because: Because) -> Series | None:
    """The test that the condition hangs on, over time; none if it is no result."""
    results = [
        event for event in record.events if isinstance(event, Result) and event.ref in because.events and event.test
    ]
    found = (
        series_of(record, packs_of(answer), answer.as_of, answer.known_at, [str(results[-1].test)]) if results else []
    )
    return found[0] if found else None


def _before(series: Series | None, because: Because | None) -> str:
    """The value before the one that the condition hangs on, with its day."""
    if series is None or because is None or because.at is None:
        return ""
    kept = [point for point in series.points if not point.struck and point.day < because.at.day]
    return f"Was {kept[-1].text or said(kept[-1].kind)} on {day(kept[-1].day)}." if kept else ""


def _limit(finding: Finding, because: Because | None) -> str:
    """What it was compared with, the layer whose rule it is, and the source."""
    compared = condition(because) if because is not None and because.number is not None else ""
    source = finding.sources[0] if finding.sources else None
    parts = [compared, finding.layer, f"{source.id}, {source.at}" if source else ""]
    return clean(" · ".join(part for part in parts if part))


def _of_silence(answer: Answer) -> Row:
    """Nothing calls: what is not known and what would settle it; else the headline."""
    unknown = answer.unknown[0] if answer.unknown else None
    open_ = is_open(answer) or bool(unknown)
    first, _ = sentences(answer.headline)
    ranked = rank(answer.advice)
    return {
        "lead": _unknown(unknown) if unknown else clean(first),
        "rest": f"{len(answer.unknown) - 1} more not known." if len(answer.unknown) > 1 else "",
        "meta": f"Would settle it: {clean(unknown.settle)}" if unknown and unknown.settle else "",
        "unknown": _why(answer),
        "sign": tier_class(ranked) if ranked is not CALM else "unknown" if open_ else "calm",
    }


def _unknown(unknown: Unknown) -> str:
    return f"{fact(unknown.fact)}: {shown(WHY, unknown.why)}"


def _why(answer: Answer) -> str:
    """The kind of not knowing, in a word."""
    return clean(shown(WHY, answer.unknown[0].why)).capitalize() if answer.unknown else ""
