"""A row group parted by protocol is the same patients with the same rows."""

import numpy as np

from cohort.hand_made import Made, day, table
from countwell.cohort.columns import EVENTS, LABS
from countwell.cohort.protocols import only, parted
from countwell.cohort.store import RowGroup

START = day("2026-01-01")


def group():
    made = Made(5, first=100)
    for patient, protocol in enumerate(("cidp", "mg", "", "cidp", "mg")):
        made.of(patient, "protocol", protocol)
        made.decide(patient, START + patient, "start", 50)
        made.test(patient, START + patient, "wbc", patient + 1)
    made.of_patients["id"] = np.array([f"p{n}" for n in range(5)], dtype=object)
    return RowGroup(made.words.lists, made.of_patients, table(made.labs, LABS), table(made.events, EVENTS))


def test_every_patient_is_in_one_part_with_their_own_rows():
    parts = dict(parted(group(), None))
    assert {name: part.patients["id"].tolist() for name, part in parts.items()} == {
        "": ["p2"],
        "cidp": ["p0", "p3"],
        "mg": ["p1", "p4"],
    }
    cidp = parts["cidp"]
    assert cidp.patients["patient"].tolist() == [100, 101]
    assert list(zip(cidp.labs["patient"].tolist(), (cidp.labs["low"] // 1000).tolist(), strict=True)) == [
        (100, 1),
        (101, 4),
    ]
    assert cidp.events["at_day"].tolist() == [START, START + 3]


def test_one_protocol_for_everybody_is_the_whole_group():
    whole = group()
    assert [(name, part is whole) for name, part in parted(whole, "mg")] == [("mg", True)]


def test_a_table_that_was_not_read_stays_unread():
    whole = group()._replace(labs={})
    assert only(whole, np.array([True, False, False, False, False])).labs == {}
