"""The shape of the code: short functions, modules of one screenful of ideas, names that say what a thing is."""

import ast
import re
import statistics

import pytest

from house.source import Function, faults_in, functions, modules

MEDIAN_LINES = 10
MODULE_LINES = 300

# file: why it may be longer than MODULE_LINES
LONG_MODULES: dict[str, str] = {}

EMPTY_NAMES = re.compile(r".*(Manager|Handler|Utils?|Helpers?|Base)")
CATCH_ALLS = {"Exception", "BaseException"}


def lines_of(function: Function) -> int:
    """How long a function is, its docstring not counted."""
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    docstring = first.end_lineno - first.lineno + 1 if documented else 0
    return function.end_lineno - function.lineno + 1 - docstring


def median_lines(texts: list[str]) -> float:
    """The middle length of all functions; 0 when there are none."""
    lengths = [lines_of(function) for text in texts for function in functions(text)]
    return statistics.median(lengths or [0])


def too_long(name: str, text: str) -> bool:
    """Whether a module is longer than the house allows, without a reason given here."""
    return len(text.splitlines()) > MODULE_LINES and name not in LONG_MODULES


def empty_names(text: str) -> list[str]:
    """Classes whose name says nothing of what they are."""
    return [
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and EMPTY_NAMES.fullmatch(node.name)
    ]


def catch_alls(text: str) -> list[str]:
    """`except:` and `except Exception:`, which swallow faults nobody thought of."""
    handlers = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ExceptHandler))
    return [f"line {handler.lineno} catches everything" for handler in handlers if _catches_all(handler.type)]


def _catches_all(caught: ast.expr | None) -> bool:
    names = {node.id for node in ast.walk(caught) if isinstance(node, ast.Name)} if caught else CATCH_ALLS
    return not names.isdisjoint(CATCH_ALLS)


def star_imports(text: str) -> list[str]:
    """`from x import *`."""
    imports = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom))
    return [f"line {node.lineno}" for node in imports if any(alias.name == "*" for alias in node.names)]


def undocumented(text: str) -> list[str]:
    """One fault for a module that has statements and no docstring."""
    tree = ast.parse(text)
    return ["has no docstring"] if tree.body and ast.get_docstring(tree) is None else []


def test_half_of_all_functions_are_under_ten_lines():
    assert median_lines(list(modules().values())) < MEDIAN_LINES


def test_long_modules_are_listed_with_a_reason():
    assert [name for name, text in modules().items() if too_long(name, text)] == []


def test_no_class_has_an_empty_name():
    assert faults_in(empty_names) == []


def test_nothing_but_the_command_line_catches_everything():
    assert faults_in(catch_alls, exempt=lambda name: name.startswith("cli")) == []


def test_no_star_imports():
    assert faults_in(star_imports) == []


def test_every_module_says_what_it_is():
    assert faults_in(undocumented) == []


def test_a_planted_long_function_moves_the_median():
    body = "".join(f"    a{number} = {number}\n" for number in range(MEDIAN_LINES))
    assert median_lines(["def f():\n" + body]) > MEDIAN_LINES
    assert (
        median_lines(['def f():\n    """One.\n' + "\n" * MEDIAN_LINES + '    """\n    return 1\n']) == MEDIAN_LINES // 5
    )


def test_a_planted_long_module_is_found():
    assert too_long("pack/read.py", "a = 1\n" * (MODULE_LINES + 1))
    assert not too_long("pack/read.py", "a = 1\n" * MODULE_LINES)


@pytest.mark.parametrize("name", ["PackManager", "RuleHandler", "DateUtils", "Base", "EngineBase"])
def test_a_planted_empty_name_is_found(name):
    assert empty_names(f"class {name}:\n    pass") == [name]


@pytest.mark.parametrize("planted", ["", " Exception", " BaseException as error", " (ValueError, Exception)"])
def test_a_planted_catch_all_is_found(planted):
    assert catch_alls(f"try:\n    pass\nexcept{planted}:\n    pass") != []


def test_planted_star_imports_and_missing_docstrings_are_found():
    assert star_imports("from decimal import *") != []
    assert undocumented("import decimal") != []


def test_good_code_passes():
    good = '"""What it is."""\n\ntry:\n    pass\nexcept (ValueError, OSError):\n    pass\n\nclass Span:\n    pass\n'
    assert [*empty_names(good), *catch_alls(good), *star_imports(good), *undocumented(good)] == []
