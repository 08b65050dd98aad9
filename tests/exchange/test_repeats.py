"""What is sent twice counts once; what says two things under one name counts not at all."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from exchange.making import record, result


def ids(read):
    return sorted(event.ref for event in read.events), sorted(refused.event for refused in read.refused)


def test_the_same_id_and_content_is_one_event():
    assert ids(record(result(id="a1"), result(id="a1"), result(id="a1"))) == (["a1"], [])


def test_the_order_of_fields_and_nulls_do_not_make_another_content():
    again = dict(reversed(result(id="a1", lab=None).items()))
    assert ids(record(result(id="a1"), again)) == (["a1"], [])


def test_a_number_and_its_text_say_the_same():
    assert ids(record(result(id="a1", value=3.5), result(id="a1", value="3.5"))) == (["a1"], [])


def test_the_same_id_with_other_content_refuses_both():
    read = record(result(id="a1", value="1.9"), result(id="a1", value="4.0"), result(id="a2"))
    assert ids(read) == (["a2"], ["a1", "a1"])
    assert {refused.why for refused in read.refused} == {"disputed"}
    assert all(refused.held for refused in read.refused)
    assert sorted(str(refused.literal) for refused in read.refused) == ["1.9", "4.0"]


def test_an_id_belongs_to_one_event_of_any_kind():
    assert len(record(result(id="a1"), {"kind": "weight", "id": "a1", "at": "2026-03-01", "value": "70"}).refused) == 2


def test_a_result_without_id_that_stands_there_again_is_one():
    assert len(record(result(), result()).events) == 1


def test_two_doses_on_one_day_are_two():
    dose = {"kind": "dose-taken", "at": "2026-03-01", "mg": "50"}
    assert len(record(dose, dose).events) == 2


def test_an_event_without_id_is_named_by_its_place():
    assert ids(record(result(), result(value="4"))) == (["#0", "#1"], [])


def test_a_place_never_takes_the_name_of_an_id():
    read = record(result(value="4"), result(id="#0"))
    assert ids(read) == (["##0", "#0"], [])


def test_an_id_that_is_a_number_is_refused():
    assert record(result(id=7)).refused[0].field == "id"


EVENTS = [
    result(id="a1"),
    result(id="a2", value="1.9", status="corrected", replaces="a1"),
    result(id="a3", status=None),
    {"kind": "symptom", "id": "s1", "symptom": "fever", "since": "2026-03-01"},
    {"kind": "medicine", "id": "m1", "name": "moon dust"},
]
REPEATED = (
    st.lists(st.sampled_from(EVENTS), min_size=1, max_size=12)
    .map(lambda more: [*EVENTS, *more])
    .flatmap(st.permutations)
)


@given(REPEATED)
def test_order_and_repetition_do_not_matter(events):
    once, again = record(*EVENTS), record(*events)
    assert sorted(once.events, key=repr) == sorted(again.events, key=repr)
    assert sorted(once.refused, key=repr) == sorted(again.refused, key=repr)


def test_every_order_of_two_versions_is_the_same_record():
    reads = {frozenset(map(repr, record(*events).events)) for events in itertools.permutations(EVENTS[:3])}
    assert len(reads) == 1
