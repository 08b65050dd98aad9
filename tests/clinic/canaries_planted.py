"""Faults planted in what runs, one after the other, and whether a round of canaries notices each.

    cd tests; python -m clinic.canaries_planted cidp mg      (or --all: ten minutes)

Each rule silenced, each rule renamed, each number moved, each test's code read as another test's, each unit read ten times
better than it is. A round is hourly, so what one round notices is noticed within two cycles whenever it happened.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from unittest.mock import patch

from countwell.clinic import flock as flocks
from countwell.clinic.flock import Canary, differences, flock, other_rules
from countwell.engine.cases import broken_cases
from countwell.engine.joined import PlacedRule
from countwell.facts import readings
from countwell.model.pack import Number, Pack
from countwell.pack.load import find, load, shipped
from countwell.pack.read import read_pack
from countwell.questions.ask import joined
from countwell.vocabulary import quantities
from countwell.vocabulary import tests as listed

PROTOCOLS = [name for name in shipped() if read_pack(find(name), cases=False).kind == "protocol"]
BY_VALUE = {"latest", "highest", "change", "streak"}
Planting = Callable[[PlacedRule], AbstractContextManager[object]]


def silenced(rule: PlacedRule) -> AbstractContextManager[object]:
    """While this lasts, the rule's condition is never met."""
    return patch.dict(rule.__dict__, when=lambda *_: False)


def renamed(rule: PlacedRule) -> AbstractContextManager[object]:
    """While this lasts, the rule goes by another name."""
    return patch.dict(rule.__dict__, key=f"{rule.key}-x")


def canaries_of(protocol: str) -> Sequence[Canary]:
    """All canaries of a protocol."""
    its = flock(protocol)
    assert its is not None, f"{protocol} has no canaries"
    return its.canaries


def noticed(protocol: str, touched: Callable[[Canary], bool]) -> bool:
    """Whether some canary says otherwise than it must; those that are likely to be touched are sent down first."""
    first = sorted(canaries_of(protocol), key=lambda one: not touched(one))
    return any(True for one in first for _ in differences(one, protocol))


def rules_unnoticed(protocol: str, planting: Planting, one_in: int = 1) -> list[str]:
    """The rules of which nobody noticed it. one_in: of so many rules one."""
    missed = []
    for rule in joined(protocol).rules[::one_in]:
        key = rule.key
        with planting(rule):
            if not noticed(protocol, lambda one, key=key: key in one.rules):
                missed.append(key)
    return missed


def numbers(protocol: str) -> Iterator[tuple[Pack, Number]]:
    """Every number of a protocol and its layers."""
    return ((pack, number) for pack in joined(protocol).packs for number in pack.numbers.values())


def moved(pack: Pack, number: Number) -> Pack:
    """The pack with one number a tenth higher; a duration one of its units longer."""
    longer = number.duration and replace(number.duration, count=number.duration.count + 1)
    higher = replace(
        number, value=number.value + (1 if longer or not number.value else number.value / 10), duration=longer
    )
    return replace(pack, numbers={**pack.numbers, number.name: higher})


def numbers_unnoticed(protocol: str, one_in: int = 1) -> list[str]:
    """The numbers that can be moved without anybody noticing that other rules run than those the canaries were made for."""
    its = flock(protocol)
    assert its is not None
    assert not list(other_rules(protocol, its))
    missed = []
    for pack, number in list(numbers(protocol))[::one_in]:
        running = tuple(moved(one, number) if one is pack else one for one in joined(protocol).packs)
        with patch.object(flocks, "joined", lambda _, running=running: SimpleNamespace(packs=running)):
            if not list(other_rules(protocol, its)):
                missed.append(f"{pack.name}/{number.name}")
    return missed


def numbers_no_case_notices(protocol: str) -> list[str]:
    """The numbers that could be moved and proven anew without any worked case coming out otherwise."""
    packs = {pack.name: pack for pack in load(protocol).packs}
    return [
        f"{pack.name}/{number.name}"
        for pack, number in numbers(protocol)
        if not broken_cases(moved(packs[pack.name], number))
    ]


