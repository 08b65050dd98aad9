"""The chain of safety holds: statement or hazard, what is done about it, the place, the test. A link to nothing fails.

What is checked is written as functions over plain data, so that planted faults can be shown to be found.

Longer than other modules: each link of the chain has its check, and each check a planted link that is broken.
"""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from countwell.cli.packs import packs as packs_command
from countwell.model.rules import facts_of
from countwell.pack.load import find, load, shipped
from countwell.pack.read import read_pack
from countwell.pack.uses import rules
from countwell.vocabulary.lists import entries, is_covered
from house.source import ROOT, SRC

SAFETY = ROOT / "docs" / "safety"
STATEMENTS = [*(f"A{number}" for number in range(1, 63)), *(f"B{number}" for number in range(1, 54))]
HAZARDS = [f"H{number:02}" for number in range(1, 65)]
STATUSES = ("controlled", "partly", "open")
OF_REQUIREMENT = {"requirement", "where", "tests", "not_implemented"}
OF_HAZARD = {"hazard", "control", "tests", "status", "issue"}
SKIPPING = re.compile(r"(^|\.)(skip|skipif|xfail)$")
TEST_ID = re.compile(r"(?P<file>[\w./-]+\.py)::(?P<name>\w+(::\w+)?)(\[.*\])?")


@dataclass(frozen=True)
class World:
    """What there is to point to: cases by pack, pytest ids, and whether a place of the source exists."""

    cases: Mapping[str, frozenset[str]]
    tests: frozenset[str]
    places: frozenset[str] | None = None

    def has_place(self, where: str) -> bool:
        return where in self.places if self.places is not None else is_place(where)


