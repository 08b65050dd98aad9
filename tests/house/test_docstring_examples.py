"""The examples in docstrings say what the code does."""

import doctest
from importlib import import_module

import pytest

from house.source import SRC

PROMPT = ">>> "


def with_examples():
    """The modules in which an example stands, by their dotted names."""
    written = (path for path in SRC.rglob("*.py") if PROMPT in path.read_text(encoding="utf-8"))
    return sorted(".".join(path.relative_to(SRC.parent).with_suffix("").parts) for path in written)


@pytest.mark.parametrize("name", with_examples())
def test_the_examples_of_a_module_are_what_it_does(name):
    found = doctest.testmod(import_module(name))
    assert found.attempted > 0, "the prompt stands outside of a docstring"
    assert found.failed == 0
