"""The same record gives the same bytes whatever the hash seed, the locale and the time zone of the machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from generative.making import AS_OF, Json, medicine, record, result, steady, symptom
from generative.properties import check_same_answer

PROGRAM = """
import json, sys
from countwell import ask, read_record
from countwell.base.dates import moment, zone
as_of = moment(sys.argv[1], zone("America/New_York"))
for question, sent in json.load(sys.stdin):
    said = ask(question, read_record(sent), as_of=as_of).to_json()
    sys.stdout.buffer.write(json.dumps(said, ensure_ascii=False).encode() + b"\\n")
"""

SOURCE = str(Path(__file__).parents[2] / "src")
MACHINES = [
    {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"},
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4242", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8"},
    {"PYTHONHASHSEED": "77", "TZ": "Asia/Kathmandu", "LC_ALL": "de_DE.UTF-8"},
]


def sent() -> list[tuple[str, Json]]:
    """A few records with much to say."""
    many = [
        *steady(),
        result("wbc", "2.9", "2026-03-02T08:00"),
        result("alt", "90", "2026-03-02T08:00"),
        *(symptom(name, "2026-03-01") for name in ("fever", "rash", "bruising", "hair-loss", "sore-throat")),
    ]
    return [
        (q, record(events, p)) for p in ("cidp", "mg", "aih") for q in ("review", "dose") for events in (steady(), many)
    ]


def answers(machine: dict[str, str], text: bytes) -> bytes:
    """The bytes that a machine answers."""
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, AS_OF],
        input=text,
        capture_output=True,
        check=True,
        env=os.environ | machine | {"PYTHONPATH": SOURCE},
    )
    return run.stdout


@pytest.mark.parametrize("machine", MACHINES[1:], ids=lambda machine: machine["LC_ALL"])
def test_the_same_bytes_on_every_machine(machine: dict[str, str]) -> None:
    text = json.dumps(sent()).encode()
    first = answers(MACHINES[0], text)
    assert first.count(b"\n") == len(json.loads(text))
    assert answers(machine, text) == first


def test_of_several_medicines_or_illnesses_the_order_of_sending_does_not_matter() -> None:
    several = [medicine(name, None) | {"id": f"m{name}"} for name in ("methotrexate", "mercaptopurine", "allopurinol")]
    several += [
        {"kind": "history", "id": f"h{n}", "what": w, "at": n}
        for n, w in (("2019", "pancreatitis"), ("2001", "shingles"))
    ]
    for shuffled in ([*several], [*reversed(several)], several[2:] + several[:2]):
        check_same_answer(record([*steady(), *several]), record([*steady(), *shuffled]))
