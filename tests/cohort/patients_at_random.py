"""Patients at random, fast: whole records as plain dicts, for the agreement of the engines.

Half of them are in order but for one or two things, each put on, just under or just over a number of the packs, so that rules are
met one at a time; the others are of all kinds at once. The same seed gives the same patients.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from cohort.looked_at import Look, LookedAt, looked_at, members
from countwell.base.dates import Duration, before
from countwell.vocabulary import lists
from countwell.vocabulary.medicines import classes as medicine_classes
from countwell.vocabulary.medicines import in_class, medicines
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import tests
from countwell.vocabulary.vaccines import vaccines

Json = dict[str, Any]

PROTOCOLS = ("cidp", "mg", "aih")
ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
# Instants that are asked about: the end of a month, a leap day, days on which the clock goes forward or back, an ordinary one.
INSTANTS = (
    datetime(2026, 3, 31, 10, 0, tzinfo=UTC),
    datetime(2026, 3, 8, 15, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 23, 30, tzinfo=UTC),
    datetime(2025, 11, 2, 12, 0, tzinfo=UTC),
    datetime(2026, 5, 13, 9, 0, tzinfo=UTC),
)
# A good value, the unit, and an upper limit where laboratories send one.
GOOD: dict[str, tuple[str, str, str | None]] = {
    "wbc": ("6.1", "10*9/L", None),
    "neutrophils": ("3.4", "10*9/L", None),
    "lymphocytes": ("1.4", "10*9/L", None),
    "eosinophils": ("0.2", "10*9/L", None),
    "hb": ("140", "g/L", None),
    "mcv": ("90", "fL", None),
    "platelets": ("240", "10*9/L", None),
    "alt": ("24", "U/L", "40"),
    "ast": ("22", "U/L", "40"),
    "alp": ("70", "U/L", "130"),
    "ggt": ("20", "U/L", "60"),
    "bilirubin": ("10", "umol/L", "21"),
    "albumin": ("42", "g/L", None),
    "creatinine": ("70", "umol/L", None),
    "egfr": ("90", "mL/min/{1.73_m2}", None),
    "lipase": ("30", "U/L", "60"),
    "amylase": ("50", "U/L", "100"),
}
# The same quantity in another unit: test -> unit, factor by which the value is multiplied.
OTHER_UNITS = {
    "wbc": ("/uL", 1000),
    "platelets": ("/uL", 1000),
    "hb": ("g/dL", Decimal("0.1")),
    "neutrophils": ("/uL", 1000),
}
TEXTS = ("clotted", "see comment", "NaN", "3,0", "", "pending", "9999999", "61 %")
CENSORED = ("<{}", ">{}", "<={}", ">= {}")
HOURS = (0, 7 * 60, 8 * 60, 9 * 60, 9 * 60, 9 * 60 + 30, 12 * 60, 15 * 60, 23 * 60 + 59, 90, 150)
ALLELES = ("*1/*1", "*1/*1", "*1/*3A", "*3A/*3C", "*1/*2", "*2/*3", "*1/*99", "intermediate", "see report")
REASONS = tuple(lists.entries("reasons"))
FREQUENCIES = ("once daily", "once daily", "twice daily", None, "weekly", "three times daily", "now and then")
WEIGHTS = ("70", "72.5", "50", "41.5", "100")


def records(protocol: str, count: int, seed: int, as_of: datetime, first: int = 0) -> Iterator[Json]:
    """So many patients of a protocol, as of an instant, from number `first` on; the n-th of a seed is always the same."""
    look = _looked_at(protocol, as_of.date())
    for number in range(first, first + count):
        yield Made(Random(f"{protocol} {seed} {number}"), look, as_of, number).record()


_looked_at = lru_cache(looked_at)


def as_of(seed: int) -> datetime:
    """The instant that is asked about with this seed."""
    return INSTANTS[seed % len(INSTANTS)]


@lru_cache(maxsize=1 << 16)
def clock(zone: str, day: date, minute: int) -> str:
    """A local time as a record writes it."""
    return (
        datetime.combine(day, datetime.min.time(), ZoneInfo(zone))
        .replace(hour=minute // 60, minute=minute % 60)
        .isoformat()
    )


@lru_cache(maxsize=1 << 14)
def days_back(day: date, age: int) -> date:
    return date.fromordinal(day.toordinal() - age)


class Made:
    """One patient in the making."""

    def __init__(self, random: Random, look: LookedAt, as_of: datetime, number: int) -> None:
        self.random, self.look, self.as_of, self.number = random, look, as_of, number
        self.zone = random.choice(ZONES)
        self.today = as_of.astimezone(ZoneInfo(self.zone)).date()
        self.now = as_of.astimezone(ZoneInfo(self.zone))
        self.events: list[Json] = []
        self.head: Json = {"id": f"p{number}", "time_zone": self.zone}
        self.last_age = 5

    # When

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def age(self) -> int:
        """So many days ago: often an age at which a duration of the packs ends."""
        if self.chance(0.5):
            return self.random.choice(self.look.ages)
        return self.random.choice((0, 0, 1, 2, 3, 6, 7, 8, 13, 20, 29, 32, 45, 100, 200, 400, 900))

    def when(self, age: int, whole: float = 0.25, minute: int | None = None) -> str:
        """A day or an hour of it; of today an hour that has come, mostly."""
        day = days_back(self.today, age)
        if self.chance(whole):
            return day.isoformat()
        minute = self.random.choice(HOURS) if minute is None else minute
        if age == 0 and self.chance(0.97):
            minute = min(minute, self.now.hour * 60 + self.now.minute)
        return clock(self.zone, day, minute)

    def add(self, kind: str, **fields: object) -> Json:
        event = {"kind": kind} | {name: value for name, value in fields.items() if value is not None}
        self.events.append(event)
        return event

    # Results

    def result(self, name: str, value: str | None, age: int, collected: str | None = None, **more: object) -> Json:
        """A result: final and received soon, unless `more` says otherwise."""
        _, unit, upper = GOOD.get(name, ("1", tests()[name].unit or "10*9/L", None))
        collected = collected or self.when(age)
        received = collected if self.chance(0.6) else self.received(age)
        fields: Json = {
            "unit": unit,
            "normal_high": upper,
            "status": "final",
            "lab": self.random.choice(("lab-1", "lab-1", "lab-2", None)),
        }
        return self.add(
            "result", test=name, value=value, collected=collected, **{"received": received, **fields, **more}
        )

    def received(self, age: int) -> str | None:
        """Hours or days after; now and then after the instant that is asked about, or at no known time."""
        late = self.random.choice((0, 0, 1, 1, 2, 5, None))
        if late is None:
            return None
        return self.when(age - late, 0.1) if age - late >= 0 or self.chance(0.2) else self.when(0, 0.0, 0)

    def panel(self, age: int, names: tuple[str, ...], left_out: float = 0.0) -> list[Json]:
        collected = self.when(age, 0.2)
        return [self.result(name, self.good(name), age, collected) for name in names if not self.chance(left_out)]

    def good(self, name: str) -> str:
        return GOOD[name][0] if name in GOOD else "1"

    def near(self, number: Decimal) -> Decimal:
        """On a number, just under it, or just over it."""
        step = Decimal(1).scaleb(min(int(number.as_tuple().exponent), 0))
        return number + self.random.choice((Decimal(0), Decimal(0), -step, step, Decimal("-0.001"), Decimal("0.001")))

    def any_value(self, name: str) -> str:
        edges = self.look.edges.get(name)
        if edges and self.chance(0.5):
            return f"{max(self.near(self.random.choice(edges)), Decimal(0)):f}"
        return self.scaled(self.good(name))

    def scaled(self, text: str) -> str:
        return f"{(Decimal(text) * self.random.choice((Decimal('0.3'), Decimal('0.5'), Decimal('0.9'), 1, 1, Decimal('1.2'), 2, 4))).normalize():f}"

    def wild(self, name: str, age: int) -> None:
        """A result of any kind: censored, unreadable, without unit or limit, in another unit, preliminary."""
        value, more = self.any_value(name), {}
        kind = self.random.randrange(12)
        if kind == 0:
            value = self.random.choice(CENSORED).format(value)
        elif kind == 1:
            value = self.random.choice(TEXTS)
        elif kind == 2:
            more = {"unit": self.random.choice((None, "mg", "%", "10*9/L"))}
        elif kind == 3:
            more = {"normal_high": self.random.choice((None, None, "0", "x", "35", "40.5"))}
        elif kind == 4:
            more = {"status": "preliminary"}
        elif kind == 5 and name in OTHER_UNITS:
            unit, factor = OTHER_UNITS[name]
            value, more = f"{Decimal(value) * factor:f}", {"unit": unit}
        self.result(name, value, age, **more)

    def amend(self) -> None:
        """Another report on a specimen that stands there."""
        of = self.random.choice([event for event in self.events if event["kind"] == "result"] or [None])
        if of is None:
            return
        status = self.random.choice(
            ("preliminary", "corrected", "amended", "cancelled", "entered-in-error", "final", "final")
        )
        withdrawn = status in ("cancelled", "entered-in-error")
        other = {
            name: text
            for name, text in of.items()
            if name not in ("kind", "id", "value", "status", "received", "replaces")
        }
        day = date.fromisoformat(of["collected"][:10])
        age = max((self.today - day).days - self.random.choice((0, 1, 3)), 0)
        if self.chance(0.2):
            other["collected"] = day.isoformat() if self.chance(0.5) else clock(self.zone, day, 0)
        self.events.append(
            {"kind": "result", **other, "status": status, "received": self.when(age)}
            | ({} if withdrawn else {"value": self.any_value(of["test"])})
            | ({"version": self.random.choice("123")} if self.chance(0.2) else {})
            | ({"order": self.random.choice(("o1", "o2"))} if self.chance(0.2) else {})
            | ({"of": of} if self.chance(0.2) else {})
        )

    # The course

    def decide(self, do: str, age: int, **more: object) -> Json:
        return self.add("decision", do=do, at=self.when(age), by="dr-1", **more)

    def dose(self) -> str | None:
        return self.random.choice(("50", "75", "100", "100", "150", "150", "62.5", "200", "1500", None))

    def begin(self, age: int) -> None:
        if self.chance(0.12):
            since = self.random.choice(
                (None, None, days_back(self.today, age + self.age()).isoformat(), "2019", "2019-05")
            )
            self.decide(
                "transfer-in", age, mg_per_day=self.dose(), frequency=self.random.choice(FREQUENCIES), since=since
            )
        else:
            self.decide("start", age, mg_per_day=self.random.choice(("50", "100", "150")), frequency="once daily")

    def more_course(self, age: int) -> None:
        """A further decision: most often one that goes with the one before."""
        do = self.random.choice("raise reduce hold stop restart accept refuse transfer-out start transfer-in".split())
        more: Json = {}
        if do in ("raise", "reduce", "start", "transfer-in", "restart"):
            more = {"mg_per_day": self.dose(), "frequency": self.random.choice(FREQUENCIES)}
        if do in ("hold", "stop"):
            more = {"reason": self.random.choice((*REASONS, None, "tired of it"))}
        if do == "hold" and self.chance(0.7):
            more["decide_by"] = days_back(self.today, self.random.choice((age - 7, 0, 1, -1, -5))).isoformat()
        if do == "accept":
            more = {"finding": self.random.choice(self.look.findings)}
            if self.chance(0.5):
                more["until"] = days_back(self.today, self.random.choice((-30, -1, 0, 1))).isoformat()
        if self.chance(0.2):
            more["rests_on"] = [event for event in self.events if event["kind"] == "result"][-3:]
        self.decide(do, age, **more)
        if do in ("hold", "stop") and self.chance(0.5):
            self.decide("restart", self.random.randint(0, max(age, 1)), mg_per_day=self.dose())

    # Life

    def symptom(self, name: str | None = None, age: int | None = None, **more: object) -> None:
        name = name or self.random.choice(tuple(symptoms()))
        age = self.age() if age is None else age
        listed = symptoms()[name].details
        details = {detail: self.random.choice((True, True, False, None)) for detail in listed if self.chance(0.5)}
        present = self.random.choice((True, True, True, True, False, None))
        until = self.when(max(age - self.random.choice((0, 1, 5)), 0)) if self.chance(0.15) else None
        if name == "fever" and self.chance(0.6):
            more.setdefault("value", f"{self.near(Decimal('38.0')):f}")
        event = self.add(
            "symptom",
            symptom=name,
            since=self.when(age),
            until=until,
            **({"details": details} if details else {}),
            **more,
        )
        event["present"] = present

    def medicine(self, name: str | None = None) -> None:
        name = name or self.random.choice((*medicines(), "grandmother's drops"))
        age = self.age()
        begun = self.random.choice((None, self.when(age), self.when(age), "2019", "2019-05"))
        ended = self.when(max(age - self.random.choice((0, 1, 10)), 0)) if self.chance(0.2) else None
        self.add("medicine", name=name, to=ended, **{"from": begun})

    def confirm(self, name: str, age: int) -> None:
        self.add("list-confirmed", list=name, at=self.when(age, 0.6))

    def history(self, what: str | None = None, cause: str | None = None) -> None:
        what = what or self.random.choice((*lists.entries("histories"), "gallstones"))
        cause = cause or self.random.choice((None, None, "azathioprine", "mercaptopurine", "an unknown herb"))
        self.add("history", what=what, cause=cause, at=self.random.choice((None, "2019", self.when(self.age()))))

    def circumstance(self, what: str | None = None) -> None:
        what = what or self.random.choice((*lists.entries("circumstances"), "moving house"))
        age = self.age()
        ended = self.when(max(age - self.random.choice((0, 1, 10)), 0)) if self.chance(0.2) else None
        event = self.add("circumstance", what=what, to=ended, **{"from": self.random.choice((None, self.when(age)))})
        if self.chance(0.3):
            event["present"] = self.random.choice((True, False, None))

    def gene(self, name: str, age: int = 900) -> None:
        kind = self.random.randrange(8)
        if kind < 5:
            self.add("genotype", gene=name, result=self.random.choice(ALLELES), at=self.when(age))
        elif kind == 5:
            self.add(
                "test-ordered",
                test=name.lower(),
                at=self.when(self.age()),
                status=self.random.choice(("pending", None, "done", "cancelled")),
            )
        elif kind == 6 and name == "TPMT":
            value, unit = self.random.choice(
                (("12", "U/mL"), ("30", "U/mL"), ("8", "mU/L"), ("*1/*3A", None), ("26", "nmol/g/h"))
            )
            self.result("tpmt", value, age, unit=unit, normal_high=None)

    def weight(self, age: int, value: str | None = None) -> None:
        unit = self.random.choice(("kg", "kg", "kg", "kg", "kg", None)) if self.chance(0.2) else "kg"
        self.add("weight", at=self.when(age, 0.5), value=value or self.random.choice(WEIGHTS), unit=unit)

    def label(self, age: int) -> None:
        self.add("label", at=self.when(age), mg_per_day=self.dose(), frequency=self.random.choice(FREQUENCIES))

    def vaccination(self, age: int) -> None:
        self.add("vaccination", vaccine=self.random.choice(tuple(vaccines())), at=self.when(age))

    def order(self, age: int, name: str | None = None) -> None:
        name = name or self.random.choice((*GOOD, "fbc", "tpmt"))
        self.add(
            "test-ordered",
            test=name,
            at=self.when(age),
            status=self.random.choice(("pending", None, "done", "cancelled")),
        )

    # One thing that the packs look at

    def meet(self, look: Look) -> None:
        """Puts one fact on, under or over its number, or makes it true."""
        meeting = MEETINGS.get(look.kind)
        if meeting is not None:
            meeting(self, look)
        for value in look.params.values():
            if isinstance(value, Duration):
                self.last_age = max((self.today - before(self.today, value)).days + self.random.choice((-1, 0, 1)), 0)

    def newest(self, look: Look) -> None:
        name = self.random.choice(look.of)
        age = self.before_start() if look.params.get("baseline") else self.random.choice((0, 0, 1, 3, self.age()))
        if look.number is None:
            return self.wild(name, age)
        if look.params.get("as") == "limits":
            upper = self.random.choice(("40", "21", "60", "35"))
            value = self.near(Decimal(upper) * look.number.value)
            self.result(name, f"{value:f}", age, normal_high=upper if self.chance(0.85) else None)
            return None
        self.result(name, f"{max(self.near(look.number.value), Decimal(0)):f}", age)
        return None

    def before_start(self) -> int:
        """An age at or before the first start."""
        starts = [(self.today - date.fromisoformat(e["at"][:10])).days for e in self.events if e["kind"] == "decision"]
        return max(starts, default=0) + self.random.choice((0, 1, 5, 27, 28, 29, 60))

    def changed(self, look: Look) -> None:
        """A value and one that is lower or higher by just that share, or by just that much."""
        name, number = look.of[0], look.number
        first = Decimal(self.good(name))
        by = (
            (first * number.value / 100 if number is not None and number.unit == "%" else number.value)
            if number
            else Decimal(1)
        )
        falls = look.params.get("direction", "fall") == "fall"
        last = self.near(first - by if falls else first + by)
        within = look.params.get("within")
        age = (
            (self.today - before(self.today, within)).days + self.random.choice((-1, 0, 1))
            if isinstance(within, Duration)
            else 60
        )
        self.result(
            name, f"{first:f}", self.before_start() if look.params.get("against") == "baseline" else max(age, 0)
        )
        self.result(name, f"{max(last, Decimal(0)):f}", self.random.choice((0, 1, 3)))

    def falling(self, look: Look) -> None:
        """A row of values each lower (or higher) than the last by just that much."""
        name, falls = look.of[0], look.params.get("direction", "fall") == "fall"
        share = Decimal(self.random.choice(("0.9", "0.899", "0.901", "0.8", "0.99")))
        value, age = Decimal(self.good(name)), self.random.choice((60, 40, 28))
        for _ in range(self.random.randint(2, 6)):
            self.result(name, f"{value.quantize(Decimal('0.001')):f}", age)
            value, age = value * share if falls else value / share, max(age - self.random.choice((3, 7, 14)), 0)

    def since(self, look: Look) -> None:
        duration = look.number.duration if look.number is not None else None
        age = (
            (self.today - before(self.today, duration)).days + self.random.choice((-1, 0, 0, 1))
            if duration
            else self.age()
        )
        after = look.params.get("after")
        if isinstance(after, Duration):
            age += (self.today - before(self.today, after)).days
        do = {"run": "restart", "first-start": "start", "change": "raise", "stop": "stop", "reduce": "reduce"}.get(
            look.of[0], "raise"
        )
        more = {"reason": self.random.choice(REASONS)} if do == "stop" else {"mg_per_day": self.dose()}
        self.decide(self.random.choice((do, do, "hold")) if do == "stop" else do, max(age, 0), **more)

    def dosed(self, look: Look) -> None:
        number = self.near(look.number.value) if look.number is not None else Decimal(2)
        kg = self.random.choice(("50", "70", "41.5"))
        unit = look.number.unit if look.number is not None else look.of[0]
        mg = number * Decimal(kg) if unit == "mg/kg/day" else max(number, Decimal("0.001"))
        self.weight(self.random.choice((1, 20, self.age())), kg)
        self.decide(
            self.random.choice(("raise", "reduce", "restart")),
            self.random.choice((0, 1, 10, self.age())),
            mg_per_day=f"{abs(mg):.3f}",
        )

    def told(self, look: Look) -> None:
        value = (
            {"value": f"{self.near(look.number.value):f}"}
            if look.number is not None and look.params.get("value")
            else {}
        )
        self.symptom(self.random.choice(look.of), self.random.choice((0, 0, 1, 3, self.age())), **value)

    def taken(self, look: Look) -> None:
        name = self.random.choice(look.of)
        self.medicine(self.random.choice(sorted(in_class(name))) if name in medicine_classes() else name)

    def happened(self, look: Look) -> None:
        cause = look.params.get("cause")
        self.history(self.random.choice(look.of), cause if isinstance(cause, str) else None)

    def being(self, look: Look) -> None:
        self.circumstance(self.random.choice(look.of))

    def person(self, look: Look) -> None:
        of, number = look.of[0], look.number
        if of == "age" and number is not None and number.duration is not None:
            born = before(self.today, number.duration).toordinal() + self.random.choice((-1, 0, 1))
            self.head["born"] = date.fromordinal(born).isoformat()
        elif of == "weight-age" and number is not None and number.duration is not None:
            self.weight(
                max((self.today - before(self.today, number.duration)).days + self.random.choice((-1, 0, 1)), 0)
            )
        elif of == "weight-change":
            first = Decimal(self.random.choice(("50", "70")))
            share = self.near(number.value) if number is not None else Decimal(10)
            self.weight(self.random.choice((40, 100, 200)), f"{first:f}")
            self.weight(
                self.random.choice((0, 1, 10)),
                f"{(first * (100 + self.random.choice((-1, 1)) * share) / 100).normalize():f}",
            )

    def grouped(self, look: Look) -> None:
        """The tests of a group at an age at which it is just due, or a part of them."""
        names = tuple(name for of in look.of for name in members(of) if name in GOOD)
        if names:
            self.panel(self.age(), names, self.random.choice((0.0, 0.0, 0.2)))

    def recovering(self, look: Look) -> None:
        """Above the limit, stopped, and within it again, once, twice or three times."""
        name = self.random.choice(look.of)
        age = self.random.choice((90, 60, 40))
        self.result(name, "90", age, normal_high="40")
        self.decide(self.random.choice(("hold", "stop")), age - 1, reason="liver")
        for later in sorted(self.random.sample(range(age - 1), self.random.randint(0, 3)), reverse=True):
            self.result(name, self.random.choice(("24", "40", "41")), later, normal_high="40")

    def ordered(self, look: Look) -> None:
        self.order(self.age(), self.random.choice(look.of))

    def typed(self, look: Look) -> None:
        self.gene(look.of[0], self.random.choice((900, 3, 0)))

    def labelled(self, _: Look) -> None:
        self.label(self.random.choice((0, 1, self.age())))

    def vaccinated(self, look: Look) -> None:
        within = look.params.get("within")
        age = (
            (self.today - before(self.today, within)).days + self.random.choice((-1, 0, 1))
            if isinstance(within, Duration)
            else 1
        )
        self.vaccination(max(age, 0))

    def stopped(self, look: Look) -> None:
        reason = self.random.choice((*look.words, *REASONS))
        self.decide(self.random.choice(("stop", "hold")), self.age(), reason=reason if reason in REASONS else None)
        if self.chance(0.5):
            self.decide("restart", self.random.choice((0, 1, 5)), mg_per_day=self.dose())

    # Whole patients

    def in_order(self) -> None:
        """A long course, whole good panels, genes, weight, lists: nothing is called for."""
        begun = self.random.choice((self.age() + 8, 100, 130, 200, 400, 900))
        last = self.random.choice((0, 1, 5, 12, 20, 29, self.age()))
        names = tuple(name for name in GOOD if name in ("wbc", "hb", "platelets", "alt", "lipase") or self.chance(0.85))
        self.panel(begun + self.random.choice((0, 3, 27)), names)
        self.begin(begun)
        for age in sorted(
            {min(last, begun), *(self.age() for _ in range(self.random.choice((0, 0, 1, 2))))}, reverse=True
        ):
            self.panel(min(age, begun), names, 0.02)
        for name in ("medicines", "history"):
            self.confirm(name, self.random.choice((0, 30, 30, self.age())))
        for gene in ("TPMT", "NUDT15"):
            self.add("genotype", gene=gene, result="*1/*1", at=self.when(begun + 1))
        self.weight(self.random.choice((20, self.age())), "70")

    def of_all_kinds(self) -> None:
        """Everything at once, each thing perhaps."""
        if self.chance(0.9):
            self.begin(self.age())
        for _ in range(self.random.choice((0, 0, 1, 2, 3))):
            self.more_course(self.age())
        for _ in range(self.random.choice((0, 1, 2, 3))):
            age = self.age()
            self.panel(age, tuple(name for name in GOOD if self.chance(0.5)))
            for _ in range(self.random.choice((0, 1, 2))):
                self.wild(self.random.choice(tuple(GOOD)), self.random.choice((age, 0, 1)))
        self.lived()

    def lived(self) -> None:
        """Lists, genes, weights, symptoms, medicines and whatever else there is, each perhaps."""
        for name in ("medicines", "history"):
            if self.chance(0.6):
                self.confirm(name, self.age())
        for gene in ("TPMT", "NUDT15"):
            self.gene(gene)
        for _ in range(self.random.choice((0, 1, 2))):
            self.weight(self.age())
        for some in (self.symptom, self.medicine, self.history, self.circumstance):
            for _ in range(self.random.choice((0, 0, 1))):
                some()
        for some in (self.label, self.vaccination, self.order):
            if self.chance(0.15):
                some(self.age())
        for _ in range(self.random.choice((0, 0, 1, 2))):
            self.meet(self.random.choice(self.look.looks))

    def record(self) -> Json:
        """The whole patient."""
        self.head |= {"sex": self.random.choice(("female", "male", "female", "male", None)), "born": "1974-01-15"}
        self.head["country"] = self.random.choice((None, "GB", "us", "IN", "JP"))
        if self.chance(0.6):
            self.in_order()
            for _ in range(self.random.choice((0, 1, 1, 1, 2))):
                self.meet(self.random.choice(self.look.looks))
        else:
            self.of_all_kinds()
        for _ in range(self.random.choice((0, 0, 0, 0, 1, 2))):
            self.amend()
        if self.chance(0.03):
            self.more_course(self.age())
        if self.chance(0.015):
            self.add("died", at=self.when(self.age()))
        if self.chance(0.03):
            self.spoil()
        protocol = self.look.protocol
        condition = protocol if self.chance(0.9) else self.random.choice((None, "crohn", "something else"))
        course = {"condition": condition, "protocol": protocol, "layers": None, "products": [], "may_halve": True}
        return {"schema": "countwell.record/1", "patient": self.head, "course": course, "events": self.numbered()}

    def spoil(self) -> None:
        """An event that the reader of records refuses or holds."""
        self.events.append(
            self.random.choice(
                (
                    {"kind": "symptom", "symptom": "purple ears", "since": self.when(1)},
                    {"kind": "decision", "do": "double", "at": self.when(1)},
                    {"kind": "result", "test": "wbc", "value": "1.9", "unit": "10*9/L", "collected": self.when(1)},
                    {"kind": "result", "test": "wbc", "value": "1.9", "unit": "10*9/L", "status": "final"},
                    {"kind": "vaccination", "vaccine": "an unknown one", "at": self.when(1)},
                    {"kind": "weight", "at": self.when(1)},
                    {"kind": "medicine"},
                    {"kind": "nothing known"},
                )
            )
        )

    def numbered(self) -> list[Json]:
        """The events in any order, most with an id of their own; what one says of another names it."""
        ids = {id(event): f"e{place:03d}" for place, event in enumerate(self.events)}
        unnamed = {id(event) for event in self.events if event["kind"] == "result" and self.chance(0.03)}
        row = [_named(event, ids, unnamed) for event in self.events]
        if self.chance(0.3):
            self.random.shuffle(row)
        return row


def _named(event: Json, ids: dict[int, str], unnamed: set[int]) -> Json:
    named = {name: value for name, value in event.items() if name != "of"}
    if "of" in event:
        named["replaces"] = ids[id(event["of"])]
    if "rests_on" in event:
        named["rests_on"] = [ids[id(result)] for result in event["rests_on"]]
    return named if id(event) in unnamed else {"id": ids[id(event)], **named}


MEETINGS = {
    "latest": Made.newest,
    "highest": Made.newest,
    "change": Made.changed,
    "streak": Made.falling,
    "since": Made.since,
    "dose": Made.dosed,
    "symptom": Made.told,
    "medicine": Made.taken,
    "history": Made.happened,
    "circumstance": Made.being,
    "person": Made.person,
    "done": Made.grouped,
    "recovered": Made.recovering,
    "pending": Made.ordered,
    "gene": Made.typed,
    "label": Made.labelled,
    "vaccinated": Made.vaccinated,
    "reason": Made.stopped,
    "state": Made.stopped,
}
