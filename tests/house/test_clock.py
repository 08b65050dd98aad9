"""One file reads the clock; everywhere else the instant is an argument."""

import ast

import pytest

from house.source import dotted, faults_in

CLOCK = "base/clock.py"
READS = {"now", "utcnow", "today"}
TIME_READS = {"time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime", "time.strftime"}


def clock_reads(text: str) -> list[str]:
    """Every place that asks what time it is."""
    return [f"line {node.lineno} reads the clock" for node in ast.walk(ast.parse(text)) if _reads_clock(node)]


def _reads_clock(node: ast.AST) -> bool:
    match node:
        case ast.ImportFrom(module="time", names=names):
            return any(f"time.{alias.name}" in TIME_READS for alias in names)
        case ast.Attribute(value=owner, attr=attr) if attr in READS:
            return dotted(owner).rpartition(".")[2] in {"datetime", "date", "dt"}
        case ast.Attribute():
            return dotted(node) in TIME_READS
        case _:
            return False


def test_one_file_reads_the_clock():
    assert faults_in(clock_reads, exempt=lambda name: name == CLOCK) == []


@pytest.mark.parametrize(
    "planted",
    [
        "import datetime\nat = datetime.datetime.now(datetime.UTC)",
        "from datetime import date\nday = date.today()",
        "from datetime import datetime as dt\nat = dt.utcnow()",
        "from datetime import datetime\nread = datetime.now  # handed on, called elsewhere",
        "import time\nstart = time.time()",
        "from time import time_ns",
    ],
)
def test_a_planted_reading_is_found(planted):
    assert clock_reads(planted) != []


@pytest.mark.parametrize("innocent", ["from countwell.base import clock\nat = clock.now()", "tier = words.today"])
def test_the_clock_module_and_other_words_pass(innocent):
    assert clock_reads(innocent) == []
