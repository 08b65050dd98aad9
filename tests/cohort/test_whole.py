"""A file of answers is there whole or not at all, however the writer ends."""

import signal
import subprocess
import sys

import pytest

from countwell.cohort.whole import written_whole

HALF = """
import pathlib, sys, time
from countwell.cohort.whole import written_whole
with written_whole(pathlib.Path(sys.argv[1])) as aside:
    aside.write_text("half")
    print("half", flush=True)
    time.sleep(60)
"""


def test_a_block_that_ends_well_leaves_the_file_and_nothing_beside_it(tmp_path):
    with written_whole(tmp_path / "answers") as aside:
        aside.write_text("all")
        assert not (tmp_path / "answers").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["answers"]
    assert (tmp_path / "answers").read_text() == "all"


def write_half(file, error):
    with written_whole(file) as aside:
        aside.write_text("half")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there_before(tmp_path, error):
    (tmp_path / "answers").write_text("before")
    with pytest.raises(error):
        write_half(tmp_path / "answers", error)
    assert [file.name for file in tmp_path.iterdir()] == ["answers"]
    assert (tmp_path / "answers").read_text() == "before"


def test_a_writer_that_is_killed_leaves_no_file(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HALF, tmp_path / "answers"], stdout=subprocess.PIPE) as writer:
        assert writer.stdout.readline() == b"half\n"
        writer.send_signal(signal.SIGKILL)
    assert not (tmp_path / "answers").exists()


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path):
    with written_whole(tmp_path / "answers") as one:
        one.write_text("same")
        with written_whole(tmp_path / "answers") as other:
            other.write_text("same")
    assert (tmp_path / "answers").read_text() == "same"
