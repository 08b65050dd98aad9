"""What canaries are held to, by another opinion: the SQL of `oracle.sql`, which shares no code with the engine that runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from countwell.clinic.flock import Canary
from countwell.exchange.record_json import read_record
from countwell.pack.load import load
from oracle.sql.ground import lay_out
from oracle.sql.reference import tables_of
from oracle.sql.status import status


def unlike_sql(protocol: str, canaries: Sequence[Canary]) -> list[str]:
    """Of each review on which SQL finds other rules than are written: which. Other questions SQL does not answer."""
    reviews = [one for one in canaries if one.question == "review"]
    records = [read_record(one.record) for one in reviews]
    packs = load(protocol, cases=False).packs
    by_sql = status(lay_out(*tables_of(records)), packs, datetime.fromisoformat(reviews[0].as_of)).of
    found = ((number, one.rules ^ by_sql[number]["surely"]) for number, one in enumerate(reviews))
    return [f"{protocol}: review {number}: SQL says otherwise of {sorted(rules)}" for number, rules in found if rules]
