"""Strict YAML: what is refused before anything is understood, each with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countwell.base.errors import PackError
from countwell.pack import strict
from countwell.pack.faults import Faults
from countwell.pack.lint import faults_of_pack
from countwell.pack.read import read_pack, read_text
from packs.sample import SAMPLE, reading_faults


def tree(text):
    """The tree of a text, and its faults as sentences."""
    faults = Faults("f")
    return strict.tree(text, faults), [str(fault) for fault in faults.sorted()]


def test_every_scalar_is_text_with_its_line():
    node, faults = tree("a: 1.0\nb:\n  - yes\n  - 0x10\n")
    assert faults == []
    assert node.of["a"] == strict.Text("1.0", 1)
    assert [(item.text, item.line) for item in node.of["b"].of] == [("yes", 3), ("0x10", 4)]


def test_a_mapping_bears_the_line_of_its_key():
    node, _ = tree("a:\n\n  b: 1\n")
    assert node.of["a"].line == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: 1\na: 2\n", "f:2: `a` stands twice (first in line 1)."),
        ("a: &x 1\n", "f:1: an anchor (&x)."),
        ("a: &x 1\nb: *x\n", "f:2: an alias (*)."),
        ("a: {<<: {b: 1}}\n", "f:1: a merge (<<)."),
        ("a: !!int 1\n", "f:1: a tag (tag:yaml.org,2002:int)."),
        ("a: !x {b: 1}\n", "f:1: a tag (!x)."),
        ("? [a]\n: 1\n", "f:1: a key that is not a word."),
        ("a:\t1\n", "f:1: a tab."),
        ("a:\n\tb: 1\n", "f:2: a tab."),
        ("a: 1\n\u200bb: 2\n", "f:2: an invisible character (U+200B)."),
        ("a: 1 # \u202e\n", "f:1: an invisible character (U+202E)."),
        ('a: "\\u202e"\n', "f:1: an invisible character (U+202E)."),
        ("a: 1\rb: 2\n", "f:1: an invisible character (U+000D)."),
        ("a: 1\u2028b: 2\n", "f:1: an invisible character (U+2028)."),
        ("a: 1\n---\nb: 2\n", "f:2: a second document begins here."),
        ("", "f:1: this is no pack."),
        ("# nothing\n", "f:1: this is no pack."),
        ("- a\n", "f:1: this is no pack."),
        ("a: [1\nb: 2\n", "f:2: this cannot be read:"),
        ("a: x: y\n", "A text with a colon, a comma or a brace stands in quotation marks."),
        ("a: {unit: %}\n", 'Put it in quotation marks: "%".'),
        ("a: “x: y”: z\n", "Curly quotation marks do not count"),
        ("a: 1\n b: 2\n", "Look at the indentation"),
        ("a: " + "[" * 50 + "]" * 50, "brackets in brackets without end"),
    ],
)
def test_refused_with_its_line(text, fault):
    assert any(fault in found for found in tree(text)[1]), tree(text)[1]


def test_windows_line_ends_and_a_byte_order_mark_are_fine():
    faults = Faults("f")
    assert strict.decoded(b"\xef\xbb\xbfa: 1\r\n", faults) == "a: 1\r\n"
    assert tree("a: 1\r\nb: 2\r\n") == (strict.Keys({"a": strict.Text("1", 1), "b": strict.Text("2", 2)}, 1), [])


def test_all_faults_of_the_file_at_once():
    assert len(tree("a: 1\na: 2\nb: &x 1\nc: !t 1\n")[1]) == 3


def test_a_file_that_is_not_utf8_or_too_large_or_missing(tmp_path):
    for content, fault in [
        (b"a: 1\nb: \xff\n", "x.yaml:2: the file is not UTF-8."),
        (b"a" * (strict.LARGEST_BYTES + 1), "x.yaml:1: the file is larger than"),
    ]:
        (tmp_path / "x.yaml").write_bytes(content)
        with pytest.raises(PackError, match=fault):
            read_pack(tmp_path / "x.yaml")
    with pytest.raises(PackError, match="there is no such file"):
        read_pack(tmp_path / "none.yaml")


@given(st.text())
def test_any_text_is_read_or_refused(text):
    with pytest.raises(PackError):
        read_text(text, "f")


PIECES = ["", ":", "{", "]", "- ", "'", '"', "\n", " ", "#", "x", "0", "wbc", "none", "[]", "{}"]


@given(st.data())
def test_a_pack_with_a_piece_cut_out_or_put_in_is_read_and_checked_or_refused(data):
    first = data.draw(st.integers(0, len(SAMPLE)))
    last = data.draw(st.integers(first, min(len(SAMPLE), first + 40)))
    text = SAMPLE[:first] + data.draw(st.sampled_from(PIECES)) + SAMPLE[last:]
    found = reading_faults(text) or faults_of_pack(read_text(text, "ward.yaml"))
    assert all(str(fault).startswith("ward.yaml:") for fault in found)
