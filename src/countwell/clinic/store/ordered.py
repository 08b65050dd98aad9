"""What was ordered, or reported for the time being, and has not come: late by a day of its own, until it came or was withdrawn.

The rules want tests by their calendar and their findings. A person's order has a clock here, which no rule has to wind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from countwell import Answer, Record
from countwell.base.dates import Moment
from countwell.clinic.models import Act, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store.acted import WRITTEN, act, named
from countwell.clinic.store.chase import check_not_far, ladder
from countwell.clinic.store.hours import today_of
from countwell.clinic.store.records import append
from countwell.clinic.store.wanted import FINAL, Wanted, wanted
from countwell.facts.past import Past, past_of
from countwell.model.records import Event, Genotype, Result, TestOrdered
from countwell.paper.plain import day, fact
from countwell.vocabulary.tests import group_of, groups, tests

PLAIN = "final"
CHOOSE = "Choose the test from the list."
NO_DAY = "Give the day by which the result is to be here."
NO_REASON = f"Say in words why it is not waited for any more: at least {WRITTEN} letters."
WATCHED = "Somebody watches a finding by this order. Act on the finding instead; then the order can be withdrawn."
NOT_OPEN = "This does not wait any more: its result came, or somebody has withdrawn it. Open the page again."


@dataclass(frozen=True, slots=True)
class Order:
    """One thing that is waited for. group: of tests, or a test alone; lacks: which of it have not come; on: the day of the
    order, or of the first preliminary report; until: the last day; key: its name in acts."""

    group: str
    lacks: tuple[str, ...]
    on: date
    until: date
    key: str

    @property
    def name(self) -> str:
        """What people call it."""
        return fact(self.group.removeprefix(FINAL))

    @property
    def says(self) -> str:
        """Since when it is waited for, in words."""
        if self.group.startswith(FINAL):
            return f"final report awaited since {day(self.on)}"
        return f"ordered {day(self.on)}"

    def late(self, today: date) -> int:
        """How many days it is late: 0 on its last day."""
        return max(0, (today - self.until).days)


def awaited(patient: Patient, answer: Answer, record: Record) -> list[Wanted]:
    """What the rules want, and what was ordered besides or for an earlier day, the earliest first."""
    rows = {one.group: one for one in wanted(answer)}
    for order in open_orders(patient, record, answer.as_of):
        by_rules = rows.get(order.group)
        if by_rules is None or order.until < by_rules.until:
            done = by_rules.done if by_rules else ""
            rows[order.group] = Wanted(order.group, order.until, done, order.lacks, order.says)
    return sorted(rows.values(), key=lambda one: (one.until, one.group))


def open_orders(patient: Patient, record: Record, as_of: Moment) -> list[Order]:
    """All that is waited for as of an instant, whoever ordered it, the earliest first.

    A final result that can be used, of a specimen taken on the day of the order or later, answers it.
    """
    if not any(_may_wait(event) for event in record.events):
        return []  # of most patients: their results need not be read a second time
    past = past_of(record)
    found = [*_orders(past, as_of), *_reports(past, as_of)]
    if not found:
        return []
    days, gone = _said(patient)
    kept = [_with_day(order, days.get(order.key)) for order in found if order.key not in gone]
    return sorted(kept, key=lambda one: (one.until, one.group))


def _may_wait(event: Event) -> bool:
    return isinstance(event, TestOrdered) or (isinstance(event, Result) and event.status != PLAIN)


def _said(patient: Patient) -> tuple[Mapping[str, date], set[str]]:
    """What people said in acts: by which day each order is wanted, and which were withdrawn."""
    acts = Act.objects.filter(patient=patient, what__in=("order", "withdraw-order")).order_by("pk")
    rows = list(acts.values_list("what", "episode", "until"))
    gone = {key for what, key, _ in rows if what == "withdraw-order"}
    return {key: until for what, key, until in rows if what == "order" and until is not None}, gone


def _with_day(order: Order, until: date | None) -> Order:
    return order if until is None else Order(order.group, order.lacks, order.on, until, order.key)


def _orders(past: Past, as_of: Moment) -> Iterator[Order]:
    together: dict[tuple[str, datetime], list[TestOrdered]] = defaultdict(list)
    for one in past.of(TestOrdered):
        if one.status in (None, "pending") and one.at.at <= as_of.at:
            together[_row_of(one.test), one.at.at].append(one)
    for (group, instant), orders in together.items():
        on = orders[0].at.day
        asked = {test for one in orders for test in tests_of(one.test)}
        lacks = _lacking(group, asked, {test for test in asked if not _came(past, test, on, as_of)})
        if lacks:
            days = ladder().come_days["gene" if any(tests()[test].gene for test in lacks) else "order"]
            yield Order(group, lacks, on, on + timedelta(days=days), key_of(group, instant))


def _row_of(test: str) -> str:
    """Under which name a test is waited for: the group that is not done without it, else by itself."""
    group = group_of(test)
    return group if group is not None and test in tests_of(group) else test


def _lacking(group: str, asked: set[str], missing: set[str]) -> tuple[str, ...]:
    """Those that have not come; of tests of which one is enough, none if one came."""
    enough = asked & set(groups()[group].one_of) if group in groups() else set()
    return tuple(sorted(missing - enough if enough - missing else missing))


def _came(past: Past, test: str, on: date, as_of: Moment) -> bool:
    taken = past.timeline(as_of).upto(test, as_of)
    gene = tests()[test].gene
    typed = (one for one in past.of(Genotype) if gene and one.gene == gene and one.at.at <= as_of.at)
    return any(one.settled and one.collected.day >= on for one in taken) or any(one.at.day >= on for one in typed)


def _reports(past: Past, as_of: Moment) -> Iterator[Order]:
    """Preliminary reports after which no final one came, of this specimen or of a later one."""
    for test in past.readings:
        taken = past.timeline(as_of).upto(test, as_of)
        settled = max((one.collected.at for one in taken if one.settled), default=None)
        for one in taken:
            if one.mere_report and (settled is None or one.collected.at > settled):
                on = min(reading.known.day for reading in one.readings)
                until = on + timedelta(days=ladder().come_days["final"])
                yield Order(FINAL + test, (), on, until, key_of(FINAL + test, one.collected.at))


def tests_of(group: str) -> tuple[str, ...]:
    """The tests that make a group complete; a test that is no group by itself."""
    found = groups().get(group)
    return (*found.must, *found.one_of) if found else (group,)


def key_of(group: str, instant: datetime) -> str:
    """The name under which acts speak of an order or a report."""
    return f"order {group} {instant.astimezone(UTC).isoformat()}"


def note_orders(patient: Patient, days: Mapping[str, date], instant: datetime, by: Person, at: datetime) -> None:
    """Appends by which day each group of an order is to be here. To be called before the order itself is appended."""
    for group, until in days.items():
        act(
            patient,
            "order",
            by,
            at,
            until=until,
            note=f"{fact(group)}, by {day(until)}",
            episode=key_of(group, instant),
        )


def events_of(ordered: Iterable[str], stamp: str) -> list[dict[str, object]]:
    """An order of groups as events, one for each test."""
    names = dict.fromkeys(name for group in ordered for name in tests_of(group))
    return [{"kind": "test-ordered", "test": name, "at": stamp} for name in names]


def order(patient: Patient, group: str, until: date | None, by: Person, at: Moment) -> None:
    """Orders a group of tests, or a test, for a day, as of the patient's own clock. Raises NotUsable for what cannot be."""
    if group not in choices():
        raise NotUsable(CHOOSE)
    if until is None or until < at.day:
        raise NotUsable(NO_DAY)
    check_not_far(until, at.day)
    note_orders(patient, {group: until}, at.at, by, at.at)
    append(patient, events_of([group], at.at.isoformat()), by, at.at)