def log(name: str) -> dict[str, dict[str, Any]]:
    """One of the two files, every scalar as text."""
    return yaml.load((SAFETY / f"{name}.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


# What there is


@cache
def world() -> World:
    """The packs and the tests of this repository."""
    cases = {name: frozenset(case.name for case in read_pack(find(name)).cases) for name in shipped()}
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    tests = (
        f"{path.relative_to(ROOT).as_posix()}::{name}"
        for path in files
        for name in names_of_tests(path.read_text("utf-8"))
    )
    return World(cases, frozenset(tests))


def names_of_tests(text: str) -> list[str]:
    """The tests of a module, `Class::method` too; those that are skipped or expected to fail are none."""
    return [
        f"{outer}{node.name}"
        for outer, body in _bodies(ast.parse(text))
        for node in body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not _is_skipped(node)
    ]


def _bodies(tree: ast.Module) -> Iterable[tuple[str, list[ast.stmt]]]:
    yield "", tree.body
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test") and not _is_skipped(node):
            yield f"{node.name}::", node.body


def _is_skipped(node: ast.FunctionDef | ast.ClassDef) -> bool:
    called = (mark.func if isinstance(mark, ast.Call) else mark for mark in node.decorator_list)
    return any(SKIPPING.search(ast.unparse(mark)) for mark in called)


def is_place(where: str) -> bool:
    """Whether `path` or `path#key/key` exists under src/countwell."""
    name, _, keys = where.partition("#")
    path = SRC / name
    if not path.exists() or not keys:
        return path.exists()
    return _has_keys(_document(path), keys.split("/"))


@cache
def _document(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def _has_keys(value: Any, keys: list[str]) -> bool:
    for key in keys:
        if not isinstance(value, Mapping) or key not in value:
            return False
        value = value[key]
    return True


# What can be wrong


def missing_or_surplus(found: Iterable[str], wanted: Iterable[str]) -> set[str]:
    """Numbers that the log lacks, or has beyond its list."""
    return set(found) ^ set(wanted)


def requirement_faults(name: str, entry: Mapping[str, Any], there: World) -> list[str]:
    """What breaks the chain of one requirement."""
    faults = [f"{name}: unknown key {key}" for key in sorted(set(entry) - OF_REQUIREMENT)]
    if not entry.get("requirement"):
        faults.append(f"{name}: says nothing")
    if "not_implemented" in entry:
        return [*faults, *_reason_faults(name, entry)]
    if not entry.get("where"):
        faults.append(f"{name}: stands nowhere")
    faults += [f"{name}: no such place {where}" for where in entry.get("where", ()) if not there.has_place(where)]
    if not entry.get("tests"):
        faults.append(f"{name}: implemented without a test")
    return faults + link_faults(name, entry.get("tests", ()), there)


def _reason_faults(name: str, entry: Mapping[str, Any]) -> list[str]:
    plain = str(entry["not_implemented"]).startswith("because ")
    return [] if plain else [f"{name}: not_implemented must say because …"]


def hazard_faults(name: str, entry: Mapping[str, Any], there: World) -> list[str]:
    """What breaks the chain of one hazard."""
    faults = [f"{name}: unknown key {key}" for key in sorted(set(entry) - OF_HAZARD)]
    faults += [f"{name}: has no {key}" for key in ("hazard", "control") if not entry.get(key)]
    status = entry.get("status")
    if status not in STATUSES:
        faults.append(f"{name}: status {status}")
    if status != "open" and not entry.get("tests"):
        faults.append(f"{name}: {status} without a test")
    if (status == "controlled") == bool(entry.get("issue")):
        faults.append(f"{name}: an issue stands where something is missing, and only there")
    return faults + link_faults(name, entry.get("tests", ()), there)


def link_faults(name: str, links: Iterable[str], there: World) -> list[str]:
    """Links to cases or tests that do not exist, and links that stand twice."""
    links = list(links)
    twice = sorted({link for link in links if links.count(link) > 1})
    return [
        *(f"{name}: no such test {link}" for link in links if not exists(link, there)),
        *(f"{name}: {link} stands twice" for link in twice),
    ]


def exists(link: str, there: World) -> bool:
    """Whether `case:PACK/NAME` or a pytest id is there."""
    if link.startswith("case:"):
        pack, _, case = link.removeprefix("case:").partition("/")
        return case in there.cases.get(pack, frozenset())
    found = TEST_ID.fullmatch(link)
    return found is not None and f"{found['file']}::{found['name']}" in there.tests


# The logs


def test_every_statement_is_a_requirement():
    assert missing_or_surplus(log("requirements"), STATEMENTS) == set()


def test_every_hazard_is_in_the_log():
    assert missing_or_surplus(log("hazards"), HAZARDS) == set()


def test_every_requirement_has_a_place_and_a_test_or_a_reason():
    faults = [requirement_faults(name, entry, world()) for name, entry in log("requirements").items()]
    assert [fault for found in faults for fault in found] == []


def test_every_hazard_has_a_control_and_a_test_or_is_open():
    faults = [hazard_faults(name, entry, world()) for name, entry in log("hazards").items()]
    assert [fault for found in faults for fault in found] == []


# What requirements claim of packs as they are


def places_named() -> list[tuple[str, str]]:
    """Statements and gaps that requirements name: the pack, and its key."""
    pattern = re.compile(r"packs/([a-z-]+)\.yaml#(?:statements|gaps)/(.+)")
    wheres = (where for entry in log("requirements").values() for where in entry.get("where", ()))
    return sorted({(found[1], found[2]) for where in wheres if (found := pattern.fullmatch(where))})


@cache
def shown(pack: str) -> str:
    """What `countwell packs show` prints, with all blanks alike."""
    result = CliRunner().invoke(packs_command, ["show", pack], catch_exceptions=False)
    assert result.exit_code == 0
    return " ".join(result.output.split())


@pytest.mark.parametrize(("pack", "name"), places_named(), ids="/".join)
def test_a_statement_that_a_requirement_names_is_shown(pack, name):
    found = read_pack(find(pack))
    statement = next(one for one in (*found.statements, *found.gaps) if one.name == name)
    assert " ".join(statement.says.split()) in shown(pack)
    assert statement.source in found.sources


def test_every_source_is_named_and_says_whether_it_was_read():
    for name in shipped():
        for source in read_pack(find(name)).sources.values():
            assert source.title
            assert source.kind
            assert isinstance(source.verified, bool)


def test_no_rule_makes_a_dose_of_the_mean_cell_volume():
    """Packs of other sources ask for vitamins and the thyroid at a high value; the one whose statement this is reads none."""
    readers = {
        f"{name}/{table.name}/{rule.name}": rule
        for name in shipped()
        for pack in [read_pack(find(name))]
        for table, rule in rules(pack)
        if any("mcv" in pack.facts[fact].of for part in (rule.when, rule.unless) for fact in facts_of(part))
    }
    assert [key for key, rule in readers.items() if rule.dose is not None or rule.words] == []
    assert [key for key in readers if key.split("/")[0] in ("cidp", *load("cidp").pack.layers)] == []


def test_each_protocol_is_for_its_own_condition():
    conditions = {name: pack.conditions for name in shipped() if (pack := read_pack(find(name))).kind == "protocol"}
    assert [name for name, listed in conditions.items() if not listed] == []
    assert {name: conditions[name] for name in ("aih", "cidp", "mg")} == {
        name: (name,) for name in ("aih", "cidp", "mg")
    }


def test_a_condition_is_covered_if_a_protocol_speaks_for_it():
    spoken_for = {name for pack in shipped() for name in read_pack(find(pack)).conditions}
    assert {name for name in entries("conditions") if is_covered(name)} == spoken_for


CHANGES_THE_DOSE = re.compile(
    r"""\btake\ (more(?!\ than\ \w+\ (weeks|months))|less|fewer|half|double|an\ extra|two|\d)
    | \b(raise|lower|increase|reduce|double|halve|change)\ (your|the)\ (dose|tablets)\b""",
    re.IGNORECASE | re.VERBOSE,
)
FORBIDDING = re.compile(r"\b(not|never|nor|don't)\b[^.]*$", re.IGNORECASE)


def orders_to_change_the_dose(sentence: str) -> list[str]:
    """Places at which a sentence asks for another dose, and does not forbid it."""
    return [
        found[0] for found in CHANGES_THE_DOSE.finditer(sentence) if not FORBIDDING.search(sentence[: found.start()])
    ]


def sentences_for_patients() -> dict[str, str]:
    """What rules say to patients, by pack, table and rule."""
    return {
        f"{pack}/{table.name}/{rule.name}": rule.tell["patient"]
        for pack in shipped()
        for table in read_pack(find(pack)).tables
        for rule in table.rules
        if "patient" in rule.tell
    }


def test_no_sentence_for_patients_asks_for_another_dose():
    asking = {key: orders_to_change_the_dose(text) for key, text in sentences_for_patients().items()}
    assert {key: found for key, found in asking.items() if found} == {}


PLAIN_NAMES = re.compile(r"azathioprine|anaesthetist", re.IGNORECASE)  # of whom or what the patient deals with anyway
HARDEST_GRADE = 8
LETTERS = SRC / "clinic" / "templates" / "clinic" / "letters"


def reading_grade(text: str) -> float:
    """By Flesch and Kincaid; syllables are counted as runs of vowels, and a name as a short word."""
    sentences = [one for one in re.split(r"[.!?:;]+(?:\s|$)", PLAIN_NAMES.sub("it", text)) if re.search("[a-z]", one)]
    read = [word for one in sentences for word in re.findall(r"[a-z']+", one.lower())]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"(?<![le])e$", "", word)))) for word in read)
    return 0.39 * len(read) / len(sentences) + 11.8 * syllables / len(read) - 15.59


