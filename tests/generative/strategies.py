"""Hypothesis strategies for whole records: courses, results of every kind and state, symptoms, medicines, lists.

Every event bears an id, so that answers of a shuffled record can be compared word for word. Nothing is collected, received
or decided after `AS_OF`, unless a strategy says so; decisions of one course come at different instants.

Longer than other modules: a whole record is drawn here, and each kind of event needs its strategy.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack

from .making import AS_OF, HOME, Json, clock, day_after

TODAY = AS_OF[:10]

# Values on both sides of every number of the shipped packs, from good to bad.
VALUES: dict[str, tuple[str, tuple[str, ...]]] = {
    "wbc": (
        "10*9/L",
        ("9.0", "6.1", "4.4", "3.6", "3.5", "3.4", "3.1", "3.0", "2.9", "2.5", "2.1", "2.0", "1.9", "0.6"),
    ),
    "neutrophils": ("10*9/L", ("4.6", "3.4", "2.1", "2.0", "1.9", "1.6", "1.5", "1.0", "0.9", "0.5", "0.4")),
    "lymphocytes": ("10*9/L", ("1.4", "0.6", "0.5", "0.4")),
    "eosinophils": ("10*9/L", ("0.2", "0.5", "0.6", "2.0")),
    "hb": ("g/L", ("140", "120", "110", "81", "80", "79")),
    "platelets": ("10*9/L", ("420", "240", "141", "140", "139", "100", "99", "50", "49", "25", "24")),
    "mcv": ("fL", ("90", "104")),
    "alt": ("U/L", ("24", "40", "41", "80", "81", "120", "121", "200", "201", "400")),
    "ast": ("U/L", ("22", "40", "41", "80", "81", "120", "121", "200", "201")),
    "alp": ("U/L", ("70", "140")),
    "ggt": ("U/L", ("20", "61")),
    "bilirubin": ("umol/L", ("10", "21", "42", "43")),
    "albumin": ("g/L", ("42", "30", "29")),
    "creatinine": ("umol/L", ("70", "80", "91", "92")),
    "egfr": ("mL/min/{1.73_m2}", ("90", "60", "59")),
    "lipase": ("U/L", ("30", "179", "180", "181")),
    "amylase": ("U/L", ("50", "299", "300")),
}
LIMITS = {"alt": "40", "ast": "40", "alp": "130", "ggt": "60", "bilirubin": "21", "lipase": "60", "amylase": "100"}
REQUIRED = ("wbc", "hb", "platelets")
TEXTS = ("clotted", "see comment", "NaN", "3,0", "", "pending", "9999999")
CENSORED = {"lower": ("<0.5", "<2.0", "<3.5", ">1.0"), "higher": (">300", "<41", ">20")}
SYMPTOMS = (
    "fever chills unwell nausea vomiting rash abdominal-pain jaundice dark-urine itching sore-throat bruising mouth-ulcers "
    "hair-loss headache cold tiredness strength-worse shingles confusion"
).split()
MEDICINES = (
    "allopurinol febuxostat ribavirin mercaptopurine methotrexate warfarin ramipril mesalazine tofacitinib mycophenolate "
    "omeprazole co-trimoxazole"
).split()
HISTORIES = (
    ("pancreatitis", "azathioprine"),
    ("pancreatitis", None),
    ("hypersensitivity", "azathioprine"),
    ("bone-marrow-disease", None),
)
# Every protocol that comes with Countwell, with the conditions it speaks for.
PROTOCOLS = {
    name: pack.conditions for name in shipped() if (pack := read_pack(find(name), cases=False)).kind == "protocol"
}
STARTS = (2, 8, 20, 41, 43, 60, 100, 200, 400, 2000)
AGES = (0, 1, 3, 7, 13, 15, 27, 32, 45, 80, 100, 200)
PRODUCTS = (
    [{"strength_mg": "50", "scored": True}],
    [{"strength_mg": "25", "scored": False}],
    [{"strength_mg": "25", "scored": False}, {"strength_mg": "50", "scored": False}],
    [{"strength_mg": "75", "scored": False}],
    [],
)


def ago(days: int, hour: int = 9, minute: int = 0) -> str:
    """A clock time so many days before today, where the patient lives."""
    return clock(f"{date.fromisoformat(TODAY) - timedelta(days=days)}T{hour:02d}:{minute:02d}", HOME)


def day_ago(days: int) -> str:
    """The day so many days before today."""
    return day_after(TODAY, -days)


def event(kind: str, **fields: object) -> Json:
    """An event without its empty fields."""
    return {"kind": kind} | {key: value for key, value in fields.items() if value is not None}


def as_result(test: str, value: str | None, collected: str, **more: object) -> Json:
    """A final result, received at once."""
    fields: Json = {"unit": VALUES[test][0], "normal_high": LIMITS.get(test), "status": "final", "lab": "lab-1"}
    return event("result", test=test, value=value, collected=collected, received=collected, **(fields | more))


@st.composite
def panels(draw: st.DrawFn, age: int) -> list[Json]:
    """A blood test so many days ago: the usual members, some left out, most of them good."""
    at = ago(age, 8 if age else 7)
    names = ["wbc", "hb", "platelets", "alt", *draw(st.sets(st.sampled_from(sorted(VALUES)), max_size=5))]
    left_out = draw(st.sampled_from(["", "", "", "wbc", "hb", "platelets", "alt"]))
    return [draw(values(name, at)) for name in dict.fromkeys(names) if name != left_out]


@st.composite
def values(draw: st.DrawFn, test: str, at: str) -> Json:
    """A final result: four in five good, now and then without a limit, with a slip in it, censored or no number."""
    grid = VALUES[test][1]
    kind = draw(st.integers(0, 39))
    if kind == 39:
        return as_result(test, draw(st.sampled_from(TEXTS)), at)
    if kind == 38:
        return as_result(test, draw(st.sampled_from(CENSORED["higher" if test in LIMITS else "lower"])), at)
    value = grid[0] if kind < 28 else draw(st.sampled_from(grid))
    if kind == 37:
        return as_result(test, value, at, normal_high=None, unit=None)
    limits = {"normal_high": draw(st.sampled_from(slips(test)))} if kind == 36 and test in LIMITS else {}
    return as_result(test, value, at, **limits)


def slips(test: str) -> list[str | None]:
    """Upper limits that are not believed: none, nothing, and the usual one with a digit too many or too few."""
    limit = Decimal(LIMITS[test])
    return [None, "0", f"{limit * 10:f}", f"{limit / 10:f}", f"{limit * 100:f}"]


@st.composite
def amendments(draw: st.DrawFn, results: list[Json]) -> Json:
    """Another report on a specimen of the record: preliminary, corrected, withdrawn, or a final one that says otherwise."""
    of = draw(st.sampled_from(results))
    status = draw(
        st.sampled_from(["preliminary", "corrected", "amended", "cancelled", "entered-in-error", "final", "final"])
    )
    value = None if status in ("cancelled", "entered-in-error") else draw(st.sampled_from(VALUES[of["test"]][1]))
    hours = draw(st.sampled_from([0, 2, 50, 400]))
    received = min(ago(0, 9), _later(of["collected"], hours), key=_instant)
    fields = {key: text for key, text in of.items() if key not in ("id", "value", "status", "received", "version")}
    version = draw(st.sampled_from([None, None, "2"]))
    return event(status=status, value=value, received=received, version=version, **fields)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _later(text: str, hours: int) -> str:
    return (datetime.fromisoformat(text) + timedelta(hours=hours)).isoformat()


@st.composite
def results(draw: st.DrawFn) -> list[Json]:
    """Panels of several days with reports that amend them, and single preliminary results."""
    ages = draw(st.lists(st.sampled_from(AGES), min_size=1, max_size=3, unique=True))
    found = [result for age in sorted(ages, reverse=True) for result in draw(panels(age))]
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2])) if found else 0):
        found.append(draw(amendments(found)))
    if draw(st.booleans()):
        test = draw(st.sampled_from(["wbc", "neutrophils", "hb", "platelets", "alt"]))
        at = ago(draw(st.sampled_from([0, 1, 5])), 8, 30)
        found.append(as_result(test, draw(st.sampled_from(VALUES[test][1])), at, status="preliminary"))
    return found


@st.composite
def courses(draw: st.DrawFn) -> list[Json]:
    """Decisions: a start (or none, or a takeover), and up to three more, each at its own instant."""
    begun = draw(st.sampled_from(STARTS))
    first = draw(st.sampled_from(["start", "start", "start", "start", "transfer-in", "none"]))
    if first == "none":
        return []
    mg = draw(st.sampled_from(["50", "100", "150", "200", None]))
    found = [event("decision", do=first, at=ago(begun, 9, 1), mg_per_day=mg, frequency="once daily", by="dr-1")]
    later = draw(st.lists(st.integers(0, begun), max_size=3, unique=True))
    for step, age in enumerate(sorted(later, reverse=True)):
        do = draw(st.sampled_from(["raise", "reduce", "hold", "stop", "restart", "raise", "restart"]))
        dose = draw(st.sampled_from(["50", "100", "150"])) if do in ("raise", "reduce") else None
        reason = (
            draw(st.sampled_from(["leucopenia", "liver", "pancreatitis", "other", "patient"]))
            if do in ("hold", "stop")
            else None
        )
        found.append(event("decision", do=do, at=ago(age, 9, 10 + step), mg_per_day=dose, reason=reason, by="dr-1"))
    return found


@st.composite
def symptoms(draw: st.DrawFn) -> Json:
    """A symptom, present, denied or not known, perhaps over."""
    name = draw(st.sampled_from(SYMPTOMS))
    age = draw(st.sampled_from([0, 1, 3, 10, 30]))
    present = draw(st.sampled_from([True, True, False, None]))
    value = draw(st.sampled_from([None, "37.9", "38.0", "39.2"])) if name == "fever" and present else None
    until = ago(0, 6) if age > 0 and draw(st.integers(0, 4)) == 0 else None
    unit = "Cel" if value else None
    return {
        "kind": "symptom",
        "symptom": name,
        "present": present,
        "since": ago(age, 5, draw(st.integers(0, 59))),
    } | event("symptom", value=value, unit=unit, until=until)


@st.composite
def lives(draw: st.DrawFn) -> list[Json]:
    """Lists gone through, medicines, histories, genes, weights, orders."""
    found: list[Json] = []
    for name in ("medicines", "history"):
        age = draw(st.sampled_from([0, 0, 0, 30, 150, 200, 400, None]))
        if age is not None:
            found.append(event("list-confirmed", list=name, at=day_ago(age)))
    for name in (
        draw(st.lists(st.sampled_from(MEDICINES), max_size=2, unique=True)) if draw(st.integers(0, 2)) == 0 else []
    ):
        start = draw(st.sampled_from([None, day_ago(1), day_ago(40), day_ago(3000)]))
        end = day_ago(0) if draw(st.integers(0, 5)) == 0 else None
        found.append({"kind": "medicine", "name": name, "from": start} | event("medicine", to=end))
    if draw(st.integers(0, 7)) == 0:
        what, cause = draw(st.sampled_from(HISTORIES))
        found.append(event("history", what=what, cause=cause, at="2019"))
    for gene in ("TPMT", "NUDT15"):
        kind = draw(st.sampled_from(["*1/*1", "*1/*1", "*1/*1", "*1/*3A" if gene == "TPMT" else "*1/*3", None]))
        if kind:
            found.append(event("genotype", gene=gene, result=kind, at=day_ago(2100)))
        elif draw(st.booleans()):
            found.append(event("test-ordered", test=gene.lower(), at=day_ago(10), status="pending"))
    for age in draw(st.lists(st.sampled_from([0, 30, 100, 250]), max_size=2, unique=True)):
        found.append(
            event("weight", at=day_ago(age), value=draw(st.sampled_from(["70", "72", "50", "41.5"])), unit="kg")
        )
    return found


@st.composite
def steady(draw: st.DrawFn) -> list[Json]:
    """A patient in order: a long course, whole good panels, genes, weight, lists. With one thing that is not, or none."""
    begun = draw(st.sampled_from((100, 130, 200, 400, 2000)))
    last = draw(st.sampled_from((0, 1, 5, 12, 20, 29, 40)))
    first = event("decision", do="start", at=ago(begun, 9, 1), mg_per_day="150", frequency="once daily", by="dr-1")
    whole = [name for name in VALUES if draw(st.integers(0, 4)) or name in (*REQUIRED, "alt", "lipase")]
    found = [first]
    for age in (begun + 3, last):
        found += [as_result(name, VALUES[name][1][0], ago(age, 8 if age else 7)) for name in whole]
    found += [
        event("list-confirmed", list=name, at=day_ago(draw(st.sampled_from((0, 30, 150)))))
        for name in ("medicines", "history")
    ]
    found += [event("genotype", gene=gene, result="*1/*1", at=day_ago(2100)) for gene in ("TPMT", "NUDT15")]
    found += [event("weight", at=day_ago(20), value="70", unit="kg")]
    twist = draw(st.integers(0, 9))
    results_now = [one for one in found if one["kind"] == "result"]
    if twist == 0:
        found.append(draw(amendments(results_now)))
    if twist == 1:
        found.append(draw(symptoms()))
    if twist == 2:
        found.append(draw(values(draw(st.sampled_from(sorted(VALUES))), ago(draw(st.sampled_from((0, 3))), 8, 50))))
    if twist == 3:
        do = draw(st.sampled_from(["raise", "reduce", "stop", "hold"]))
        age = draw(st.integers(1, 60))
        found.append(
            event(
                "decision",
                do=do,
                at=ago(age, 9, 20),
                mg_per_day="100" if do in ("raise", "reduce") else None,
                by="dr-1",
            )
        )
        if draw(st.booleans()):
            found.append(event("decision", do="restart", at=ago(draw(st.integers(0, age - 1)), 9, 30), by="dr-1"))
    if twist == 4:
        del found[draw(st.integers(1, len(found) - 1))]
    return found


@st.composite
def records(draw: st.DrawFn) -> Json:
    """A whole record: half of them of patients in order, half of them of all kinds."""
    if draw(st.booleans()):
        events = draw(steady())
    else:
        events = [*draw(courses()), *draw(results()), *draw(lives())]
        events += draw(st.lists(symptoms(), max_size=2)) if draw(st.booleans()) else []
    protocol = draw(st.sampled_from(sorted(PROTOCOLS)))
    return {
        "schema": "countwell.record/1",
        "patient": {
            "id": "p1",
            "born": "1974-01-15",
            "sex": draw(st.sampled_from(["female", "male"])),
            "time_zone": HOME,
        },
        "course": {
            "condition": draw(st.sampled_from(PROTOCOLS[protocol])),
            "protocol": protocol,
            "layers": None,
            "products": draw(st.sampled_from(PRODUCTS)),
            "may_halve": True,
        },
        "events": named(events),
    }


def named(events: list[Json]) -> list[Json]:
    """The same events, each with an id."""
    return [{"id": f"e{place:03d}"} | one for place, one in enumerate(events)]
