"""Imports follow the layers of the architecture, and the base rests on the standard library alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from house.source import ROOT, faults_in

# What runs rules: no export may lean on it.
RUNNING = ("decide", "joined", "outcomes", "ready", "standing")
PROGRAM = Path(sys.executable).with_name("lint-imports")


def foreign_imports(text: str) -> list[str]:
    """Every import of a base module that is neither the standard library's nor the base's own."""
    return [
        f"line {node.lineno} imports {name}"
        for node in ast.walk(ast.parse(text))
        for name in _imported(node)
        if name.partition(".")[0] not in sys.stdlib_module_names and not f"{name}.".startswith("countwell.base.")
    ]


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, level=0):
            return [module or ""]
        case ast.ImportFrom(level=level) if level > 1:
            return ["." * level]
        case _:
            return []


def test_the_base_rests_on_the_standard_library_alone():
    assert faults_in(foreign_imports, exempt=lambda name: not name.startswith("base/")) == []


@pytest.mark.parametrize(
    "planted",
    ["import yaml", "from countwell.model import rules", "from ..model import rules", "import countwell.pack"],
)
def test_a_planted_import_in_the_base_is_found(planted):
    assert foreign_imports(planted) != []


@pytest.mark.parametrize(
    "innocent", ["from decimal import Decimal", "from countwell.base.spans import Span", "from . import dates"]
)
def test_the_standard_library_and_the_base_itself_pass(innocent):
    assert foreign_imports(innocent) == []


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter with the contracts of pyproject.toml over the sources in a folder."""
    return subprocess.run(
        [PROGRAM, "--no-logo", "--no-cache", "--config", str(ROOT / "pyproject.toml")],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": str(PROGRAM.parent), "SYSTEMROOT": "C:\\Windows"},
        capture_output=True,
        text=True,
    )


def test_every_import_contract_is_kept():
    checked = lint_imports(ROOT / "src")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("base/spans.py", "import countwell.model"),
        ("model/facts.py", "import countwell.vocabulary"),
        ("engine/decide.py", "from countwell.engine import prove"),
        ("engine/decide.py", "import z3"),
        ("engine/decide.py", "import numba"),
        ("cohort/passes.py", "import countwell.engine.prove"),
        ("cql/library.py", "import countwell.engine.standing"),
        ("cql/library.py", "import countwell.facts.past"),
        ("manners/bow.py", ""),
    ],
)
def test_a_planted_import_breaks_a_contract(tmp_path, module, planted):
    _plant(
        tmp_path / "countwell",
        {
            "base/spans.py": "",
            "model/facts.py": "",
            "vocabulary/tests.py": "",
            **dict.fromkeys((f"engine/{name}.py" for name in RUNNING), ""),
            "engine/prove.py": "import z3",
            "facts/past.py": "",
            "questions/ask.py": "",
            "cohort/passes.py": "import numba",
            "cql/library.py": "",
        },
    )
    assert lint_imports(tmp_path).returncode == 0
    _plant(tmp_path / "countwell", {module: planted})
    assert "BROKEN" in lint_imports(tmp_path).stdout


def _plant(package: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        folder = (package / name).parent
        folder.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
        (folder / "__init__.py").touch()
        (package / name).write_text(text + "\n", encoding="utf-8")