def test_what_a_patient_reads_is_of_the_eighth_grade_or_lower():
    letters = {
        path.name: re.sub(r"{[{%].*?[%}]}", " ", path.read_text("utf-8")) for path in LETTERS.glob("*-patient.txt")
    }
    texts = sentences_for_patients() | letters
    assert (len(texts) > 300, len(letters) > 3) == (True, True)
    assert {key: found for key, text in texts.items() if (found := round(reading_grade(text), 1)) > HARDEST_GRADE} == {}


# Planted faults

THERE = World(
    cases={"cidp": frozenset({"exactly"})},
    tests=frozenset({"tests/a.py::test_one", "tests/a.py::TestTwo::test_three"}),
    places=frozenset({"packs/cidp.yaml#numbers/x"}),
)
GOOD_REQUIREMENT = {
    "requirement": "It says so.",
    "where": ["packs/cidp.yaml#numbers/x"],
    "tests": ["case:cidp/exactly", "tests/a.py::test_one[1]", "tests/a.py::TestTwo::test_three"],
}
GOOD_HAZARD = {
    "hazard": "It goes wrong.",
    "control": "It is refused.",
    "tests": ["case:cidp/exactly"],
    "status": "controlled",
}


def test_whole_chains_pass():
    assert requirement_faults("A1", GOOD_REQUIREMENT, THERE) == []
    assert requirement_faults("A1", {"requirement": "x", "not_implemented": "because nobody can."}, THERE) == []
    assert hazard_faults("H01", GOOD_HAZARD, THERE) == []
    assert hazard_faults("H01", GOOD_HAZARD | {"status": "open", "tests": [], "issue": "All of it."}, THERE) == []


