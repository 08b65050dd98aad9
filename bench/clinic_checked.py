"""What must hold in a clinic on every evening, and what its list cost the people who read it.

The reference is the engine asked anew about the record as it stands. Whatever it says calls for a person must stand on the
list of the patient's owner, or somebody's recorded act must answer it; whatever it says is late must stand there as that late,
or later by an order of the clinic's own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from countwell import Answer, Record, ask, read_record
from countwell.clinic.models import Act, Clinic, Patient, Person, Standing
from countwell.clinic.store.acting import open_episodes
from countwell.clinic.store.chase import ladder
from countwell.clinic.store.records import text_of
from countwell.clinic.store.standing import here
from countwell.clinic.store.worklist import FOLDED, Item, worklist
from countwell.model.advice import CALM, RANKS, rank
from countwell.model.answers import Finding

OVER = ("died", "ended")
TREATED = ("active", "held")
ANSWERS = ("done", "more", "less", "monitor", "snooze", "file")
NOW = "Now"
SAME_EPISODE = timedelta(days=28)
CALL_ON = next(step.day for step in ladder().steps if step.who == "staff")
TIER = {ranked.place: ranked.tier for _, ranked in RANKS}


@dataclass
class Seen:
    """Everything counted. faults: in words, with the day; items: by tier, as rows began; stood: rows by group, each evening."""

    evenings: int = 0
    treated_days: int = 0
    overdue_days: int = 0
    late_rows: int = 0
    to_be_called: int = 0
    stop_days: int = 0
    stops: set = field(default_factory=set)
    items: Counter = field(default_factory=Counter)
    stood: Counter = field(default_factory=Counter)
    answered: list[timedelta] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass
class Watcher:
    """Looks at the lists of one clinic. kept: each patient's record, with how many events it had; opened, last: the tables open
    at the last look, and when each was open last; since: when something of stop level came to stand open; late: for how many
    evenings a row has stood there for a late test alone."""

    clinic: Clinic
    seen: Seen = field(default_factory=Seen)
    kept: dict[int, tuple[int, Record]] = field(default_factory=dict)
    opened: dict[int, set[str]] = field(default_factory=dict)
    last: dict[tuple[int, str], datetime] = field(default_factory=dict)
    since: dict[int, datetime] = field(default_factory=dict)
    late: dict[int, int] = field(default_factory=dict)

    def look(self, at: datetime) -> None:
        """What has come to stand open since the last look: several findings of one patient at one look are one item."""
        calling = Standing.objects.filter(patient__clinic=self.clinic, place__lt=CALM.place).select_related("patient")
        found = {row.patient_id: open_episodes(row.patient, row) for row in calling.exclude(state__in=OVER)}
        for patient, episodes in found.items():
            places = {name.partition(" since ")[0]: place for name, place in episodes.items() if name}
            new = [place for table, place in places.items() if self._begins(patient, table, at)]
            if new:
                self.seen.items[TIER[min(new)]] += 1
            self.last.update({(patient, table): at for table in places})
        self.opened = {patient: {name.partition(" since ")[0] for name in names} for patient, names in found.items()}
        self._clock({patient for patient, names in found.items() if TIER.get(min(names.values(), default=-1)) == 1}, at)

    def _begins(self, patient: int, table: str, at: datetime) -> bool:
        lately = at - self.last.get((patient, table), datetime.min.replace(tzinfo=at.tzinfo)) <= SAME_EPISODE
        return table not in self.opened.get(patient, ()) and not lately

    def _clock(self, standing: set[int], at: datetime) -> None:
        """How long something of stop level stood open."""
        for patient in set(self.since) - standing:
            self.seen.answered.append(at - self.since.pop(patient))
        for patient in standing:
            self.since.setdefault(patient, at)

    def evening(self, at: datetime) -> None:
        """The lists of all owners beside the reference, patient by patient."""
        self.seen.evenings += 1
        items, acts = self._lists(at), _acts(self.clinic)
        for patient in Patient.objects.filter(clinic=self.clinic).select_related("clinic"):
            answer = self._reference(patient, at)
            if answer.course.state in OVER:
                continue
            self.seen.treated_days += answer.course.state in TREATED
            for fault in self._faults(answer, items.get(patient.pk), acts.get(patient.pk, []), patient.pk):
                self.seen.faults.append(f"{at:%Y-%m-%d} {patient.number}: {fault}")

    def _lists(self, at: datetime) -> dict[int, Item]:
        """Each patient's row on the list of whoever owns them, and of everybody for those whom nobody owns."""
        staff = Person.objects.filter(clinic=self.clinic, is_active=True).exclude(role="admin")
        rows = [_rows(person, "mine", at) for person in staff if person.accountable_for.exists()]
        rows.append(_rows(staff[0], "none", at))
        found = {item.patient: item for each in rows for item in each}
        self.seen.stood.update(item.group for item in found.values())
        self._late({item.patient for item in found.values() if item.group == "Late"})
        return found

    def _late(self, rows: set[int]) -> None:
        """Rows that stand there for a late test alone: those that begin, and those that come to the day of a call."""
        self.late = {patient: self.late.get(patient, 0) + 1 for patient in rows}
        self.seen.late_rows += sum(1 for evenings in self.late.values() if evenings == 1)
        self.seen.to_be_called += sum(1 for evenings in self.late.values() if evenings == CALL_ON)

    def _reference(self, patient: Patient, at: datetime) -> Answer:
        """The engine asked anew; a record is read again when something was added."""
        count = patient.events.count()
        if self.kept.get(patient.pk, (0, None))[0] != count:
            self.kept[patient.pk] = count, read_record(text_of(patient))
        return ask("review", self.kept[patient.pk][1], as_of=here(patient, at))

    def _faults(self, answer: Answer, item: Item | None, acts: list[Act], patient: int) -> Iterator[str]:
        if item is None:
            yield "stands on no list"
            return
        today, seen = answer.as_of.day, self.seen
        shown, late = item.group not in FOLDED, due_by(answer) < today
        seen.overdue_days += late
        if late and not (shown and item.late >= (today - due_by(answer)).days):
            yield f"late since {due_by(answer)}, and stands under {item.group}, {item.late} days late"
        for finding in calling(answer):
            place, name = rank(finding.advice).place, finding.episode or ""
            stop = TIER[place] == 1
            seen.stop_days += stop
            if stop:
                seen.stops.add((patient, name))
            if not is_answered(acts, name, place, today) and not (item.group == NOW if stop else shown):
                yield f"{finding.table}/{finding.rule}, tier {TIER[place]}, is not answered, and stands under {item.group}"


