"""Faults planted in a library are seen: by the worked cases of its pack, or by patients at random."""

import re

import pytest

pytest.importorskip("cql_sdk", reason="the independent CQL engine (ms-cql-sdk) is not installed")

from countwell.cql import library
from countwell.questions.ask import joined
from cql.agree import standings
from cql.meets import Libraries, differences
from cql.planted import exceptions_dropped, is_seen, limits_moved
from cql.test_cases import faults, pack_named


def changed(text, pattern, by):
    """A text in which something was changed; nothing to change is a fault of the test."""
    found, count = re.subn(pattern, by, text)
    assert count, pattern
    return found


def test_without_a_planted_fault_nothing_is_seen():
    assert list(faults(pack_named("cidp"), {"cidp": library(pack_named("cidp"))})) == []


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        pytest.param('"wbc high" <= "wbc_stop"', '"wbc high" < "wbc_stop"', id="a limit on the other side"),
        pytest.param('"wbc high" <= "wbc_stop"', '"wbc low" <= "wbc_stop"', id="possible taken for sure"),
        pytest.param('define "wbc_stop": 2.0', 'define "wbc_stop": 2.1', id="another number"),
        pytest.param('(?<=is silent": if "fever is silent" then )false', "null", id="silence as not known"),
        pytest.param('(?<=is silent": if "fever is silent" then )true', "null", id="silence not clear"),
        pytest.param('"liver/above-twice", true', '"liver/above-twice", false', id="not ruled out left out of at most"),
        pytest.param('"as of" <= "on_drug earliest', '"as of" < "on_drug earliest', id="a day too few"),
        pytest.param('"on_drug latest" \\+ 6 weeks', '"on_drug latest" + 5 weeks', id="a week too few"),
        pytest.param("'proposed'", "'active'", id="another word"),
    ],
)
def test_the_cases_of_a_pack_see_a_planted_fault(pattern, by):
    pack = pack_named("cidp")
    assert list(faults(pack, {"cidp": changed(library(pack), pattern, by)})) != []


def test_the_cases_of_a_pack_see_every_limit_that_is_moved():
    pack = pack_named("cidp")
    assert [what for what, text, tables in limits_moved(pack) if not is_seen(pack, text, tables)] == []


def test_the_cases_of_a_pack_see_a_dropped_exception():
    pack = pack_named("cidp")
    assert "liver/new-rise" in [what for what, text, tables in exceptions_dropped(pack) if is_seen(pack, text, tables)]


def silence_not_known(pack):
    return changed(library(pack), '(?<=is silent" then )false', "null")


def without_exceptions(pack):
    return (
        changed(library(pack), r"(?= then false\n +else (?!null))", " and false")
        if has_exceptions(pack)
        else library(pack)
    )


def has_exceptions(pack):
    return any(rule.unless is not None for table in pack.tables for rule in table.rules)


@pytest.mark.parametrize("planted", [without_exceptions, silence_not_known])
def test_patients_at_random_see_a_planted_fault(planted):
    packs = joined("cidp")
    libraries = Libraries(packs, {pack.name: planted(pack) for pack in packs.packs})
    for patient in standings(packs, 30, 0):
        libraries.give(patient)
        if any(differences(patient, libraries)):
            return
    pytest.fail("thirty patients, and not one of them shows it")