@pytest.mark.parametrize(
    "planted",
    [
        {"tests": []},
        {"tests": ["case:cidp/gone"]},
        {"tests": ["case:nowhere/exactly"]},
        {"tests": ["tests/a.py::test_gone"]},
        {"tests": ["tests/gone.py::test_one"]},
        {"tests": ["tests/a.py"]},
        {"tests": ["case:cidp/exactly", "case:cidp/exactly"]},
        {"where": []},
        {"where": ["packs/cidp.yaml#numbers/gone"]},
        {"requirement": ""},
        {"not_implemented": ""},
        {"not_implemented": "later"},
        {"test": ["case:cidp/exactly"]},
    ],
    ids=str,
)
def test_a_planted_orphan_among_requirements_is_found(planted):
    assert len(requirement_faults("A1", GOOD_REQUIREMENT | planted, THERE)) == 1


@pytest.mark.parametrize(
    "planted",
    [
        {"control": ""},
        {"tests": []},
        {"tests": ["case:cidp/gone"]},
        {"status": "partly"},
        {"status": "open"},
        {"status": "fine"},
        {"issue": "Something."},
        {"severity": "high"},
    ],
    ids=str,
)
def test_a_planted_orphan_among_hazards_is_found(planted):
    assert len(hazard_faults("H01", GOOD_HAZARD | planted, THERE)) >= 1


def test_planted_gaps_in_the_numbering_are_found():
    assert missing_or_surplus(["A1", "A2"], ["A1", "A2", "A3"]) == {"A3"}
    assert missing_or_surplus(["A1", "A99"], ["A1"]) == {"A99"}


def test_only_tests_that_run_count():
    text = """
import pytest

def test_one(): ...
def helper(): ...
@pytest.mark.skip(reason="later")
def test_two(): ...
@pytest.mark.xfail
def test_three(): ...
@pytest.mark.parametrize("a", [1])
def test_four(a): ...
class TestFive:
    def test_six(self): ...
class Plain:
    def test_seven(self): ...
"""
    assert names_of_tests(text) == ["test_one", "test_four", "TestFive::test_six"]


def test_places_are_looked_up_in_the_file():
    assert is_place("packs/cidp.yaml#tables/white-cells/stop")
    assert is_place("facts/course.py")
    assert not is_place("packs/cidp.yaml#tables/white-cells/gone")
    assert not is_place("packs/gone.yaml#tables")
    assert not is_place("facts/gone.py")


@pytest.mark.parametrize("planted", ["Take two tablets.", "You can lower your dose.", "Please reduce the dose today."])
def test_a_planted_order_to_a_patient_is_found(planted):
    assert orders_to_change_the_dose(planted) != []


@pytest.mark.parametrize("fine", ["Never take two doses at once.", "Do not change your dose.", "Take the next tablet."])
def test_a_sentence_that_forbids_it_passes(fine):
    assert orders_to_change_the_dose(fine) == []


@pytest.mark.parametrize(
    "planted",
    [
        "Discontinuation of immunosuppressive medication necessitates haematological re-evaluation.",
        "If you have a fever or a sore throat and cannot reach us within the hour then go to the emergency department.",
    ],
)
def test_a_planted_sentence_that_is_hard_to_read_is_found(planted):
    assert reading_grade(planted) > HARDEST_GRADE
    assert reading_grade("Call us today. Do not take the next tablet.") < HARDEST_GRADE
