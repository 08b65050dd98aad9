"""Faults planted in tables: each is found, with a patient who shows it; and sound tables pass.

Longer than other modules: each kind of fault in a table is planted once.
"""

import pytest

from countwell.base.dates import Duration
from countwell.base.errors import PackError
from countwell.engine.prove import Proven, Verdict, certified, prove
from countwell.engine.prove.lengths import bounds, difference, never_longer
from countwell.model.pack import Pack
from countwell.pack.certificate import rules_hash
from oracle.prove_pack import CITED, HEAD, HOLD, STOP, WATCH, checks, failures, pack, table

SOUND = table(f"stop: {{when: wbc <= two, {STOP}}}", f"watch: {{when: wbc <= three, {WATCH}}}", "clear: wbc > three")


def only(*tables: str) -> Verdict:
    """The one thing that cannot be proven."""
    (verdict,) = failures(*tables)
    return verdict


def test_a_sound_table_passes_every_check():
    verdicts = prove([pack(SOUND)])
    assert [(verdict.check, verdict.ok, verdict.witness) for verdict in verdicts] == [
        ("coverage", True, None),
        ("clear", True, None),
        ("fires", True, None),
        ("worse", True, None),
    ]
    assert verdicts[3].says == "worse is never milder (white cells)"


# Gaps


def test_a_gap_at_exactly_three_is_found():
    verdict = only(
        table(f"stop: {{when: wbc < two, {STOP}}}", f"watch: {{when: wbc < three, {WATCH}}}", "clear: wbc > three")
    )
    assert verdict.check == "coverage"
    assert verdict.witness == {"white cells": "3.0 10*9/L"}
    assert str(verdict) == "planted/counts: coverage FAILED: no rule and no `clear` for: white cells 3.0 10*9/L"


def test_a_gap_between_two_limits_is_found():
    verdict = only(table(f"stop: {{when: wbc < two, {STOP}}}", "clear: wbc > three"))
    assert verdict.check == "coverage"
    assert verdict.witness == {"white cells": "2.0 10*9/L"}


def test_a_table_that_gives_advice_without_a_clear_is_named():
    assert checks(table(f"stop: {{when: wbc < two, {STOP}}}")) == ["coverage"]


def test_a_table_without_advice_needs_no_clear():
    assert checks(table("early: {when: on_drug < month, due: [cbc], every: week}")) == []


def test_a_word_that_no_rule_looks_at_is_a_gap():
    verdict = only(table(f"a: {{when: course is proposed, {WATCH}, {CITED}}}", "clear: course is active"))
    assert verdict.check == "coverage"
    assert verdict.witness is not None
    assert verdict.witness["course"] in {"held", "stopped", "ended", "died"}


def test_every_word_of_a_closed_list_covers():
    rule = f"a: {{when: tpmt in low_gene, {WATCH}, {CITED}}}"
    assert checks(table(rule, "clear: not tpmt in low_gene")) == []


# `clear` and dead rules


def test_a_clear_that_touches_a_rule_is_found_at_the_point_where_they_touch():
    verdict = only(table(f"watch: {{when: wbc <= three, {WATCH}}}", "clear: wbc >= three"))
    assert (verdict.check, verdict.witness) == ("clear", {"white cells": "3.0 10*9/L"})
    assert verdict.line == HEAD.count("\n") + 2


def test_a_dead_rule_is_found():
    dead = f"dead: {{when: wbc < two and wbc > three, {WATCH}}}"
    verdict = only(table(f"stop: {{when: wbc < two, {STOP}}}", dead, "clear: wbc >= two"))
    assert (verdict.check, verdict.says) == ("fires", "the rule `dead` can hold for no patient.")


def test_a_rule_is_dead_that_its_own_unless_always_stops():
    rule = f"watch: {{when: wbc < two, unless: wbc < three, {WATCH}}}"
    assert checks(table(rule, "clear: wbc >= two or wbc < three")) == ["fires"]


def test_no_count_is_negative_and_nothing_falls_by_more_than_all():
    assert "fires" in checks(
        table(f"watch: {{when: wbc_fall > all_percent, {WATCH}}}", "clear: wbc_fall <= all_percent")
    )


def test_a_clear_that_holds_for_nobody_is_found():
    assert "fires" in checks(
        table(f"any: {{when: wbc < two or wbc >= two, {WATCH}}}", "clear: wbc < two and wbc > three")
    )


# Worse is never milder


