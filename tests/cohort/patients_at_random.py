"""Patients at random, fast: whole records as plain dicts, for the agreement of the engines.

Half of them are in order but for one or two things: a rule that is met or nearly met, each of its facts on, just under or just
over its number; the others are of all kinds at once. The same seed gives the same patients.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from random import Random

from cohort.chosen import protocol_of
from cohort.in_the_making import CENSORED, GOOD, REASONS, Json, Made, days_back
from cohort.looked_at import Aim, Either, looked_at
from cohort.meeting import aim, meet

# Instants that are asked about: the end of a month, the day after a short month, days on which the clock goes forward or back,
# a leap day, an ordinary one.
INSTANTS = (
    datetime(2026, 3, 31, 10, 0, tzinfo=UTC),
    datetime(2026, 3, 1, 13, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 15, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 30, tzinfo=UTC),
    datetime(2025, 11, 2, 12, 0, tzinfo=UTC),
    datetime(2026, 5, 13, 9, 0, tzinfo=UTC),
)


def records(rules: str, count: int, seed: int, as_of: datetime, first: int = 0) -> Iterator[Json]:
    """So many patients under rules by their name, as of an instant, from number `first` on; the n-th of a seed is always the same."""
    look = _looked_at(rules, as_of.date())
    for number in range(first, first + count):
        yield record(Made(Random(f"{rules} {seed} {number}"), look, as_of, number))


_looked_at = lru_cache(looked_at)


def as_of(seed: int) -> datetime:
    """The instant that is asked about with this seed."""
    return INSTANTS[seed % len(INSTANTS)]


def in_order(made: Made) -> None:
    """A long course, whole good panels, genes, weight, lists: nothing is called for."""
    begun = made.random.choice((made.age() + 8, 100, 130, 200, 400, 900))
    last = made.random.choice((0, 1, 5, 12, 20, 29, made.age()))
    names = tuple(name for name in GOOD if name in ("wbc", "hb", "platelets", "alt", "lipase") or made.chance(0.85))
    made.panel(begun + made.random.choice((0, 3, 27)), names)
    made.begin(begun)
    for age in sorted({min(last, begun), *(made.age() for _ in range(made.random.choice((0, 0, 1, 2))))}, reverse=True):
        made.panel(min(age, begun), names, 0.02)
    for name in ("medicines", "history"):
        made.confirm(name, made.random.choice((0, 30, 30, made.age())))
    for gene in ("TPMT", "NUDT15"):
        made.add("genotype", gene=gene, result="*1/*1", at=made.when(begun + 1))
    made.weight(made.random.choice((20, made.age())), "70")


def of_all_kinds(made: Made) -> None:
    """Everything at once, each thing perhaps."""
    if made.chance(0.9):
        made.begin(made.age())
    for _ in range(made.random.choice((0, 0, 1, 2, 3))):
        made.more_course(made.age())
    for _ in range(made.random.choice((0, 1, 2, 3))):
        age = made.age()
        made.panel(age, tuple(name for name in GOOD if made.chance(0.5)))
        for _ in range(made.random.choice((0, 1, 2))):
            made.wild(made.random.choice(made.tests), made.random.choice((age, 0, 1)))
    lived(made)


def told_again(made: Made) -> None:
    """One thing of which more comes later: symptoms, reports of one specimen, a stop, an acceptance."""
    of_symptoms = (symptoms_of_several_ways, symptoms_twice)
    of_results = (reports_of_one_specimen, report_after_a_finding, asked_after_a_stop)
    made.random.choice((*of_symptoms, *of_results, accepted))(made)


def any_aim(made: Made, *kinds: str) -> Aim:
    """How some rule comes true: of all rules one, or first of all kinds of facts one, so that what few rules look at comes up too.
    kinds: only of those that look at one of these, if any does."""
    if made.chance(0.5) and not kinds:
        return made.random.choice(made.look.aims)
    looked_at = [kind for kind in kinds or made.look.aims_of if kind in made.look.aims_of]
    return made.random.choice(made.look.aims_of[made.random.choice(looked_at)] if looked_at else made.look.aims)


def accepted(made: Made) -> None:
    """What a rule looks at comes true, and a named person accepts it until about today."""
    place = made.random.randrange(len(made.look.findings))
    aim(made, made.look.advising[place][2])
    until = days_back(made.today, made.random.choice((0, 0, 1, -1, -30))).isoformat()
    made.decide("accept", made.random.choice((0, 1, 5)), finding=made.look.findings[place], until=until)


def symptoms_of_several_ways(made: Made) -> None:
    """What can make a rule true in several ways, each of them on a day of its own."""
    of_several = [aim_at for aim_at in made.look.aims if any(isinstance(part, Either) for part in aim_at)]
    aim_at = made.random.choice(of_several or made.look.aims)
    for _ in range(made.random.choice((2, 2, 3))):
        aim(made, aim_at)


def symptoms_twice(made: Made) -> None:
    """What was told is told once more of another day, or a medicine of the same name begun anew."""
    told = [event for event in made.events if event["kind"] in ("symptom", "medicine", "circumstance")]
    if not told or made.chance(0.5):
        aim(made, any_aim(made, "symptom", "medicine", "circumstance"))
        told = [event for event in made.events if event["kind"] in ("symptom", "medicine", "circumstance")]
    for event in told[-2:]:
        begin = "since" if event["kind"] == "symptom" else "from"
        made.events.append({**event, begin: made.when(made.random.choice((0, 1, 3, made.age())))})


def reports_of_one_specimen(made: Made) -> None:
    """Preliminary reports of one or two specimens, of which nothing is final; or two final versions and one that is not."""
    statuses = made.random.choice((*(("preliminary",) * n for n in (1, 2, 3)), ("final", "final", "preliminary")))
    for name in made.random.sample(made.tests, made.random.choice((1, 1, 2))):
        age = made.random.choice((0, 0, 1, 2, 5))
        collected = made.when(age)
        for number, status in enumerate(statuses):
            more = {"version": str(number)} if "final" in statuses else {}
            made.result(name, made.any_value(name), age, collected, status=status, **more)


def report_after_a_finding(made: Made) -> None:
    """What a rule looks at comes true some days ago, and today a preliminary report is a little worse, or better."""
    aim(made, any_aim(made, "latest", "highest", "change", "streak"))
    results = [event for event in made.events if event["kind"] == "result" and _is_number(event["value"])]
    for event in results[-1:]:
        event["collected"] = event["received"] = made.when(made.random.choice((2, 3, 5)))
        share = Decimal(made.random.choice(("0.8", "0.95", "1.05", "1.2")))
        value = f"{(Decimal(event['value']) * share).quantize(Decimal('0.001')):f}"
        made.events.append(
            event | {"value": value, "status": "preliminary", "collected": made.when(0), "received": None}
        )


def _is_number(value: str | None) -> bool:
    return value is not None and value.replace(".", "", 1).isdigit()


def asked_after_a_stop(made: Made) -> None:
    """Values given with `<` or `>` about a stop, which nothing requires any more when they have long been late."""
    age = made.age()
    halt = made.decide(made.random.choice(("stop", "stop", "hold")), age, reason=made.random.choice((*REASONS, None)))
    if made.chance(0.2):
        made.events.append(halt | {"do": made.random.choice(("stop", "hold"))})
    for name in made.random.sample(made.tests, 3):
        value = made.random.choice(CENSORED).format(made.any_value(name))
        made.result(name, value, made.random.choice((age, age + 1, max(age - 1, 0), made.age())))


def lived(made: Made) -> None:
    """Lists, genes, weights, symptoms, medicines and whatever else there is, each perhaps."""
    for name in ("medicines", "history"):
        if made.chance(0.6):
            made.confirm(name, made.age())
    for gene in ("TPMT", "NUDT15"):
        made.gene(gene)
    for _ in range(made.random.choice((0, 1, 2))):
        made.weight(made.age())
    for some in (made.symptom, made.medicine, made.history, made.circumstance):
        for _ in range(made.random.choice((0, 0, 1))):
            some()
    for some in (made.label, made.vaccination, made.order):
        if made.chance(0.15):
            some(made.age())
    for _ in range(made.random.choice((0, 0, 1, 2))):
        meet(made, made.random.choice(made.look.looks))


def record(made: Made) -> Json:
    """The whole patient."""
    made.head |= {"sex": made.random.choice(("female", "male", "female", "male", None)), "born": "1974-01-15"}
    made.head["country"] = made.random.choice((None, "GB", "us", "IN", "JP"))
    if made.chance(0.6):
        in_order(made)
        for _ in range(made.random.choice((0, 1, 1, 1, 2))):
            if made.chance(0.7):
                aim(made, any_aim(made))
            else:
                meet(made, made.random.choice(made.look.looks))
    else:
        of_all_kinds(made)
    if made.chance(0.3):
        told_again(made)
    for _ in range(made.random.choice((0, 0, 0, 0, 1, 2))):
        made.amend()
    if made.chance(0.03):
        made.more_course(made.age())
    if made.chance(0.015):
        made.add("died", at=made.when(made.age()))
    if made.chance(0.03):
        spoil(made)
    condition = made.random.choice(made.look.conditions if made.chance(0.9) else (None, "crohn", "something else"))
    protocol = protocol_of(made.look.rules)
    course = {"condition": condition, "protocol": protocol, "layers": None, "products": [], "may_halve": True}
    return {"schema": "countwell.record/1", "patient": made.head, "course": course, "events": numbered(made)}


def spoil(made: Made) -> None:
    """An event that the reader of records refuses or holds."""
    made.events.append(
        made.random.choice(
            (
                {"kind": "symptom", "symptom": "purple ears", "since": made.when(1)},
                {"kind": "decision", "do": "double", "at": made.when(1)},
                {"kind": "result", "test": "wbc", "value": "1.9", "unit": "10*9/L", "collected": made.when(1)},
                {"kind": "result", "test": "wbc", "value": "1.9", "unit": "10*9/L", "status": "final"},
                {"kind": "vaccination", "vaccine": "an unknown one", "at": made.when(1)},
                {"kind": "weight", "at": made.when(1)},
                {"kind": "weight", "at": made.when(1), "value": "70"},
                {"kind": "medicine"},
                {"kind": "nothing known"},
            )
        )
    )


def numbered(made: Made) -> list[Json]:
    """The events in any order, most with an id of their own; what one says of another names it."""
    ids = {id(event): f"e{place:03d}" for place, event in enumerate(made.events)}
    unnamed = {id(event) for event in made.events if event["kind"] == "result" and made.chance(0.03)}
    row = [_named(event, ids, unnamed) for event in made.events]
    if made.chance(0.3):
        made.random.shuffle(row)
    return row


def _named(event: Json, ids: dict[int, str], unnamed: set[int]) -> Json:
    named = {name: value for name, value in event.items() if name != "of"}
    if "of" in event:
        named["replaces"] = ids[id(event["of"])]
    if "rests_on" in event:
        named["rests_on"] = [ids[id(result)] for result in event["rests_on"]]
    return named if id(event) in unnamed else {"id": ids[id(event)], **named}
