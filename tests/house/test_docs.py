"""What the pages say is so: commands run and print what is shown, files and modules are there, words are the product's own.

Longer than other modules: each kind of claim that a page can make has its check, and each check a planted claim that is false.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import yaml

from countwell.base.errors import CountwellError, PackError, RecordError, StoreError, UsageError, exit_code
from countwell.cli import COMMANDS, countwell
from countwell.exchange.csv_mapping import COLUMNS
from countwell.exchange.events import READERS
from countwell.exchange.fhir.bundle import READ
from countwell.exchange.record_json import read_record
from countwell.facts.course import STATES
from countwell.model.advice import LADDERS, PRECAUTIONS, SUPPLY
from countwell.model.answers import ACTIONS, QUESTIONS
from countwell.model.facts import WHY
from countwell.model.records import SCHEMA
from countwell.pack.kinds import KINDS
from countwell.pack.load import shipped
from countwell.questions.supposed import KEYS
from countwell.vocabulary.listing import lists
from house.source import ROOT, SRC

README = ROOT / "README.md"
CLINICIANS = ROOT / "docs" / "manual" / "for-clinicians.md"
INTEGRATORS = ROOT / "docs" / "manual" / "for-integrators.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
HOW = ROOT / "docs" / "how-it-works.md"
PACKS = SRC / "packs" / "README.md"
AT_THE_TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PAGES = [
    *(ROOT / name for name in AT_THE_TOP),
    ROOT / "requirements" / "README.md",
    PACKS,
    *sorted((ROOT / "docs").rglob("*.md")),
]

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SAVED = re.compile(r"as `(?P<name>[\w.-]+)`:\n\n```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]+\]\((?P<target>[^)\s]+)\)")
TICKED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"[\w.*-]+(/[\w.*-]+)*/?")
SUFFIXES = {"py", "yaml", "md", "json", "toml", "txt", "css", "csv"}
FOLDERS = """src docs tests bench requirements .ci base cli engine exchange facts model pack packs paper questions simulate
vocabulary schemas""".split()

# What looks like a file and is none of ours: what a reader of the pages makes or has, the name of a finding, a design paper.
NOT_OURS = {"pack/table/rule", "pack-language.md"}
READERS_OWN = set("my-pack.yaml old.yaml new.yaml page.html .venv/bin/countwell .json .ndjson .jsonl".split())
GO = ("demo", "test", "check")


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language."""
    return [body for found, body in FENCE.findall(text) if found == language]


def prose(text: str) -> str:
    """A page without its code blocks."""
    return FENCE.sub("", text)


