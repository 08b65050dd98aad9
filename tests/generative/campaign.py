"""A long run of the laws of time and of worsening over generated records, outside the test suite.

    python -m tests.generative.campaign --examples 100000 [--seed 1] [--summary FILE]

Every record is put to all the checks named a-i in properties.py; each failing check is counted, and the smallest record
of each (as JSON) kept. Exit 1 if anything failed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from countwell import Record, ask, read_record
from countwell.base.dates import Moment

from . import properties as law
from . import strategies, worsening
from .making import AS_OF, Json, when

CHUNK = 500
NOW = when(AS_OF)


class Campaign:
    """Counts of what was checked and of what failed."""

    def __init__(self) -> None:
        self.records = 0
        self.checked: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.said: Counter[str] = Counter()
        self.worst: dict[str, tuple[str, Json]] = {}

    def check(self, name: str, sent: Json, run: Callable[[], None]) -> None:
        """One check of one record."""
        self.checked[name] += 1
        try:
            run()
        except AssertionError as error:
            self.fail(f"{name}: {kind_of(error)}", str(error), sent)
        except Exception as error:  # noqa: BLE001  (a fault of the engine is what is looked for)
            self.fail(f"{name}: {type(error).__name__}", repr(error), sent)

    def fail(self, name: str, says: str, sent: Json) -> None:
        """Keep the smallest record of each failure."""
        self.failed[name] += 1
        known = self.worst.get(name)
        if known is None or len(json.dumps(sent)) < len(json.dumps(known[1])):
            self.worst[name] = (says, sent)

    def record(self, sent: Json, data: st.DataObject) -> None:
        """All checks of one record."""
        self.records += 1
        try:
            said = law.told(sent)
        except Exception as error:  # noqa: BLE001
            self.fail(f"answer: {type(error).__name__}", repr(error), sent)
            return
        self.said.update(said["actions"])
        self.check("g ends", sent, lambda: law.check_ends_in_order(said))
        self.check("g actions", sent, lambda: law.check_actions(said))
        first, second = data.draw(st.sampled_from([(1, 9), (6, 200), (33, 400), (100, 2000)]))
        self.check("a alarm stands", sent, lambda: law.check_alarm_stands(sent, (second,)))
        self.check("b reassurance lapses", sent, lambda: law.check_reassurance_lapses(sent))
        self.check("b continue stays gone", sent, lambda: law.check_continue_does_not_return(sent, (first, second)))
        self.check("c due dates stand", sent, lambda: law.check_due_dates_stand(sent, (second,)))
        self.check("e no continue in doubt", sent, lambda: law.check_no_continue_in_doubt(sent))
        self.worse(sent, data)
        added = data.draw(worsening.mere_report(sent))
        self.check("i mere report", sent | {"added": added}, lambda: law.check_adds_nothing_mild(sent, added))

    def worse(self, sent: Json, data: st.DataObject) -> None:
        """One thing worse, one thing less known."""
        way = data.draw(st.sampled_from(["worse_result", "added_symptom", "added_medicine"]))
        changed = data.draw(getattr(worsening, way)(sent))
        if changed is not None:
            doses = self.records % 4 == 0
            run = lambda: law.check_not_milder(changed, sent, doses=doses)  # noqa: E731
            self.check(f"d {way}", sent | {"worse": changed["events"]}, run)
        blind = data.draw(worsening.less_known(sent))
        if blind is not None:
            run = lambda: law.check_not_milder(blind, sent, at_least=False, tests=False, doses=self.records % 4 == 1)  # noqa: E731
            self.check("d less known", sent | {"worse": blind["events"]}, run)
        slipped = data.draw(worsening.slipped_limit(sent))
        if slipped is not None:
            run = lambda: law.check_not_milder(slipped, sent, at_least=False, tests=False)  # noqa: E731
            self.check("d slipped limit", sent | {"worse": slipped["events"]}, run)

    def summary(self, seconds: float) -> Json:
        """What was done and found."""
        return {
            "records": self.records,
            "seconds": round(seconds),
            "checked": dict(self.checked),
            "actions said": dict(self.said.most_common()),
            "failed": dict(self.failed.most_common()),
            "smallest": {name: {"says": says, "record": sent} for name, (says, sent) in self.worst.items()},
        }


def kind_of(error: AssertionError) -> str:
    """What a failure is about, without its dates and numbers."""
    return re.sub(r"[0-9][0-9.-]*", "#", str(error).splitlines()[0])[:70]


class Remembered:
    """The answers about one record and its variants: each is read once, and asked once for each instant and question."""

    def __init__(self) -> None:
        self.read: dict[int, tuple[Json, Record]] = {}
        self.known: dict[tuple[int, str, str], Json] = {}

    def forget(self) -> None:
        """Begin another record."""
        self.read.clear()
        self.known.clear()

    def told(self, sent: Json, question: str = "review", as_of: Moment | None = None) -> Json:
        """As `making.told`. The schedule stands in every answer; it need not be asked for by itself."""
        question = "review" if question == "schedule" else question
        instant = as_of or NOW
        key = id(sent), question, str(instant)
        if key not in self.known:
            self.known[key] = ask(question, self._read(sent), as_of=instant).to_json()
        return self.known[key]

    def _read(self, sent: Json) -> Record:
        """The record as read. What was sent is kept beside it, so that no other can take its place in memory."""
        if id(sent) not in self.read:
            self.read[id(sent)] = sent, read_record(sent)
        return self.read[id(sent)][1]


def run(examples: int, first_seed: int, keep: Callable[[Campaign], None]) -> Campaign:
    """So many records, in chunks, each with its own seed. keep: told of the state after each chunk."""
    campaign, remembered = Campaign(), Remembered()
    law.told = remembered.told
    for number in range((examples + CHUNK - 1) // CHUNK):

        @seed(first_seed * 100_003 + number)
        @settings(
            max_examples=min(CHUNK, examples - number * CHUNK),
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategies.records(), st.data())
        def one(sent: Json, data: st.DataObject) -> None:
            remembered.forget()
            campaign.record(sent, data)

        one()
        keep(campaign)
    return campaign


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--summary", type=Path)
    args = parser.parse_args()
    began = time.monotonic()

    def keep(campaign: Campaign) -> None:
        text = json.dumps(campaign.summary(time.monotonic() - began), indent=1, ensure_ascii=False)
        if args.summary:
            args.summary.write_text(text, encoding="utf-8")
        print(f"{campaign.records} records, {sum(campaign.failed.values())} failed checks", file=sys.stderr, flush=True)  # noqa: T201

    campaign = run(args.examples, args.seed, keep)
    failed = "\n".join(f"{count:6} {name}" for name, count in campaign.failed.most_common())
    print(f"{campaign.records} records, {sum(campaign.checked.values())} checks\n{failed}")  # noqa: T201
    return 1 if campaign.failed else 0


if __name__ == "__main__":
    sys.exit(main())
