"""What must hold of whatever is sent: one of Countwell's own errors or an answer; in good time; never `continue` in doubt."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from countwell.base.dates import Moment
from countwell.base.errors import CountwellError, EngineFault
from countwell.model.answers import ACTIONS, Answer
from countwell.model.records import Record, Result

SLOWEST_SECONDS = 1.0
OLDEST = timedelta(days=100)  # no schedule of a shipped protocol waits longer for a blood count or a liver test
PLAIN_NUMBER = re.compile(r"[ \t\r\n]*[+]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]{1,2})?[ \t\r\n]*", re.ASCII)
STANDS = ("final", "corrected", "amended")
REQUIRED = ({"wbc"}, {"hb"}, {"platelets"}, {"alt", "ast"})
MARKUP = ("<script>alert", "<img src=x")


class Broken(AssertionError):
    """A law that did not hold."""


@contextmanager
def lawful() -> Iterator[None]:
    """Swallows what Countwell refuses on purpose; what takes too long, or is a fault of Countwell, breaks the law."""
    began = time.process_time()
    try:
        yield
    except EngineFault as error:
        raise Broken(f"a fault of the engine: {error}") from error
    except CountwellError as error:
        check_sentence(str(error))
    finally:
        seconds = time.process_time() - began
    if seconds > SLOWEST_SECONDS:
        raise Broken(f"took {seconds:.1f} s")


def check_sentence(text: str) -> None:
    """A refusal says something, and can be printed."""
    if not text.strip():
        raise Broken("an error without a sentence")
    text.encode("utf-8")


def check_answer(answer: Answer, record: Record, as_of: Moment, *, layered: bool = True) -> None:
    """The laws of an answer to `review`, whatever the record. layered: whether the protocol was read with its layers;
    alone it may have no rule on a test that it requires.
    """
    written = json.dumps(answer.to_json(), allow_nan=False)
    written.encode("utf-8")
    if unknown := set(answer.actions) - set(ACTIONS):
        raise Broken(f"actions that do not exist: {unknown}")
    if "continue" in answer.actions:
        check_continue(answer, record, as_of, REQUIRED if layered else REQUIRED[:1])


def check_continue(answer: Answer, record: Record, as_of: Moment, required: Sequence[set[str]]) -> None:
    """`continue` rests on results of every required test that stand, can be read, and are not old; nothing was refused."""
    if answer.refused:
        raise Broken(f"continue beside {len(answer.refused)} refused")
    if answer.course.state != "active":
        raise Broken(f"continue while {answer.course.state}")
    for tests in required:
        if not any(_vouches(event, tests, as_of) for event in record.events):
            raise Broken(f"continue without a result of {' or '.join(sorted(tests))} that vouches for it")


def _vouches(event: object, tests: set[str], as_of: Moment) -> bool:
    return (
        isinstance(event, Result)
        and event.test in tests
        and event.status in STANDS
        and bool(PLAIN_NUMBER.fullmatch(event.value or "") or (event.value or "").lstrip()[:1] in "<>≤≥")
        and bool(event.unit)
        and event.collected is not None
        and as_of.at - OLDEST <= event.collected.at <= as_of.at
    )


def check_page(html: str) -> None:
    """What was sent is shown as text."""
    if any(markup in html for markup in MARKUP):
        raise Broken("markup that was sent stands in the page")
