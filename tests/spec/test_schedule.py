"""When tests are due: by group and member, on the last day and the day after, after each change of dose."""

from datetime import date, timedelta
from itertools import chain, combinations

import pytest

from generative.making import Json, decision, medicine, panel, record, result, steady, symptom, told

START = decision("start", "2025-06-02", "150")


def rows(events: list[Json], day: str, protocol: str = "cidp") -> dict[str, Json]:
    """The schedule as of noon of a day, by group."""
    said = told(record(events, protocol), "schedule", f"{day}T12:00:00-05:00")
    return {row["group"]: row for row in said["details"]["tests"]}


INTERVALS = [
    # protocol, last test, due by: a year after the start, weeks after it, before it
    ("cidp", [START], "2026-02-10", "2026-03-10"),
    ("cidp", [START], "2026-01-31", "2026-02-28"),
    ("cidp", [decision("start", "2026-01-20", "50")], "2026-02-10", "2026-02-24"),
    ("cidp", [], "2026-02-10", "2026-03-10"),
    ("mg", [START], "2026-02-10", "2026-03-24"),
    ("mg", [decision("start", "2026-01-20", "50")], "2026-02-10", "2026-03-24"),
    ("aih", [START], "2026-02-10", "2026-05-10"),
    ("aih", [START], "2025-11-30", "2026-02-28"),
    ("aih", [decision("start", "2026-01-20", "50")], "2026-02-10", "2026-02-17"),
]


@pytest.mark.parametrize(
    ("protocol", "events", "last", "due_by"), INTERVALS, ids=[f"{p} {a} to {b}" for p, _, a, b in INTERVALS]
)
def test_due_on_the_last_day_and_overdue_the_day_after(
    protocol: str, events: list[Json], last: str, due_by: str
) -> None:
    tests = [*events, *panel(last), result("lipase", "30", f"{last}T09:00", unit="U/L", normal_high="60")]
    day = date.fromisoformat(due_by)
    on, after = rows(tests, due_by, protocol)["cbc"], rows(tests, str(day + timedelta(days=1)), protocol)["cbc"]
    assert (on["due_by"], on["overdue_days"], on["state"]) == (due_by, 0, "due")
    assert (after["due_by"], after["overdue_days"], after["state"]) == (due_by, 1, "overdue")
    assert rows(tests, last, protocol)["cbc"]["last"] == last


def test_due_from_the_beginning_of_the_interval() -> None:
    events = [decision("start", "2026-01-20", "50"), *panel("2026-02-10")]
    states = {
        day: rows(events, day)["cbc"]["state"] for day in ("2026-02-16", "2026-02-17", "2026-02-24", "2026-02-25")
    }
    assert states == {"2026-02-16": "not-due", "2026-02-17": "due", "2026-02-24": "due", "2026-02-25": "overdue"}


def test_never_done_on_treatment_counts_from_the_start() -> None:
    row = rows([decision("start", "2026-02-20", "50")], "2026-03-02")["cbc"]
    assert (row["last"], row["state"], row["due_by"], row["missing"]) == (
        None,
        "never-done",
        "2026-03-06",
        ["wbc", "hb", "platelets"],
    )
    later = rows([decision("start", "2026-02-20", "50")], "2026-03-07")["cbc"]
    assert later["overdue_days"] == 1
    assert (
        "test-overdue"
        in told(record([decision("start", "2026-02-20", "50")]), as_of="2026-03-07T12:00:00-05:00")["actions"]
    )


CHANGES = [
    # a change after the last test: the clock begins again with the change
    ("raise", "100", "2026-03-04"),
    ("reduce", "100", "2026-03-04"),
    ("restart", "100", "2026-03-04"),
    ("accept", None, "2026-03-10"),
    ("refuse", "200", "2026-03-10"),
]


@pytest.mark.parametrize(("do", "mg", "due_by"), CHANGES, ids=[row[0] for row in CHANGES])
def test_after_a_change_of_dose_tests_come_closer(do: str, mg: str | None, due_by: str) -> None:
    events = [START, *panel("2026-02-10"), decision(do, "2026-02-18", mg)]
    assert rows(events, "2026-03-02")["cbc"]["due_by"] == due_by


def test_a_change_before_the_last_test_keeps_them_close() -> None:
    events = [START, decision("raise", "2026-02-01", "200"), *panel("2026-02-10")]
    assert rows(events, "2026-03-02")["cbc"]["due_by"] == "2026-02-24"
    late = [START, decision("raise", "2025-11-01", "200"), *panel("2026-02-10")]
    assert rows(late, "2026-03-02")["cbc"]["due_by"] == "2026-03-10"


MEMBERS = ("wbc", "hb", "platelets", "alt")
SUBSETS = list(chain.from_iterable(combinations(MEMBERS, n) for n in range(5)))