def _rows(person: Person, whose: str, at: datetime) -> Iterable[Item]:
    return [item for group in worklist(person, at, {"whose": whose}).groups for item in group.items]


def _acts(clinic: Clinic) -> Mapping[int, list[Act]]:
    """What people did about findings, by patient."""
    found: dict[int, list[Act]] = {}
    kept = Act.objects.filter(patient__clinic=clinic, what__in=ANSWERS, undone_by=None).select_related("by")
    for act in kept:
        found.setdefault(act.patient_id, []).append(act)
    return found


def calling(answer: Answer) -> list[Finding]:
    """The findings that surely hold, that nobody accepted, and that call for more than a test."""
    sure = [one for one in answer.findings if one.holds == "yes" and not one.accepted]
    return [one for one in sure if rank(one.advice) is not CALM]


def due_by(answer: Answer) -> date:
    """The earliest last day of all tests that are wanted; the end of time if none is."""
    days = [*answer.advice.tests.values(), *(date.fromisoformat(row["due_by"]) for row in _tests(answer))]
    return min(days, default=date.max)


def _tests(answer: Answer) -> list[Mapping[str, str]]:
    return [row for row in answer.details.get("tests", ()) if row.get("due_by")]


def is_answered(acts: list[Act], episode: str, place: int, today: date) -> bool:
    """Whether somebody acted on this episode when it was as grave, and it is not time again; of a stop, a prescriber."""
    may = [act for act in acts if act.by.role == "prescriber" or TIER[place] != 1]
    return any(
        act.episode == episode and act.place <= place and (act.until is None or act.until >= today) for act in may
    )
