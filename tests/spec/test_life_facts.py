"""Facts of life: symptoms, medicines, histories, genes, doses, times; and what their absence means.

Longer than other modules: each kind of fact has its edges, in tables.
"""

import pytest

from countwell.vocabulary import genes
from generative.making import Json, decision, medicine, result, symptom, weight
from spec.sheet import span, value

START = decision("start", "2025-06-02", "150")
RASH = "{symptom: rash}"


def rash(since: str, present: bool | None = True, **more: object) -> Json:
    return symptom("rash", since, present, **more)


SYMPTOMS = [
    ("not asked", [], "maybe, silent"),
    ("yes", [rash("2026-02-20")], "yes"),
    ("no", [rash("2026-02-20", False)], "no"),
    ("does not know", [rash("2026-02-20", None)], "maybe"),
    ("begins later", [rash("2026-03-03")], "maybe, silent"),
    ("over", [rash("2026-02-20", until="2026-03-01")], "no"),
    ("not yet over", [rash("2026-02-20", until="2026-03-02T10:01")], "yes"),
    ("over this minute", [rash("2026-02-20", until="2026-03-02T10:00")], "no"),
    ("denied later", [rash("2026-02-20"), rash("2026-03-01", False)], "no"),
    ("denied before", [rash("2026-02-20", False), rash("2026-03-01")], "yes"),
    ("denied in the same breath", [rash("2026-02-20"), rash("2026-02-20", False)], "yes"),
    ("open, then not known", [rash("2026-02-20"), rash("2026-03-01", None)], "yes"),
    ("open, then another that is over", [rash("2026-02-20"), rash("2026-02-25", until="2026-03-01")], "yes"),
    ("over, then not known", [rash("2026-02-20", until="2026-02-25"), rash("2026-03-01", None)], "maybe"),
    ("denied, then not known", [rash("2026-02-20", False), rash("2026-03-01", None)], "maybe"),
    ("not known, then denied", [rash("2026-02-20", None), rash("2026-03-01", False)], "no"),
    ("back again", [rash("2026-02-01"), rash("2026-02-10", False), rash("2026-02-20")], "yes"),
]
SPANS = {"yes": "[1, 1]", "no": "[0, 0]", "maybe": "[0, 1]", "maybe, silent": "[0, 1]"}


@pytest.mark.parametrize(("says", "events", "expected"), SYMPTOMS, ids=[row[0] for row in SYMPTOMS])
def test_a_symptom_is_open_until_it_ends_or_is_denied(says: str, events: list[Json], expected: str) -> None:
    for order in (events, events[::-1]):
        found = value(RASH, [START, *order])
        assert (span(RASH, [START, *order]), found.silent) == (SPANS[expected], "silent" in expected)


ANY = [
    ("none asked", [], "maybe, silent"),
    ("one denied, one not asked", [("nosebleed", False)], "maybe, silent"),
    ("both denied", [("nosebleed", False), ("bruising", False)], "no"),
    ("one yes", [("nosebleed", False), ("bruising", True)], "yes"),
    ("one not known", [("nosebleed", False), ("bruising", None)], "maybe"),
    ("yes beats not known", [("nosebleed", None), ("bruising", True)], "yes"),
]


@pytest.mark.parametrize(("says", "rows", "expected"), ANY, ids=[row[0] for row in ANY])
def test_any_of_several_symptoms(says: str, rows: list[tuple[str, bool | None]], expected: str) -> None:
    events = [START, *(symptom(name, "2026-02-20", present) for name, present in rows)]
    found = value("{symptom: [nosebleed, bruising]}", events)
    assert (span("{symptom: [nosebleed, bruising]}", events), found.silent) == (SPANS[expected], "silent" in expected)


PICTURE = "{symptom: abdominal-pain, with-any: [worse-lying-down, to-the-back]}"
DETAILS = [
    ("yes", [{"worse-lying-down": True}], "yes"),
    ("one no, one not asked", [{"worse-lying-down": False}], "maybe"),
    ("both no", [{"worse-lying-down": False, "to-the-back": False}], "no"),
    ("none asked", [{}], "maybe"),
    ("one yes, one no", [{"worse-lying-down": False, "to-the-back": True}], "yes"),
    ("said once, not repeated later", [{"worse-lying-down": True}, {}], "yes"),
]


@pytest.mark.parametrize(("says", "details", "expected"), DETAILS, ids=[row[0] for row in DETAILS])
def test_a_symptom_with_any_of_its_details(says: str, details: list[Json], expected: str) -> None:
    events = [symptom("abdominal-pain", f"2026-02-2{n}", details=one) for n, one in enumerate(details)]
    assert span(PICTURE, [START, *events]) == SPANS[expected]


