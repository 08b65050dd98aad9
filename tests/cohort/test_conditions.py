"""Conditions as rows of atoms say what the truth table says: sure, possible or neither, for every span and every limit."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort.uncompiled import uncompiled
from countwell.base.spans import OPS, Span, compare, compare_spans
from countwell.cohort import shape as at
from countwell.cohort.bound_rules import conditions, dated_rules, jumps, steps, ways_of
from countwell.cohort.plan import plan
from countwell.cohort.words import words_of
from countwell.model.rules import And, AtLeast, Compare, Holds, IsWord, Or

CIDP = plan("cidp")
STOP = next(rule for rule in CIDP.rules if rule.key == "cidp/white-cells/stop")
WORDS = words_of(CIDP)
LIMIT = STOP.pack.numbers["wbc_stop"].value
SAID = {at.HOLDS: True, at.MAY_HOLD: None, 0: False}
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


def walk(condition, ends, silent=(), like=STOP):
    """A walk whose one rule is that condition, and whose facts have those ends, by name."""
    rule = SimpleNamespace(
        **{**vars(like), "place": 0, "when": condition, "unless": None, "is_context": like.is_context}
    )
    laid_out = SimpleNamespace(rules=[rule], fact=CIDP.fact, read_names=CIDP.read_names)
    rows = [[0] * at.RULE_COLUMNS]
    atom, number = conditions(laid_out, WORDS, rows)
    span = np.zeros((1, len(CIDP.facts), at.SPAN_COLUMNS))
    span[..., at.WAS_LOW], span[..., at.WAS_HIGH] = np.inf, -np.inf
    value = np.zeros((1, len(CIDP.facts), at.VALUE_COLUMNS), int)
    for name, row in ends.items():
        span[0, CIDP.fact(STOP, name).number, : len(row)] = row
    for name in silent:
        value[0, CIDP.fact(STOP, name).number, at.SILENT] = 1
    reached = np.zeros((1, len(CIDP.read_names), at.REACHED_COLUMNS), int)
    arrays = {"atom": np.array(atom), "atom_number": np.array(number), "span": span, "value": value, "reached": reached}
    return SimpleNamespace(rule=np.array(rows), state=np.zeros((1, 1), int), **arrays)


def truth(condition, ends, silent=()):
    """What a rule with that condition comes to: True, False, None."""
    return held(walk(condition, ends, silent))


def held(p):
    p.step, p.step_from = np.array([0]), np.array([0, 0, 0, 1])
    uncompiled().holding.hold(p, 0, at.OF_CALENDAR)
    return SAID[int(p.state[0, 0])]


@given(spans(), st.sampled_from(OPS))
def test_a_fact_against_a_number_is_sure_possible_or_ruled_out_as_the_truth_table_says(span, op):
    assert truth(Compare("wbc", op, "wbc_stop"), {"wbc": as_ends(span)}) == compare(span, op, LIMIT)


@given(spans(), st.sampled_from(OPS))
def test_of_silence_nothing_is_possible_that_is_not_sure(span, op):
    heard = compare(span, op, LIMIT)
    assert truth(Compare("wbc", op, "wbc_stop"), {"wbc": as_ends(span, silent=True)}) == (heard is True)


@given(spans(), spans(), st.sampled_from(OPS))
def test_what_was_open_before_it_lapsed_stays_open_in_silence_and_nothing_else_does(span, was, op):
    ends = [*as_ends(span, silent=True), *as_ends(was)[:2]]
    heard = compare(span, op, LIMIT) if compare(was, op, LIMIT) is None else compare(span, op, LIMIT) is True
    assert truth(Compare("wbc", op, "wbc_stop"), {"wbc": ends}) == heard


@given(spans(), spans(), st.sampled_from(OPS))
def test_two_facts_are_compared_as_the_truth_table_says(one, other, op):
    atom = Compare("wbc", op, other="liver_times")
    ends = {"wbc": as_ends(one), "liver_times": as_ends(other)}
    assert truth(atom, ends) == compare_spans(one, op, other)
    assert truth(atom, ends, silent=["wbc"]) == (compare_spans(one, op, other) is True)


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


@pytest.mark.parametrize(
    ("possible", "negated", "expected"),
    [
        (lambda own: own, False, True),
        (lambda own: own, True, False),
        (lambda own: own | 1, False, None),
        (lambda own: own | 1, True, None),
        (lambda own: 1, False, False),
        (lambda own: 1, True, True),
        (lambda own: 0, False, None),
        (lambda own: 0, True, None),
    ],
)
def test_a_word_is_sure_if_only_it_is_possible_and_ruled_out_if_it_is_not(possible, negated, expected):
    rule, atom = next((r, a) for r in CIDP.rules for a in r.atoms() if isinstance(a, IsWord))
    fact = CIDP.fact(rule, atom.fact)
    own = sum(1 << WORDS.bit_of(fact, word) for word in atom.words)
    assert own > 1
    p = walk(IsWord(atom.fact, atom.words, negated), {}, like=rule)
    p.value[0, fact.number, at.WORDS] = possible(own)
    assert held(p) is expected


YES_NO = {True: [1, 1, 1, 1], False: [0, 0, 0, 0], None: [0, 1, 0, 1]}
NAMES = sorted({a.fact for r in CIDP.rules if r.pack is STOP.pack for a in r.atoms() if isinstance(a, Holds)})[:3]
ONE, TWO, THREE = (Holds(name, False) for name in NAMES)
TREES = [
    And((ONE, TWO, THREE)),
    Or((ONE, TWO, THREE)),
    Or((And((ONE, TWO)), THREE)),
    And((ONE, Or((TWO, THREE)))),
    Or((ONE, And((TWO, THREE)))),
    And((Or((ONE, TWO)), THREE)),
]


def three_valued(tree, known):
    if isinstance(tree, Holds):
        return known[tree.fact]
    told = [three_valued(part, known) for part in tree.of]
    decisive = isinstance(tree, Or)
    if decisive in told:
        return decisive
    return None if None in told else not decisive


@pytest.mark.parametrize("tree", TREES)
def test_and_and_or_are_those_of_three_values_however_they_are_nested(tree):
    for values in product([True, False, None], repeat=3):
        known = dict(zip(NAMES, values, strict=True))
        found = truth(tree, {name: YES_NO[value] for name, value in known.items()})
        assert found is three_valued(tree, known), known


def test_an_atom_leads_to_the_one_that_is_asked_next():
    assert [(then, otherwise) for _, then, otherwise in jumps(And((ONE, Or((TWO, THREE)))), 7)] == [
        (8, at.NOT_MET),
        (at.MET, 9),
        (at.MET, at.NOT_MET),
    ]


@pytest.mark.parametrize("tree", TREES)
def test_a_condition_holds_if_and_only_if_one_of_its_ways_does(tree):
    for values in product([True, False], repeat=3):
        known = dict(zip(NAMES, values, strict=True))
        met = [all(values[place] for place in way) for way in ways_of(tree, 0)]
        assert any(met) is three_valued(tree, known)


@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
def test_every_rule_is_read_once_for_advice_or_after_it(protocol):
    laid_out = plan(protocol)
    row, begins = steps(laid_out)
    read = [step for step in row[: begins[at.OF_CALENDAR]] if step >= 0]
    assert sorted(read) == [rule.place for rule in laid_out.rules]
    advising = {rule.place for rule in laid_out.rules if rule.rule.advice is not None}
    assert {step for step in row[: begins[at.LATER]] if step >= 0} == advising


@pytest.mark.parametrize("protocol", ["cidp", "mg", "aih"])
def test_what_tables_came_to_is_told_after_the_last_of_their_name_and_before_who_reads_it(protocol):
    laid_out = plan(protocol)
    row, begins = steps(laid_out)
    advice = row[: begins[at.LATER]]
    for number, name in enumerate(laid_out.read_names[:-1]):
        told = advice.index(-1 - number)
        of_name = {rule.place for table in laid_out.named(name) for rule in table.advice}
        assert all(advice.index(place) < told for place in of_name)
        reading = [
            r.place for r in laid_out.rules if any(isinstance(a, AtLeast) and a.table == name for a in r.atoms())
        ]
        assert all(advice.index(place) > told for place in reading if place in advice)


def test_rules_on_whose_events_others_hang_are_dated_before_these():
    order = [rule.key for rule in dated_rules(CIDP)]
    assert len(order) == len(set(order))
    assert order.index("cidp/white-cells/watch") < order.index("cidp/schedule/closer")
