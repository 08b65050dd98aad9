"""Two versions of a pack: the same for every patient, or a patient who would be treated differently."""

from countwell.engine.prove import differences, equivalent
from oracle.prove_pack import CITED, HEAD, STOP, WATCH, pack, table

NEXT = HEAD.replace("version: 1.0.0", "version: 1.1.0")
COUNTS = table(f"stop: {{when: wbc <= two, {STOP}}}", f"watch: {{when: wbc <= three, {WATCH}}}", "clear: wbc > three")


def words(old: str, new: str, head: str = NEXT) -> list[str]:
    return [verdict.says for verdict in differences(pack(old), pack(new, head=head))]


def test_a_pack_is_equivalent_to_itself():
    assert equivalent(pack(COUNTS), pack(COUNTS, head=NEXT)) is None


def test_the_same_rules_in_other_words_are_equivalent():
    stop, watch = (
        f"a: {{when: not wbc > two, {STOP}}}",
        f"b: {{when: wbc <= two or wbc > two and not wbc > three, {WATCH}}}",
    )
    assert words(COUNTS, table(watch, stop, "clear: not wbc <= three")) == []


def test_a_limit_that_has_moved_shows_a_patient():
    verdict = equivalent(pack(COUNTS), pack(COUNTS, head=NEXT.replace("value: 3.0", "value: 3.5")))
    assert verdict is not None
    assert verdict.witness == {"white cells": "3.5 10*9/L"}
    assert verdict.says == "white cells 3.5 10*9/L: version 1.0.0 says continue, 1.1.0 says do not raise the dose"


def test_a_limit_that_no_longer_belongs_to_the_rule_shows_the_patient_at_the_limit():
    new = COUNTS.replace("wbc <= three", "wbc < three").replace("wbc > three", "wbc >= three")
    assert words(COUNTS, new) == [
        "white cells 3.0 10*9/L: version 1.0.0 says do not raise the dose, 1.1.0 says continue"
    ]


def test_a_stricter_rule_may_make_a_milder_one_needless():
    both = table("a: {when: wbc < three, due: [cbc], every: week}", "b: {when: wbc < three, due: [cbc], every: month}")
    assert words(both, table("a: {when: wbc < three, due: [cbc], every: week}")) == []


def test_a_later_date_a_lost_table_a_lost_word_and_a_lost_clear_differ():
    due = table("a: {when: wbc < three, due: [cbc], within: week}")
    assert words(due, due.replace("within: week", "within: month")) == [
        "white cells 2.9 10*9/L: version 1.0.0 says blood count within 1 week, 1.1.0 says blood count within 1 month"
    ]
    assert len(words(COUNTS, COUNTS.replace("  counts:", "  others:"))) == 2
    word = table(f"a: {{when: nosebleed, words: [caution], {CITED}}}")
    assert words(word, table(f"a: {{when: nosebleed, words: [skip-dose], {CITED}}}")) == [
        "nosebleed yes: version 1.0.0 says the word caution, 1.1.0 says the word skip-dose"
    ]
    assert len(words(COUNTS, COUNTS.replace("clear: wbc > three", "clear: wbc > three and not nosebleed"))) == 1


def test_a_fact_that_is_known_for_longer_is_another_fact():
    old = table(f"a: {{when: wbc_fall > ten_percent, {WATCH}}}", "clear: wbc_fall <= ten_percent")
    assert words(old, old, NEXT.replace("against: highest, within: year", "against: highest, within: months3")) != []


def test_other_sentences_and_sources_make_no_difference():
    assert words(COUNTS, COUNTS, NEXT.replace("title: Somewhere", "title: Elsewhere")) == []


def test_a_table_that_joins_only_where_silent_differs_where_an_earlier_pack_has_it():
    (says,) = words(COUNTS, COUNTS.replace("  counts:\n", "  counts:\n    joins: where-silent\n"))
    assert "an earlier pack has the table counts yes" in says


def test_the_worst_that_is_said_is_named_whichever_pack_adds_it():
    mild = table(f"a: {{when: nosebleed, {WATCH}, {CITED}}}", "clear: not nosebleed")
    grave = table(f"a: {{when: nosebleed, {STOP}, {CITED}}}", "clear: not nosebleed")
    assert words(mild, grave) == [
        "nosebleed yes: version 1.0.0 says do not raise the dose, 1.1.0 says stop azathioprine"
    ]


def test_two_packs_are_told_apart_by_their_names():
    assert words(COUNTS, COUNTS.replace("wbc <= two", "wbc < two"), HEAD.replace("pack: planted", "pack: ward")) == [
        "white cells 2.0 10*9/L: planted says stop azathioprine, ward says do not raise the dose"
    ]


def test_another_condition_is_said():
    assert words(COUNTS, COUNTS, NEXT.replace("condition: cidp", "condition: mg")) == [
        "version 1.0.0 applies to cidp, 1.1.0 applies to mg"
    ]
