"""A hospital's own pack: another's rules with some numbers changed, each with a source and two names, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from countwell import ask, read_record
from countwell.base.errors import PackError
from countwell.cli.ask import ask as ask_command
from countwell.cli.cohort import cohort as cohort_command
from countwell.cli.packs import packs as packs_command
from countwell.cohort.of_record import write_records
from countwell.engine.cases import broken_cases
from countwell.engine.prove import differences
from countwell.engine.prove.tables import prove_tables
from countwell.pack.lint import faults_of
from countwell.pack.load import find, load
from countwell.pack.read import read_pack
from countwell.pack.versions import changed
from countwell.paper.pack_page import pack_page
from generative.making import AS_OF, record, result, steady, when
from packs.sample import reading_faults, sample

OURS = """\
pack: our-hospital
kind: protocol
version: 1.0.0
status: draft
title: Azathioprine in rheumatoid arthritis, our hospital
extends: {pack: bsr-2017, version: 1.0.0}
sources:
  board: {title: "Drugs board, minute 12", kind: local decision, verified: yes}
numbers:
  wbc_low: {value: 3.0, unit: 10*9/L, source: board, at: "item 3", agreed: [Dr A. Example, B. Example]}
tell:
  white-cells:
    withhold: {clinician: "White cells {wbc}, below 3.0: withhold and telephone."}
cases:
  just under: {table: white-cells, given: {wbc: 2.9}, rules: [withhold], advice: {drug: hold}}
  exactly: {table: white-cells, given: {wbc: 3.0}, rules: [], advice: {drug: continue}}
  just over: {table: white-cells, given: {wbc: 3.1}, rules: [], advice: {drug: continue}}
