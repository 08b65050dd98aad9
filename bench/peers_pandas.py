"""The job of peers.yaml with pandas, as a person who knows pandas would write it for a plain store."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

ON_TREATMENT = ("active", "held")


def status(store: str, words: dict[str, object]) -> pa.Table:
    """patient, state, grade, due_by: the same answers as peers_sql.status."""
    w = type("Words", (), words)
    patients = _read(store, "patients", ["patient"])
    latest = _latest(store, w)
    events = _read(store, "events", ["patient", "at", "at_day", "kind", "code", "flags", "ref"])
    events = events[events["at"] <= w.at]
    course = _course(events[events["kind"] == w.decision], w)
    rows = patients.set_index("patient").join(latest).join(course.groupby("patient")["state"].last().rename("now"))
    rows = rows.join(_due(latest, course, w))
    dead = rows.index.isin(events.loc[events["kind"] == w.died, "patient"])
    places = {"proposed": 0, "active": 1, "held": 2, "stopped": 3, "ended": 4}
    state = np.where(dead, 5, rows["now"].fillna("proposed").map(places))
    due_by = rows["due_by"].where(rows["now"].isin(ON_TREATMENT) & ~dead)
    answers = pd.DataFrame(
        {
            "state": state.astype("int32"),
            "grade": np.where(dead, 0, _grade(rows, w)).astype("int32"),
            "due_by": due_by.astype("Int32"),
        },
        index=rows.index,
    )
    return pa.Table.from_pandas(answers.sort_index().reset_index(), preserve_index=False)


def _read(store: str, name: str, columns: list[str]) -> pd.DataFrame:
    return pd.concat(pd.read_parquet(path, columns=columns) for path in sorted(Path(store).glob(f"*/{name}.parquet")))


def _latest(store: str, w: type) -> pd.DataFrame:
    """One row per patient: the newest value of each test, the newest limit of ALT, when white cells were taken."""
    tests = {"wbc": w.wbc, "neutrophils": w.neutrophils, "platelets": w.platelets, "alt": w.alt}
    labs = _read(
        store, "labs", ["patient", "test", "collected", "collected_day", "known", "until", "low", "upper", "flags"]
    )
    labs = labs[
        labs["test"].isin(tests.values())
        & (labs["collected"] <= w.at)
        & (labs["known"] <= w.at)
        & (labs["until"] > w.at)
    ]
    labs = labs.sort_values(["patient", "test", "collected"], kind="stable").drop_duplicates(
        ["patient", "test"], keep="last"
    )
    labs = labs.set_index("patient")
    own = {name: labs[labs["test"] == test] for name, test in tests.items()}
    columns = {name: rows["low"].rename(name) for name, rows in own.items()}
    columns["alt_upper"] = own["alt"]["upper"].where(own["alt"]["upper"] > 0).rename("alt_upper")
    columns["wbc_at"] = own["wbc"]["collected"].rename("wbc_at")
    columns["wbc_day"] = own["wbc"]["collected_day"].rename("wbc_day")
    columns["wbc_whole"] = (own["wbc"]["flags"] & 1).rename("wbc_whole")
    return pd.concat(columns.values(), axis=1)


def _course(decisions: pd.DataFrame, w: type) -> pd.DataFrame:
    """Every decision with the state and the run that hold from it on."""
    rows = decisions.sort_values(["patient", "at", "ref"]).copy()
    begins = rows["code"].isin([w.start, w.restart, w.transfer_in])
    words = {w.hold: "held", w.stop: "stopped", w.transfer_out: "ended"}
    rows["state"] = rows["code"].map(words).where(~begins, "active")
    rows["run_day"] = rows["at_day"].where(begins)
    filled = ["state", "run_day"]
    rows[filled] = rows.groupby("patient")[filled].ffill()
    rows["read_at"] = rows["at"] + (rows["flags"] & 1).astype("int64") * w.almost_a_day
    return rows


def _due(latest: pd.DataFrame, course: pd.DataFrame, w: type) -> pd.Series:
    """The earliest day that the newest test, or a later decision on the dose, sets."""
    then = course[["patient", "at", "state", "run_day"]].sort_values("at", kind="stable")
    tests = latest.dropna(subset=["wbc_at"]).reset_index()[["patient", "wbc_at", "wbc_day", "wbc_whole"]]
    tests["read_at"] = (tests["wbc_at"] + tests["wbc_whole"] * w.almost_a_day).astype("int64")
    by_test = _as_of(tests.rename(columns={"wbc_day": "day"}), then)
    later = course.merge(latest[["wbc_at", "wbc_day"]], left_on="patient", right_index=True, how="left")
    later = later[later["wbc_day"].isna() | (later["at_day"] > later["wbc_day"]) | (later["at"] > later["wbc_at"])]
    changes = later[later["code"].isin([w.start, w.restart, w.raise_, w.reduce, w.transfer_in])]
    by_decision = _as_of(changes[["patient", "read_at", "at_day"]].rename(columns={"at_day": "day"}), then)
    restarted = later[later["code"] == w.restart].groupby("patient")["at_day"].min().rename("restarted")
    by_restart = by_test[~by_test["state"].isin(ON_TREATMENT)].merge(restarted, left_on="patient", right_index=True)
    by_restart = by_restart.assign(state="active", run_day=by_restart["restarted"])
    anchors = pd.concat([by_test, by_decision, by_restart])
    anchors = anchors[anchors["state"].isin(ON_TREATMENT)]
    early = anchors["day"] - anchors["run_day"] < w.first_days
    return (anchors["day"] + np.where(early, w.early, w.steady)).groupby(anchors["patient"]).min().rename("due_by")


def _as_of(rows: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    ordered = rows.sort_values("read_at", kind="stable")
    return pd.merge_asof(ordered, then, left_on="read_at", right_on="at", by="patient")


def _grade(rows: pd.DataFrame, w: type) -> np.ndarray:
    wbc, neutrophils, platelets, alt, limit = (
        rows[name] for name in ("wbc", "neutrophils", "platelets", "alt", "alt_upper")
    )
    stop = (wbc <= w.wbc_stop) | (neutrophils < w.neutrophils_stop) | (platelets < w.platelets_stop)
    hold = (wbc <= w.wbc_hold) | (alt > w.alt_hold * limit)
    watch = (
        (wbc < w.wbc_watch)
        | (neutrophils < w.neutrophils_watch)
        | (platelets < w.platelets_watch)
        | (alt > w.alt_watch * limit)
    )
    return np.select([stop, hold, watch], [3, 2, 1], 0)
