"""A named person accepts an explained finding once, and no other."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from countwell.exchange.record_json import read_record
from countwell.simulate.accepting import Team, team
from countwell.simulate.parameters import parameters

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
HALF = SimpleNamespace(layer="added-safety", table="trends", rule="half")
STOP = SimpleNamespace(layer="added-safety", table="neutrophils", rule="stop")


def count(test, value, status="final"):
    return {"kind": "result", "test": test, "value": value, "unit": "10*9/L", "status": status, "lab": "L", "id": f"{test}-{status}",
            "collected": "2026-03-01T09:10:00Z", "received": "2026-03-01T14:10:00Z"}  # fmt: skip


def record(*events, steroids=True):
    taken = [{"kind": "medicine", "name": "prednisolone", "from": None}] if steroids else []
    return read_record(
        {
            "schema": "countwell.record/1",
            "patient": {"id": "x", "time_zone": "Europe/London"},
            "course": {"condition": "mg", "protocol": "mg"},
            "events": [
                {"kind": "decision", "do": "start", "at": "2025-12-01", "by": "dr", "mg_per_day": "50"},
                *taken,
                *events,
            ],
        }
    )


def accepted(found, told, accepts=True):
    return [event["finding"] for event in Team(parameters(), accepts).decisions(found, told, AT)]


FINE = (count("wbc", "5.1"), count("neutrophils", "3.0"))


def test_a_fall_under_steroids_with_a_good_count_is_accepted():
    assert accepted([HALF, STOP], record(*FINE)) == ["added-safety/trends/half"]


@pytest.mark.parametrize(
    ("found", "told", "accepts"),
    [
        ([STOP], record(*FINE), True),
        ([HALF], record(*FINE, steroids=False), True),
        ([HALF], record(count("wbc", "3.4"), count("neutrophils", "3.0")), True),
        ([HALF], record(count("wbc", "5.1"), count("neutrophils", "1.9")), True),
        ([HALF], record(*FINE), False),
        ([], record(*FINE), True),
    ],
    ids=[
        "another finding",
        "no steroids",
        "white cells low",
        "neutrophils low",
        "a team that accepts nothing",
        "nothing",
    ],
)
def test_anything_else_is_left_standing(found, told, accepts):
    assert accepted(found, told, accepts) == []


def test_the_decision_can_be_read_and_names_its_finding():
    (event,) = Team(parameters(), True).decisions([HALF], record(*FINE), AT)
    read = record(event)
    assert read.refused == ()
    assert any(getattr(one, "finding", None) == "added-safety/trends/half" for one in read.events)


def test_a_team_is_the_same_each_time():
    assert [team(n, 7, parameters()).accepts for n in range(50)] == [
        team(n, 7, parameters()).accepts for n in range(50)
    ]
    assert 0.6 < sum(team(n, 7, parameters()).accepts for n in range(400)) / 400 < 0.95
