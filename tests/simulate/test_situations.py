"""The hand-made patients: written, read back with the real readers, and answered as they must be."""

from datetime import UTC, datetime

import pytest

from countwell.base.dates import of_instant, zone
from countwell.exchange.record_json import read_record
from countwell.questions.ask import ask
from countwell.simulate import clinic, written
from countwell.simulate.situations import situations

AS_OF = [
    datetime(2026, 3, 2, 12, tzinfo=UTC),
    datetime(2028, 2, 29, 3, 15, tzinfo=UTC),
    datetime(2027, 10, 31, 23, 59, tzinfo=UTC),
]
HOME = zone("UTC")
SITUATIONS = situations(of_instant(AS_OF[0], HOME))


@pytest.fixture(scope="module")
def read_back(tmp_path_factory):
    """All that was written, as the readers give it."""
    folder = tmp_path_factory.mktemp("clinic")
    written.write(SITUATIONS, folder)
    return clinic.read(folder)


def wrong(answer, expected):
    """Words that are missing, or must not be there."""
    missing = [word for word in expected.words if word not in answer.actions]
    return missing + [f"not {word}" for word in expected.never if word in answer.actions]


@pytest.mark.parametrize("at", AS_OF, ids=str)
def test_every_situation_is_answered_as_it_must_be(at):
    faults = {}
    for one in situations(of_instant(at, HOME)):
        record = read_record(one.record)
        for question, expected in one.questions.items():
            answer = ask(question, record, as_of=of_instant(at, zone(record.patient.time_zone)))
            if found := wrong(answer, expected):
                faults[one.id, question] = found, answer.actions
    assert faults == {}


@pytest.mark.parametrize("one", SITUATIONS, ids=lambda one: one.id)
def test_what_was_written_says_the_same_when_it_is_read(one, read_back):
    record = read_back[one.id].record
    for question, expected in one.questions.items():
        answer = ask(question, record, as_of=of_instant(AS_OF[0], zone(record.patient.time_zone)))
        assert wrong(answer, expected) == []


def test_received_is_filed_and_held_and_refused(read_back):
    sums = clinic.sums(read_back)
    assert sums.add_up
    assert sums.held > 0
    assert sums.refused > 0
    assert len(read_back) == len(SITUATIONS)


def test_every_way_of_writing_is_used():
    assert {one.written for one in SITUATIONS} == {"fhir", "csv", "json"}


def test_every_protocol_has_situations():
    assert {one.protocol for one in SITUATIONS} == {"cidp", "mg", "aih"}


def test_the_same_instant_gives_the_same_patients():
    again = situations(of_instant(AS_OF[0], HOME))
    assert [one.record for one in again] == [one.record for one in SITUATIONS]


def test_names_are_plainly_invented():
    assert all(name.startswith("Test Patient ") for one in SITUATIONS for name in one.record["patient"]["names"])