def choices() -> Mapping[str, str]:
    """What can be ordered: groups, then the tests of no group, each with what people call it."""
    alone = (name for name in tests() if group_of(name) is None)
    return {name: fact(name) for name in (*groups(), *alone)}


def _watching(patient: Patient, today: date) -> Iterator[Act]:
    """The acts by which somebody watches a finding still: of its episode nothing was done later."""
    answers = Act.objects.filter(patient=patient, undone_by=None, what__in=named("answers")).order_by("at", "pk")
    newest = {one.episode: one for one in answers}
    return (one for one in newest.values() if one.what == "monitor" and one.until is not None and one.until >= today)


def withdraw(patient: Patient, key: str, reason: str, waiting: Iterable[Order], by: Person, at: datetime) -> Order:
    """Says that something is not waited for any more, and why. waiting: all that is. Raises NotUsable."""
    found = next((one for one in waiting if one.key == key), None)
    if found is None:
        raise NotUsable(NOT_OPEN)
    if len(reason.strip()) < WRITTEN:
        raise NotUsable(NO_REASON)
    if any(
        key.endswith(one.at.astimezone(UTC).isoformat()) for one in _watching(patient, today_of(patient.clinic, at))
    ):
        raise NotUsable(WATCHED)
    act(patient, "withdraw-order", by, at, note=f"{found.name}, {found.says}: {reason.strip()}", episode=key)
    return found
