"""The register: the same from the same seed, readable as it stands, and ill about as often as the literature says."""

import json
import math
import statistics

import pytest

from countwell.base.errors import UsageError
from countwell.exchange.record_json import read_record
from countwell.simulate.parameters import parameters
from countwell.simulate.patients import patient, register

PATIENTS, MONTHS, SEED = 400, 24, 11


@pytest.fixture(scope="module")
def patients():
    """A register large enough for wide bands."""
    return list(register(PATIENTS, MONTHS, SEED))


def results(document, *tests):
    """The final values of some tests, numbers only."""
    return [
        float(event["value"])
        for event in document["events"]
        if event["kind"] == "result"
        and event["test"] in tests
        and event["status"] == "final"
        and event["value"][0] != "<"
    ]


def share(patients, is_so):
    """How many of the patients are so."""
    return sum(map(is_so, patients)) / len(patients)


def test_the_same_seed_gives_the_same_patients_whatever_their_number(patients):
    assert json.dumps(list(register(5, MONTHS, SEED))) == json.dumps(patients[:5])


def test_another_seed_gives_other_patients(patients):
    assert list(register(3, MONTHS, SEED + 1)) != patients[:3]


def test_every_record_is_read_without_a_refusal(patients):
    assert [refused for document in patients[:120] for refused in read_record(document).refused] == []


def test_no_event_lies_beyond_the_end_of_the_register(patients):
    ends = parameters().ends.isoformat()
    days = [event.get("collected") or event.get("at") or "" for document in patients for event in document["events"]]
    assert max(days)[:10] <= ends


@pytest.mark.parametrize(("test", "band"), [("wbc", 0.05), ("neutrophils", 0.04), ("alt", 0.04)])
def test_abnormal_results_are_about_as_frequent_as_in_fraser_2022(patients, test, band):
    table = parameters()["fraser22"]
    limit, wanted = table[test], table["shares"][test]
    beyond = (lambda value: value > limit) if test == "alt" else (lambda value: value < limit)
    assert share(patients, lambda one: any(map(beyond, results(one, test)))) == pytest.approx(wanted, abs=band)


def test_white_cells_are_never_fewer_than_their_parts(patients):
    for document in patients[:100]:
        draws = {}
        for event in document["events"]:
            if event["kind"] == "result" and event["status"] == "final" and event["test"] in ("wbc", "neutrophils"):
                draws.setdefault(event["order"], {})[event["test"]] = float(event["value"])
        assert all(one["neutrophils"] <= one["wbc"] for one in draws.values() if len(one) > 1)


def test_red_cells_grow_on_the_drug(patients):
    longest = [results(one, "mcv") for one in patients if len(results(one, "mcv")) > 15]
    rise = [sum(row[-4:]) / 4 - sum(row[:2]) / 2 for row in longest]
    assert sum(rise) / len(rise) > 0


@pytest.mark.parametrize(
    ("name", "is_so"),
    [
        ("no_upper_limit", lambda one: not any(e.get("normal_high") for e in one["events"])),
        ("no_neutrophils", lambda one: not results(one, "neutrophils")),
    ],
)
def test_shares_can_be_set(name, is_so):
    assert share(list(register(20, 6, 1, **{name: 1.0})), is_so) == 1
    assert share(list(register(20, 6, 1, **{name: 0.0})), is_so) == 0


def test_a_share_that_does_not_exist_is_refused():
    with pytest.raises(UsageError):
        list(register(1, 6, 1, no_such_share=0.5))


def test_a_hold_for_the_blood_is_followed_by_a_decision_or_by_draws(patients):
    """Nobody stays on hold unwatched: within five weeks of a hold there is a restart, a stop, a death or another draw."""
    for document in patients:
        dates = sorted((e.get("collected") or e.get("at") or "")[:10] for e in document["events"] if e["kind"] in KINDS)
        holds = [e["at"] for e in document["events"] if e.get("do") == "hold" and e["at"] < "2026-05-20"]
        assert all(any(hold < day for day in dates) for hold in holds)


KINDS = ("decision", "result", "died")


def reports(document):
    """Every final report: the tests it has, and whether a limit is printed."""
    found = {}
    for event in document["events"]:
        if (
            event["kind"] == "result"
            and event["status"] == "final"
            and event["id"] == f"{event['test']}-{event['order'][5:]}"
        ):
            found.setdefault(event["order"], {})[event["test"]] = event["normal_high"]
    return list(found.values())


def test_gaps_by_panel_fall_on_reports_and_not_on_patients():
    documents = list(register(60, 12, 1, gaps="panel"))
    every = [report for document in documents for report in reports(document)]
    assert share(every, lambda one: not any(one.values())) == pytest.approx(0.1, abs=0.03)
    assert share(every, lambda one: "neutrophils" not in one) == pytest.approx(0.1, abs=0.03)
    assert all(any(any(one.values()) for one in reports(document)) for document in documents)


def test_gaps_by_laboratory_fall_on_patients():
    for document in register(40, 12, 1, gaps="laboratory"):
        assert len({any(one.values()) for one in reports(document)}) <= 1
        assert len({"neutrophils" in one for one in reports(document)}) <= 1


def test_what_befalls_a_patient_does_not_depend_on_the_gaps():
    def befalls(document):
        told = [e for e in document["events"] if e["kind"] == "medicine" or (e["kind"] == "symptom" and e["present"])]
        return json.dumps(told, sort_keys=True)

    both = zip(register(40, 12, 1, gaps="laboratory"), register(40, 12, 1, gaps="panel"), strict=True)
    assert all(befalls(one) == befalls(other) for one, other in both)


def test_gaps_that_do_not_exist_are_refused():
    with pytest.raises(UsageError):
        list(register(1, 6, 1, gaps="weekday"))


def test_what_happens_can_be_made_more_frequent():
    def told(often):
        documents = (patient(number, 12, 1, parameters(often=often)) for number in range(1, 21))
        return sum(e["kind"] == "symptom" and e["present"] for document in documents for e in document["events"])

    assert told(10.0) > 4 * told(1.0)


def test_ast_varies_no_more_from_draw_to_draw_than_the_literature_says(patients):
    def variation(document, test):
        logs = [math.log(value) for value in results(document, test)[-10:]]
        return statistics.stdev(logs) if len(logs) == 10 else None

    for test, most in {"ast": 0.20, "wbc": 0.157, "neutrophils": 0.26}.items():
        found = [v for v in (variation(document, test) for document in patients[:150]) if v is not None]
        assert statistics.median(found) < most
