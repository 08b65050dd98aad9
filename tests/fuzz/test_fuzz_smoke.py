"""Every target of the fuzzers on a few hundred inputs, so that they stay alive without atheris."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from .targets import TARGETS, warm_up

EXAMPLES = 200


@pytest.mark.parametrize("name", TARGETS)
def test_no_law_is_broken(name):
    target = TARGETS[name]

    @settings(max_examples=EXAMPLES, phases=[Phase.generate], database=None, derandomize=True)
    @given(st.binary(max_size=200))
    def put(data):
        target(data)

    warm_up()
    put()
