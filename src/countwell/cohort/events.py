"""One event of a record -> its rows. One function per kind; which columns it fills is told in `columns`.

Results are not written here, and kinds that no rule reads write nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from countwell.base.dates import Moment
from countwell.base.errors import Unreadable
from countwell.cohort import columns as c
from countwell.cohort.integers import NOTHING, Stored, beginning, day_number, dose, ending, stored
from countwell.cohort.readings import span_of
from countwell.cohort.vocabularies import Words, details
from countwell.model import records as r
from countwell.vocabulary import genes, lists
from countwell.vocabulary.numbers import read_number
from countwell.vocabulary.quantities import read_quantity
from countwell.vocabulary.symptoms import read_symptom_value
from countwell.vocabulary.vaccines import vaccines

Row = tuple[Any, ...]

TRUTH = {True: 1, False: 0, None: 2}
ANSWERED = {True: 1, False: 2, None: 0}
PENDING = (None, "pending")


def event_row(
    kind: int,
    at: Moment | None,
    ref: int,
    *,
    code: int = 0,
    value: Stored = NOTHING,
    more: int = 0,
    bits: int = 0,
    end: Moment | None = None,
    ends: tuple[int, int] | None = None,
    upper: int = c.NO_VALUE,
) -> Row:
    """One event in the order of its schema, without `patient`. value: also `other` and its open ends.

    end: when it is over; ends: what the columns `end` and `end_day` hold of a kind that means something else by them.
    """
    instant, day, flags = beginning(at)
    last, last_day, whole_day = ending(end)
    last, last_day = (last, last_day) if ends is None else ends
    flags |= value.flags | (c.END_WHOLE_DAY if whole_day else 0)
    return (instant, day, kind, code, value.low, value.high, more, bits, last, last_day, flags, ref, upper)


def rows_of(event: r.Event, ref: int, words: Words) -> Iterator[Row]:
    """The rows of one event, in the order of the schema without `patient`; none of a kind that no rule reads."""
    write = WRITERS.get(type(event))
    return iter(()) if write is None else write(event, ref, words)


def _decision(event: r.Decision, ref: int, words: Words) -> Iterator[Row]:
    accepts = event.do == "accept"
    last = event.until if accepts else event.decide_by
    yield event_row(
        c.DECISION,
        event.at,
        ref,
        code=words.place("dos", event.do),
        value=Stored(dose(event.mg_per_day), _frequency(event.frequency, words), 0),
        more=words.place("findings", event.finding) if accepts else words.place("reasons", event.reason),
        bits=c.NO_DAY if event.since is None else day_number(event.since.day),
        ends=(c.NEVER, c.NEVER_DAY if last is None else day_number(last)),
    )


def _frequency(frequency: str | None, words: Words) -> int:
    """Its place; 1 for one that no list knows."""
    return 0 if frequency is None else words.place("frequencies", frequency) or 1


def _weight(event: r.Weight, ref: int, _: Words) -> Iterator[Row]:
    try:
        value = stored(span_of(read_quantity("weight", event.value, event.unit)))
    except Unreadable:
        value = NOTHING
    yield event_row(c.WEIGHT, event.at, ref, value=value)


def _symptom(event: r.Symptom, ref: int, words: Words) -> Iterator[Row]:
    yield event_row(
        c.SYMPTOM,
        event.since,
        ref,
        code=words.place("symptoms", event.symptom),
        value=_symptom_value(event),
        more=TRUTH[event.present],
        bits=_details(event),
        end=event.until,
    )


def _symptom_value(event: r.Symptom) -> Stored:
    if event.value is None:
        return NOTHING
    try:
        return stored(span_of(read_symptom_value(event.symptom, event.value, event.unit)))
    except (Unreadable, ValueError):
        return NOTHING


def _details(event: r.Symptom) -> int:
    listed = details().get(event.symptom, ())
    return sum(ANSWERED[event.details.get(name)] << 2 * place for place, name in enumerate(listed))


def _medicine(event: r.Medicine, ref: int, words: Words) -> Iterator[Row]:
    yield event_row(c.MEDICINE, event.start, ref, code=words.place("medicines", event.name), end=event.end)


def _list_confirmed(event: r.ListConfirmed, ref: int, words: Words) -> Iterator[Row]:
    yield event_row(c.LIST_CONFIRMED, event.at, ref, code=words.place("lists", event.list))


def _history(event: r.History, ref: int, words: Words) -> Iterator[Row]:
    code, cause = words.place("histories", event.what), words.place("causes", event.cause)
    yield event_row(c.HISTORY, event.at, ref, code=code, more=cause)


def _genotype(event: r.Genotype, ref: int, words: Words) -> Iterator[Row]:
    yield gene_row(event.gene, event.at, ref, genes.phenotype(event.gene, event.result), words)


def gene_row(gene: str, at: Moment, ref: int, possible: Iterable[str], words: Words, *, of_result: bool = False) -> Row:
    """What is known of a gene: the phenotypes still possible. of_result: it came as a result, such as an activity."""
    bits = sum(1 << words.place("phenotypes", word) for word in possible)
    return event_row(c.GENOTYPE, at, ref, code=words.place("genes", gene), bits=bits, more=int(of_result))


def _circumstance(event: r.Circumstance, ref: int, words: Words) -> Iterator[Row]:
    code = words.place("circumstances", event.what)
    yield event_row(c.CIRCUMSTANCE, event.start, ref, code=code, more=TRUTH[event.present], end=event.end)


def _order(event: r.TestOrdered, ref: int, words: Words) -> Iterator[Row]:
    code = words.place("tests", event.test)
    yield event_row(c.ORDER, event.at, ref, code=code, more=int(event.status in PENDING))


def _vaccination(event: r.Vaccination, ref: int, _: Words) -> Iterator[Row]:
    yield event_row(c.VACCINATION, event.at, ref, code=int(vaccines()[event.vaccine].live is True))


def _kept(event: r.Kept, ref: int, words: Words) -> Iterator[Row]:
    """Of what is kept as sent, only the pharmacy's label says something that rules read."""
    if event.kind != "label" or event.at is None:
        return
    sent = event.content.get("frequency")
    listed = None if sent is None else lists.named("frequencies", str(sent)) or str(sent)
    written = Stored(dose(_written(event)), _frequency(listed, words), 0)
    yield event_row(c.LABEL, event.at, ref, value=written)


def _written(label: r.Kept) -> Decimal | None:
    try:
        comparator, mg = read_number(str(label.content.get("mg_per_day", "")))
    except Unreadable:
        return None
    return mg if comparator is None else None


def _died(event: r.Died, ref: int, _: Words) -> Iterator[Row]:
    yield event_row(c.DIED, event.at, ref)


WRITERS: Mapping[type, Callable[[Any, int, Words], Iterator[Row]]] = {
    r.Decision: _decision,
    r.Weight: _weight,
    r.Symptom: _symptom,
    r.Medicine: _medicine,
    r.ListConfirmed: _list_confirmed,
    r.History: _history,
    r.Genotype: _genotype,
    r.Circumstance: _circumstance,
    r.TestOrdered: _order,
    r.Vaccination: _vaccination,
    r.Kept: _kept,
    r.Died: _died,
}
