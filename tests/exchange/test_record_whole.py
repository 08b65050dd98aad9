"""A record as a whole is read strictly, and all its faults are told at once."""

import json

import pytest

from countwell.base.errors import RecordError
from countwell.exchange.record_json import read_record
from exchange.making import document, record, result


def faults(**changes):
    with pytest.raises(RecordError) as caught:
        read_record({**document(), **changes})
    return str(caught.value).splitlines()


def test_text_bytes_and_dict_are_the_same_record():
    sent = document(result(id="a1", value=3.1), born="1974-02-03")
    text = json.dumps(sent)
    assert read_record(sent) == read_record(text) == read_record(text.encode())


@pytest.mark.parametrize("text", ["[]", "3", "null", '"record"'])
def test_what_is_not_an_object_is_no_record(text):
    with pytest.raises(RecordError, match="not an object"):
        read_record(text)


def test_another_schema_is_refused():
    assert faults(schema="countwell.record/2") == ['schema: not "countwell.record/1".']


def test_all_faults_are_told_at_once_with_their_places():
    patient = {"id": 7, "born": "03/04/1974", "names": "Ann"}
    course = {"products": [{"strength_mg": "fifty"}], "may_halve": "yes", "layers": "none"}
    told = faults(schema=None, patient=patient, course=course, events={})
    assert [line.partition(":")[0] for line in told] == [
        "schema",
        "patient.id",
        "patient.names",
        "patient.born",
        "course.layers",
        "course.products[0].strength_mg",
        "course.may_halve",
        "events",
    ]


@pytest.mark.parametrize("patient", [None, {}, {"id": ""}, {"id": "  "}, {"id": None}])
def test_a_record_without_the_patients_id_is_refused(patient):
    assert faults(patient=patient) == ["patient.id: missing."]


def test_an_unknown_time_zone_is_refused():
    assert "time zone" in faults(patient={"id": "p1", "time_zone": "Mars/Olympus"})[0]


def test_no_events_is_a_record_without_events():
    assert read_record({"schema": "countwell.record/1", "patient": {"id": "p1"}}).events == ()


def test_null_is_the_same_as_absent():
    course = dict.fromkeys(("condition", "protocol", "layers", "products", "may_halve"))
    assert read_record({**document(), "course": course}) == read_record(document())


def test_no_layers_and_the_packs_own_layers_are_not_the_same():
    assert read_record({**document(), "course": {"layers": []}}).course.layers == ()
    assert read_record({**document(), "course": {"layers": None}}).course.layers is None


def test_further_fields_do_no_harm():
    assert read_record({**document(result(further="field")), "further": "field"}) == read_record(document(result()))


def test_messages_hold_nothing_of_the_patient():
    with pytest.raises(RecordError) as caught:
        read_record({**document(), "patient": {"id": "p1", "born": "Ann-Secret", "time_zone": "Ann-Secret"}})
    assert "Secret" not in str(caught.value)


def test_the_course_is_read_by_its_listed_name():
    course = {"condition": "Myasthenia gravis", "products": [{"strength_mg": "50", "scored": True}]}
    assert read_record({**document(), "course": course}).course.condition == "mg"


def test_an_id_keeps_its_leading_zeros():
    assert record(id="00123").patient.id == "00123"
