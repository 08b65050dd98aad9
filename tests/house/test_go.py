"""`go` on the machines it has to start on: what it does before anything is installed."""

import ast
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType

import pytest

from house.source import ROOT


@pytest.fixture
def go(monkeypatch) -> ModuleType:
    """The script as a module, without running it and without leaving a compiled file beside it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("go_script", str(ROOT / "go"))
    module = module_from_spec(spec_from_loader("go_script", loader))
    loader.exec_module(module)
    return module


def test_it_needs_the_standard_library_alone():
    nodes = ast.walk(ast.parse((ROOT / "go").read_text(encoding="utf-8")))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert names <= sys.stdlib_module_names


def test_an_old_python_can_read_it_and_look_for_a_newer_one():
    ast.parse((ROOT / "go").read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize(
    ("version", "enough"), [("3.11.0", True), ("3.13.1", True), ("4.0.0", True), ("3.9.18", False), ("", False)]
)
def test_only_a_new_enough_python_is_taken(go, version, enough):
    assert go.new_enough(version) is enough


def test_a_name_that_stands_for_nothing_is_passed_over(go, tmp_path):
    assert go.version_of(str(tmp_path / "python3.99")) == ""


def test_without_any_python_it_says_one_sentence(tmp_path):
    asked = subprocess.run(
        [sys.executable, ROOT / "go", "--python", str(tmp_path / "none"), "demo"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert asked.returncode == 1
    assert asked.stderr.startswith("Countwell needs Python 3.11 or newer")
    assert len(asked.stderr.splitlines()) == 1


def test_a_changed_lock_or_python_or_place_makes_the_environment_anew(go, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    wanted = go.Environment(tmp_path / ".venv", sys.executable, "3.11.7").wanted("core")
    assert go.Environment(tmp_path / ".venv", sys.executable, "3.12.1").wanted("core") != wanted
    monkeypatch.setattr(go, "ROOT", tmp_path)
    moved = go.Environment(tmp_path / ".venv", sys.executable, "3.11.7").wanted("core")
    assert moved != wanted
    monkeypatch.setattr(go, "REQUIREMENTS", tmp_path / "requirements")
    (tmp_path / "requirements" / "core.txt").write_text("other\n", encoding="utf-8")
    assert go.Environment(tmp_path / ".venv", sys.executable, "3.11.7").wanted("core") != moved
