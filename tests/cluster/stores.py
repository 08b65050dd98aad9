"""A small store of several parts and row groups, with results and events in uneven numbers."""

import numpy as np

from countwell.cohort import columns as c
from countwell.cohort.writing import StoreWriter

PATIENTS = 45


def small_store(path, patients=PATIENTS):
    """Parts of 20 patients, row groups of 10; patient n has n % 4 results, every third one an event."""
    who = np.arange(patients)
    results, events = np.repeat(who, who % 4), who[who % 3 == 0]
    with StoreWriter(path, patients_per_row_group=10, patients_per_part=20) as store:
        store.add(
            filled(c.PATIENTS, patient=who, id=[f"p{n}" for n in who]),
            filled(c.LABS, patient=results, ref=number_within(results), low=1000 + results, high=1000 + results),
            filled(c.EVENTS, patient=events, kind=np.full(len(events), c.DIED)),
        )
    return path


def filled(schema, **given):
    count = len(given["patient"])
    return {field.name: given.get(field.name, np.zeros(count, int)) for field in schema}


def number_within(who):
    return np.array([int((who[:place] == one).sum()) for place, one in enumerate(who)], int)
