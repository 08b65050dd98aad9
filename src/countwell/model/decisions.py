"""What each kind of decision does to a course of treatment."""

from __future__ import annotations

NEW_STATE = {
    "start": "active",
    "restart": "active",
    "transfer-in": "active",
    "hold": "held",
    "stop": "stopped",
    "transfer-out": "ended",
}
SAFER_LAST = ("start", "restart", "transfer-in", "raise", "reduce", "accept", "refuse", "transfer-out", "hold", "stop")
RUNS = ("start", "restart", "transfer-in")  # from each of these a run begins
CHANGES = (*RUNS, "raise", "reduce")  # these change the dose
