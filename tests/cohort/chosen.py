"""The rules that patients are asked under, by name: a protocol with its layers, or with further ones: `ibd-uk+cpic`."""

from __future__ import annotations

from functools import cache

from countwell.cohort.plan import Plan, plan
from countwell.engine.joined import Joined
from countwell.model.pack import Pack
from countwell.pack.load import load
from countwell.questions import ask

PROTOCOLS = ("cidp", "mg", "aih")
FURTHER = (
    *(
        "bsr-2017",
        "ibd-uk",
        "neurology-uk",
        "dermatology",
        "aih-uk",
        "aih-eu",
        "aih-us",
        "eu-label",
        "us-label",
        "nhs-sps",
    ),
    *("cidp+cpic", "mg+dpwg", "ibd-uk+cpic+dpwg"),
)


def protocol_of(rules: str) -> str:
    """The protocol alone."""
    return rules.split("+")[0]


def layers_of(rules: str) -> tuple[str, ...] | None:
    """All its layers, the further ones last; None: its own."""
    protocol, *further = rules.split("+")
    return (*load(protocol, cases=False).packs[0].layers, *further) if further else None


@cache
def packs_of(rules: str) -> tuple[Pack, ...]:
    """The protocol, then its layers."""
    return tuple(load(protocol_of(rules), layers_of(rules), cases=False).packs)


@cache
def laid_out(rules: str) -> Plan:
    """As the pass reads them."""
    return plan(protocol_of(rules), layers_of(rules))


@cache
def joined(rules: str) -> Joined:
    """As the reference reads them; files that change meanwhile are not read again."""
    return ask.joined(protocol_of(rules), layers_of(rules))
