"""Every exception of Countwell, and in one place what each means to a shell and to a web client.

Messages say where, what, and what to do. They never carry patient data.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


class CountwellError(Exception):
    """The root of all errors raised on purpose."""


class UsageError(CountwellError):
    """The question was put wrongly: an unknown key, a missing choice."""


class RecordError(CountwellError):
    """The input as a whole cannot be used."""


class Refusal(CountwellError):
    """The thing asked for is refused."""


class StoreError(CountwellError):
    """The store cannot be reached."""


class CohortError(CountwellError):
    """A cohort store, or what is to be put into one, cannot be used: says which file and row group."""


class EngineFault(CountwellError):
    """Countwell itself is at fault: a state that the proofs exclude was reached."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a file: where (`file:line`), what, and what to do."""

    where: str
    what: str
    do: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" {self.do}" if self.do else "")


class PackError(CountwellError):
    """A pack cannot be used; carries all its faults."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Unreadable(CountwellError):
    """One laboratory value that cannot be used as it was sent.

    why: a word of the closed list in the answer's schema (`no-unit`, `ambiguous-unit`, `implausible`, `unreadable` …).
    literal: what it would be if taken literally, in the test's own unit; likely: what the sender may have meant.
    Both serve only to tell how urgent the question to the sender is; neither is ever used as a value.
    """

    def __init__(
        self,
        why: str,
        says: str,
        *,
        literal: Decimal | None = None,
        likely: tuple[Decimal, ...] = (),
        do: str = "Ask the laboratory what was meant.",
    ) -> None:
        super().__init__(says)
        self.why, self.says, self.literal, self.likely, self.do = why, says, literal, likely, do


def exit_code(error: BaseException) -> int:
    """What the shell is told: 1 fault in Countwell, 2 usage, 3 refused or unusable, 4 pack, 5 store."""
    match error:
        case UsageError():
            return 2
        case RecordError() | CohortError() | Refusal() | Unreadable():
            return 3
        case PackError():
            return 4
        case StoreError():
            return 5
        case _:
            return 1


def http_status(error: BaseException) -> int:
    """The same kinds as HTTP status codes."""
    match exit_code(error):
        case 2:
            return 400
        case 3:
            return 422
        case 5:
            return 503
        case _:
            return 500
