"""The grammar of conditions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countwell.model.rules import And, AtLeast, Compare, Holds, IsWord, Not, Or
from countwell.pack.words import Names, parse
from countwell.pack.written import written

SETS = {"low_tpmt": frozenset({"intermediate", "poor"}), "running": frozenset({"active", "held"})}
NAMES = Names(
    facts=["wbc", "neutrophils", "rigors", "course", "tpmt"],
    numbers=["wbc_low", "neut-stop"],
    tables=["white-cells", "fever"],
    sets=SETS,
)


def condition(text):
    """The condition that a text holds, without any fault."""
    parsed, wrong = parse(text, NAMES)
    assert wrong == []
    return parsed


def wrongs(text):
    """What is wrong in a text, as sentences."""
    return [f"{wrong.what} {wrong.do}" for wrong in parse(text, NAMES)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rigors", Holds("rigors")),
        ("wbc < wbc_low", Compare("wbc", "<", number="wbc_low")),
        ("wbc>=neut-stop", Compare("wbc", ">=", number="neut-stop")),
        ("neutrophils <= wbc", Compare("neutrophils", "<=", other="wbc")),
        ("course is active", IsWord("course", frozenset({"active"}))),
        ("tpmt in low_tpmt", IsWord("tpmt", SETS["low_tpmt"])),
        ("white-cells at least do-not-raise", AtLeast("white-cells", "do-not-raise")),
        ("advice at least hold", AtLeast("advice", "hold")),
        ("not rigors and wbc < wbc_low", And((Not(Holds("rigors")), Compare("wbc", "<", "wbc_low")))),
        ("not wbc < wbc_low", Not(Compare("wbc", "<", "wbc_low"))),
        ("not not rigors", Not(Not(Holds("rigors")))),
        (
            "rigors or rigors and course is held",
            Or((Holds("rigors"), And((Holds("rigors"), IsWord("course", frozenset({"held"})))))),
        ),
        (
            "(rigors or rigors) and rigors",
            And((Or((Holds("rigors"), Holds("rigors"))), Holds("rigors"))),
        ),
        ("not (rigors or rigors)", Not(Or((Holds("rigors"), Holds("rigors"))))),
        ("rigors\n  or rigors", Or((Holds("rigors"), Holds("rigors")))),
    ],
)
def test_read_as_written(text, expected):
    assert condition(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("wbc < 3.5", "a condition holds no figures: give 3.5 a name under `numbers`."),
        ("wbc < .5", "a condition holds no figures"),
        ("wbc < 3,5", "give 3,5 a name"),
        ("wbc =< wbc_low", "`=<` is not known here. Write `<=`."),
        ("wbc = wbc_low", "Write `is` for words, `>=` or `<=` for numbers."),
        ("wbc != wbc_low", "Write `not … is …`."),
        ("wbc ≤ wbc_low", "Write `<=`."),
        ("rigors && rigors", "Write `and`."),
        ("rigors || rigors", "Write `or`."),
        ("!rigors", "Write `not`."),
        ("rigors, rigors", "Write `and` or `or`."),
        ("rigors AND rigors", "Write `and`, in its place."),
        ("wbc < wbc_low < wbc", "two comparisons in a row. Write them apart"),
        ("wbc + wbc < wbc_low", "`+`: a condition does no arithmetic."),
        ("wbc < wbc_low * wbc", "`*`: a condition does no arithmetic."),
        ("(rigors", "a bracket is not closed."),
        ("rigors)", "a bracket is closed that was not opened."),
        ("rigors rigors", "`rigors` follows without `and` or `or`."),
        ("rigors and", "a fact is missing at the end."),
        ("", "a fact is missing at the end."),
        ("and rigors", "`and` stands where a fact is wanted."),
        ("wbc <", "a number or a fact is missing at the end."),
        ("course is", "a word is missing at the end."),
        ("wbc_low > wbc", "`wbc_low` is a number. The fact stands first"),
        ("wbc_low", "`wbc_low` is a number, not a fact."),
        ("rigor", "there is no fact `rigor`. Did you mean rigors?"),
        ("wbc < wbc_lo", "there is no number or fact `wbc_lo`. Did you mean"),
        ("tpmt in low_tmpt", "there is no set `low_tmpt`. Did you mean low_tpmt?"),
        ("white-cell at least hold", "there is no table `white-cell`. Did you mean white-cells?"),
        ("fever at hold", "`at` is followed by `least`."),
        ("WBC < wbc_low", "there is no fact `WBC`. Did you mean wbc?"),
        ("rigors?", "`?` is not known here."),
        ("(" * 40 + "rigors" + ")" * 40, "too deep to read"),
        ("not " * 40 + "rigors", "too deep to read"),
    ],
)
def test_says_what_is_wrong_and_what_to_do(text, says):
    assert any(says in wrong for wrong in wrongs(text)), wrongs(text)


def test_all_unknown_names_at_once():
    assert len(wrongs("a < b or c is d and e at least hold")) == 4


atoms = st.one_of(
    st.builds(Holds, st.sampled_from(["rigors", "course"])),
    st.builds(Compare, st.just("wbc"), st.sampled_from(["<", "<=", ">", ">="]), st.sampled_from(NAMES.numbers)),
    st.builds(Compare, st.just("wbc"), st.sampled_from(["<", ">="]), st.none(), st.just("neutrophils")),
    st.builds(IsWord, st.just("course"), st.sampled_from([frozenset({"active"}), frozenset({"stopped"})])),
    st.builds(IsWord, st.just("tpmt"), st.sampled_from(list(SETS.values()))),
    st.builds(AtLeast, st.sampled_from(["fever", "advice"]), st.sampled_from(["hold", "seen-today"])),
)


def several(parts):
    """Two to four conditions."""
    return st.lists(parts, min_size=2, max_size=4).map(tuple)


conditions = st.recursive(
    atoms,
    lambda parts: st.one_of(st.builds(Not, parts), several(parts).map(And), several(parts).map(Or)),
    max_leaves=8,
)


def depth(found):
    """How many brackets and `not` stand within one another."""
    parts = {Not: lambda: (found.of,), And: lambda: found.of, Or: lambda: found.of}.get(type(found), lambda: ())()
    return 1 + max(map(depth, parts), default=0)


@given(conditions.filter(lambda found: depth(found) < 8))
def test_writing_and_reading_gives_the_same_condition(found):
    assert condition(written(found, SETS)) == found


@given(st.text(alphabet="wbcorandti<=>()!&3.,_- \n", max_size=40))
def test_any_text_is_read_or_refused(text):
    parsed, wrong = parse(text, NAMES)
    assert parsed is not None or wrong


def test_a_negated_atom_is_written_with_not():
    assert written(IsWord("tpmt", SETS["low_tpmt"], negated=True), SETS) == "not tpmt in low_tpmt"
    assert written(IsWord("tpmt", SETS["low_tpmt"], negated=True)) == "not (tpmt is intermediate or tpmt is poor)"