FEVER = "{symptom: fever, value: Cel}"
FEVERS = [
    ("measured", {"value": "38.4", "unit": "Cel"}, "[38.4, 38.4]"),
    ("in Fahrenheit", {"value": "101.3", "unit": "[degF]"}, "[38.5, 38.5]"),
    ("more than", {"value": ">38.9", "unit": "Cel"}, "(38.9, inf)"),
    ("not measured", {}, "[38.0, inf)"),
    ("cannot be read", {"value": "hot", "unit": "Cel"}, "[38.0, inf)"),
]


@pytest.mark.parametrize(("says", "more", "expected"), FEVERS, ids=[row[0] for row in FEVERS])
def test_a_fever(says: str, more: Json, expected: str) -> None:
    assert span(FEVER, [START, symptom("fever", "2026-02-20", **more)]) == expected


def test_no_fever_is_below_every_limit() -> None:
    assert span(FEVER, [START, symptom("fever", "2026-02-20", False)]) == "[-inf, -inf]"


IN_RUN = "{symptom: rash, since: run}"
RESTART = decision("restart", "2026-02-01", "150")
SINCE = [
    ("not asked", [], "maybe, silent"),
    ("there now", [rash("2026-02-20")], "yes"),
    ("there and gone", [rash("2026-02-20", until="2026-02-21")], "yes"),
    ("there and denied later", [rash("2026-02-20"), rash("2026-02-25", False)], "yes"),
    ("denied", [rash("2026-02-20", False)], "no"),
    ("denied, then there and gone", [rash("2026-02-10", False), rash("2026-02-20", until="2026-02-21")], "yes"),
    ("gone before the run", [rash("2026-01-10", until="2026-01-31")], "maybe, silent"),
    ("denied before the run", [rash("2026-01-10"), rash("2026-01-20", False)], "maybe, silent"),
    ("begun before the run and gone in it", [rash("2026-01-10", until="2026-02-02")], "yes"),
    ("begun before the run and still there", [rash("2026-01-10")], "yes"),
    ("does not know", [rash("2026-02-20", None)], "maybe"),
    ("does not know, then denied", [rash("2026-02-20", None), rash("2026-02-21", False)], "no"),
]


@pytest.mark.parametrize(("says", "events", "expected"), SINCE, ids=[row[0] for row in SINCE])
def test_a_symptom_ever_since_the_run_began(says: str, events: list[Json], expected: str) -> None:
    for order in (events, events[::-1]):
        found = value(IN_RUN, [START, RESTART, *order])
        assert (span(IN_RUN, [START, RESTART, *order]), found.silent) == (SPANS[expected], "silent" in expected)


def test_the_highest_fever_since_the_run_began() -> None:
    fevers = [
        symptom("fever", f"2026-02-{day}", until="2026-02-27", value=cel, unit="Cel")
        for day, cel in ((20, "39.2"), (25, "38.1"))
    ]
    for order in (fevers, fevers[::-1]):
        assert span("{symptom: fever, value: Cel, since: run}", [START, *order]) == "[39.2, 39.2]"
        assert span(FEVER, [START, *order]) == "[-inf, -inf]"


def test_of_two_open_fevers_of_one_moment_the_higher_counts() -> None:
    fevers = [symptom("fever", "2026-02-20", value=cel, unit="Cel") for cel in ("9.9", "39.2", "38.1")]
    for order in (fevers, fevers[::-1]):
        assert span(FEVER, [START, *order]) == "[39.2, 39.2]"


SHOWN = [
    ({}, "(not measured)"),
    ({"value": "38.4"}, "38.4 Cel"),
    ({"value": "hot", "unit": "Cel"}, "(hot Cel, not read)"),
]


@pytest.mark.parametrize(("more", "shown"), SHOWN, ids=[row[1] for row in SHOWN])
def test_how_a_fever_is_shown(more: Json, shown: str) -> None:
    assert value(FEVER, [START, symptom("fever", "2026-02-20", **more)]).as_sent == shown


