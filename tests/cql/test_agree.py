"""Patients at random under protocols with all layers: the independent engine says what the reference says.

Few here; `python -m cql.agree` takes a thousand of each protocol.
"""

import pytest

pytest.importorskip("cql_sdk", reason="the independent CQL engine (ms-cql-sdk) is not installed")

from cql.agree import agree, main, with_all_layers


@pytest.mark.parametrize("protocol", ["cidp", "mg", "bsr-2017"])
def test_the_libraries_say_of_patients_at_random_what_the_reference_says(protocol):
    tally = agree(with_all_layers(protocol), 8, 3)
    assert (tally.patients, dict(tally.differences)) == (8, {})
    assert tally.held
    assert tally.open


def test_the_command_says_what_was_compared(capsys):
    assert main(["--patients", "3", "--protocol", "aih"]) == 0
    assert "aih: as of 2026-03-31 10:00:00+00:00, 3 patients" in capsys.readouterr().out
