"""Where the sources are, and the few ways in which the house rules look at them."""

import ast
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "countwell"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> dict[str, str]:
    """Every module of Countwell: its path under src/countwell, and its text. Migrations are written by Django, not by us."""
    paths = [path for path in sorted(SRC.rglob("*.py")) if "migrations" not in path.parts]
    return {path.relative_to(SRC).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def kept_files() -> list[Path]:
    """Every file that git tracks, or would track once added. Without git, or outside a clone: none."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name] if listed.returncode == 0 else []
    return [path for path in files if path.is_file() and not path.is_symlink()]


def faults_in(rule: Callable[[str], list[str]], exempt: Callable[[str], bool] = lambda _: False) -> list[str]:
    """What a rule finds in all modules that are not exempt, each with its file in front."""
    return [f"{name}: {fault}" for name, text in modules().items() if not exempt(name) for fault in rule(text)]


def functions(text: str) -> Iterator[Function]:
    """Every function and method of a module, nested ones too."""
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, Function))


def dotted(node: ast.expr) -> str:
    """`a.b.c` for such an expression, an empty text for any other."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
        case _:
            return ""