ALLOPURINOL = "{medicine: allopurinol, confirmed: half_year}"
CONFIRMED = {"kind": "list-confirmed", "list": "medicines"}
MEDICINES = [
    ("never asked", [], "maybe", "not-asked"),
    ("absent, list gone through", [CONFIRMED | {"at": "2026-02-01"}], "no", None),
    ("absent, list gone through on the first day that counts", [CONFIRMED | {"at": "2025-09-02"}], "no", None),
    ("absent, list a day too old", [CONFIRMED | {"at": "2025-09-01"}], "maybe", "lapsed"),
    ("absent, list of another kind", [CONFIRMED | {"at": "2026-02-01", "list": "history"}], "maybe", "not-asked"),
    ("absent, list gone through later", [CONFIRMED | {"at": "2026-03-03"}], "maybe", "not-asked"),
    ("taken", [medicine("allopurinol")], "yes", None),
    ("taken, since when not known", [medicine("allopurinol", None)], "yes", None),
    ("taken, by another name", [medicine("Zyloric")], "yes", None),
    ("taken, though the list is old", [medicine("allopurinol", "2020-01-01")], "yes", None),
    ("begins later", [medicine("allopurinol", "2026-03-03"), CONFIRMED | {"at": "2026-02-01"}], "no", None),
    ("begins today", [medicine("allopurinol", "2026-03-02")], "yes", None),
    ("ended", [medicine("allopurinol", "2026-01-01", "2026-02-01"), CONFIRMED | {"at": "2026-02-01"}], "no", None),
    ("ends today", [medicine("allopurinol", "2026-01-01", "2026-03-02"), CONFIRMED | {"at": "2026-02-01"}], "no", None),
    ("ends tomorrow", [medicine("allopurinol", "2026-01-01", "2026-03-03")], "yes", None),
    (
        "two spells, one open",
        [medicine("allopurinol", "2025-01-01", "2025-02-01"), medicine("allopurinol", "2026-01-01")],
        "yes",
        None,
    ),
]


@pytest.mark.parametrize(("says", "events", "expected", "why"), MEDICINES, ids=[row[0] for row in MEDICINES])
def test_a_medicine_is_absent_only_from_a_list_gone_through(
    says: str, events: list[Json], expected: str, why: str | None
) -> None:
    found = value(ALLOPURINOL, [START, *events])
    assert (span(ALLOPURINOL, [START, *events]), found.why) == (SPANS[expected], why)


@pytest.mark.parametrize(("as_of", "expected"), [("2026-03-01T23:59", "yes"), ("2026-03-02T00:00", "no")])
def test_a_medicine_ends_with_the_beginning_of_its_last_day(as_of: str, expected: str) -> None:
    events = [START, medicine("allopurinol", "2026-01-01", "2026-03-02"), CONFIRMED | {"at": "2026-02-01"}]
    assert span(ALLOPURINOL, events, as_of) == SPANS[expected]


@pytest.mark.parametrize(("as_of", "expected"), [("2026-03-01T23:59", "no"), ("2026-03-02T00:00", "yes")])
def test_a_medicine_begins_with_the_beginning_of_its_first_day(as_of: str, expected: str) -> None:
    events = [START, medicine("allopurinol", "2026-03-02"), CONFIRMED | {"at": "2026-02-01"}]
    assert span(ALLOPURINOL, events, as_of) == SPANS[expected]


HISTORY = "{history: pancreatitis, cause: azathioprine, confirmed: half_year}"
GONE_THROUGH = CONFIRMED | {"list": "history", "at": "2026-02-01"}


def past(what: str, cause: str | None = None, at: str | None = "2019") -> Json:
    return {"kind": "history", "what": what, "cause": cause, "at": at}


HISTORIES = [
    ("never asked", [], "maybe"),
    ("nothing, list gone through", [GONE_THROUGH], "no"),
    ("it", [past("pancreatitis", "azathioprine")], "yes"),
    ("it, when is not known", [past("pancreatitis", "azathioprine", None)], "yes"),
    ("by something else", [past("pancreatitis", "alcohol"), GONE_THROUGH], "no"),
    ("another thing", [past("hypersensitivity", "azathioprine"), GONE_THROUGH], "no"),
]


@pytest.mark.parametrize(("says", "events", "expected"), HISTORIES, ids=[row[0] for row in HISTORIES])
def test_a_history(says: str, events: list[Json], expected: str) -> None:
    assert span(HISTORY, [START, *events]) == SPANS[expected]


def typed(result: str, at: str = "2026-01-20", gene: str = "TPMT") -> Json:
    return {"kind": "genotype", "gene": gene, "result": result, "at": at}


ORDERED = {"kind": "test-ordered", "test": "tpmt", "at": "2026-02-20", "status": "pending"}
GENES = [
    ("never ordered", [], {"untested"}),
    ("normal", [typed("*1/*1")], {"normal"}),
    ("one reduced", [typed("*1/*3A")], {"intermediate"}),
    ("both reduced", [typed("*3A/*3A")], {"poor"}),
    ("of the other gene", [typed("*2/*2", gene="NUDT15")], {"untested"}),
    ("typed later", [typed("*1/*1", "2026-03-03")], {"untested"}),
    ("two results that agree", [typed("*1/*1"), typed("*1/*1", "2026-02-01")], {"normal"}),
    ("two results that do not", [typed("*1/*1"), typed("*3A/*3A", "2026-02-01")], {"normal", "poor"}),
]


