"""Processes that are killed, and disks that are full: nothing half done passes for a store or an answer, and the next run works."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from cohort.importing import LAYOUT, csv_text, row
from countwell.base.errors import StoreError
from countwell.cohort.incoming.bring_in import REPORT, bring_in
from countwell.cohort.incoming.from_tables import FromTables
from countwell.cohort.store import open_store
from countwell.exchange.csv_mapping import read_mapping

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9 and limits of a process")
MAPPING = read_mapping(LAYOUT.encode())
PATIENTS = 12
FEW_BYTES = 400
NOT_COMPILED = {**os.environ, "NUMBA_DISABLE_JIT": "1"}  # to compile takes longer than all the rest

# In another process: few rows to a bucket, so that buckets are files; it waits where it is told to.
IMPORT = """
import sys
from pathlib import Path
from countwell.cohort.incoming import sent
from countwell.cohort.incoming.bring_in import bring_in
from countwell.cohort.incoming.from_tables import FromTables
from countwell.exchange.csv_mapping import read_mapping
sent.ROWS_PER_BUCKET = 10
class Waiting:
    def step(self, says, done, of):
        if says == "settling":
            print("half", flush=True)
            sys.stdin.readline()
folder = Path({folder!r})
bring_in(FromTables(folder / "results.csv", read_mapping({layout!r})), folder / "store", Waiting())
"""
# One child is killed half way, then its parent does the same to the end: what takes longest, the start, is paid once.
STATUS = """
import os, signal, sys, time
from datetime import date
from pathlib import Path
from countwell.cohort.standings import standings
from countwell.cohort.store import open_store
folder = Path({folder!r})
def run(moved=None):
    standings(open_store(folder / "store"), date(2026, 4, 1), protocol="mg", out=folder / "answers.parquet", moved=moved)
def wait(patients):
    os.write(tell, b"half")
    time.sleep(60)
told, tell = os.pipe()
child = os.fork()
if not child:
    run(wait)
os.read(told, 4)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
print(sorted(path.name[:17] for path in folder.iterdir()))
run()
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with results of twelve patients."""
    rows = [row(pid=f"p{number}", at=f"2026-03-{day:02} 09:00") for number in range(PATIENTS) for day in range(1, 9)]
    (tmp_path / "results.csv").write_text(csv_text(rows))
    return tmp_path


def imported(folder):
    return bring_in(FromTables(folder / "results.csv", MAPPING), folder / "store")


def command(text: str, folder: Path) -> list[str]:
    return [sys.executable, "-c", text.format(folder=str(folder), layout=LAYOUT.encode())]


def test_a_killed_import_leaves_no_store_and_the_next_one_clears_what_it_left(folder):
    pipes = {"stdout": subprocess.PIPE, "stdin": subprocess.PIPE, "text": True, "env": NOT_COMPILED}
    with subprocess.Popen(command(IMPORT, folder), **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    with pytest.raises(StoreError):
        open_store(folder / "store")
    assert list((folder / ".store.writing").iterdir()), "it was killed before it had written anything"
    assert imported(folder)["patients"] == open_store(folder / "store", thorough=True).patients == PATIENTS
    assert sorted(path.name for path in folder.iterdir()) == ["results.csv", "store"]
    assert sorted(path.name for path in (folder / "store").iterdir()) == [REPORT, "manifest.json", "part-00000"]


def test_a_killed_status_leaves_no_file_of_answers_and_the_next_one_writes_it(folder):
    imported(folder)
    run = subprocess.run(command(STATUS, folder), capture_output=True, text=True, check=True, env=NOT_COMPILED)
    assert run.stdout == "['.answers.parquet.', 'results.csv', 'store']\n", "a half beside it, and nothing of its name"
    assert pq.read_table(folder / "answers.parquet").num_rows == PATIENTS


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "part",
    ["countwell.cohort.incoming.sent.pa.ipc.RecordBatchFileWriter.write_batch", "pathlib.Path.write_text"],
)
def test_a_disk_that_is_full_during_an_import_is_told_and_nothing_is_left(folder, part, monkeypatch):
    monkeypatch.setattr("countwell.cohort.incoming.sent.ROWS_PER_BUCKET", 10)
    monkeypatch.setattr(part, full)
    with pytest.raises(StoreError, match="No space left on device"):
        imported(folder)
    assert [path.name for path in folder.iterdir()] == ["results.csv"]


@pytest.mark.parametrize("rows", [10, 10_000], ids=["buckets", "parts"])
def test_files_that_may_not_grow_are_told_by_the_system_and_nothing_is_left(folder, rows, monkeypatch):
    import resource  # not on Windows

    monkeypatch.setattr("countwell.cohort.incoming.sent.ROWS_PER_BUCKET", rows)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FEW_BYTES, before[1]))
    try:
        with pytest.raises(StoreError, match="File too large"):
            imported(folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in folder.iterdir()] == ["results.csv"]
