"""One patient in the making: days and hours, results, decisions, and the rest of life, drawn from one source of chance.

Longer than other modules: one patient is drawn from one source of chance, and each kind of event needs a way to draw it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from cohort.looked_at import LookedAt
from countwell.vocabulary import lists
from countwell.vocabulary.medicines import medicines
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import tests
from countwell.vocabulary.vaccines import vaccines

Json = dict[str, Any]

ZONES = ("UTC", "Europe/London", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
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

    @property
    def tests(self) -> tuple[str, ...]:
        """The tests that laboratories send often, and those that the packs look at."""
        return tuple(dict.fromkeys((*GOOD, *self.look.tests)))

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
        """Hours or days after; now and then after the instant that is asked about, a year late, or at no known time."""
        if self.chance(0.01):
            return self.when(age - self.random.choice((364, 365, 366, 800)), 0.1)
        late = self.random.choice((0, 0, 1, 1, 2, 5, None))
        if late is None:
            return None
        return self.when(age - late, 0.1) if age - late >= 0 or self.chance(0.2) else self.when(0, 0.0, 0)

    def panel(self, age: int, names: tuple[str, ...], left_out: float = 0.0) -> list[Json]:
        collected = self.when(age, 0.2)
        return [self.result(name, self.good(name), age, collected) for name in names if not self.chance(left_out)]

    def good(self, name: str) -> str:
        return GOOD[name][0] if name in GOOD else "1"

    def near(self, number: Decimal, op: str = "") -> Decimal:
        """On a number, just under it, or just over it; mostly on the side that is asked for."""
        step = Decimal(1).scaleb(min(int(number.as_tuple().exponent), 0))
        least = self.random.choice((step, step, Decimal("0.001")))
        if op and self.chance(0.6):
            return number + {"<": -least, "<=": Decimal(0), ">": least, ">=": Decimal(0)}[op]
        return number + self.random.choice((Decimal(0), -least, least))

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
            more = {"normal_high": self.random.choice((None, None, "0", "x", "35", "40.5", self.doubtful(name)))}
        elif kind == 4:
            more = {"status": "preliminary"}
        elif kind == 5 and name in OTHER_UNITS:
            unit, factor = OTHER_UNITS[name]
            value, more = f"{Decimal(value) * factor:f}", {"unit": unit}
        self.result(name, value, age, **more)

    def doubtful(self, name: str) -> str | None:
        """An upper limit on, just within or just outside the ends of those in use; or the usual one with a slip of one digit."""
        ends, usual = tests()[name].upper_limits, GOOD.get(name, ("", "", None))[2]
        if ends is None or usual is None:
            return usual
        slips = Decimal(usual) * 10, Decimal(usual) / 10, Decimal(usual) * 100
        return f"{self.random.choice((*slips, *(self.near(end) for end in ends))):f}"

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
        until = self.when(max(age - self.random.choice((0, 1, 5)), 0)) if self.chance(0.1) else None
        if name == "fever" and self.chance(0.6):
            more.setdefault("value", f"{self.near(Decimal('38.0')):f}")
        if details:
            more.setdefault("details", details)
        event = self.add("symptom", symptom=name, since=self.when(age), until=until, **more)
        event["present"] = self.random.choice((True, True, True, True, True, True, False, None))

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