@pytest.mark.parametrize(("says", "events", "words"), GENES, ids=[row[0] for row in GENES])
def test_a_gene(says: str, events: list[Json], words: set[str]) -> None:
    assert value("{gene: TPMT}", [START, *events]).words == words


def test_a_gene_is_dated_by_the_newest_order_that_waits_in_whatever_order_they_were_sent() -> None:
    done = ORDERED | {"at": "2026-02-25", "status": "done"}
    orders = [ORDERED | {"at": "2026-02-22", "status": None}, ORDERED, done]
    for sent in (orders, orders[::-1]):
        found = value("{gene: TPMT}", [START, *sent])
        assert found.at is not None
        assert (found.words, found.at.day.isoformat()) == (genes.ANY, "2026-02-22")


def activity(value: str, collected: str) -> Json:
    return result("tpmt", value, collected, unit="mU/L", id=f"activity {collected}")


def red_cells(day: str | None, **more: object) -> Json:
    return {"kind": "circumstance", "what": "transfused", "from": day} | more


@pytest.mark.parametrize(
    ("says", "events", "words"),
    [
        ("no transfusion", [], {"normal"}),
        ("after it, just under four months", [red_cells("2025-09-21")], genes.ANY),
        ("after it, exactly four months", [red_cells("2025-09-20")], {"normal"}),
        ("after it, just over four months", [red_cells("2025-09-19")], {"normal"}),
        ("on the same day", [red_cells("2026-01-20")], genes.ANY),
        ("before it", [red_cells("2026-01-21")], {"normal"}),
        ("on a day that is not known", [red_cells(None)], genes.ANY),
        ("denied", [red_cells("2026-01-10", present=False)], {"normal"}),
        ("not known whether", [red_cells("2026-01-10", present=None)], genes.ANY),
    ],
)
def test_an_activity_after_a_transfusion_may_be_the_donors(says: str, events: list[Json], words: set[str]) -> None:
    assert value("{gene: TPMT}", [START, activity("100", "2026-01-20T09:00"), *events]).words == words


def test_a_genotype_is_the_patients_own_after_a_transfusion_too() -> None:
    assert value("{gene: TPMT}", [START, typed("*1/*3A"), red_cells("2026-01-15")]).words == {"intermediate"}


@pytest.mark.parametrize("events", [[ORDERED], [typed("smudge")]], ids=["pending", "unreadable"])
def test_a_gene_that_is_pending_or_unreadable_may_be_anything(events: list[Json]) -> None:
    words = value("{gene: TPMT}", [START, *events]).words
    assert words is not None
    assert {"normal", "intermediate", "poor"} <= words
    assert "untested" not in words


SINCE = [
    ("no event", "run", [], None),
    ("the start", "run", [START], "2025-06-02"),
    ("a hold does not end a run", "run", [START, decision("hold", "2025-08-01")], "2025-06-02"),
    (
        "a restart begins a run",
        "run",
        [START, decision("stop", "2025-08-01"), decision("restart", "2025-09-01")],
        "2025-09-01",
    ),
    (
        "the first start stays",
        "first-start",
        [START, decision("stop", "2025-08-01"), decision("restart", "2025-09-01")],
        "2025-06-02",
    ),
    ("a raise is a change", "change", [START, decision("raise", "2025-08-01", "200")], "2025-08-01"),
    ("a hold is no change", "change", [START, decision("hold", "2025-08-01")], "2025-06-02"),
    (
        "a reduction",
        "reduce",
        [START, decision("reduce", "2025-08-01", "100"), decision("raise", "2025-09-01", "150")],
        "2025-08-01",
    ),
    ("no reduction", "reduce", [START], None),
    ("a stop", "stop", [START, decision("stop", "2025-08-01")], "2025-08-01"),
    ("no stop any more", "stop", [START, decision("stop", "2025-08-01"), decision("restart", "2025-09-01")], None),
    (
        "a takeover, begun long before",
        "run",
        [decision("transfer-in", "2026-01-10", "150", since="2020-05-01")],
        "2020-05-01",
    ),
]


@pytest.mark.parametrize(("says", "event", "events", "day"), SINCE, ids=[row[0] for row in SINCE])
def test_the_time_since_an_event(says: str, event: str, events: list[Json], day: str | None) -> None:
    found = value(f"{{since: {event}, worse: none}}", events)
    if day is None:
        assert found.silent
    else:
        assert found.origin is not None
        assert [str(end) for end in found.origin] == [day, day]


