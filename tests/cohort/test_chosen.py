"""Patients at random are asked under every protocol and every layer that comes with Countwell."""

from cohort.chosen import FURTHER, PROTOCOLS, packs_of
from countwell.pack.load import shipped


def test_every_pack_that_comes_with_countwell_is_among_the_rules_that_patients_are_asked_under():
    assert {pack.name for rules in (*PROTOCOLS, *FURTHER) for pack in packs_of(rules)} == set(shipped())
