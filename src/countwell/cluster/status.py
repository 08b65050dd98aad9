"""STATUS and REPLAY on a cluster: the same functions of `countwell.cohort.passes`, a row group at a time.

The rules are compiled once on each machine: the first worker compiles behind a lock, the others read what it kept.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path
from stat import S_IRUSR, S_IWUSR
from typing import Any

import numpy as np
from numpy.typing import NDArray

from countwell.cluster.over_store import Job, over_store
from countwell.cohort.columns import EVENTS, LABS, PATIENTS
from countwell.cohort.passes import replay_of, status_of
from countwell.cohort.plan import Plan, plan
from countwell.cohort.store import Place, RowGroup, Store
from countwell.cohort.tables import EVENTS_READ, LABS_READ, PATIENTS_READ
from countwell.cohort.vocabularies import Words

Instant = date | datetime
Arrays = Mapping[str, NDArray[Any]]


def status_on_cluster(
    session: Any,
    store: Path | str,
    out: Path | str,
    protocol: str,
    *,
    as_of: Instant,
    known_at: Instant | None = None,
    layers: Sequence[str] | None = None,
) -> dict[str, Any]:
    """STATUS of every patient of a store, as files in the folder `out`; read them with `over_store.answers_in`.

    session: a pyspark.sql.SparkSession whose workers have countwell[cohort] installed. as_of, known_at: as in
    `passes.status_of`. protocol, layers: as in `plan.plan`; a pack that is a file has to lie where every worker sees it.
    Gives back what `complete.json` says. Raises as `over_store.over_store`, and PackError for a pack.
    """
    chosen = None if layers is None else tuple(layers)
    known = known_at if known_at is not None else as_of

    def run(group: Any) -> Arrays:
        return status_of(group, _ready(protocol, chosen), as_of, known)

    says = {"pass": "status", **_rules(plan(protocol, layers)), "as_of": str(as_of), "known_at": str(known)}
    return over_store(session, store, Job(read, run), out, says)


def replay_on_cluster(
    session: Any,
    store: Path | str,
    out: Path | str,
    protocol: str,
    *,
    until: Instant,
    layers: Sequence[str] | None = None,
) -> dict[str, Any]:
    """REPLAY of every patient of a store up to an instant: as `status_on_cluster`, with the rows of `passes.replay_of`."""
    chosen = None if layers is None else tuple(layers)

    def run(group: Any) -> Arrays:
        return replay_of(group, _ready(protocol, chosen), until)

    says = {"pass": "replay", **_rules(plan(protocol, layers)), "until": str(until)}
    return over_store(session, store, Job(read, run), out, says)


def read(store: Store, place: Place) -> RowGroup:
    """A row group with the columns that a pass reads."""
    return store.read(place, patients=list(PATIENTS_READ), labs=list(LABS_READ), events=list(EVENTS_READ))


def _rules(rules: Plan) -> dict[str, Any]:
    return {
        "packs": [f"{pack.name} {pack.version}" for pack in rules.packs],
        "rules": [rule.key for rule in rules.rules],
    }


@cache
def _ready(protocol: str, layers: tuple[str, ...] | None) -> Plan:
    """The plan of this worker, its rules compiled or read from what another worker of this machine has kept."""
    rules = plan(protocol, layers)
    with _alone():
        status_of(_nobody(), rules, datetime.fromisoformat("2000-01-01T00:00:00+00:00"))
    return rules


def _nobody() -> Any:
    """A row group without patients: enough to have the rules compiled."""
    tables = (
        {field.name: np.zeros(0, field.type.to_pandas_dtype()) for field in schema}
        for schema in (PATIENTS, LABS, EVENTS)
    )
    return RowGroup(Words().lists, *tables)


@contextmanager
def _alone() -> Iterator[None]:
    """One worker of this machine and user at a time; a killed one frees the place."""
    import fcntl

    path = Path(tempfile.gettempdir()) / f"countwell-compiling-{os.getuid()}"
    number = os.open(path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, S_IRUSR | S_IWUSR)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
