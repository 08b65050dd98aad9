"""The three laws of time, and that worse news or less knowledge never makes an answer milder, over generated records."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generative import properties as law
from generative import strategies, worsening
from generative.making import Json, told

FEW = settings(max_examples=60)


@FEW
@given(strategies.records())
def test_an_alarm_stands_however_much_time_passes(sent: Json) -> None:
    law.check_alarm_stands(sent, (1, 40, 400))


@FEW
@given(strategies.records())
def test_continue_ends_by_itself_the_day_after_the_first_test_is_due(sent: Json) -> None:
    law.check_reassurance_lapses(sent)


@FEW
@given(strategies.records())
def test_continue_that_lapsed_does_not_come_back_by_itself(sent: Json) -> None:
    law.check_continue_does_not_return(sent)


@FEW
@given(strategies.records())
def test_due_dates_do_not_move_because_a_day_has_passed(sent: Json) -> None:
    law.check_due_dates_stand(sent)


@FEW
@given(strategies.records(), st.data())
def test_a_worse_result_is_never_answered_more_mildly(sent: Json, data: st.DataObject) -> None:
    worse = data.draw(worsening.worse_result(sent))
    assume(worse is not None)
    law.check_not_milder(worse, sent)


@FEW
@given(strategies.records(), st.data())
def test_one_more_symptom_is_never_answered_more_mildly(sent: Json, data: st.DataObject) -> None:
    law.check_not_milder(data.draw(worsening.added_symptom(sent)), sent)


@FEW
@given(strategies.records(), st.data())
def test_one_more_medicine_that_acts_on_it_is_never_answered_more_mildly(sent: Json, data: st.DataObject) -> None:
    law.check_not_milder(data.draw(worsening.added_medicine(sent)), sent)


@FEW
@given(strategies.records(), st.data())
def test_knowing_less_leaves_more_open(sent: Json, data: st.DataObject) -> None:
    blind = data.draw(worsening.less_known(sent))
    assume(blind is not None)
    law.check_not_milder(blind, sent, at_least=False, tests=False)


@FEW
@given(strategies.records(), st.data())
def test_a_slip_in_an_upper_limit_leaves_more_open(sent: Json, data: st.DataObject) -> None:
    slipped = data.draw(worsening.slipped_limit(sent))
    assume(slipped is not None)
    law.check_not_milder(slipped, sent, at_least=False, tests=False)


@FEW
@given(strategies.records())
def test_continue_is_not_said_while_a_required_test_or_a_list_does_not_vouch(sent: Json) -> None:
    law.check_no_continue_in_doubt(sent)


@FEW
@given(strategies.records(), st.data())
def test_the_order_of_events_does_not_matter(sent: Json, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(sent["events"]))
    law.check_same_answer(sent, sent | {"events": shuffled})


@FEW
@given(strategies.records(), st.data())
def test_events_sent_twice_count_once(sent: Json, data: st.DataObject) -> None:
    again = data.draw(st.lists(st.sampled_from(sent["events"]), max_size=4))
    law.check_same_answer(sent, sent | {"events": [*sent["events"], *again]})


@FEW
@given(strategies.records(), st.data())
def test_when_a_final_result_arrived_does_not_matter(sent: Json, data: st.DataObject) -> None:
    assume(all(e.get("status", "final") == "final" for e in sent["events"] if e["kind"] == "result"))
    received = st.sampled_from([strategies.ago(0, 9), strategies.ago(0, 8, 55)])
    late = [e | {"received": data.draw(received)} if e["kind"] == "result" else e for e in sent["events"]]
    law.check_same_answer(sent, sent | {"events": late})


@FEW
@given(
    strategies.records(), st.sampled_from(["review", "schedule", "dose", "supply", "response", "pregnancy", "restart"])
)
def test_both_ends_are_in_order_and_the_words_follow_from_the_advice(sent: Json, question: str) -> None:
    said = told(sent, question)
    law.check_ends_in_order(said)
    law.check_actions(said)


@FEW
@given(strategies.records(), st.sampled_from([0, 1, 3, 20]), st.integers(0, 23))
def test_what_was_received_later_was_not_known(sent: Json, days: int, hour: int) -> None:
    law.check_known_at(sent, strategies.ago(days, min(hour, 9)))


@FEW
@given(strategies.records(), st.data())
def test_a_preliminary_or_withdrawn_result_makes_nothing_milder_no_date_later_and_no_test_done(
    sent: Json, data: st.DataObject
) -> None:
    law.check_adds_nothing_mild(sent, data.draw(worsening.mere_report(sent)))


@FEW
@given(strategies.records(), st.sampled_from(["raise", "reduce"]), st.sampled_from([0, 1, 13, 14, 15, 40]))
def test_no_raise_is_offered_after_a_change_of_dose_before_tests_two_weeks_later(sent: Json, do: str, age: int) -> None:
    changed = strategies.event("decision", do=do, at=strategies.ago(age, 9, 45), mg_per_day="75", by="dr-1")
    law.check_no_raise_without_tests(sent | {"events": [*sent["events"], changed]})
