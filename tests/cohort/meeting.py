"""Meets what a rule looks at: each fact put on a number of the packs, just under it or just over, or made true.

A rule is aimed at as a whole, so that conditions of several parts come true together; often one part is then left just wrong.

Longer than other modules: each kind of fact needs its own way to be met, and all are chosen from in one place.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cohort.in_the_making import GOOD, REASONS, Made, days_back
from cohort.looked_at import Aim, Either, Look, Reaches, members
from countwell.base.dates import Duration, before
from countwell.vocabulary.medicines import classes as medicine_classes
from countwell.vocabulary.medicines import in_class

ALLELES_OF = {
    "normal": "*1/*1",
    "intermediate": "*1/*3",
    "poor": "*3/*3",
    "possible-intermediate": "*3/*99",
    "indeterminate": "*1/*99",
}


def aim(made: Made, at: Aim, depth: int = 0) -> None:
    """Does what makes a rule true, or nearly: all parts, of alternatives one, of another table's outcome one of its rules."""
    for part in at:
        if isinstance(part, Look):
            meet(made, part)
        elif isinstance(part, Either):
            aim(made, made.random.choice(part.of), depth)
        elif isinstance(part, Reaches) and depth < 2 and not part.negated:
            rules = made.look.reaching(part)
            if rules:
                aim(made, made.random.choice(rules), depth + 1)


def meet(made: Made, look: Look) -> None:
    """Puts one fact on, under or over its number, or makes it true; one that must not be is mostly left alone."""
    if look.negated and made.chance(0.8):
        return
    meeting = MEETINGS.get(look.kind)
    if meeting is not None:
        meeting(made, look)


def days(made: Made, duration: Duration) -> int:
    """How many days ago something of that duration began that ends today."""
    return (made.today - before(made.today, duration)).days


