"""Azathioprine: dated orders and statements with their doses become decisions of the course, in order of their dates.

Where the orders do not say plainly what was decided, the decision is held for a person; a dose that does not come out in mg
a day leaves the treatment known and its dose not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from countwell.exchange.entries import Event, Part, mark, marking, when
from countwell.exchange.fhir.doses import Daily, daily, not_derivable
from countwell.exchange.fhir.prescriptions import Prescription
from countwell.exchange.fields import FieldFault

WHEN = "Enter the decision with its date by hand."
AT_ONCE = FieldFault(
    "status", "disputed", "two prescriptions are active at once; which dose is taken?", WHEN, held=True
)


@dataclass(slots=True)
class Treatment:
    """The course as far as it has been read. before: the prescription in force; stopped: whether it was ended by a decision."""

    before: Prescription | None = None
    dose: Daily | None = None
    stopped: bool = False


def decisions(prescriptions: Iterable[Prescription]) -> Iterator[Part]:
    """One Part for each prescription of azathioprine."""
    kept = list(prescriptions)
    told = sorted((item for item in kept if _can_be_placed(item)), key=lambda item: item.start or "")
    yield from (_held(item) for item in kept if not _can_be_placed(item))
    treatment = Treatment()
    for place, item in enumerate(told):
        last = place == len(told) - 1
        yield Part(item.given.where, tuple(_decided(item, treatment, last)), "the same dose again.")


def _can_be_placed(item: Prescription) -> bool:
    return (
        item.standing not in ("never", "unclear")
        and item.start is not None
        and item.fault is None
        and not item.drug.doubt
    )


def _held(item: Prescription) -> Part:
    """A prescription from which no decision follows."""
    if item.standing == "never":
        return Part(item.given.where, (note(item),))
    fault = item.fault or FieldFault("status", "unreadable", "from when, or whether, it is taken is not said.", WHEN)
    if item.drug.doubt:
        fault = FieldFault("medication", "disputed", item.drug.doubt)
    return Part(item.given.where, ({**decision(item, "start", item.start), "not_used": marking(fault)},))


def note(item: Prescription) -> Event:
    """What is not, or no longer, an order: kept and not read."""
    event = {"kind": "note", "id": item.given.event, **when(item.start), "text": item.drug.said}
    return {**event, "status": item.given.fields.text("status"), "intent": item.given.fields.text("intent")}


def decision(item: Prescription, do: str, at: str | None) -> Event:
    """A decision that a prescription stands for. The first one bears the id of the resource."""
    event = item.given.event
    return {"kind": "decision", "id": event, "do": do, "at": at, "by": item.by}


def _decided(item: Prescription, treatment: Treatment, last: bool) -> Iterator[Event]:
    yield from _end_of_earlier(item, treatment)
    yield from _beginning(item, treatment)
    if last:
        yield from _end(item)


def _end_of_earlier(item: Prescription, treatment: Treatment) -> Iterator[Event]:
    before = treatment.before
    if before and before.standing == "stopped" and before.end and before.end <= (item.start or ""):
        treatment.stopped = True
        yield stop(before)


def _beginning(item: Prescription, treatment: Treatment) -> Iterator[Event]:
    """Start, restart, or a change of dose; nothing where the dose stays the same."""
    try:
        dose, fault = daily(item.dosages, item.drug.strength_mg), None
    except FieldFault as error:
        dose, fault = None, error
    do = _do(treatment, dose)
    if do in ("raise", "reduce") and _both_active(item, treatment.before):
        yield {**decision(item, do, item.start), **_dosed(dose), "not_used": marking(AT_ONCE)}
        return
    if do is not None:
        yield {**decision(item, do, item.start), **_dosed(dose)}
    if fault is not None:
        yield {**decision(item, do or "raise", item.start), "id": _beside(item, "dose"), "not_used": marking(fault)}
    treatment.before, treatment.dose, treatment.stopped = item, dose or treatment.dose, False


def _both_active(item: Prescription, before: Prescription | None) -> bool:
    return before is not None and before.standing == item.standing == "taken"


def _do(treatment: Treatment, dose: Daily | None) -> str | None:
    if treatment.before is None:
        return "start"
    if treatment.stopped:
        return "restart"
    if dose is None or treatment.dose is None or dose.mg == treatment.dose.mg:
        return None
    return "raise" if dose.mg > treatment.dose.mg else "reduce"


def _dosed(dose: Daily | None) -> Event:
    return {} if dose is None else {"mg_per_day": plain(dose.mg), "frequency": dose.frequency}


def plain(mg: Decimal) -> str:
    """A dose without exponent and without zeros at the end."""
    text = f"{mg:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _end(item: Prescription) -> Iterator[Event]:
    """How the newest prescription stands now."""
    match item.standing:
        case "stopped" if item.end:
            yield stop(item)
        case "stopped":
            yield _unsaid(item, "stop", "stopped, but not since when.")
        case "paused":
            yield _unsaid(item, "hold", "on hold, but not since when.")
        case "over":
            yield _unsaid(item, "stop", "the order is completed; whether azathioprine is still taken is not said.")


def stop(item: Prescription) -> Event:
    """A stop with its date."""
    return {**decision(item, "stop", item.end), "id": _beside(item, "stop"), "reason": item.reason or "other"}


def _unsaid(item: Prescription, do: str, says: str) -> Event:
    marked = mark("at", says, "missing", WHEN)
    return {**decision(item, do, None), "id": _beside(item, do), "reason": item.reason or "other", "not_used": marked}


def _beside(item: Prescription, what: str) -> str | None:
    return f"{item.given.event}/{what}" if item.given.event else None


def handed_over(parts: Iterable[Part]) -> Iterator[Part]:
    """Azathioprine that was dispensed or given although no order of it came: whether it is taken is for a person."""
    for part in parts:
        fault = not_derivable("azathioprine was handed over, but no order of it came; which dose is taken?")
        event: Event = {"kind": "decision", "do": "start", "at": None, "not_used": marking(fault)}
        yield Part(part.where, (*part.events, event))