"""


@pytest.fixture
def ours(tmp_path: Path):
    """Writes the pack with some texts replaced, each of which it must hold."""

    def write(*changes: tuple[str, str]) -> Path:
        text = OURS
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "our-hospital.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_it_has_the_rules_of_the_other_with_its_own_number(ours):
    own, other = read_pack(ours()), read_pack(find("bsr-2017"))
    assert own.tables != other.tables
    assert [table.name for table in own.tables] == [table.name for table in other.tables]
    assert {name for name in own.numbers if own.numbers[name].value != other.numbers[name].value} == {"wbc_low"}
    assert (own.conditions, own.layers) == (other.conditions, other.layers)
    assert [(str(before.value), str(now.value)) for before, now in changed(own)] == [("3.5", "3.0")]


def test_it_passes_lint_cases_and_proofs_like_any_pack(ours):
    loaded = load(ours())
    assert [str(fault) for fault in faults_of(loaded)] == []
    assert list(broken_cases(loaded.pack)) == []
    names = [table.name for table in loaded.pack.tables]
    assert [str(verdict) for verdict in prove_tables(loaded.packs, only=names) if not verdict.ok] == []


def test_cases_that_do_not_touch_the_changed_number_are_taken_over_and_the_others_are_not(ours):
    own, other = read_pack(ours()), read_pack(find("bsr-2017"))
    there = {case.name for case in other.cases if "wbc" not in case.given}
    assert {case.name for case in own.cases} == there | {"just under", "exactly", "just over"}


def test_a_patient_between_the_two_limits_is_treated_differently_and_the_source_is_the_hospitals(ours):
    path = str(ours())
    for count, word in (("3.2", "continue"), ("2.9", "hold")):
        sent = read_record(record([*steady(last="2026-02-01"), result("wbc", count)]))
        answer = ask("review", sent, as_of=when(AS_OF), protocol=path, beside=["bsr-2017"])
        assert answer.beside[0].advice.drug == "hold"
        own = [found for found in answer.findings if found.layer == "our-hospital"]
        assert [found.advice.drug for found in own] == ([] if word == "continue" else ["hold"])
        assert all("board" in [source.id for source in found.sources] for found in own)


def test_the_page_of_an_answer_by_it_draws_its_limits_and_names_its_source(ours, tmp_path):
    """An answer names its packs and not where they stand."""
    sent, page, chart = (tmp_path / name for name in ("sent.json", "answer.html", "chart.svg"))
    sent.write_text(json.dumps(record([*steady(last="2026-02-01"), result("wbc", "2.9")])), encoding="utf-8")
    asked = ["review", str(sent), "--protocol", str(ours()), "--as-of", AS_OF, "--html", str(page), "--svg", str(chart)]
    CliRunner().invoke(ask_command, asked, catch_exceptions=False)
    assert "Drugs board, minute 12, item 3" in page.read_text(encoding="utf-8")
    assert "our-hospital" in chart.read_text(encoding="utf-8")


def test_over_a_register_those_between_the_two_limits_are_named(ours, tmp_path):
    counts = ("3.2", "2.9", "3.6")
    sent = [
        record([*steady(last="2026-02-01"), result("wbc", count)], "bsr-2017", patient={"id": count})
        for count in counts
    ]
    write_records([read_record(one) for one in sent], tmp_path / "store")
    asked = ["compare", str(tmp_path / "store"), "--a", "bsr-2017", "--b", str(ours()), "--as-of", "2026-03-02"]
    out = tmp_path / "who.csv"
    CliRunner().invoke(cohort_command, [*asked, "--out", str(out)], catch_exceptions=False)
    assert out.read_text(encoding="utf-8").splitlines()[1:] == ["3.2,B calls for less,hold,continue"]


def test_the_difference_is_shown_with_a_patient(ours):
    (found,) = differences(read_pack(find("bsr-2017")), read_pack(ours()))
    assert found.says == "white cells 3.0 10*9/L: bsr-2017 says hold azathioprine, our-hospital says continue"


def test_who_agreed_to_what_is_shown(ours):
    path = ours()
    printed = CliRunner().invoke(packs_command, ["show", str(path)], catch_exceptions=False).output
    says = "3.0 10*9/L, there 3.5 10*9/L [board: item 3; agreed by Dr A. Example and B. Example]"
    assert says in printed
    page = pack_page(read_pack(path))
    assert "The rules of bsr-2017 1.0.0, with other numbers" in page
    assert "Dr A. Example and B. Example" in page


WRONG = [
    ("one name", ("[Dr A. Example, B. Example]", "[Dr A. Example]"), "number `wbc_low` needs two names."),
    ("one name twice", ("[Dr A. Example, B. Example]", "[B. Example, b. example]"), "needs two names."),
    ("no names", (", agreed: [Dr A. Example, B. Example]", ""), "needs two names."),
    ("a source of the other", ("source: board, at", "source: dg, at"), "needs a source of this pack."),
    ("another unit", ("unit: 10*9/L", "unit: g/L"), "number `wbc_low` is in 10*9/L there, in g/L here."),
    ("the same value", ("value: 3.0", "value: 3.5"), "number `wbc_low` is 3.5 10*9/L there too."),
    (
        "a number that is not there",
        ("  wbc_low:", "  wbc_lwo:"),
        "bsr-2017 has no number `wbc_lwo`. Did you mean wbc_low?",
    ),
    (
        "another version",
        ("version: 1.0.0}", "version: 0.9.0}"),
        "this extends bsr-2017 0.9.0, and bsr-2017 is 1.0.0 here.",
    ),
    (
        "a sentence with the old figure",
        ("    withhold: {clinician:", "    withhold: {patient:"),
        "still says 3.5 (clinician).",
    ),
    ("a rule that is not there", ("    withhold:", "    withold:"), "table `white-cells` has no rule `withold`."),
    ("a table that is not there", ("  white-cells:\n", "  whitecells:\n"), "bsr-2017 has no table `whitecells`."),
    (
        "its own rules",
        ("tell:", "facts:\n  wbc: {latest: hb}\ntell:"),
        "a pack that extends another changes no `facts`.",
    ),
    ("its own layers", ("sources:", "with: [everyday]\nsources:"), "a pack that extends another changes no `with`."),
    ("a source named as one of the other", ("  board:", "  dg:"), "source `dg` is one of bsr-2017."),
    ("a pack that is not there", ("pack: bsr-2017", "pack: bsr-2016"), "there is no such pack."),
    (
        "nothing changed",
        (
            '  wbc_low: {value: 3.0, unit: 10*9/L, source: board, at: "item 3", agreed: [Dr A. Example, B. Example]}\n',
            "",
        ),
        "no number is changed.",
    ),
]


@pytest.mark.parametrize(("change", "says"), [wrong[1:] for wrong in WRONG], ids=[wrong[0] for wrong in WRONG])
def test_what_it_may_not_do_is_refused_with_its_line(ours, change, says):
    with pytest.raises(PackError) as refused:
        read_pack(ours(change))
    assert says in "\n".join(map(str, refused.value.faults))


def test_a_changed_limit_without_its_three_cases_is_a_fault(ours):
    lost = "  exactly: {table: white-cells, given: {wbc: 3.0}, rules: [], advice: {drug: continue}}\n"
    (fault,) = faults_of(load(ours((lost, ""))))
    assert "number `wbc_low` has no case exactly at it for `wbc`." in str(fault)
    assert fault.where.endswith("our-hospital.yaml:10")


def test_a_pack_that_extends_is_not_extended_again(ours, tmp_path):
    ours()
    (tmp_path / "ward.yaml").write_text(
        OURS.replace("pack: our-hospital\n", "pack: ward\n").replace("pack: bsr-2017", "pack: our-hospital")
    )
    with pytest.raises(PackError, match="our-hospital extends another pack itself"):
        read_pack(tmp_path / "ward.yaml")


@pytest.mark.parametrize("others", [{}, {"ward": "our-hospital"}], ids=["one that extends itself", "two in a ring"])
def test_packs_that_extend_in_a_ring_are_refused_with_that_one_fault(ours, tmp_path, others):
    first = next(iter(others), "our-hospital")
    ours(("pack: bsr-2017", f"pack: {first}"))
    for name, base in others.items():
        text = OURS.replace("pack: our-hospital\n", f"pack: {name}\n").replace("pack: bsr-2017", f"pack: {base}")
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as refused:
        read_pack(tmp_path / "our-hospital.yaml")
    assert [fault.what for fault in refused.value.faults] == [f"{first} extends another pack itself."]


def test_agreed_names_stand_only_where_a_number_is_changed():
    faults = reading_faults(sample(('at: "item 3", reading: low}', 'at: "item 3", reading: low, agreed: [A, B]}')))
    assert faults == [
        "ward.yaml:14: number `wbc_low`: `agreed` stands where another pack's number is changed. Take it out."
    ]


def test_a_change_of_the_other_pack_is_read(ours, tmp_path):
    """The two files are read anew when either has changed."""
    base = tmp_path / "bsr-2017.yaml"
    base.write_text(find("bsr-2017").read_text("utf-8"), encoding="utf-8")
    path = ours()
    assert str(read_pack(path).numbers["plt_low"].value) == "140"
    base.write_text(
        base.read_text("utf-8").replace("plt_low: {value: 140,", "plt_low: {value: 1410,"), encoding="utf-8"
    )
    assert str(read_pack(path).numbers["plt_low"].value) == "1410"
