"""Vaccines, medicines, supply, travel, response, split, and what is said beside a question: known keys, readable values.

Longer than other modules: each key that can be said beside a question has its cases.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from countwell import read_record
from countwell.base.errors import CountwellError, UsageError
from countwell.model.answers import QUESTIONS
from countwell.vocabulary.medicines import in_class, medicines
from countwell.vocabulary.vaccines import vaccine_named, vaccines
from generative.making import Json, decision, panel, record, result, steady, symptom, told, weight

PROTOCOLS = ("cidp", "mg", "aih")
NAMES = [
    *vaccines(),
    *(also for v in vaccines().values() for also in getattr(v, "also", ())),
    "flu",
    "snake oil",
    "",
    "ワクチン",
    "influenza ",
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_vaccine_is_asked_of_the_prescriber(protocol: str) -> None:
    wrong = []
    for name in dict.fromkeys(name for name in NAMES if name.strip()):
        said = told(record(steady(), protocol), "vaccine", said={"name": name})
        actions = set(said["actions"])
        if (
            "contact-prescriber" not in actions
            or not {"ask-before-vaccination", "do-not-vaccinate"} & actions
            or "continue" in actions
        ):
            wrong.append((name, sorted(actions)))
        listed = vaccines().get(vaccine_named(name) or "")
        warned = "do-not-vaccinate" in actions
        if (listed is None or listed.live) and not warned:
            wrong.append((name, "live, or nobody knows, and not warned of"))
        if listed is not None and listed.question and not said["notices"]:
            wrong.append((name, "covers several products, and which is not asked"))
    assert wrong == []


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "name", ["allopurinol", "Zyloric", "febuxostat", "mercaptopurine", "ribavirin", "notamedicine", "azacitidine"]
)
def test_a_medicine_that_matters_or_is_not_listed_is_told(protocol: str, name: str) -> None:
    said = told(record(steady(), protocol), "medicine", said={"name": name})
    assert "contact-prescriber" in said["actions"]
    assert "continue" not in said["actions"]


NEVER_TOGETHER = ("xanthine-oxidase-inhibitor", "thiopurine")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("group", NEVER_TOGETHER)
def test_every_name_of_what_is_never_given_with_it_says_so_and_offers_nothing(group: str, protocol: str) -> None:
    names = [name for one in in_class(group) for name in (one, *medicines()[one].also)]
    assert len(names) > 30
    said = {name: told(record(steady(), protocol), "medicine", said={"name": name})["actions"] for name in names}
    wanted = {"do-not-combine", "contact-prescriber"}
    assert {
        name: actions for name, actions in said.items() if not wanted <= set(actions) or "continue" in actions
    } == {}


def test_a_question_leaves_no_trace() -> None:
    sent = record(steady())
    before = told(sent)
    told(sent, "medicine", said={"name": "allopurinol"})
    told(sent, "symptoms", said={"fever": "39.0"})
    assert told(sent) == before


DENIALS = [{"fever": "no"}, {"fever": "unknown"}, {"rash": "no"}]


@pytest.mark.parametrize("said", DENIALS, ids=str)
def test_not_known_does_not_undo_what_the_record_says(said: Json) -> None:
    ill = [*steady(), symptom("fever", "2026-03-01", value="39.0", unit="Cel")]
    answer = told(ill, "symptoms", said=said)
    if said != {"fever": "no"}:
        assert "emergency" in answer["actions"]


SUPPLY = [
    ("in order", [], "release"),
    ("low count", [result("wbc", "2.9", "2026-03-02T08:00")], "short"),
    ("very low count", [result("wbc", "1.8", "2026-03-02T08:00")], "withhold"),
    ("held", [decision("hold", "2026-03-01", reason="patient")], "withhold"),
    ("stopped", [decision("stop", "2026-03-01", reason="patient")], "withhold"),
    ("handed over", [decision("transfer-out", "2026-03-01")], "withhold"),
]


@pytest.mark.parametrize(("says", "events", "kind"), SUPPLY, ids=[row[0] for row in SUPPLY])
def test_supply(says: str, events: list[Json], kind: str) -> None:
    said = told([*steady(), *events], "supply")
    assert said["details"]["supply"] == kind
    assert said["details"]["release"] == (kind != "withhold")
    assert ("withhold-supply" in said["actions"]) == (kind == "withhold")
    assert ("contact-prescriber" in said["actions"]) == (kind != "release")


@pytest.mark.parametrize(
    ("as_of", "kind", "until"), [("2026-04-01", "release", "2026-04-01"), ("2026-04-02", "short", None)]
)
def test_supply_is_released_until_the_next_test_and_short_once_it_is_late(
    as_of: str, kind: str, until: str | None
) -> None:
    said = told(steady(), "supply", f"{as_of}T12:00:00-04:00")
    assert (said["details"]["supply"], said["details"]["until"]) == (kind, until)


def test_a_repeat_is_short_while_it_is_not_known_whose_a_very_low_count_is() -> None:
    printed = {"identity_on_report": {"id": "p9", "born": None, "name": None}}
    said = told([*steady(), result("wbc", "1.4", "2026-03-02T08:00") | printed], "supply")
    assert said["details"]["supply"] == "short"
    assert "another patient" in said["details"]["because"][0]
    assert "nothing calls for a change" not in said["headline"]
    harmless = told([*steady(), result("wbc", "6.4", "2026-03-02T08:00") | printed], "supply")
    assert harmless["details"]["supply"] == "release"


@pytest.mark.parametrize(
    ("as_of", "kind", "until"),
    [("2026-03-28", "release", "2026-03-29"), ("2026-03-29", "release", "2026-03-29"), ("2026-03-30", "short", None)],
)
def test_a_repeat_ends_with_a_test_that_a_finding_asked_for_and_is_short_once_that_is_late(
    as_of: str, kind: str, until: str | None
) -> None:
    said = told(
        [*steady(last="2026-02-20"), *panel("2026-03-01", neutrophils=None)],
        "supply",
        f"{as_of}T12:00:00-04:00",
        protocol="aih",
    )["details"]
    assert (said["supply"], said["until"]) == (kind, until)
    assert all("Tests are in date" not in reason for reason in said["because"]) == (kind == "short")


def test_a_whole_repeat_does_not_say_that_nothing_calls_while_the_prescriber_is_to_hear_of_something() -> None:
    said = told([e for e in steady() if e["kind"] != "genotype"], "supply")
    assert said["advice"]["prescriber"] == "this-week"
    assert said["details"]["because"] == ["Tests are in date and nothing found withholds it."]
    assert told(steady(), "supply")["details"]["because"] == ["Tests are in date and nothing calls for a change."]


def test_supply_of_a_course_that_has_not_begun_is_not_released() -> None:
    assert told(panel("2026-03-01"), "supply")["details"]["release"] is False


TRIPS = [
    # from, to, days, days carried (a week or a quarter more), tablets of 50 mg for 150 mg a day
    ("2026-04-01", "2026-04-01", 1, 8, 24),
    ("2026-04-01", "2026-04-10", 10, 17, 51),
    ("2026-04-01", "2026-04-28", 28, 35, 105),
    ("2026-04-01", "2026-04-29", 29, 37, 111),
    ("2026-02-27", "2026-03-02", 4, 11, 33),
    ("2024-02-28", "2024-03-01", 3, 10, 30),
]


@pytest.mark.parametrize(
    ("first", "last", "days", "carried", "tablets"), TRIPS, ids=[f"{f} to {t}" for f, t, *_ in TRIPS]
)
def test_travel(first: str, last: str, days: int, carried: int, tablets: int) -> None:
    details = told(steady(), "travel", said={"from": first, "to": last})["details"]
    assert (details["days"], details["days_carried"], details["tablets_needed"]) == (days, carried, tablets)
    assert details["bag_one"] + details["bag_two"] == tablets
    assert abs(details["bag_one"] - details["bag_two"]) <= 1
    assert details["checklist"]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"from": "2026-04-01"},
        {"from": "2026-04-10", "to": "2026-04-01"},
        {"from": "03/04/2026", "to": "2026-04-01"},
    ],
    ids=str,
)
def test_a_journey_that_cannot_be_is_refused(said: Json) -> None:
    with pytest.raises(UsageError):
        told(steady(), "travel", said=said)


def test_half_tablets_are_carried_as_whole_ones() -> None:
    details = told(steady(mg="125"), "travel", said={"from": "2026-04-01", "to": "2026-04-01"})["details"]
    assert details["tablets_needed"] == 20  # 2.5 a day for 8 days


RESPONSES = [
    ("cidp", "2025-09-03", "too-early"),
    ("cidp", "2025-09-02", "within"),
    ("cidp", "2020-01-01", "within"),
    ("mg", "2025-12-03", "too-early"),
    ("mg", "2025-12-02", "within"),
    ("mg", "2025-03-02", "within"),
    ("mg", "2025-03-01", "past"),
    ("aih", "2025-03-01", "not-stated"),
]


@pytest.mark.parametrize(("protocol", "start", "state"), RESPONSES, ids=[f"{p} since {s}" for p, s, _ in RESPONSES])
def test_the_time_to_a_response(protocol: str, start: str, state: str) -> None:
    assert told(record([decision("start", start, "150")], protocol), "response")["details"]["state"] == state


def test_the_response_of_a_course_that_ended() -> None:
    for protocol in PROTOCOLS:
        events = [decision("start", "2025-03-02", "150"), decision("stop", "2026-01-01", reason="no-effect")]
        assert told(record(events, protocol), "response")["details"]["state"] == "after-stop"


SCORED = [{"strength_mg": "50", "scored": True}]
WHOLE = [{"strength_mg": "50", "scored": False}]
SMALL = [{"strength_mg": "25", "scored": False}]
SPLITS = [
    (SCORED, "150", ["75", "75"]),
    (SCORED, "100", ["50", "50"]),
    (SCORED, "75", ["50", "25"]),
    (SCORED, "125", ["75", "50"]),
    (SCORED, "50", ["25", "25"]),
    (SCORED, "25", []),
    (WHOLE, "150", ["100", "50"]),
    (WHOLE, "50", []),
    (SMALL, "75", ["50", "25"]),
    (SMALL, "60", []),
]


@pytest.mark.parametrize(("products", "mg", "parts"), SPLITS, ids=[f"{mg} of {p[0]}" for p, mg, _ in SPLITS])
def test_split_parts_add_up_and_can_be_made(products: list[Json], mg: str, parts: list[str]) -> None:
    for protocol in PROTOCOLS:
        details = told(record(steady(mg=mg), protocol, course={"products": products}), "split")["details"]
        assert details["parts_mg"] == parts
        assert sum(map(Decimal, details["parts_mg"])) in (Decimal(mg), 0)


NOT_KEYS = [
    (question, key) for question in QUESTIONS for key in ("colour", "MG_PER_DAY", "as_of", "") if question != "symptoms"
]


@pytest.mark.parametrize(("question", "key"), NOT_KEYS, ids=[f"{q} {k!r}" for q, k in NOT_KEYS])
def test_a_key_that_the_question_does_not_know_is_an_error(question: str, key: str) -> None:
    with pytest.raises(UsageError):
        told(steady(), question, said={key: "1"})


def test_a_question_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(UsageError):
        told(steady(), "diagnose")


BAD_NUMBERS = [
    "NaN",
    "nan",
    "inf",
    "Infinity",
    "-Infinity",
    "-150",
    "-0",
    "0",
    "1,5",
    "1.5.0",
    "１５０",
    "1e999",
    "0x10",
    "one",
    "",
    " ",
    "9999999",
    "150 mg",
    "1_000",
]
NUMBER_KEYS = [
    ("check-dose", "mg_per_day"),
    ("start", "mg_per_day"),
    ("restart", "mg_per_day"),
    ("split", "mg_per_day"),
]


@pytest.mark.parametrize("text", BAD_NUMBERS)
@pytest.mark.parametrize(("question", "key"), NUMBER_KEYS, ids=[q for q, _ in NUMBER_KEYS])
def test_a_dose_that_is_no_plain_number_is_refused_or_not_accepted(question: str, key: str, text: str) -> None:
    try:
        said = told(steady(), question, said={key: text})
    except CountwellError:
        return
    assert said["details"].get("accepted") is not True
    assert not said["details"].get("parts_mg")


BAD_TEXTS = [*BAD_NUMBERS, "03/04/2026", "high", "<", "<>3", "3.0 (low)", "--", "null", "true"]


@pytest.mark.parametrize("text", BAD_TEXTS)
@pytest.mark.parametrize("test", ["wbc", "platelets", "hb", "alt"])
def test_a_result_that_is_no_number_never_leads_to_continue(test: str, text: str) -> None:
    if (test, text) == ("platelets", "0"):
        return
    others = [
        e
        for e in steady()
        if e.get("test") not in ({"alt", "ast"} if test == "alt" else {test}) or e["collected"] < "2026"
    ]
    said = told([*others, result(test, text, "2026-03-02T08:00", id="x")])
    assert "continue" not in said["actions"]
    assert [item["event"] for item in said["refused"]] == ["x"] or said["advice"]["drug"] in ("hold", "stop")


FIELDS = [
    ("result", "collected", "03/04/2026"),
    ("result", "collected", "2026-02-30"),
    ("result", "collected", None),
    ("result", "received", "yesterday"),
    ("result", "status", "FINAL?"),
    ("result", "status", None),
    ("result", "test", "white stuff"),
    ("result", "unit", "10*9/mL"),
    ("result", "unit", 5),
    ("result", "value", True),
    ("result", "value", []),
    ("decision", "at", "03/04/2026"),
    ("decision", "do", "carry on"),
    ("decision", "mg_per_day", "NaN"),
    ("decision", "mg_per_day", "-50"),
    ("symptom", "since", "03/04/2026"),
    ("symptom", "symptom", "feeling blue"),
    ("symptom", "present", "maybe"),
    ("medicine", "from", "03/04/2026"),
    ("medicine", "name", "mystery"),
    ("weight", "value", "NaN"),
    ("weight", "at", "03/04/2026"),
    ("list-confirmed", "at", "2026-99-01"),
    ("history", "at", "03/04/2026"),
    ("nonsense", "at", "2026-03-01"),
]
GOOD = {
    "result": result("wbc", "6.0", "2026-03-02T08:00", id="x"),
    "decision": decision("raise", "2026-01-01", "150", id="x"),
    "symptom": {"kind": "symptom", "id": "x", "symptom": "fever", "present": False, "since": "2026-03-01"},
    "medicine": {"kind": "medicine", "id": "x", "name": "omeprazole", "from": "2026-01-01"},
    "weight": weight("2026-03-02") | {"id": "x"},
    "list-confirmed": {"kind": "list-confirmed", "id": "x", "list": "medicines", "at": "2026-03-01"},
    "history": {"kind": "history", "id": "x", "what": "jaundice", "cause": "gallstones", "at": "2019"},
    "nonsense": {"kind": "nonsense", "id": "x", "at": "2026-03-01"},
}


@pytest.mark.parametrize(("kind", "field", "value"), FIELDS, ids=[f"{k}.{f}={v!r}" for k, f, v in FIELDS])
def test_an_event_with_a_bad_field_is_said_and_never_leads_to_continue(kind: str, field: str, value: object) -> None:
    said = told([*steady(), GOOD[kind] | {field: value}])
    assert "continue" not in said["actions"]
    assert [item["event"] for item in said["refused"]] == ["x"]


@pytest.mark.parametrize("kind", [kind for kind in GOOD if kind != "nonsense"])
def test_the_same_event_without_the_bad_field_is_no_trouble(kind: str) -> None:
    assert told([*steady(), GOOD[kind]])["refused"] == []


HEADS = [
    {"patient": None},
    {"patient": {}},
    {"patient": {"id": ""}},
    {"patient": {"id": "p1", "born": "03/04/1974"}},
    {"patient": {"id": "p1", "time_zone": "Mars/Olympus"}},
    {"schema": "other/1"},
    {"events": "none"},
    {"course": {"products": [{"strength_mg": "NaN"}]}},
    {"course": {"products": [{"strength_mg": "-50"}]}},
]


@pytest.mark.parametrize("head", HEADS, ids=str)
def test_a_head_that_cannot_be_used_is_refused_as_a_whole(head: Json) -> None:
    with pytest.raises(CountwellError):
        read_record(record(steady()) | head)
