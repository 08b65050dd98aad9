"""JSON is read strictly, and numbers stay the text that was sent."""

import pytest

from countwell.base.errors import RecordError
from countwell.exchange.limits import DEEPEST_NESTING, LARGEST_BYTES
from countwell.exchange.strict_json import NumberText, parse, plain_document, refuse_size, written


@pytest.mark.parametrize("text", ["3.0", "3.10", "1e400", "-0", "123456789012345678901234567890", "0.000001"])
def test_a_number_stays_the_text_that_was_sent(text):
    assert parse(f"[{text}]") == [text]
    assert isinstance(parse(f"[{text}]")[0], NumberText)
    assert written(parse(f"[{text}]")) == f"[{text}]"


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_nan_and_infinity_are_refused(word):
    with pytest.raises(RecordError, match="no number"):
        parse(f'{{"a": {word}}}')


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_and_infinity_are_refused_in_a_dict_too(value):
    with pytest.raises(RecordError, match="no number"):
        plain_document({"a": value})


def test_a_key_that_stands_twice_is_refused_anywhere():
    with pytest.raises(RecordError, match="twice"):
        parse('{"a": [{"b": 1, "b": 1}]}')


def test_a_key_that_is_written_in_two_ways_is_the_same_key():
    with pytest.raises(RecordError, match="twice"):
        parse('{"status": 1, "statu\\u0073": 2}')


def test_bytes_that_are_not_utf8_are_refused_with_their_place():
    with pytest.raises(RecordError, match="byte at 2"):
        parse(b'{"\xff": 1}')


def test_a_byte_order_mark_is_no_fault():
    assert parse(b"\xef\xbb\xbf[]") == []


def test_half_a_character_is_refused():
    with pytest.raises(RecordError, match="half a character"):
        parse('{"a": "\\ud800"}')


@pytest.mark.parametrize("depth", [DEEPEST_NESTING + 1, 100_000])
def test_endless_nesting_is_refused(depth):
    with pytest.raises(RecordError, match="nested"):
        parse("[" * depth + "]" * depth)


def test_endless_nesting_is_refused_in_a_dict_too():
    nested: object = "x"
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(RecordError, match="nested"):
        plain_document({"a": nested})


def test_too_many_bytes_are_refused_before_they_are_read():
    refuse_size(LARGEST_BYTES)
    with pytest.raises(RecordError, match="larger"):
        refuse_size(LARGEST_BYTES + 1)


@pytest.mark.parametrize("value", [b"bytes", {1: "a"}, object()])
def test_what_json_does_not_have_is_refused(value):
    with pytest.raises(RecordError, match="JSON does not have"):
        plain_document({"a": value})


def test_a_number_of_thousands_of_digits_is_text_like_any_other():
    assert len(parse("[" + "9" * 10_000 + "]")[0]) == 10_000


@pytest.mark.parametrize("text", ["", "{", "[1,]", "{'a': 1}", '{"a": 01}', "nul"])
def test_what_is_not_json_is_refused_with_its_place(text):
    with pytest.raises(RecordError, match="not JSON"):
        parse(text)