@pytest.mark.parametrize("sent", SUBSETS, ids=lambda sent: "+".join(sent) or "nothing")
def test_a_partial_panel_sets_only_its_own_clocks(sent: tuple[str, ...]) -> None:
    left_out = dict.fromkeys([name for name in ("wbc", "hb", "platelets", "alt", "ast") if name not in sent])
    events = [START, *panel("2026-01-20"), *panel("2026-02-10", **left_out)]
    found = rows(events, "2026-02-15")
    assert found["cbc"]["last"] == ("2026-02-10" if {"wbc", "hb", "platelets"} <= set(sent) else "2026-01-20")
    assert found["liver"]["last"] == ("2026-02-10" if "alt" in sent else "2026-01-20")
    on = told(record(events), as_of="2026-03-08T12:00:00-05:00")
    assert on["advice"]["drug"] == "continue"
    lapsed = {u["fact"] for u in on["unknown"] if u["why"] == "lapsed"}
    assert {"wbc", "hb", "platelets"} & lapsed == {"wbc", "hb", "platelets"} - set(sent)


def test_either_of_alt_and_ast_is_a_liver_test() -> None:
    for name, other in (("alt", "ast"), ("ast", "alt")):
        events = [START, *panel("2026-01-20"), *panel("2026-02-10", **{other: None})]
        assert rows(events, "2026-02-15")["liver"]["last"] == "2026-02-10", name


@pytest.mark.parametrize("status", ["preliminary", "cancelled", "entered-in-error"])
def test_what_is_not_final_sets_no_clock(status: str) -> None:
    later = [
        e | {"status": status, "value": e["value"] if status == "preliminary" else None} for e in panel("2026-02-10")
    ]
    assert rows([START, *panel("2026-01-20"), *later], "2026-02-15")["cbc"]["last"] == "2026-01-20"


def test_a_low_count_brings_the_next_test_within_a_week() -> None:
    events = [START, *panel("2026-02-10", wbc="2.9")]
    assert rows(events, "2026-02-12")["cbc"]["due_by"] == "2026-02-17"
    assert rows([*events, *panel("2026-02-16")], "2026-02-18")["cbc"]["due_by"] == "2026-03-16"


@pytest.mark.parametrize("state", ["died", "ended"])
def test_nothing_is_due_of_the_dead_and_of_those_treated_elsewhere(state: str) -> None:
    end = {"kind": "died", "at": "2026-02-20"} if state == "died" else decision("transfer-out", "2026-02-20")
    assert rows([START, *panel("2026-01-20"), end], "2026-03-02") == {}


def test_tests_go_on_while_held() -> None:
    events = [START, *panel("2026-02-10"), decision("hold", "2026-02-12", reason="leucopenia")]
    row = rows(events, "2026-03-12")["cbc"]
    assert row["state"] == "overdue"


def test_a_restart_does_not_make_an_old_test_vouch() -> None:
    events = [
        decision("start", "2024-06-02", "150"),
        *panel("2024-05-20"),
        decision("stop", "2025-01-01", reason="patient"),
        *panel("2025-02-01"),
        decision("restart", "2026-02-28"),
    ]
    said = told(record(events), "review")
    assert "continue" not in said["actions"]
    assert "test-overdue" in said["actions"]


def test_a_second_medicine_does_not_put_off_the_count_that_the_first_one_wants() -> None:
    since_january = [*steady(last="2026-01-10"), medicine("mesalazine", "2026-01-21")]
    asked = [told(record(events, "mg")) for events in (since_january, [*since_january, medicine("mercaptopurine")])]
    assert [said["advice"]["tests"]["cbc"] for said in asked] == ["2026-02-04", "2026-02-04"]


def test_the_day_of_a_restart_after_a_count_in_the_stop_is_answered() -> None:
    events = [
        decision("start", "2025-01-02", "150"),
        *panel("2025-03-01"),
        decision("stop", "2025-03-20", reason="leucopenia"),
        result("wbc", "5.0", "2025-04-09T09:00"),
        decision("restart", "2025-05-07", "50"),
    ]
    row = rows(events, "2025-05-07")["cbc"]
    assert row["due_by"] is not None


def test_one_more_symptom_does_not_put_off_the_tests_that_the_first_one_wants() -> None:
    never_counted = [decision("start", "2026-02-10", "50"), symptom("jaundice", "2026-02-20")]
    asked = [told(record(events)) for events in (never_counted, [*never_counted, symptom("itching", "2026-03-02")])]
    wanted = [next(f["advice"]["tests"] for f in said["findings"] if f["table"] == "jaundice-signs") for said in asked]
    assert wanted == [{"cbc": "2026-02-20", "liver": "2026-02-20"}] * 2


@pytest.mark.parametrize(
    ("day", "state"), [("2026-03-08", "due"), ("2026-03-09", "overdue"), ("2027-04-01", "overdue")]
)
def test_a_test_that_an_open_value_asks_for_after_a_stop_does_not_go_when_it_is_late(day: str, state: str) -> None:
    stopped = [decision("start", "2026-01-01", "150"), decision("stop", "2026-01-08", reason="liver")]
    counted = [result("wbc", "<3.5"), result("hb", "140"), result("platelets", "420")]
    row = rows([*stopped, *counted], day)["cbc"]
    assert (row["due_by"], row["state"]) == ("2026-03-08", state)
