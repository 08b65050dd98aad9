"""How words are compared, and that no spelling can have two meanings."""

import pytest

from countwell.vocabulary.names import index, key
from countwell.vocabulary.units import spellings


def test_blanks_and_letter_case_do_not_count() -> None:
    assert key("  Folic \t Acid ") == "folic acid"
    assert index([("a b", ["C"])]) == {"a b": "a b", "c": "a b"}


def test_one_spelling_for_two_names_is_a_fault() -> None:
    with pytest.raises(ValueError):
        index([("one", ["Same"]), ("other", ["same"])])
    assert index([("one", ["One", "ONE"])]) == {"one": "one"}


def test_two_families_that_read_one_spelling_differently_are_a_fault() -> None:
    with pytest.raises(ValueError):
        spellings("count", "cells-per-microlitre")
