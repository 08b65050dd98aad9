"""Certificates and versions: what changes the hash of the rules, and what does not."""

import json

import pytest

from countwell.base.errors import PackError
from countwell.pack.certificate import certificate, certificate_path, is_proven, read_certificate, rules_hash, written
from countwell.pack.load import find, shipped
from countwell.pack.read import read_pack
from countwell.pack.versions import is_newer, needs_new_version, same_rules, version
from packs.sample import SAMPLE, pack

PROSE = [
    ("title: Azathioprine on the ward", "title: Something else"),
    ('"One count is low."', '"A count is low."'),
    ("Drugs board, minute 12", "Drugs board, minute 13"),
    ('at: "item 3", reading', 'at: "item 30", reading'),
    ("verified: yes", "verified: no"),
    ("status: draft", "status: reviewed"),
    ('says: "No step."', 'says: "No step at all."'),
    ("given: {wbc: 3.4}", "given: {wbc: 3.3}"),
    ("\nfacts:\n", "\n\n# a remark\n\nfacts:\n"),
    ("value: 3.5,", "value: 3.50,"),
    ("wbc < wbc_low", "(wbc < wbc_low)"),
]

RULES = [
    ("value: 3.5,", "value: 3.4,"),
    ("wbc < wbc_low", "wbc <= wbc_low"),
    ("unit: weeks", "unit: days"),
    ("[active, held]", "[active]"),
    ("{latest: wbc}", "{latest: wbc, worse: none}"),
    ("drug: stop,", "drug: reduce,"),
    ("condition: cidp", "condition: mg"),
    ("decide-within: week", "decide-within: month"),
    ("      unless: not white-cells at least hold and not rigors\n", ""),
    ('      gate: "No allopurinol"\n', ""),
    ("kind: protocol", "kind: protocol\nwith: [everyday]"),
]


@pytest.mark.parametrize("change", PROSE, ids=lambda change: change[1][:30])
def test_prose_does_not_change_the_hash(change):
    assert same_rules(pack(), pack(change))


@pytest.mark.parametrize("change", RULES, ids=lambda change: change[1][:30])
def test_a_rule_changes_the_hash(change):
    assert not same_rules(pack(), pack(change))


def test_the_order_of_rules_counts_and_that_of_numbers_does_not():
    lines = SAMPLE.splitlines(keepends=True)
    week, month = (next(line for line in lines if line.startswith(f"  {name}:")) for name in ("week", "month"))
    assert same_rules(pack(), pack((week + month, month + week)))
    early, always = (next(line for line in lines if line.startswith(f"    {name}:")) for name in ("early", "always"))
    assert not same_rules(pack(), pack((early + always, always + early)))


@pytest.fixture
def ward(tmp_path):
    """The sample, in a folder of its own, with a place for certificates."""
    path = tmp_path / "ward.yaml"
    path.write_text(SAMPLE)
    (tmp_path / "certificates").mkdir()
    return read_pack(path)


def test_a_certificate_vouches_for_these_rules_in_this_version_only(ward):
    assert not is_proven(ward)
    tables = tuple(table.name for table in ward.tables)
    path = certificate_path(ward)
    path.write_text(written(certificate(ward, tables, "countwell prove", "z3")))
    assert is_proven(ward)
    assert read_certificate(ward).rules_sha256 == rules_hash(ward)
    path.write_text(written(certificate(ward, tables[1:], "countwell prove")))
    assert not is_proven(ward)
    for key, value in [("rules_sha256", "0" * 64), ("version", "1.0.1"), ("pack", "other")]:
        content = json.loads(written(certificate(ward, tables, "countwell prove")))
        path.write_text(json.dumps(content | {key: value}))
        assert not is_proven(ward)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"pack": "ward"}', '{"proven": 1}', '{"proven": [], "more": 1}'])
def test_what_is_no_certificate_is_refused(ward, content):
    certificate_path(ward).write_text(content)
    with pytest.raises(PackError, match="this is no certificate"):
        is_proven(ward)


def test_versions_are_compared_as_numbers():
    old, new = pack(), pack(("version: 1.0.0", "version: 1.10.0"))
    nine = pack(("version: 1.0.0", "version: 1.9.0"))
    assert version(new) == (1, 10, 0)
    assert is_newer(new, nine)
    assert not is_newer(old, old)


def test_changed_rules_need_a_new_version():
    changed = ("value: 3.5,", "value: 3.4,")
    assert needs_new_version(pack(), pack(changed))
    assert not needs_new_version(pack(), pack(changed, ("version: 1.0.0", "version: 2.0.0")))
    assert not needs_new_version(pack(), pack(PROSE[0]))


@pytest.mark.parametrize("name", shipped())
def test_each_pack_that_comes_with_countwell_is_certified_as_it_is_now(name):
    assert is_proven(read_pack(find(name), cases=False)), f"countwell packs prove {name} --certify"
