"""The tools of the import over whole columns: order by several numbers, fingerprints of texts, members of lines, distinct texts."""

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countwell.cohort.columns import LONG_AGO, NEVER
from countwell.cohort.incoming.fingerprints import fingerprints
from countwell.cohort.incoming.members import cut, lines_of, objects
from countwell.cohort.incoming.readings import Distinct, _together
from countwell.cohort.incoming.sorting import by_number, in_order

FEW, WIDE = st.integers(0, 3), st.sampled_from([LONG_AGO, NEVER, -1, 0, 60_000_000, 120_000_000])


@given(st.lists(st.tuples(FEW, WIDE, FEW, st.sampled_from([0, 7 * 2**40, 2**62]), FEW), max_size=30))
def test_rows_are_in_order_of_all_columns_however_wide_they_are(rows):
    columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)] or [np.zeros(0, np.int64)] * 5
    order = in_order(columns)
    assert sorted(order) == list(range(len(rows)))
    assert [rows[place] for place in order] == sorted(rows)


@pytest.mark.parametrize("largest", [3, 2**16 - 1, 2**16, 2**20])
def test_equal_numbers_stay_as_they_stand(largest):
    numbers = np.array([largest, 0, largest, 1, 0])
    assert by_number(numbers).tolist() == [1, 4, 3, 0, 2]


@given(st.lists(st.text(max_size=4), max_size=8), st.integers(0, 4))
def test_a_fingerprint_is_that_of_the_text_wherever_it_stands(texts, first):
    found = fingerprints(pa.array(texts, pa.string()).slice(first))
    assert found.tolist() == [int(fingerprints(pa.array([text]))[0]) for text in texts[first:]]
    assert len(set(found.tolist())) == len(set(texts[first:]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("id", "status", "code", "i")


@given(st.lists(st.dictionaries(st.sampled_from((*NAMES, "other")), JSON, max_size=5), max_size=5), st.booleans())
def test_members_are_what_the_reader_of_json_finds(sent, ascii_alone):
    text = "\n".join(json.dumps(one, ensure_ascii=ascii_alone) for one in sent).encode()
    block = np.frombuffer(text, np.uint8)
    found = objects(block, *lines_of(block), NAMES)
    assert found.plain.tolist() == [bool(one) and "other" not in one for one in sent]
    for name in NAMES:
        values = found.values(name).to_pylist()
        assert [
            json.loads(value)
            for value, one, plain in zip(values, sent, found.plain, strict=True)
            if plain and name in one
        ] == [one[name] for one, plain in zip(sent, found.plain, strict=True) if plain and name in one]


ODD = (
    '{"id":1}x',
    '{"id":1',
    '{"id":"a}',
    '{"id" 1}',
    '{"id":}',
    "{id:1}",
    '{"id":1,}',
    '{"id":1,"id":1}',
    '["id"]',
    "",
    "{}",
    '{"i\\u0064":1}',
    '{"id":"\x01ab"}',
    '{"id":[1}',
    '{"id":"\\',
)


@pytest.mark.parametrize("line", ODD)
def test_a_line_of_another_form_is_not_plain(line):
    block = np.frombuffer(line.encode(), np.uint8)
    begins, ends = np.array([0], np.uint64), np.array([len(line.encode())], np.uint64)
    assert not objects(block, begins, ends, NAMES).plain[0]


@pytest.mark.parametrize(
    ("text", "lines"), [("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb", ["a", "", "b"]), ("\n", [""])]
)
def test_lines_of_a_block(text, lines):
    block = np.frombuffer(text.encode(), np.uint8)
    assert cut(block, *lines_of(block)).to_pylist() == lines


def test_each_combination_of_texts_is_read_once():
    read = []
    distinct = Distinct(("a", "b", "c"), lambda said: read.append(said) or len(read))
    batch = {"a": pa.array(["x", "y", "x", None]), "b": pa.array([1, 2, 1, 2]), "c": pa.array(["", "", "", ""])}
    assert distinct.numbers(batch, 4).tolist() == distinct.numbers(batch, 4).tolist()
    assert [distinct.found[number] for number in distinct.numbers(batch, 4)] == [1, 2, 1, 3]
    assert read == [{"a": "x", "b": "1", "c": ""}, {"a": "y", "b": "2", "c": ""}, {"a": "", "b": "2", "c": ""}]


def test_combinations_of_more_columns_than_fit_into_one_number_are_told_apart():
    columns = [(np.array([0, 2**24, 0]), 2**40), (np.array([0, 0, 0]), 2**40), (np.array([1, 1, 1]), 2**40)]
    assert _together(columns, 3)[0].tolist() == [0, 1, 0]
