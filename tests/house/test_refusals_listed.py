"""What must be refused is listed line by line, each with the tests that try it; a test that is gone fails the list."""

import pytest

from house.test_traceability import hazard_faults, log, missing_or_surplus, world

LINES = [f"R{number:02}" for number in range(1, 29)]


def faults(name, entry):
    """What is wrong with one line; it has the parts of a hazard: what is refused, and how."""
    parts = {"hazard": entry.get("refused"), "control": entry.get("code")}
    return hazard_faults(
        name, parts | {key: value for key, value in entry.items() if key not in ("refused", "code")}, world()
    )


def test_every_line_is_listed():
    assert missing_or_surplus(log("refusals"), LINES) == set()


def test_every_line_has_its_tests_or_says_what_is_missing():
    assert [fault for name, entry in log("refusals").items() for fault in faults(name, entry)] == []


@pytest.mark.parametrize(
    "planted",
    [
        {"tests": []},
        {"tests": ["tests/clinic/test_sent.py::test_gone"]},
        {"code": ""},
        {"issue": "x"},
    ],
    ids=str,
)
def test_a_planted_gap_is_found(planted):
    assert len(faults("R16", log("refusals")["R16"] | planted)) == 1
