"""The job of peers.yaml with Polars, lazily, as a person who knows Polars would write it for a plain store."""

import polars as pl
import pyarrow as pa


def status(store: str, words: dict[str, object]) -> pa.Table:
    """patient, state, grade, due_by: the same answers as peers_sql.status."""
    w = type("Words", (), words)
    latest = _latest(store, w)
    events = pl.scan_parquet(f"{store}/*/events.parquet").filter(pl.col("at") <= w.at)
    course = _course(events, w)
    now = course.group_by("patient").agg(pl.col("state").sort_by("at", "ref").last().alias("now"))
    dead = events.filter(pl.col("kind") == w.died).select("patient", dead=True).unique("patient")
    answers = (
        pl.scan_parquet(f"{store}/*/patients.parquet")
        .select("patient")
        .join(latest, on="patient", how="left")
        .join(now, on="patient", how="left")
        .join(dead, on="patient", how="left")
        .join(_due(latest, course, w), on="patient", how="left")
        .select("patient", _state(), _grade(w), _while_treated())
        .sort("patient")
    )
    return answers.collect().to_arrow()


def _latest(store: str, w: type) -> pl.LazyFrame:
    """One row per patient: the newest value of each test, the newest limit of ALT, when white cells were taken."""
    tests = {"wbc": w.wbc, "neutrophils": w.neutrophils, "platelets": w.platelets, "alt": w.alt}
    known = (
        pl.scan_parquet(f"{store}/*/labs.parquet")
        .filter(
            pl.col("test").is_in(list(tests.values())),
            pl.col("collected") <= w.at,
            pl.col("known") <= w.at,
            pl.col("until") > w.at,
        )
        .group_by("patient", "test")
        .agg(pl.col("low", "upper", "collected", "collected_day", "flags").sort_by("collected").last())
    )
    column = {name: known.filter(pl.col("test") == test) for name, test in tests.items()}
    joined = column["wbc"].select(
        "patient",
        pl.col("low").alias("wbc"),
        pl.col("collected").alias("wbc_at"),
        pl.col("collected_day").alias("wbc_day"),
        (pl.col("flags") & 1).alias("wbc_whole"),
    )
    for name in ("neutrophils", "platelets"):
        joined = _beside(joined, column[name].select("patient", pl.col("low").alias(name)))
    limit = pl.when(pl.col("upper") > 0).then(pl.col("upper")).alias("alt_upper")
    return _beside(joined, column["alt"].select("patient", pl.col("low").alias("alt"), limit))


def _beside(one: pl.LazyFrame, other: pl.LazyFrame) -> pl.LazyFrame:
    return one.join(other, on="patient", how="full", coalesce=True)


def _course(events: pl.LazyFrame, w: type) -> pl.LazyFrame:
    """Every decision with the state and the run that hold from it on."""
    code = pl.col("code")
    begins = code.is_in([w.start, w.restart, w.transfer_in])
    moves = (
        pl.when(begins).then(pl.lit("active"))
        .when(code == w.hold).then(pl.lit("held"))
        .when(code == w.stop).then(pl.lit("stopped"))
        .when(code == w.transfer_out).then(pl.lit("ended"))
    )  # fmt: skip
    return (
        events.filter(pl.col("kind") == w.decision)
        .sort("patient", "at", "ref")
        .select(
            "patient",
            "at",
            "at_day",
            "ref",
            "code",
            read_at=pl.col("at") + (pl.col("flags") & 1).cast(pl.Int64) * w.almost_a_day,
            state=moves.forward_fill().over("patient"),
            run_day=pl.when(begins).then(pl.col("at_day")).forward_fill().over("patient"),
        )
    )


def _due(latest: pl.LazyFrame, course: pl.LazyFrame, w: type) -> pl.LazyFrame:
    """The earliest day that the newest test, or a later decision on the dose, sets."""
    then = course.select("patient", "at", "state", "run_day").sort("at")
    tests = latest.filter(pl.col("wbc_at").is_not_null()).select(
        "patient",
        "wbc_at",
        day=pl.col("wbc_day"),
        read_at=pl.col("wbc_at") + pl.col("wbc_whole").cast(pl.Int64) * w.almost_a_day,
    )
    by_test = tests.sort("read_at").join_asof(
        then, left_on="read_at", right_on="at", by="patient", check_sortedness=False
    )
    later = course.join(latest.select("patient", "wbc_at", "wbc_day"), on="patient", how="left").filter(
        pl.col("wbc_day").is_null() | (pl.col("at_day") > pl.col("wbc_day")) | (pl.col("at") > pl.col("wbc_at"))
    )
    changes = later.filter(pl.col("code").is_in([w.start, w.restart, w.raise_, w.reduce, w.transfer_in]))
    by_decision = (
        changes.select("patient", "read_at", day=pl.col("at_day"))
        .sort("read_at")
        .join_asof(then, left_on="read_at", right_on="at", by="patient", check_sortedness=False)
    )
    restarts = (
        later.filter(pl.col("code") == w.restart).group_by("patient").agg(pl.col("at_day").min().alias("restarted"))
    )
    untreated = ~pl.col("state").is_in(["active", "held"]).fill_null(False)
    by_restart = (
        by_test.filter(untreated)
        .join(restarts, on="patient")
        .select("patient", "day", state=pl.lit("active"), run_day=pl.col("restarted"))
    )
    columns = ("patient", "day", "state", "run_day")
    anchors = pl.concat([by_test.select(columns), by_decision.select(columns), by_restart.select(columns)])
    early = pl.col("day") - pl.col("run_day") < w.first_days
    return (
        anchors.filter(pl.col("state").is_in(["active", "held"]))
        .group_by("patient")
        .agg((pl.col("day") + pl.when(early).then(w.early).otherwise(w.steady)).min().alias("due_by"))
    )


def _state() -> pl.Expr:
    places = {"proposed": 0, "active": 1, "held": 2, "stopped": 3, "ended": 4}
    place = pl.col("now").fill_null("proposed").replace_strict(places, return_dtype=pl.Int32)
    return pl.when(pl.col("dead").fill_null(False)).then(5).otherwise(place).cast(pl.Int32).alias("state")


def _grade(w: type) -> pl.Expr:
    wbc, neutrophils, platelets, alt, limit = map(pl.col, ("wbc", "neutrophils", "platelets", "alt", "alt_upper"))
    stop = (wbc <= w.wbc_stop) | (neutrophils < w.neutrophils_stop) | (platelets < w.platelets_stop)
    hold = (wbc <= w.wbc_hold) | (alt > w.alt_hold * limit)
    watch = (
        (wbc < w.wbc_watch)
        | (neutrophils < w.neutrophils_watch)
        | (platelets < w.platelets_watch)
        | (alt > w.alt_watch * limit)
    )
    return (
        pl.when(pl.col("dead").fill_null(False))
        .then(0)
        .when(stop)
        .then(3)
        .when(hold)
        .then(2)
        .when(watch)
        .then(1)
        .otherwise(0)
        .cast(pl.Int32)
        .alias("grade")
    )


def _while_treated() -> pl.Expr:
    treated = pl.col("dead").is_null() & pl.col("now").is_in(["active", "held"])
    return pl.when(treated).then(pl.col("due_by")).cast(pl.Int32).alias("due_by")
