"""Numbers in value fields: plain ones are read, everything else is refused with the reason it gives."""

from decimal import Decimal

import pytest

from countwell.base.errors import Unreadable
from countwell.vocabulary.numbers import numbers_in, read_number, read_word

D = Decimal


@pytest.mark.parametrize(
    ("text", "comparator", "number"),
    [
        ("3.0", None, "3.0"),
        ("3", None, "3"),
        (".5", None, "0.5"),
        ("0", None, "0"),
        ("+3", None, "3"),
        ("-3.1", None, "-3.1"),
        ("3.0E9", None, "3.0E9"),
        ("1e-3", None, "0.001"),
        ("<0.5", "<", "0.5"),
        ("< 0.5", "<", "0.5"),
        ("<= 0.5", "<=", "0.5"),
        (">3.0", ">", "3.0"),
        (">=90", ">=", "90"),
        ("≤2", "<=", "2"),
        ("≥ 2", ">=", "2"),
        ("  3.0\t", None, "3.0"),
    ],
)
def test_read(text: str, comparator: str | None, number: str) -> None:
    assert read_number(text) == (comparator, D(number))
    assert str(read_number(text)[1]) == str(D(number))


@pytest.mark.parametrize(
    "text",
    """NaN nan Infinity -inf 3,0 3,000 1.234,5 3. . - < 1e99 1e-40 9999999 9999999.0 0x10 1_000 ３ ٣ 3..0 3.0.1 >^90
    =3 =<3 ~3 3+ ++3 1/2 50% 3.0* 1-2 None null true 12345678901234567890""".split(),
)
def test_refused(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_number(text)
    assert caught.value.why == "unreadable"


def test_nothing_is_missing() -> None:
    for text in ("", " ", "\t\n"):
        with pytest.raises(Unreadable) as caught:
            read_number(text)
        assert caught.value.why == "missing"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("CLOTTED", "invalid-sample"),
        ("Haemolysed", "invalid-sample"),
        ("QNS", "invalid-sample"),
        ("wrong tube received", "invalid-sample"),
        ("Pending", "pending"),
        ("to follow", "pending"),
        ("Test not performed", "missing"),
        ("DNR", "missing"),
        ("unclottedness", "unreadable"),
    ],
)
def test_words_give_their_reason(text: str, why: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_number(text)
    assert caught.value.why == why


def test_numbers_in_an_unreadable_text() -> None:
    assert numbers_in("1,8 L") == (D(18), D("1.8"))
    assert numbers_in("9999999") == ()
    assert numbers_in("1.234,5") == (D("1.2345"),)
    assert numbers_in("no number") == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [("Positive", "positive"), ("NOT DETECTED", "negative"), ("equivocal", "equivocal"), (" immune ", "positive")],
)
def test_result_words(text: str, word: str) -> None:
    assert read_word(text) == word


def test_a_result_word_that_is_not_listed_is_refused() -> None:
    for text in ("maybe", "", "clotted", "12"):
        with pytest.raises(Unreadable):
            read_word(text)