def table_under(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table whose header line begins with these cells."""
    lines = iter(text.splitlines())
    next(line for line in lines if line.replace(" ", "").startswith(heading.replace(" ", "")))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def ticked(cells: Iterable[str]) -> list[str]:
    """The words in backticks, in order."""
    return [word for cell in cells for word in TICKED.findall(cell)]


# Files, folders, modules and links


def names_a_file(word: str) -> bool:
    """Whether a word in backticks is meant as a file or folder of ours."""
    if not PATH.fullmatch(word) or word in NOT_OURS | READERS_OWN:
        return False
    first, _, rest = word.partition("/")
    ending = word.rpartition(".")[2]
    return (bool(rest) and first in FOLDERS) or ("." in word.strip(".") and ending in SUFFIXES)


def missing_files(page: Path, text: str) -> list[str]:
    """Files that the page names and that are neither in the repository, beside the page, in the code, nor made by the page."""
    made = {found["name"] for found in SAVED.finditer(text_of(README))}
    words = {word for word in TICKED.findall(prose(text)) if names_a_file(word)} - made
    return sorted(word for word in words if not any(_is_there(place, word) for place in (ROOT, page.parent, SRC)))


def _is_there(place: Path, word: str) -> bool:
    return (place / word).exists() or ("*" in word and any(place.glob(word)))


def dead_links(page: Path, text: str) -> list[str]:
    """Links inside the repository whose file, or heading, is not there."""
    targets = {found["target"] for found in LINK.finditer(prose(text)) if "://" not in found["target"]}
    return sorted(target for target in targets if not _leads_somewhere(page, text, target))


def _leads_somewhere(page: Path, text: str, target: str) -> bool:
    name, _, anchor = target.partition("#")
    file = page.parent / name if name else page
    if not file.exists():
        return False
    return not anchor or anchor in anchors(text if not name else text_of(file))


def anchors(text: str) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def missing_modules(text: str) -> list[str]:
    """Dotted names of modules that cannot be found."""
    names = {word for word in TICKED.findall(prose(text)) if re.fullmatch(r"countwell(\.[a-z_]+)+", word)}
    return sorted(name for name in names if not _is_module_or_part(name))


def _is_module_or_part(name: str) -> bool:
    outer, _, inner = name.rpartition(".")
    try:
        return find_spec(name) is not None or hasattr(__import__(outer, fromlist=[inner]), inner)
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_module_and_link_exists(page):
    text = text_of(page)
    assert missing_files(page, text) == []
    assert dead_links(page, text) == []
    assert missing_modules(text) == []


# Commands


def commands_in(text: str) -> Iterator[str]:
    """Every command of ours that a page shows: in blocks and in backticks."""
    shown = "\n".join(body for language in ("sh", "console", "") for body in blocks(text, language))
    for line in (*shown.splitlines(), *TICKED.findall(prose(text))):
        command = re.sub(r"\s+#.*$", "", line.strip().removeprefix("$ "))
        if re.match(r"(\./go|countwell)( [a-z-]|$)", command):
            yield command


def command_faults(command: str) -> list[str]:
    """What a command names that does not exist."""
    program, *words = (word.strip('"') for word in re.findall(r'(?:[^\s"]|"[^"]*")+', command))
    if program == "./go":
        return [f"{command}: no {words[0]}"] if words and words[0] not in GO else []
    return _faults_of_group(command, countwell, [word for word in words if word != "…"])


def _faults_of_group(command: str, group: click.Command, words: list[str]) -> list[str]:
    while isinstance(group, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        found = group.get_command(click.Context(group), name)
        if found is None:
            return [f"{command}: no command {name}"]
        group = found
    options = {option for param in group.params for option in param.opts} | {"--help", "-h"}
    given = [word.partition("=")[0] for word in words if word.startswith("-")]
    faults = [f"{command}: no option {option}" for option in given if option not in options]
    others = [word for word in words if not word.startswith("-")]
    return [*faults, *_faults_of_words(command, group.name or "", others)]


def _faults_of_words(command: str, name: str, words: list[str]) -> Iterator[str]:
    first = words[0] if words else ""
    if name == "ask" and first and not first.isupper():
        if first not in QUESTIONS:
            yield f"{command}: no question {first}"
        keys = {word.partition("=")[0].partition(".")[0] for word in words if "=" in word}
        known = set(KEYS.get(first, ()))
        if first != "symptoms":
            yield from (f"{command}: {first} has no key {key}" for key in sorted(keys - known))
    if name == "vocabulary" and first and not first.isupper() and first not in lists():
        yield f"{command}: no list {first}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_exists(page):
    assert [fault for command in commands_in(text_of(page)) for fault in command_faults(command)] == []


def test_every_command_is_in_the_pages():
    shown = {command.split()[1] for page in PAGES for command in commands_in(text_of(page)) if " " in command}
    assert set(COMMANDS) - shown == set()


def console_blocks() -> list[tuple[str, str, list[str]]]:
    """Each command that is shown with its output: page, command, lines."""
    found = []
    for page in PAGES:
        for body in blocks(text_of(page), "console"):
            first, *lines = body.rstrip().splitlines()
            found.append((page.name, first.removeprefix("$ "), lines))
    return found


@cache
def run(command: str, folder: Path) -> str:
    """What a command prints, in a folder that holds the files of the README, on a terminal of 80 columns."""
    for found in SAVED.finditer(text_of(README)):
        (folder / found["name"]).write_text(found["text"], encoding="utf-8")
    source = os.pathsep.join(filter(None, (str(ROOT / "src"), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1", "PYTHONPATH": source}
    words = [word.replace('"', "") for word in re.findall(r'(?:[^\s"]|"[^"]*")+', command)]
    program = [sys.executable, "-m", "countwell", *words[1:]]
    done = subprocess.run(program, cwd=folder, capture_output=True, text=True, encoding="utf-8", env=environment)
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout


def differs(shown: list[str], printed: str) -> list[str]:
    """The first line that is shown and not printed. A last line `…` stands for all that follows."""
    real = [line.rstrip() for line in printed.rstrip().splitlines()]
    wanted = [line.rstrip() for line in shown]
    if wanted[-1:] == ["…"]:
        wanted, real = wanted[:-1], real[: len(wanted) - 1]
    if wanted == real:
        return []
    pairs = zip(wanted, real, strict=False)
    one, other = next((pair for pair in pairs if pair[0] != pair[1]), ("", "another number of lines"))
    return [f"shown: {one!r}", f"printed: {other!r}"]


@pytest.mark.parametrize(("page", "command", "lines"), console_blocks())
def test_what_is_shown_is_what_is_printed(page, command, lines, tmp_path):
    assert differs(lines, run(command, tmp_path)) == []


def test_the_python_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    for found in SAVED.finditer(text_of(README)):
        (tmp_path / found["name"]).write_text(found["text"], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for body in blocks(text_of(README), "python"):
        exec(compile(body, "README.md", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out != ""


# Data that is shown


def unusable_events(text: str) -> list[str]:
    """JSON blocks that are records or events and that would not be used."""
    faults = []
    for body in blocks(text, "json"):
        value = json.loads(body)
        if "kind" in value:
            value = {"schema": SCHEMA, "patient": {"id": "p1"}, "events": [value]}
        if value.get("schema") == SCHEMA:
            faults += [f"{item.event}: {item.says}" for item in read_record(value).refused]
    return faults


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_record_and_event_that_is_shown_can_be_used(page):
    assert unusable_events(text_of(page)) == []


# Words


def test_the_readme_lists_every_question_once_with_an_example_of_it():
    rows = table_under(text_of(README), "| question | asks |")
    assert [row[0].strip("`") for row in rows] == list(QUESTIONS)
    assert all(f"countwell ask {row[0].strip('`')} " in row[2] for row in rows)


def test_the_manual_explains_every_action_in_order():
    rows = table_under(text_of(CLINICIANS), "| word | do |")
    assert [row[0].strip("`") for row in rows] == list(ACTIONS)
    assert all(row[1] for row in rows)


def test_the_manual_has_the_ladders():
    rows = {row[0]: ticked(row[1:]) for row in table_under(text_of(CLINICIANS), "| part | words |")}
    assert {part: tuple(rows[part]) for part in LADDERS} == LADDERS
    assert tuple(rows["supply"]) == SUPPLY
    assert tuple(rows["precautions"]) == PRECAUTIONS


def test_the_manual_explains_every_reason_for_not_knowing():
    rows = table_under(text_of(CLINICIANS), "| why | means |")
    assert sorted(ticked(row[0] for row in rows)) == sorted(WHY)


@pytest.mark.parametrize(("page", "heading"), [(README, "| exit code | means |"), (INTEGRATORS, "| code | means |")])
def test_the_exit_codes_are_those_of_the_code(page, heading):
    errors = (CountwellError(), UsageError(), RecordError(), PackError([]), StoreError())
    codes = {0, *(exit_code(error) for error in errors)}
    assert [int(row[0]) for row in table_under(text_of(page), heading)] == sorted(codes)


def test_the_manual_names_every_kind_of_event():
    rows = table_under(text_of(INTEGRATORS), "| kind | its own fields |")
    kept = re.search(r"^Further kinds .*$", text_of(INTEGRATORS), re.MULTILINE)
    assert sorted([*ticked(row[0] for row in rows), *ticked([kept[0]])]) == sorted({*READERS, "result"})


def test_the_manual_names_the_columns_of_a_mapping():
    rows = dict(table_under(text_of(INTEGRATORS), "| key | is |"))
    assert set(ticked([rows["`columns`"]])) == COLUMNS


def test_the_manual_names_fhir_resources_that_are_read():
    rows = table_under(text_of(INTEGRATORS), "| resource | becomes |")
    named = {name for row in rows for name in row[0].split(", ")}
    assert named - {"Patient"} <= READ


def test_the_readme_names_every_pack():
    assert sorted(ticked(row[0] for row in table_under(text_of(README), "| pack | is |"))) == sorted(shipped())


def test_the_readme_of_packs_has_every_kind_of_fact_with_its_parameters():
    rows = table_under(text_of(PACKS), "| kind | written | value |")
    kinds = [row[0] for row in rows if row[0]]
    assert doubled(kinds) == set()
    assert set(kinds) == set(KINDS)
    assert [fault for row in rows for fault in kind_faults(row[1])] == []


def kind_faults(written: str) -> list[str]:
    """Examples of a fact whose kind or parameters do not exist, or that lack one that is needed."""
    faults = []
    for example in re.findall(r"\{.*?\}", written):
        kind, *params = yaml.load(example, Loader=yaml.BaseLoader)
        known = KINDS.get(kind)
        if known is None:
            faults.append(f"no kind {kind}")
            continue
        faults += [f"{kind} has no {name}" for name in params if name not in known.params and name != "worse"]
        faults += [f"{kind} needs {name}" for name in known.needs if name not in params]
    return faults


def doubled(words: Iterable[str]) -> set[str]:
    words = list(words)
    return {word for word in words if words.count(word) > 1}


def glossary_words() -> list[str]:
    return [line.split("|")[1].strip() for line in text_of(GLOSSARY).splitlines() if re.match(r"\| [a-z]", line)]


def test_the_glossary_has_each_word_once():
    words = [word for word in glossary_words() if word != "word"]
    assert doubled(words) == set()
    assert len(words) > len(STATES)


def test_the_states_of_a_course_are_in_the_glossary():
    line = next(line for line in text_of(GLOSSARY).splitlines() if line.startswith("| state |"))
    assert tuple(ticked([line])) == STATES


def test_the_module_map_names_every_package():
    rows = table_under(text_of(HOW), "| package | what it is |")
    packages = {path.parent.name for path in SRC.glob("*/__init__.py")}
    assert set(ticked(row[0] for row in rows)) == packages


@cache
def own_words() -> frozenset[str]:
    """Every word that stands in the code, the packs, the vocabulary, the schemas or the ways to run them."""
    files = [path for path in SRC.rglob("*") if path.suffix in (".py", ".yaml", ".json")]
    files += [ROOT / "go", ROOT / "pyproject.toml", *(ROOT / "docs" / "safety").glob("*.yaml")]
    words = (word for path in files for word in re.findall(r"[A-Za-z][\w-]*", text_of(path)))
    return frozenset(words)


def foreign_words(text: str) -> list[str]:
    """Single words in backticks that nothing of ours knows."""
    words = {word for word in TICKED.findall(prose(text)) if re.fullmatch(r"[a-z][a-z_]*(-[a-z]+)*", word)}
    return sorted(word for word in words - own_words() - KNOWN_ELSEWHERE if not word.startswith("test_"))


# Words of other people's tools that the pages speak of.
KNOWN_ELSEWHERE = {"pip-audit", "strptime"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_words_in_backticks_are_the_products_own(page):
    assert foreign_words(text_of(page)) == []


# Planted faults


def test_planted_files_links_and_modules_are_found():
    text = "See `src/countwell/gone.py`, [it](gone.md), [that](#nowhere) and `countwell.gone`.\n"
    assert missing_files(README, text) == ["src/countwell/gone.py"]
    assert dead_links(README, text) == ["#nowhere", "gone.md"]
    assert missing_modules(text) == ["countwell.gone"]


@pytest.mark.parametrize(
    "planted",
    [
        "./go fast",
        "countwell guess",
        "countwell ask revue record.json",
        "countwell ask review record.json --loudly",
        "countwell ask vaccine record.json --with product=x",
        "countwell packs polish",
        "countwell vocabulary spells",
    ],
)
def test_planted_commands_are_found(planted):
    assert list(commands_in(f"```sh\n{planted}\n```\n")) == [planted]
    assert command_faults(planted) != []


def test_planted_output_is_found():
    assert differs(["one", "two"], "one\ntwo\n") == []
    assert differs(["one", "…"], "one\ntwo\n") == []
    assert differs(["one"], "one\ntwo\n") != []
    assert differs(["one", "three"], "one\ntwo\n") != []
    assert differs(["three", "…"], "one\ntwo\n") != []


def test_planted_records_words_and_kinds_are_found():
    assert unusable_events('```json\n{"kind": "result", "test": "wbc", "value": "3.0"}\n```\n') != []
    assert foreign_words("It says `stop` and `halt-at-once`.") == ["halt-at-once"]
    assert kind_faults("`{newest: wbc}`, `{latest: wbc, of: x}`, `{change: wbc}`") != []
    assert doubled(["fact", "rule", "fact"]) == {"fact"}
