"""Whether tests that were raised have come back before a restart: what might have been raised counts until it is known."""

import pytest

from generative.making import Json, confirmed, decision, genes, panel, result, told, weight

GATE = "[added-safety/restart/liver-twice]"
STOPPED = [
    decision("start", "2025-06-02", "150"),
    *panel("2025-05-28"),
    *genes(),
    result("alt", "220", "2026-01-05T09:00", normal_high="40"),
    decision("stop", "2026-01-06", reason="liver"),
    *panel("2026-02-01"),
    *panel("2026-03-01"),
    weight("2026-03-01"),
    *confirmed("2026-03-01"),
]
OPEN, SHUT = False, True


def ggt(value: str, limit: str | None, day: str = "2026-01-05") -> Json:
    return result("ggt", value, f"{day}T09:00", normal_high=limit)


ROWS = [
    ("nothing of it, ALT twice within", [], OPEN),
    ("within its limit", [ggt("30", "60")], OPEN),
    ("raised, and twice within since", [ggt("300", "60")], OPEN),
    ("raised by a limit that is doubted, and twice within since", [ggt("300", "600")], OPEN),
    ("raised, and once within since", [ggt("300", "60", "2026-02-10")], SHUT),
    ("raised by a limit that is doubted, and once within since", [ggt("300", "600", "2026-02-10")], SHUT),
    ("without a limit, and once within since", [ggt("300", None, "2026-02-10")], SHUT),
]


@pytest.mark.parametrize(("says", "more", "shut"), ROWS, ids=[row[0] for row in ROWS])
def test_whether_another_liver_test_keeps_the_gate_shut(says: str, more: list[Json], shut: bool) -> None:
    said = told([*STOPPED, *more], "restart")
    assert any(GATE in text for text in said["details"]["because"]) == shut