def at_age(made: Made, look: Look) -> int:
    """An age on its duration, a day less or a day more: mostly on the side that the rule asks for."""
    assert look.number is not None
    assert look.number.duration is not None
    age = days(made, look.number.duration)
    if look.op in ("<", "<=") and made.chance(0.6):
        return made.random.choice((age - 1, max(age // 2, 0), 0))
    if look.op in (">", ">=") and made.chance(0.6):
        return age + made.random.choice((0, 1, 2, 30))
    return max(age + made.random.choice((-1, 0, 1)), 0)


def newest(made: Made, look: Look) -> None:
    """A newest result (or one before the start) on its number; as a multiple of a limit of normal, if so it is looked at."""
    name = made.random.choice(look.of)
    age = before_start(made) if look.params.get("baseline") else made.random.choice((0, 0, 1, 3, made.age()))
    if look.number is None:
        made.wild(name, age)
    elif look.params.get("as") == "limits":
        upper = made.random.choice(("40", "21", "60", "35"))
        value = made.near(Decimal(upper) * look.number.value, look.op)
        sent = made.chance(0.7)
        unsent = made.doubtful(name) if made.chance(0.3) else None
        made.result(name, f"{value:f}", age, normal_high=upper if sent else unsent)
        within = look.params.get("limit-within")
        if not sent and isinstance(within, Duration):
            before_it = made.today - date.fromisoformat(made.events[-1]["collected"][:10])
            _limit_before(made, name, before_it.days, within)
    else:
        made.result(name, f"{max(made.near(look.number.value, look.op), Decimal(0)):f}", age)


def _limit_before(made: Made, name: str, age: int, within: Duration) -> None:
    """An upper limit of the same laboratory on the first day on which it still counts, or a day off; no other beside it."""
    last = made.events.pop()
    made.events = [event for event in made.events if event.get("test") != name]
    first = (made.today - before(days_back(made.today, age), within)).days
    more = {"normal_high": made.doubtful(name)} if made.chance(0.2) else {}
    made.result(name, made.good(name), first + made.random.choice((0, 0, 1, -1)), lab="lab-1", **more)
    made.events.append(last | {"lab": "lab-1"})


def before_start(made: Made) -> int:
    """An age at or before the first start."""
    starts = [(made.today - date.fromisoformat(e["at"][:10])).days for e in made.events if e["kind"] == "decision"]
    return max(starts, default=0) + made.random.choice((0, 1, 5, 27, 28, 29, 60))


def changed(made: Made, look: Look) -> None:
    """A value and one that is lower or higher by just that share, or by just that much."""
    name, number = look.of[0], look.number
    first = Decimal(made.good(name))
    by = Decimal(1) if number is None else (first * number.value / 100 if number.unit == "%" else number.value)
    falls = look.params.get("direction", "fall") == "fall"
    last = made.near(first - by if falls else first + by)
    within = look.params.get("within")
    age = days(made, within) + made.random.choice((-1, 0, 1)) if isinstance(within, Duration) else 60
    against_baseline = look.params.get("against") == "baseline"
    made.result(name, f"{first:f}", before_start(made) if against_baseline else max(age, 0))
    made.result(name, f"{max(last, Decimal(0)):f}", made.random.choice((0, 1, 3)))


def falling(made: Made, look: Look) -> None:
    """A row of values each lower (or higher) than the last by just that much, mostly the last of that test."""
    name, falls = look.of[0], look.params.get("direction", "fall") == "fall"
    share = Decimal(made.random.choice(("0.9", "0.899", "0.901", "0.8", "0.99")))
    if made.chance(0.8):
        made.events = [event for event in made.events if event.get("test") != name]
    value = Decimal(made.random.choice((made.good(name), "5", "2")))
    apart, many = made.random.choice((1, 3, 7)), made.random.randint(2, 6)
    for age in range((many - 1) * apart, -1, -apart):
        made.result(name, f"{value.quantize(Decimal('0.001')):f}", age)
        value = value * share if falls else value / share


EVENTS = {"run": "restart", "first-start": "start", "change": "raise", "stop": "stop", "reduce": "reduce"}


def since(made: Made, look: Look) -> None:
    """A decision just so long ago; one that is looked at without a time, at any age."""
    timed = look.number is not None and look.number.duration is not None
    age = at_age(made, look) if timed else made.age()
    after = look.params.get("after")
    age += days(made, after) if isinstance(after, Duration) else 0
    do = EVENTS.get(look.of[0], "raise")
    if do == "stop":
        made.decide(made.random.choice(("stop", "stop", "hold")), age, reason=made.random.choice(REASONS))
    else:
        made.decide(do, age, mg_per_day=made.dose())


def dosed(made: Made, look: Look) -> None:
    """A dose on a number, or on so much per kg of a weight."""
    number = made.near(look.number.value, look.op) if look.number is not None else Decimal(2)
    unit = look.number.unit if look.number is not None else look.of[0]
    kg = made.random.choice(("50", "70", "41.5"))
    mg = number * Decimal(kg) if unit == "mg/kg/day" else number
    made.weight(_age_of_weight(made, look), kg)
    if made.chance(0.2):
        made.events.append(made.events[-1] | {"value": made.random.choice(("50.5", "69.5"))})
    age = made.random.choice((0, 1, 10, made.age()))
    made.decide(made.random.choice(("raise", "reduce", "restart")), age, mg_per_day=f"{max(mg, Decimal('0.001')):.3f}")


def _age_of_weight(made: Made, look: Look) -> int:
    """How old a weight is: often on the last day on which it counts, or a day off."""
    within = look.params.get("weight-within")
    if isinstance(within, Duration) and made.chance(0.5):
        made.events = [event for event in made.events if event["kind"] != "weight"]
        return days(made, within) + made.random.choice((-1, 0, 0, 1))
    return made.random.choice((1, 20, made.age()))


def told(made: Made, look: Look) -> None:
    """A symptom of today or before, with one of the details that are looked at, or with its value."""
    more: dict[str, object] = {}
    if look.number is not None and look.params.get("value"):
        more["value"] = f"{made.near(look.number.value, look.op):f}"
    details = look.params.get("with-any")
    if isinstance(details, tuple) and made.chance(0.7):
        more["details"] = {made.random.choice(details): made.random.choice((True, True, True, False, None))}
    made.symptom(made.random.choice(look.of), made.random.choice((0, 0, 1, 3, made.age())), **more)


def taken(made: Made, look: Look) -> None:
    """A medicine of that name or class."""
    name = made.random.choice(look.of)
    made.medicine(made.random.choice(sorted(in_class(name))) if name in medicine_classes() else name)


def happened(made: Made, look: Look) -> None:
    """A history, through the cause that is looked at."""
    cause = look.params.get("cause")
    made.history(made.random.choice(look.of), cause if isinstance(cause, str) else None)


def being(made: Made, look: Look) -> None:
    """A state of life."""
    made.circumstance(made.random.choice(look.of))


def person(made: Made, look: Look) -> None:
    """Born on such a day, of that sex, weighed so long ago, or heavier or lighter by just so much."""
    of, timed = look.of[0], look.number is not None and look.number.duration is not None
    if of in ("sex", "country") and look.words:
        made.head[of] = made.random.choice(look.words)
    elif of == "age" and timed:
        made.head["born"] = days_back(made.today, at_age(made, look)).isoformat()
    elif of == "weight-age" and timed:
        made.weight(at_age(made, look))
    elif of == "weight-change":
        first = Decimal(made.random.choice(("50", "70")))
        share = made.near(look.number.value, look.op) if look.number is not None else Decimal(10)
        last = first * (100 + made.random.choice((-1, 1)) * share) / 100
        decided = [made.today - date.fromisoformat(e["at"][:10]) for e in made.events if e["kind"] == "decision"]
        when = min(decided).days if decided and made.chance(0.8) else made.random.choice((40, 100, 200))
        made.events = [event for event in made.events if event["kind"] != "weight"]
        made.weight(when, f"{first:f}")
        if made.chance(0.5):
            made.weight(made.random.randint(0, max(when, 1)), f"{(first + last) / 2:f}")
        made.weight(made.random.choice((0, 1, 10)), f"{last:f}")


def grouped(made: Made, look: Look) -> None:
    """The tests of a group at an age at which it is just due, or a part of them."""
    names = tuple(name for of in look.of for name in members(of) if name in GOOD)
    if names:
        made.panel(made.age(), names, made.random.choice((0.0, 0.0, 0.2)))


def recovering(made: Made, look: Look) -> None:
    """Above the limit, stopped, and within it again, once, twice or three times."""
    name = made.random.choice(look.of)
    age = made.random.choice((90, 60, 40))
    made.result(name, "90", age, normal_high="40")
    made.decide(made.random.choice(("hold", "stop")), age - 1, reason="liver")
    for later in sorted(made.random.sample(range(age - 1), made.random.randint(0, 3)), reverse=True):
        high = made.doubtful(name) if made.chance(0.2) else "40"
        made.result(name, made.random.choice(("24", "40", "41")), later, normal_high=high)


def ordered(made: Made, look: Look) -> None:
    """A test that was ordered and mostly waits, and perhaps was done about then, often on the very day."""
    age, name = made.age(), made.random.choice(look.of)
    made.order(age, name)
    if made.chance(0.7):
        made.events[-1]["status"] = "pending"
    if made.chance(0.7):
        made.result(name, "12", max(age + made.random.choice((-1, 0, 0, 0, 1)), 0), unit="U/mL", normal_high=None)


def typed(made: Made, look: Look) -> None:
    """A gene: mostly of a phenotype that is looked at; `untested` takes away what is known."""
    word = made.random.choice(look.words) if look.words else ""
    if word == "untested":
        made.events = [event for event in made.events if event.get("gene") != look.of[0]]
    elif word in ALLELES_OF and made.chance(0.8):
        made.add("genotype", gene=look.of[0], result=ALLELES_OF[word], at=made.when(made.random.choice((900, 3, 0))))
    else:
        made.gene(look.of[0], made.random.choice((900, 3, 0)))


def labelled(made: Made, _: Look) -> None:
    """A pharmacy label."""
    made.label(made.random.choice((0, 1, made.age())))


def vaccinated(made: Made, look: Look) -> None:
    """A vaccine given just so long ago."""
    within = look.params.get("within")
    made.vaccination(max(days(made, within) + made.random.choice((-1, 0, 1)), 0) if isinstance(within, Duration) else 1)


def stopped(made: Made, look: Look) -> None:
    """A stop or hold for a reason that is looked at, perhaps with a restart."""
    reasons = [word for word in look.words if word in REASONS] or [*REASONS, None]
    made.decide(made.random.choice(("stop", "hold")), made.age(), reason=made.random.choice(reasons))
    if made.chance(0.5):
        made.decide("restart", made.random.choice((0, 1, 5)), mg_per_day=made.dose())


def standing(made: Made, look: Look) -> None:
    """A state of the course; one who is treated stays so."""
    word = made.random.choice(look.words) if look.words else "held"
    if word == "proposed":
        made.events = [event for event in made.events if event["kind"] != "decision"]
    elif word in ("held", "stopped", "ended"):
        do = {"held": "hold", "stopped": "stop", "ended": "transfer-out"}[word]
        reason = None if do == "transfer-out" else made.random.choice((*REASONS, None))
        made.decide(do, made.random.choice((0, 1, 5, made.age())), reason=reason)


MEETINGS = {
    "latest": newest,
    "highest": newest,
    "change": changed,
    "streak": falling,
    "since": since,
    "dose": dosed,
    "symptom": told,
    "medicine": taken,
    "history": happened,
    "circumstance": being,
    "person": person,
    "done": grouped,
    "recovered": recovering,
    "pending": ordered,
    "gene": typed,
    "label": labelled,
    "vaccinated": vaccinated,
    "reason": stopped,
    "state": standing,
}