@contextmanager
def read_as_another(name: str) -> Iterator[None]:
    """While this lasts, the codes of a test mean another one."""
    other = "platelets" if name != "platelets" else "wbc"
    swapped = {code: other if test == name else test for code, test in listed._codes().items()}
    with patch.object(listed, "_codes", lambda: swapped):
        yield


@contextmanager
def ten_times_better(name: str) -> Iterator[None]:
    """While this lasts, each unit of a test is read as ten times better than it is: too low where high values are bad."""
    test = listed.tests()[name]
    factor = Decimal(10) if test.worse == "lower" else Decimal("0.1")
    better = {spelling: replace(unit, times=unit.times * factor) for spelling, unit in test.units.items()}
    _forget_readings()
    try:
        with patch.dict(listed.tests(), {name: replace(test, units=better)}):
            yield
    finally:
        _forget_readings()


def _forget_readings() -> None:
    """A fault that is there when the clinic starts finds none that were read before."""
    readings._read_texts.cache_clear()
    readings.read_span.cache_clear()
    quantities._conversions.cache_clear()


def misread_unnoticed(protocol: str, planting: Callable[[str], AbstractContextManager[None]]) -> list[str]:
    """The tests of which nobody noticed it, of those that canaries bring."""
    missed = []
    for name, code in codes_sent(protocol):
        if planting is ten_times_better and name not in compared_by_value(protocol):
            continue
        with planting(name):
            if not noticed(protocol, lambda one, code=code: f'"{code}"' in one.record):
                missed.append(name)
    return missed


def compared_by_value(protocol: str) -> set[str]:
    """The tests that some rule compares by their value. Others are compared with their own limit, which is misread alike."""
    facts = [fact for pack in joined(protocol).packs for fact in pack.facts.values() if fact.kind in BY_VALUE]
    return {name for fact in facts if fact.param("as") not in ("limits", "%") for name in fact.of}


def codes_sent(protocol: str) -> list[tuple[str, str]]:
    """Each test with a number and the code under which canaries bring it."""
    records = "".join(one.record for one in canaries_of(protocol))
    tests = (test for test in listed.tests().values() if test.scale == "number" and test.loinc)
    firsts = ((test.name, next(iter(test.loinc))) for test in tests)
    return [(name, code) for name, code in firsts if f'"{code}"' in records]


def main() -> int:
    """0 if everything that was planted was noticed, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("protocols", nargs="*", help="names of protocols")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--cases", action="store_true", help="also: how many numbers no worked case alone would tell")
    given = parser.parse_args()
    protocols = PROTOCOLS if given.all else given.protocols
    missed = [line for protocol in protocols for line in tried(protocol)]
    for protocol in protocols if given.cases else ():
        uncased = numbers_no_case_notices(protocol)
        sys.stdout.write(f"{protocol}: no case alone tells of {len(uncased)} numbers: {', '.join(uncased)}\n")
    sys.stdout.write("\n".join([*missed, f"{len(missed)} of what was planted went unnoticed.", ""]))
    return 1 if missed else 0


def tried(protocol: str) -> Iterator[str]:
    """What went unnoticed in one protocol; the figures are printed."""
    from clinic.canaries_pinned import unlike_sql

    begun = time.process_time()
    rules, tests = joined(protocol).rules, codes_sent(protocol)
    found = {
        "silenced": rules_unnoticed(protocol, silenced),
        "renamed": rules_unnoticed(protocol, renamed),
        "moved": numbers_unnoticed(protocol),
        "read as another test": misread_unnoticed(protocol, read_as_another),
        "read as ten times better": misread_unnoticed(protocol, ten_times_better),
        "unlike SQL": unlike_sql(protocol, canaries_of(protocol)),
    }
    sys.stdout.write(
        f"{protocol}: {len(rules)} rules silenced and renamed, {len(list(numbers(protocol)))} numbers moved, "
        f"{len(tests)} tests misread: "
        f"{sum(map(len, found.values()))} unnoticed, {time.process_time() - begun:.0f} s\n"
    )
    sys.stdout.flush()
    return (f"{protocol}: {what}: {name}" for what, names in found.items() for name in names)


if __name__ == "__main__":
    sys.exit(main())
