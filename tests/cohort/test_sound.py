"""A store whose columns contradict its lists is refused; whatever else its columns hold, the compiled pass walks to its end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cohort.patients_at_random import as_of, records
from countwell.base.errors import CohortError
from countwell.cohort import columns as c
from countwell.cohort.of_record import write_records
from countwell.cohort.order import refuse_disorder
from countwell.cohort.passes import replay_of, status_of
from countwell.cohort.plan import plan
from countwell.cohort.sound import refuse_unsound
from countwell.cohort.store import RowGroup
from countwell.cohort.vocabularies import Words
from countwell.exchange.record_json import read_record

LISTS = Words().lists
PLACES = [
    ("patients", {}, "sex", 3),
    ("patients", {}, "zone", 1),
    ("labs", {}, "test", len(LISTS["tests"])),
    ("labs", {}, "status", 5),
    ("events", {}, "kind", 14),
    ("events", {"kind": c.DECISION}, "code", len(LISTS["dos"])),
    ("events", {"kind": c.DECISION, "code": 1}, "more", len(LISTS["reasons"])),
    ("events", {"kind": c.DECISION, "code": LISTS["dos"].index("accept")}, "more", 1),
    ("events", {"kind": c.SYMPTOM}, "more", 3),
    ("events", {"kind": c.NOT_USED}, "more", len(LISTS["tests"])),
]


@pytest.mark.parametrize(("table", "beside", "name", "size"), PLACES)
def test_a_place_past_the_end_of_its_list_or_before_it_is_refused(table, beside, name, size):
    schema = {"patients": c.PATIENTS, "labs": c.LABS, "events": c.EVENTS}[table]
    row = {each: np.zeros(2, np.int64) + beside.get(each, 0) for each in schema.names}
    row[name][1] = size - 1
    refuse_unsound("here", table, row, LISTS)
    for outside in (size, -1):
        row[name][1] = outside
        with pytest.raises(CohortError, match=f"here: {name} holds a place that its list does not have"):
            refuse_unsound("here", table, row, LISTS)


DAY = 86_400_000_000


@pytest.mark.parametrize(("instant", "sound"), [(-DAY, True), (-DAY - 1, False), (2 * DAY - 1, True), (2 * DAY, False)])
def test_a_day_is_that_of_its_instant_within_what_a_zone_can_shift_it(instant, sound):
    rows = {"at": np.array([5 * DAY + instant]), "at_day": np.array([5], np.int32)}
    if sound:
        refuse_unsound("here", "events", rows, LISTS)
    else:
        with pytest.raises(CohortError, match="at_day is not the day of at"):
            refuse_unsound("here", "events", rows, LISTS)


@pytest.mark.parametrize("name", ["born", "end_day", "bits"])
def test_a_day_of_no_calendar_is_refused(name):
    table = "patients" if name == "born" else "events"
    rows = {"kind": np.array([c.DECISION] * 4)} if table == "events" else {}
    year_1_to_9999 = [-719_162, 2_932_896, c.NO_DAY, c.NEVER_DAY]
    refuse_unsound("here", table, {**rows, name: np.array(year_1_to_9999)}, LISTS)
    for outside in (-719_163, 2_932_897):
        with pytest.raises(CohortError, match=f"here: {name} holds what is no day of the calendar"):
            refuse_unsound("here", table, {**rows, name: np.array([*year_1_to_9999[1:], outside])}, LISTS)


def test_what_began_at_no_known_time_has_no_day():
    rows = {"at": np.array([c.LONG_AGO]), "at_day": np.array([c.NO_DAY], np.int32)}
    refuse_unsound("here", "events", rows, LISTS)


# The pass itself, in a process of its own: reading past the end of an array may kill it

PATIENTS = 40
TABLES = ("patients", "labs", "events")


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> RowGroup:
    made = [read_record(each) for each in records("cidp", PATIENTS, 3, as_of(3))]
    group = next(write_records(made, Path(tmp_path_factory.mktemp("sound")) / "store").row_groups())
    walk(group)  # compiled here once, so that no child has to
    return group


def walk(group: RowGroup) -> None:
    status_of(group, plan("cidp"), as_of(3))
    replay_of(group, plan("cidp"), as_of(3))


def spoilt(group: RowGroup) -> Iterator[tuple[str, RowGroup]]:
    """The row group with one column filled with the least, the greatest or any values of its type."""
    dice = np.random.default_rng(11)
    for table in TABLES:
        for name, column in getattr(group, table).items():
            if name == "patient":
                continue
            least, most = np.iinfo(column.dtype).min, np.iinfo(column.dtype).max
            some = column.copy()
            some[:: max(1, len(some) // 10)] = most
            any_of_all = dice.integers(least, most, len(column), column.dtype, endpoint=True)
            for how in (np.full_like(column, least), np.full_like(column, most), any_of_all, some):
                yield f"{table}.{name}", group._replace(**{table: {**getattr(group, table), name: how}})


def ends(group: RowGroup) -> int:
    """How a process ends that checks and walks these columns: 0 it answered, 3 it refused them; below 0 it was killed."""
    if not (child := os.fork()):
        try:
            for table in TABLES:
                refuse_disorder("here", table, getattr(group, table), 0, PATIENTS)
                refuse_unsound("here", table, getattr(group, table), group.manifest)
            walk(group)
        except CohortError:
            os._exit(3)
        except BaseException:  # noqa: BLE001 - the child must end here, whatever it was
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_no_column_whatever_it_holds_kills_the_pass(group):
    assert ends(group) == 0
    assert {name: how for name, each in spoilt(group) if (how := ends(each)) not in (0, 3)} == {}
