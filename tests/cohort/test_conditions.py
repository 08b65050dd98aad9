"""The printed expressions say what the truth table says: sure, possible or neither, for every span and every limit."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countwell.base.spans import OPS, Span, compare, compare_spans
from countwell.cohort.conditions import Printer, checked, constant, exact
from countwell.cohort.generate import generate
from countwell.cohort.plan import plan
from countwell.model.rules import Compare, Holds

CIDP = plan("cidp")
STOP = next(rule for rule in CIDP.rules if rule.key == "cidp/white-cells/stop")
LIMIT = STOP.pack.numbers["wbc_stop"].value
ENDS = {"LOW": 0, "HIGH": 1, "MAYBE_LOW": 2, "MAYBE_HIGH": 3, "SILENT": 0}
NEAR = st.sampled_from(
    [LIMIT - Decimal("0.001"), LIMIT, LIMIT + Decimal("0.001"), Decimal(0), Decimal(9), Decimal("Infinity")]
)


@st.composite
def spans(draw):
    low, high = sorted([draw(NEAR), draw(NEAR)])
    low = -high if low == Decimal("Infinity") else low
    if low == high:
        return Span(low, high)
    return Span(low, high, draw(st.booleans()) or low.is_infinite(), draw(st.booleans()) or high.is_infinite())


def as_ends(span, silent=False):
    """The ends of a span as `spans.put` writes them."""
    low, high = float(span.low), float(span.high)
    low = np.nextafter(low, np.inf) if span.low_open and span.low.is_finite() else low
    high = np.nextafter(high, -np.inf) if span.high_open and span.high.is_finite() else high
    return [low, high, high, low] if silent else [low, high, low, high]


def truth(atom, ends, silent=0):
    """What both expressions come to: True, False, None."""
    printer = Printer(CIDP)
    facts = {constant(fact): fact.number for fact in CIDP.facts}
    span = np.zeros((len(CIDP.facts), 4))
    for name, row in ends.items():
        span[CIDP.fact(STOP, name).number] = row
    given_names = {**ENDS, **facts, "span": span, "value": np.full((len(CIDP.facts), 1), silent)}
    sure = bool(eval(printer.sure_atom(STOP, atom), given_names))  # noqa: S307 - text of our own
    possible = bool(eval(printer.possible_atom(STOP, atom), given_names))  # noqa: S307 - text of our own
    assert possible or not sure
    return True if sure else (None if possible else False)


@given(spans(), st.sampled_from(OPS))
def test_a_fact_against_a_number_is_sure_possible_or_ruled_out_as_the_truth_table_says(span, op):
    assert truth(Compare("wbc", op, "wbc_stop"), {"wbc": as_ends(span)}) == compare(span, op, LIMIT)


@given(spans(), st.sampled_from(OPS))
def test_of_silence_nothing_is_possible_that_is_not_sure(span, op):
    heard = compare(span, op, LIMIT)
    assert truth(Compare("wbc", op, "wbc_stop"), {"wbc": as_ends(span, silent=True)}) == (heard is True)


@given(spans(), spans(), st.sampled_from(OPS))
def test_two_facts_are_compared_as_the_truth_table_says(one, other, op):
    atom = Compare("wbc", op, other="liver_times")
    assert truth(atom, {"wbc": as_ends(one), "liver_times": as_ends(other)}) == compare_spans(one, op, other)


@pytest.mark.parametrize(
    ("ends", "negated", "expected"),
    [
        ([1, 1, 1, 1], False, True),
        ([0, 0, 0, 0], False, False),
        ([0, 1, 0, 1], False, None),
        ([0, 1, 1, 0], False, False),
        ([1, 1, 1, 1], True, False),
        ([0, 0, 0, 0], True, True),
        ([0, 1, 0, 1], True, None),
        ([0, 1, 1, 0], True, False),
    ],
)
def test_yes_no_unknown_and_silence_keep_their_names(ends, negated, expected):
    assert truth(Holds("jaundice", negated), {"jaundice": ends}) is expected


@pytest.mark.parametrize("name", ["Wbc", "wbc; import os", "1wbc", "wbc-low", "", "__import__('os')"])
def test_a_name_that_could_be_code_is_refused(name):
    with pytest.raises(ValueError, match="cannot stand in generated text"):
        checked(name)


def test_a_pack_cannot_write_code():
    bad = replace(STOP.rule, name="stop\n    import os")
    rules = [replace(rule, rule=bad) if rule is STOP else rule for rule in CIDP.tables[STOP.table].rules]
    tables = [replace(t, rules=tuple(rules)) if t.place == STOP.table else t for t in CIDP.tables]
    with pytest.raises(ValueError, match="cannot stand in generated text"):
        generate(replace(CIDP, tables=tuple(tables)))


@pytest.mark.parametrize(("number", "text"), [("2.0", "2.0"), ("0.1", "0.1"), ("1.1", "1.1"), ("3", "3.0")])
def test_a_number_is_printed_as_the_float_nearest_to_it(number, text):
    assert exact(Fraction(Decimal(number))) == text


def test_no_sentence_of_a_pack_stands_in_the_text():
    text = generate(CIDP)
    assert not [s for rule in CIDP.rules for s in rule.rule.tell.values() if s in text]


@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
def test_every_rule_is_written_once_for_advice_or_after_it(protocol):
    laid_out = plan(protocol)
    text = generate(laid_out).split("def calendar_rules")[0]
    assert all(text.count(f"state[{rule.place}] = 0\n") == 1 for rule in laid_out.rules)