def test_a_reversed_severity_is_found_with_both_values():
    mild, hard = f"a: {{when: wbc < two, {WATCH}}}", f"b: {{when: wbc >= two and wbc < three, {STOP}}}"
    verdict = only(table(mild, hard, "clear: wbc >= three"))
    assert verdict.check == "worse"
    assert verdict.witness == {"white cells": "2.0 10*9/L → 1.9 10*9/L"}
    assert verdict.says.startswith("worse is milder: drug stop becomes drug do-not-raise when white cells")


def test_an_unless_that_a_worse_fact_meets_is_found():
    rule = f"a: {{when: wbc < three, unless: nosebleed, {WATCH}}}"
    verdict = only(table(rule, "clear: wbc >= three or nosebleed"))
    assert verdict.check == "worse"
    assert verdict.witness == {"white cells": "2.9 10*9/L", "nosebleed": "no → yes"}


def test_an_unless_that_only_a_better_fact_meets_passes():
    rule = f"a: {{when: nosebleed, unless: wbc >= three, {WATCH}, {CITED}}}"
    assert checks(table(rule, "clear: not nosebleed or wbc >= three")) == []


def test_a_lost_precaution_is_found():
    low, lower = f"a: {{when: wbc < three, unless: wbc < two, {WATCH}}}", f"b: {{when: wbc < two, {STOP}}}"
    verdict = only(table(low, lower, "clear: wbc >= three"))
    assert verdict.says.startswith("worse is milder: precautions infection becomes precautions nothing")


def test_a_fact_without_a_direction_may_do_anything():
    rule = f"a: {{when: on_drug < month, {WATCH}}}"
    assert checks(table(rule, "clear: on_drug >= month")) == []


def test_two_facts_that_hang_together_are_made_worse_together():
    rule = f"a: {{when: bleeding, unless: nosebleed, {WATCH}, {CITED}}}"
    verdict = only(table(rule, "clear: not bleeding or nosebleed"))
    assert verdict.check == "worse"
    assert verdict.witness == {"nosebleed": "no → yes", "bleeding": "yes"}


# Dates and doses


def test_a_later_date_when_worse_is_found():
    week, month = (
        "a: {when: wbc < three and wbc >= two, due: [cbc], every: week}",
        "b: {when: wbc < two, due: [cbc], every: month}",
    )
    verdict = only(table(week, month))
    assert verdict.says.startswith(
        "worse is milder: due cbc every 1 week becomes due cbc every 1 month when white cells 2.0"
    )


def test_a_due_test_that_a_worse_fact_drops_is_found():
    assert checks(table("a: {when: wbc < three and wbc >= two, due: [cbc], within: week}")) == ["worse"]


def test_thirty_days_may_be_later_than_a_month_and_four_weeks_never_are():
    monthly = "a: {when: wbc >= two, due: [cbc], every: month}"
    assert checks(table(monthly, "b: {when: wbc < two, due: [cbc], every: days30}")) == ["worse"]
    assert checks(table(monthly, "b: {when: wbc < two, due: [cbc], every: days28}")) == []


def test_a_hold_that_is_decided_later_when_worse_is_found_unless_it_becomes_a_stop():
    early = f"a: {{when: wbc < three and wbc >= two, {HOLD}}}"
    late = f"b: {{when: wbc < two, {HOLD.replace('week}', 'month}')}}}"
    assert checks(table(early, late, "clear: wbc >= three")) == ["worse"]
    assert checks(table(early, f"b: {{when: wbc < two, {STOP}}}", "clear: wbc >= three")) == []


@pytest.mark.parametrize(
    ("mild", "worse"),
    [
        ("{ceiling: two_kg}", "{ceiling: three_kg}"),
        ("{ceiling: two_kg}", "{confirm: fifty}"),
        ("{none: yes}", "{ceiling: two_kg}"),
        ("{confirm: fifty}", "{confirm: hundred}"),
        ("{first: fifty}", "{first: hundred}"),
        ("{target: [one_kg, two_kg]}", "{target: [one_kg, three_kg]}"),
        ("{step: fifty, every: month}", "{step: hundred, every: month}"),
        ("{step: fifty, every: month}", "{step: fifty, every: week}"),
        ("{ceiling: {times: quarter, of: dose_before}}", "{ceiling: {times: half, of: dose_before}}"),
        ("{ceiling: hundred}", "{ceiling: two_kg}"),
    ],
)
def test_a_wider_dose_when_worse_is_found(mild: str, worse: str):
    rules = (f"a: {{when: wbc < three and wbc >= two, dose: {mild}}}", f"b: {{when: wbc < two, dose: {worse}}}")
    assert "worse" in checks(table(*rules))


