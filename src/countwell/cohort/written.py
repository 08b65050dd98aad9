"""What the generated text of a plan defines: the rules themselves. Here only what each function is to do.

`generate` writes them and puts the text of `deciding` after them. s: the slot of the instant.
"""

from __future__ import annotations

from typing import Any


def calendar_rules(p: Any, s: Any) -> None:
    """Writes the state of the recurring rules that hang on the calendar alone."""


def finding_rules(p: Any, s: Any) -> None:
    """Writes the state of the other recurring rules, and of the tables they hang on."""


def advice_rules(p: Any, s: Any) -> None:
    """Writes the state of every rule that gives advice, table by table in the order of reading."""


def later_rules(p: Any, s: Any) -> None:
    """Writes the state of every other rule: it may read the advice of all."""