def test_a_takeover_since_when_is_not_known_may_have_begun_long_before() -> None:
    found = value("{since: run, worse: none}", [decision("transfer-in", "2026-01-10", "150")])
    assert found.origin is not None
    assert (found.origin[0], str(found.origin[1])) == (None, "2026-01-10")


DOSES = [
    ("not begun", "{dose: mg/day}", [], "(-inf, inf)"),
    ("begun", "{dose: mg/day}", [START], "[150, 150]"),
    ("not said", "{dose: mg/day}", [decision("start", "2025-06-02")], "(-inf, inf)"),
    ("per kg", "{dose: mg/kg/day, weight-within: half_year}", [START, weight("2026-02-01", "60")], "[2.5, 2.5]"),
    (
        "per kg, weight on its last day",
        "{dose: mg/kg/day, weight-within: half_year}",
        [START, weight("2025-09-02", "60")],
        "[2.5, 2.5]",
    ),
    (
        "per kg, weight too old",
        "{dose: mg/kg/day, weight-within: half_year}",
        [START, weight("2025-09-01", "60")],
        "(-inf, inf)",
    ),
    ("per kg, no weight", "{dose: mg/kg/day, weight-within: half_year}", [START], "(-inf, inf)"),
    (
        "before allopurinol",
        "{dose: mg/day, before: allopurinol}",
        [START, decision("reduce", "2026-02-10", "50"), medicine("allopurinol")],
        "[150, 150]",
    ),
    (
        "before allopurinol of the same day",
        "{dose: mg/day, before: allopurinol}",
        [START, decision("reduce", "2026-02-01", "50"), medicine("allopurinol")],
        "[150, 150]",
    ),
    (
        "before allopurinol, taken since when is not known",
        "{dose: mg/day, before: allopurinol}",
        [START, medicine("allopurinol", None)],
        "(-inf, inf)",
    ),
    (
        "a refused dose was never in force",
        "{dose: mg/day, before: allopurinol}",
        [START, decision("refuse", "2025-08-01", "300"), medicine("allopurinol")],
        "[150, 150]",
    ),
    (
        "reduced to a dose not said",
        "{dose: mg/day, before: allopurinol}",
        [START, decision("reduce", "2025-08-01"), medicine("allopurinol")],
        "(-inf, inf)",
    ),
]


@pytest.mark.parametrize(("says", "fact", "events", "expected"), DOSES, ids=[row[0] for row in DOSES])
def test_a_dose(says: str, fact: str, events: list[Json], expected: str) -> None:
    assert span(fact, events) == expected


REASONS = [
    ("none", [START], {"none"}, set()),
    ("one", [START, decision("stop", "2025-08-01", reason="liver")], {"liver"}, {"liver"}),
    (
        "two",
        [
            START,
            decision("hold", "2025-07-01", reason="leucopenia"),
            decision("restart", "2025-07-20"),
            decision("stop", "2025-08-01", reason="liver"),
        ],
        {"liver"},
        {"leucopenia", "liver"},
    ),
    ("free text", [START, decision("stop", "2025-08-01", reason="moved away")], {"other"}, {"other"}),
    ("not stated", [START, decision("stop", "2025-08-01")], {"other"}, {"other"}),
]


@pytest.mark.parametrize(("says", "events", "last", "ever"), REASONS, ids=[row[0] for row in REASONS])
def test_reasons(says: str, events: list[Json], last: set[str], ever: set[str]) -> None:
    assert value("{reason: last}", events).words == last
    assert value("{reason: ever}", events).words == ever


WEIGHTS = [
    ("one: silent", [weight("2026-02-01", "70")], None),
    ("the same", [weight("2025-05-01", "70"), weight("2026-02-01", "70")], "[0, 0]"),
    ("more", [weight("2025-05-01", "70"), weight("2026-02-01", "77")], "[10, 10]"),
    ("less", [weight("2025-05-01", "70"), weight("2026-02-01", "63")], "[10, 10]"),
    (
        "against the weight at the last change",
        [weight("2025-05-01", "70"), weight("2025-10-01", "77"), weight("2026-02-01", "84")],
        "[20, 20]",
    ),
]


@pytest.mark.parametrize(("says", "events", "expected"), WEIGHTS, ids=[row[0] for row in WEIGHTS])
def test_a_change_of_weight(says: str, events: list[Json], expected: str | None) -> None:
    found = value("{person: weight-change}", [START, *events])
    if expected is None:
        assert found.silent
    else:
        assert span("{person: weight-change}", [START, *events]) == expected
