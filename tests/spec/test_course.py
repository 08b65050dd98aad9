"""The course of treatment: only what a named person decided changes it; nothing ends a hold or a stop by itself."""

from itertools import permutations

import pytest

from generative.making import Json, decision, panel, record, steady, told

FOLDS: list[tuple[str, list[Json], str, str | None]] = [
    ("nothing decided", [], "proposed", None),
    ("refused", [decision("refuse", "2025-06-02")], "proposed", None),
    ("started", [decision("start", "2025-06-02", "50")], "active", "50"),
    ("raised", [decision("start", "2025-06-02", "50"), decision("raise", "2025-07-02", "100")], "active", "100"),
    (
        "raised to a dose not said",
        [decision("start", "2025-06-02", "50"), decision("raise", "2025-07-02")],
        "active",
        None,
    ),
    ("held", [decision("start", "2025-06-02", "50"), decision("hold", "2025-07-02")], "held", "50"),
    (
        "raised while held",
        [decision("start", "2025-06-02", "50"), decision("hold", "2025-07-02"), decision("raise", "2025-08-02", "100")],
        "held",
        "100",
    ),
    (
        "held, then stopped",
        [decision("start", "2025-06-02", "50"), decision("hold", "2025-07-02"), decision("stop", "2025-08-02")],
        "stopped",
        "50",
    ),
    (
        "restarted with the old dose",
        [decision("start", "2025-06-02", "50"), decision("stop", "2025-07-02"), decision("restart", "2025-08-02")],
        "active",
        "50",
    ),
    (
        "restarted with another",
        [
            decision("start", "2025-06-02", "50"),
            decision("stop", "2025-07-02"),
            decision("restart", "2025-08-02", "25"),
        ],
        "active",
        "25",
    ),
    ("stopped before any start", [decision("stop", "2025-07-02")], "stopped", None),
    ("taken over", [decision("transfer-in", "2025-07-02", "150")], "active", "150"),
    ("handed over", [decision("start", "2025-06-02", "50"), decision("transfer-out", "2025-07-02")], "ended", "50"),
    ("died", [decision("start", "2025-06-02", "50"), {"kind": "died", "at": "2025-07-02"}], "died", "50"),
    (
        "restarted after death",
        [
            decision("start", "2025-06-02", "50"),
            {"kind": "died", "at": "2025-07-02"},
            decision("restart", "2025-08-02", "100"),
        ],
        "died",
        "50",
    ),
    (
        "decided at this very instant",
        [decision("start", "2025-06-02", "50"), decision("hold", "2026-03-02T10:00")],
        "held",
        "50",
    ),
    (
        "decided later than asked",
        [decision("start", "2025-06-02", "50"), decision("hold", "2026-03-03")],
        "active",
        "50",
    ),
    (
        "accepted",
        [decision("start", "2025-06-02", "50"), decision("accept", "2025-07-02", finding="a/b/c")],
        "active",
        "50",
    ),
    (
        "refused a raise",
        [decision("start", "2025-06-02", "50"), decision("refuse", "2025-07-02", "100")],
        "active",
        "50",
    ),
    # of one day, the more careful reading holds, whatever the order in which they were sent
    (
        "held and restarted the same day",
        [decision("start", "2025-06-02", "50"), decision("hold", "2025-07-02"), decision("restart", "2025-07-02")],
        "held",
        "50",
    ),
    (
        "started and stopped the same day",
        [decision("start", "2025-06-02", "50"), decision("stop", "2025-06-02")],
        "stopped",
        "50",
    ),
    (
        "started and raised the same day",
        [decision("start", "2025-06-02", "50"), decision("raise", "2025-06-02", "100")],
        "active",
        "100",
    ),
    (
        "died and restarted the same day",
        [
            decision("start", "2025-06-02", "50"),
            {"kind": "died", "at": "2025-07-02"},
            decision("restart", "2025-07-02", "100"),
        ],
        "died",
        None,
    ),
]


@pytest.mark.parametrize(("says", "events", "state", "mg"), FOLDS, ids=[row[0] for row in FOLDS])
def test_the_fold_over_decisions(says: str, events: list[Json], state: str, mg: str | None) -> None:
    named = [{"id": f"d{n}"} | one for n, one in enumerate(events)]
    found = {(c["state"], c["mg_per_day"]) for order in permutations(named) for c in [told(list(order))["course"]]}
    assert {s for s, _ in found} == {state}
    assert len(found) == 1
    if not says.startswith("died and"):
        assert found == {(state, mg)}


@pytest.mark.parametrize("do", ["hold", "stop"])
@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
def test_no_result_ends_a_hold_or_a_stop(do: str, protocol: str) -> None:
    halted = [*steady(last="2026-01-20"), decision(do, "2026-01-25", reason="leucopenia")]
    good = [one for day in ("2026-02-01", "2026-02-10", "2026-02-20", "2026-03-01") for one in panel(day)]
    for days in ("2026-03-02T10:00:00-05:00", "2028-03-02T10:00:00-05:00"):
        said = told(record([*halted, *good], protocol), as_of=days)
        assert said["course"]["state"] == {"hold": "held", "stop": "stopped"}[do]
        assert "continue" not in said["actions"]


@pytest.mark.parametrize("reason", ["other", "the patient moved away", "something else"])
@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
def test_an_unclassified_reason_opens_no_restart(reason: str, protocol: str) -> None:
    stopped = [*steady(last="2026-01-20"), decision("stop", "2026-01-25", reason=reason), *panel("2026-03-01")]
    said = told(record(stopped, protocol), "restart")
    assert {"do-not-start", "contact-prescriber"} <= set(said["actions"])
    assert not {"restart-with-special-caution", "dose-options", "continue"} & set(said["actions"])


@pytest.mark.parametrize("reason", ["pancreatitis", "hypersensitivity"])
@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
def test_after_pancreatitis_or_a_reaction_no_restart_even_if_it_was_the_reason_before_the_last(
    reason: str, protocol: str
) -> None:
    events = [
        *steady(last="2026-01-20"),
        decision("stop", "2025-09-01", reason=reason),
        decision("restart", "2025-10-01"),
        decision("stop", "2026-01-25", reason="liver"),
        *panel("2026-03-01"),
    ]
    said = told(record(events, protocol), "restart")
    assert "do-not-start" in said["actions"]
    assert "restart-with-special-caution" not in said["actions"]


def test_a_hold_past_its_date_is_told_to_the_prescriber_today() -> None:
    held = [*steady(), decision("hold", "2026-02-20", reason="leucopenia", decide_by="2026-03-01")]
    assert told(held, as_of="2026-03-01T10:00:00-05:00")["advice"]["prescriber"] != "today"
    assert told(held)["advice"]["prescriber"] == "today"


def test_a_handed_over_course_ends_no_waiting_time() -> None:
    events = [
        decision("start", "2023-01-01", "150"),
        decision("hold", "2024-01-01", reason="patient"),
        decision("restart", "2024-02-01"),
        decision("transfer-out", "2026-02-01"),
    ]
    for protocol in ("cidp", "mg", "aih"):
        assert "waiting-period-complete" not in told(record(events, protocol), "pregnancy")["actions"]