@pytest.mark.parametrize(
    ("mild", "worse"),
    [
        ("{ceiling: three_kg}", "{ceiling: two_kg}"),
        ("{ceiling: three_kg}", "{none: yes}"),
        ("{first: hundred}", "{first: fifty}"),
        ("{first: hundred}", "{ceiling: fifty}"),
        ("{target: [two_kg, three_kg]}", "{target: [one_kg, two_kg]}"),
        ("{step: hundred, every: month}", "{step: fifty, every: months3}"),
        ("{ceiling: {times: half, of: dose_before}}", "{ceiling: {times: quarter, of: dose_before}}"),
    ],
)
def test_a_tighter_dose_when_worse_passes(mild: str, worse: str):
    rules = (f"a: {{when: wbc >= two, dose: {mild}}}", f"b: {{when: wbc < two, dose: {worse}}}")
    assert checks(table(*rules)) == []


# Times and counts


def test_days_and_months_do_not_meet_and_the_witness_names_the_month():
    verdict = only(table(f"a: {{when: on_drug < days30, {WATCH}}}", "clear: on_drug >= month and on_drug >= days30"))
    assert verdict.witness == {"on drug": "30 days (1 month being 31 days)"}


def test_a_count_is_whole():
    rule = f"a: {{when: wbc_falls >= falls, {WATCH}}}"
    assert checks(table(rule, "clear: wbc_falls < falls")) == []


def test_lengths_hold_from_every_day_of_the_calendar():
    month, year = Duration(1, "months"), Duration(1, "years")
    assert (bounds(month), bounds(year)) == ((28, 31), (365, 366))
    assert bounds(Duration(36, "hours")) == (1, 1)
    assert difference(year, Duration(12, "months")) == (0, 0)
    assert never_longer(Duration(4, "weeks"), month)
    assert not never_longer(month, Duration(30, "days"))
    assert not never_longer(Duration(30, "days"), month)


# Facts that hang together


def test_neutrophils_are_a_part_of_the_white_cells_and_the_proof_says_that_it_took_them_so():
    rule = f"low: {{when: wbc < neut, {STOP}}}"
    verdicts = prove([pack(table(rule, "clear: neutrophils >= neut or wbc >= neut"))])
    clear = next(verdict for verdict in verdicts if verdict.check == "clear")
    assert clear.ok
    assert "one blood sample" in clear.says


def test_what_needs_no_such_axiom_does_not_claim_it():
    assert all("sample" not in verdict.says for verdict in prove([pack(SOUND)]))


def test_the_highest_of_more_tests_is_not_below_the_highest_of_fewer():
    rule = f"a: {{when: alt_times > normal, {WATCH}}}"
    assert checks(table(rule, "clear: liver_times <= normal or alt_times <= normal")) == []


def test_the_last_reason_is_one_of_all():
    rules = (
        f"a: {{when: ever_reason is liver, {WATCH}, {CITED}}}",
        f"b: {{when: last_reason is liver, {WATCH}, {CITED}}}",
    )
    assert checks(table(*rules, "clear: not ever_reason is liver")) == []
    both = f"a: {{when: ever_reason is liver and ever_reason is pancreatitis, {WATCH}, {CITED}}}"
    assert checks(table(both, "clear: not ever_reason is liver or not ever_reason is pancreatitis")) == []


# Tables that read tables


def test_an_earlier_table_is_read_as_its_own_rules():
    later = f"fever: {{when: fever >= fever_from and counts at least stop, {STOP}}}"
    clear = "clear: fever < fever_from or wbc > two"
    assert checks(SOUND, table(later, clear, name="fever")) == []
    verdict = only(SOUND, table(later, "clear: fever < fever_from or wbc >= two", name="fever"))
    assert verdict.check == "clear"
    assert verdict.witness == {"white cells": "2.0 10*9/L", "fever": "38.0 Cel"}


def test_a_table_that_is_not_loaded_may_have_any_outcome_and_a_higher_rung_is_worse():
    layer = HEAD.replace("kind: protocol", "kind: layer").replace("applies: {condition: cidp}", "reads: [elsewhere]")
    good = table(f"a: {{when: elsewhere at least hold, {WATCH}, {CITED}}}", "clear: not elsewhere at least hold")
    bad = table(
        f"a: {{when: nosebleed, unless: elsewhere at least hold, {WATCH}, {CITED}}}",
        "clear: not nosebleed or elsewhere at least hold",
    )
    assert [verdict.check for verdict in prove([pack(good, head=layer)]) if not verdict.ok] == []
    (failed,) = [verdict for verdict in prove([pack(bad, head=layer)]) if not verdict.ok]
    assert failed.check == "worse"
    assert failed.witness == {"nosebleed": "yes", "elsewhere drug": "continue → hold"}


