"""In a record that is read now, nothing can have been received later than now: such a receipt must hide no result.

A slip of the year is told from the record alone (`facts.readings`); any other only from the clock, so by whoever reads it.
"""

from __future__ import annotations

from dataclasses import replace

from countwell.base.dates import Duration, Moment, add
from countwell.exchange.refusals import numbers
from countwell.facts.readings import WITHDRAWN, doubted, is_plain
from countwell.model.records import Record, Refused, Result

A_DAY = Duration(1, "days")


def received_by(record: Record, now: Moment) -> Record:
    """The same record, read now. Of a plain result that was received after tomorrow the receipt is not believed: it counts as
    known when it was collected. Each such result, also one that corrects another, is told of."""
    last = add(now.day, A_DAY, "later")
    late = {e.ref: e for e in record.events if isinstance(e, Result) and e.received and e.received.day > last}
    late = {ref: e for ref, e in late.items() if e.collected is not None and not doubted(e.collected, e.received)}
    if not late:
        return record
    plain = {ref: replace(event, received=None) for ref, event in late.items() if is_plain(event)}
    events = tuple(plain.get(event.ref, event) for event in record.events)
    return replace(record, events=events, refused=(*record.refused, *map(_told, late.values())))


def _told(result: Result) -> Refused:
    speaks = result.test and result.value is not None and result.status not in WITHDRAWN
    sent = numbers(result.test or "", result.value or "", result.unit) if speaks else (None, ())
    return Refused(
        event=result.ref,
        field="received",
        as_sent=str(result.received),
        why="implausible",
        says="It is said to be received on a day that is still to come.",
        do="Ask the laboratory when it was received.",
        tell="laboratory desk",
        test=result.test,
        at=result.collected,
        literal=sent[0],
        likely=sent[1],
        kept=True,
    )
