"""The columns that STATUS gives back are those that are documented, in that order."""

import numpy as np

from countwell.cohort.columns import STATUS_COLUMNS
from countwell.cohort.joined import Out
from countwell.cohort.passes import named


def test_every_column_of_an_answer_is_documented_and_none_that_it_lacks():
    documented = [name for names in STATUS_COLUMNS for name in names.split(", ")]
    assert documented == ["patient", *named(Out(*(np.zeros((1, 6)) for _ in Out._fields)))]
