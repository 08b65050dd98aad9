"""`countwell cohort`: what each command prints and writes, and what is refused with which exit code. The pass is a stand-in here."""

import csv
import subprocess
import sys
from datetime import date

import click
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from cohort.hand_made import Made, day, table
from countwell.base.errors import StoreError, UsageError, exit_code
from countwell.cli import cohort as commands
from countwell.cohort import compared, measured, replays, standings
from countwell.cohort.columns import EVENTS, LABS, MEDICINE, NO_DAY, NO_VALUE
from countwell.cohort.compare import PARTS, TITLE
from countwell.cohort.writing import StoreWriter

START = day("2025-09-01")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Thirty patients in two row groups at two sites; one takes azathioprine without a course, one has no protocol."""
    path = tmp_path_factory.mktemp("register") / "store"
    made = Made(30)
    for patient in range(30):
        made.of(patient, "by_site", "north" if patient % 2 else "south")
        made.of(patient, "protocol", "cidp" if patient else "")
        if patient == 5:
            made.event(patient, START + 9, MEDICINE, code=made.words.place("medicines", "azathioprine"))
        else:
            made.decide(patient, START, "start", 50)
        for number in range(6):
            made.test(patient, START + 10 * number, "wbc", 5 + number / 10)
    with StoreWriter(path, further=("by_site",), patients_per_row_group=20, patients_per_part=20) as writer:
        writer.words.place("protocols", "cidp")
        patients = made.of_patients | {"id": np.array([f"p{n}" for n in range(30)], dtype=object)}
        writer.add(patients, table(made.labs, LABS), table(made.events, EVENTS))
    return path


def answers(group, plan, hold):
    """STATUS in which nothing is called for, but a hold of every third patient."""
    size = len(group.patients["patient"])
    rows = {name: np.zeros(size, dtype=np.uint8) for part in PARTS for name in (part, f"{part}_at_most")}
    rows["drug"][::3] = rows["drug_at_most"][::3] = hold
    groups = len(plan.groups)
    return rows | {
        "patient": np.asarray(group.patients["patient"]), "state": np.ones(size, dtype=np.uint8),
        "precautions": np.zeros(size, dtype=np.uint8), "decide_by": np.full(size, NO_DAY),
        "due_state": np.full((size, groups), 3, dtype=np.uint8), "tests": np.full((size, groups), NO_DAY),
        "surely": np.zeros((size, 1 + len(plan.rules) // 64), dtype=np.uint64), "first_mg": np.full(size, NO_VALUE),
    }  # fmt: skip


def points_of(group, plan, until):
    """Two decision points of each patient; the second 30 days later, with a rule that holds."""
    patient = np.repeat(np.asarray(group.patients["patient"]), 2)
    days = np.tile([START, START + 30], len(patient) // 2)
    surely = np.zeros((len(patient), 1 + len(plan.rules) // 64), dtype=np.uint64)
    surely[1::2, 0] = 1
    due = np.repeat((days + 14)[:, None], len(plan.groups), axis=1)
    last = np.repeat((days - 1)[:, None], len(plan.groups), axis=1)
    drug = np.zeros(len(patient), dtype=np.uint8)
    return {"patient": patient, "day": days, "surely": surely, "due_by": due, "last": last, "drug": drug}


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch):
    for module in (standings, measured, compared, replays):
        if hasattr(module, "status_of"):
            hold = 4 if module is compared else 3
            monkeypatch.setattr(
                module,
                "status_of",
                lambda group, plan, *when, hold=hold: answers(group, plan, hold if plan.packs[0].name == "mg" else 3),
            )
        if hasattr(module, "replay_of"):
            monkeypatch.setattr(module, "replay_of", points_of)


def run(*words):
    return CliRunner().invoke(
        commands.cohort, [str(word) for word in words], standalone_mode=False, catch_exceptions=True
    )


def printed(*words):
    done = run(*words)
    assert done.exception is None, done.exception
    return done.stdout


def test_status_adds_up_to_the_patients_of_the_store_and_names_the_worst_first(store, tmp_path):
    out = tmp_path / "answers.parquet"
    text = printed("status", store, "--as-of", "2026-06-30", "--list", 3, "--out", out)
    counts = {
        line.split(maxsplit=1)[1]: int(line.split()[0]) for line in text.splitlines() if line.strip()[:1].isdigit()
    }
    assert counts["patients"] == 30
    assert counts["Hold"] + counts["Nothing called for"] + counts["no protocol: nothing can be said"] == 30
    assert text.index("Hold") < text.index("Nothing called for")
    assert [line.split()[-1] for line in text.strip().splitlines()[-3:]] == ["p1", "p4", "p7"]
    assert pq.read_table(out).num_rows == 29


def test_a_pass_that_fails_on_the_way_leaves_no_file_of_answers(store, tmp_path, monkeypatch):
    def fails_after_the_first(group, plan, *asked):
        if group.patients["patient"][0] > 0:
            raise MemoryError
        return answers(group, plan, 3)

    monkeypatch.setattr("countwell.cohort.standings.status_of", fails_after_the_first)
    out = tmp_path / "answers.parquet"
    assert run("status", store, "--as-of", "2026-06-30", "--out", out).exit_code != 0
    assert list(tmp_path.iterdir()) == []


def test_replay_counts_and_writes_episodes_and_delays(store, tmp_path):
    text = printed("replay", store, "--until", "2026-06-30", "--out", tmp_path / "out")
    assert "58  decision points" in text
    episodes = pq.read_table(tmp_path / "out" / "episodes.parquet").to_pylist()
    assert len(episodes) == 29
    assert episodes[0]["begun_day"] == date(2025, 10, 1)
    assert episodes[0]["ended_day"] is None


def test_measures_print_and_write_one_page(store, tmp_path):
    page = tmp_path / "report.html"
    text = printed("measures", store, "--as-of", "2026-06-30", "--by", "site", "--html", page)
    assert "Tests on time" in text
    assert "Persistence" in text
    written = page.read_text(encoding="utf-8")
    assert "fewer than 10 without a known protocol left out" in written
    assert "Not signed for use" in written


def test_compare_is_titled_by_what_it_is_and_names_nobody_but_in_the_list(store, tmp_path):
    page, out = tmp_path / "compare.html", tmp_path / "who.csv"
    text = printed("compare", store, "--a", "cidp", "--b", "mg", "--as-of", "2026-06-30", "--html", page, "--out", out)
    assert text.startswith(TITLE)
    assert TITLE in page.read_text(encoding="utf-8")
    rows = list(csv.reader(out.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["patient", "difference", "a", "b"]
    assert {row[3] for row in rows[1:]} == {"stop"}
    assert not [row[0] for row in rows[1:] if f">{row[0]}<" in page.read_text(encoding="utf-8")]


def test_sweep_lists_the_patient_without_a_course(store, tmp_path):
    out = tmp_path / "sweep.csv"
    text = printed("sweep", store, "--as-of", "2026-06-30", "--out", out)
    assert "p5  azathioprine among the medicines  2025-09-10  never started here" in text
    assert len(list(csv.reader(out.read_text(encoding="utf-8").splitlines()))) == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("status", "nowhere"), 5),
        (("measures", "STORE", "--by", "ward"), 2),
        (("status", "STORE", "--as-of", "30/06/2026"), 2),
        (("measures", "STORE", "--as-of", "2026-06-30T10:00:00+00:00"), 2),
        (("status", "STORE", "--protocol", "nothing"), 4),
        (("compare", "STORE", "--a", "cidp+nothing", "--b", "mg"), 4),
        (("status", "STORE", "--as-of", "2026-06-30", "--out", "nowhere/x.parquet"), 2),
    ],
)
def test_what_is_refused_and_with_which_code(store, words, code):
    done = run(*(store if word == "STORE" else word for word in words))
    assert done.exception is not None
    assert exit_code(done.exception) == code
    assert isinstance(done.exception, UsageError | StoreError | click.ClickException) or code == 4


def test_without_the_packages_a_sentence_says_how_to_install_them(monkeypatch):
    monkeypatch.setattr(commands, "find_spec", lambda name: None if name == "numba" else object())
    done = run("sweep", "anywhere")
    assert isinstance(done.exception, UsageError)
    assert "pip install 'countwell[cohort]'" in str(done.exception)
    assert exit_code(done.exception) == 2


def test_arrays_are_imported_only_when_a_command_runs():
    said = "import sys, countwell.cli.cohort; print([m for m in ('numpy', 'numba', 'pyarrow', 'duckdb') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_day_is_today_if_none_is_named():
    assert commands._day(None) >= date(2026, 1, 1)