def test_a_table_for_some_questions_is_proven_for_those():
    asks = "asks: [vaccine]"
    later = "a: {when: advice at least stop, due: [cbc], within: week, source: s, at: here}"
    assert (
        checks(table(asks, f"stop: {{when: wbc < two, {STOP}}}", "clear: wbc >= two"), table(later, name="schedule"))
        == []
    )


def test_a_rule_that_hangs_on_itself_is_refused():
    """Tables of one name are joined, so a layer can make a circle that no file holds alone."""
    first = table(f"a: {{when: nosebleed, {HOLD}, {CITED}}}", "clear: not nosebleed")
    second = table(
        f"b: {{when: counts at least hold, {HOLD}, {CITED}}}", "clear: not counts at least hold", name="more"
    )
    third = table(f"c: {{when: more at least hold, {HOLD}, {CITED}}}", "clear: not more at least hold")
    layer = HEAD.replace("kind: protocol", "kind: layer").replace("applies: {condition: cidp}", "reads: [more]")
    assert prove([pack(first, second)])
    with pytest.raises(PackError, match="hangs on itself"):
        prove([pack(first, second), pack(third, head=layer.replace("pack: planted", "pack: other"))])


# Proven once for all protocols that take it along


def layer_that_reads_counts(*, good: bool) -> str:
    later = f"fever: {{when: fever >= fever_from and counts at least stop, {STOP}}}"
    return table(later, f"clear: fever < fever_from or wbc {'>' if good else '>='} two", name="fever")


def failing(packs: list[Pack], proven: Proven) -> list[str]:
    return [f"{verdict.pack}/{verdict.table}" for verdict in prove(packs, proven=proven) if not verdict.ok]


LAYER = HEAD.replace("kind: protocol", "kind: layer").replace("applies: {condition: cidp}", "reads: [counts]")
OTHER = HEAD.replace("pack: planted", "pack: other")


def test_a_layer_is_proven_again_where_a_table_that_it_reads_differs():
    proven = Proven()
    layer = pack(layer_that_reads_counts(good=True), head=LAYER.replace("pack: planted", "pack: layer"))
    milder = table(
        f"stop: {{when: wbc < two, {STOP}}}", f"watch: {{when: wbc <= three, {WATCH}}}", "clear: wbc > three"
    )
    stricter = table(f"stop: {{when: wbc <= three, {STOP}}}", "clear: wbc > three")
    assert failing([pack(SOUND), layer], proven) == []
    assert failing([pack(milder, head=OTHER), layer], proven) == ["layer/fever"]
    assert failing([pack(stricter, head=OTHER), layer], proven) == ["layer/fever"]


def test_a_layer_that_reads_nothing_of_the_protocol_is_proven_once():
    proven = Proven()
    layer = pack(
        table(f"stop: {{when: nosebleed, {STOP}, {CITED}}}", "clear: not nosebleed", name="bleeding"), head=LAYER
    )
    first, second = (prove([pack(SOUND, head=head), layer], proven=proven) for head in (HEAD, OTHER))
    assert [a is b for a, b in zip(first, second, strict=True)] == [False] * 4 + [True] * 4


def test_a_table_is_proven_again_where_another_pack_says_which_way_a_fact_is_worse():
    proven = Proven()
    first = table(f"a: {{when: on_drug < month, {STOP}}}", "clear: on_drug >= month", name="early")
    second = table(f"a: {{when: early at least stop, {WATCH}, {CITED}}}", "clear: not early at least stop", name="late")
    reads = LAYER.replace("pack: planted", "pack: second").replace("[counts]", "[early]")
    layers = [pack(first, head=LAYER.replace("pack: planted", "pack: first")), pack(second, head=reads)]
    uses = table("old: {when: on_drug >= year, due: [cbc], every: week}", name="schedule")
    says_which = OTHER.replace("{since: run}", "{since: run, worse: higher}")
    assert failing([pack(SOUND, uses), *layers], proven) == []
    assert failing([pack(SOUND, uses, head=says_which), *layers], proven) == ["second/late"]


# Certificates


def test_a_certificate_names_the_tables_that_are_proven():
    bad = table(f"watch: {{when: wbc < three, {WATCH}}}", "clear: wbc > three", name="gap")
    both = pack(SOUND, bad)
    made = certified(both, prove([both]))
    assert (made.pack, made.version, made.proven) == ("planted", "1.0.0", ("counts",))
    assert made.rules_sha256 == rules_hash(both)
    assert made.solver.startswith("Z3 ")
