"""What is wrong with packs that can be read: what is not cited, not used, not comparable, not covered by cases.

All faults of all packs at once, in the order of the files. Whether the rules are complete and monotone is for `engine.prove`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from countwell.base.errors import Fault
from countwell.model.pack import FactDefinition, Number, Pack, Reading, Source
from countwell.model.rules import Rule
from countwell.pack import uses
from countwell.pack.certificate import is_proven
from countwell.pack.faults import Faults
from countwell.pack.lint_cases import check_cases
from countwell.pack.lint_comparisons import check_comparisons
from countwell.pack.lint_course import check_course
from countwell.pack.lint_facts import check_facts
from countwell.pack.lint_rules import check_rules
from countwell.pack.load import Loaded, unread

_Named = Mapping[str, Number] | Mapping[str, FactDefinition] | Mapping[str, Source] | Mapping[str, Reading]


def faults_of(loaded: Loaded) -> list[Fault]:
    """Every fault of a protocol and its layers. A layer alone can be checked as `Loaded(layer)`."""
    faults = [fault for pack in loaded.packs for fault in faults_of_pack(pack)]
    if loaded.pack.kind == "protocol":
        faults += unread(loaded) + check_course(loaded)
    return faults


def faults_of_pack(pack: Pack) -> list[Fault]:
    """Every fault of one pack that can be seen without the others."""
    faults = Faults(pack.path)
    for check in CHECKS:
        check(pack, faults)
    return faults.sorted()


def _check_uses(pack: Pack, faults: Faults) -> None:
    """Whatever has a name is used."""
    _unused(pack.numbers, uses.numbers_used(pack), "number", faults)
    _unused(pack.facts, uses.facts_used(pack), "fact", faults)
    _unused(pack.sources, uses.sources_used(pack), "source", faults)
    _unused(pack.readings, uses.readings_used(pack), "reading", faults)


def _unused(named: _Named, used: set[str], kind: str, faults: Faults) -> None:
    for name, entry in named.items():
        if name not in used:
            faults.add(entry.line, f"{kind} `{name}` is used nowhere.", "Use it, or take it out.")


def _check_in_use(pack: Pack, faults: Faults) -> None:
    """A pack in use rests on sources that were read, and is proven."""
    if pack.status != "in-use":
        return
    for table, rule in uses.rules(pack):
        if not _is_verified(pack, rule):
            what = f"rule `{table.name}/{rule.name}` rests on no verified source."
            faults.add(rule.line, what, "Verify one, or set the status back.")
    if not is_proven(pack):
        faults.add(1, f"{pack.name} is in use without a certificate.", f"Run `countwell packs prove {pack.name}`.")


def _is_verified(pack: Pack, rule: Rule) -> bool:
    own = rule.source is not None and pack.sources[rule.source].verified
    return own or any(pack.numbers[name].verified for name in uses.rule_numbers(rule))


CHECKS: tuple[Callable[[Pack, Faults], None], ...] = (
    _check_uses,
    check_facts,
    check_rules,
    check_comparisons,
    check_cases,
    _check_in_use,
)
