"""What the canaries must say, after rules have changed: `cd tests; python -m clinic.canaries_made cidp mg`; `--anew` for new ones.

Without it the same canaries are asked again. With it the canaries of other protocols and patients at random are asked every
question; of those on whom a rule speaks, few enough for all rules are kept, and of each no more events than that takes. A rule
that none of them makes speak has its canary from `canaries_written`, by hand.

What they say is written beside them: read the difference before it is committed, for it is what the rules will be held to.
It does not rest on the engine that runs: of each review the SQL of `oracle.sql` must find the very same rules, else nothing is
written; and what was written by hand names the rules it was written for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from clinic.canaries_pinned import unlike_sql
from clinic.canaries_written import Written, written_for
from cohort.patients_at_random import as_of, records
from countwell.base.errors import CountwellError
from countwell.clinic.flock import Canary, flock, made_for, sent_down
from countwell.questions.ask import joined
from countwell.vocabulary.lists import entries
from countwell.vocabulary.medicines import AZATHIOPRINE, medicines
from countwell.vocabulary.tests import tests
from countwell.vocabulary.vaccines import vaccines

Json = dict[str, Any]
SEED, AIMED, ASKED_ALL, SMALL = 1, 1200, 12, 12
FOLDER = Path(__file__).parents[2] / "src/countwell/clinic/canaries"
INSTANT = as_of(0).isoformat()
PLAIN = ("review", "dose", "start", "restart", "response", "supply", "travel", "split")


def questions() -> Iterator[tuple[str, Json]]:
    """Every question in many ways of asking it."""
    doses = ("25", "50", "100", "150", "200", "300", "500")
    yield from (("check-dose", {"mg_per_day": [mg], "frequency": ["once daily"]}) for mg in doses)
    for name in ("start", "restart"):
        yield from ((name, {"mg_per_day": [mg], "frequency": ["once daily"]}) for mg in doses)
    yield from (("split", {"mg_per_day": [mg], "reason": ["nausea"]}) for mg in doses)
    yield from (("medicine", {"name": [name]}) for name in medicines() if name != AZATHIOPRINE)
    yield from (("vaccine", {"name": [name]}) for name in vaccines())
    yield from (("lifestyle", {"topic": [name]}) for name in entries("lifestyle"))
    for what, said in product(("pregnant", "breast-feeding", "fathering"), ("yes", "no")):
        yield "pregnancy", {"plan": ["later"], what: [said]}
    yield "pregnancy", {"plan": ["now"]}
    for hours in ("2026-03-31T08:00", "2026-03-30T22:00", "2026-03-30T11:00", "2026-03-30T08:00"):
        yield "missed-dose", {"missed": [hours]}
    yield "missed-dose", {"missed": [f"2026-03-{day}T08:00" for day in (27, 28, 29, 30)]}
    yield "travel", {"from": ["2026-04-10"], "to": ["2026-07-20"], "abroad": ["yes"]}


def with_codes(document: Json) -> Json:
    """Results under their codes, as laboratories send them, so that the way from code to test is gone too."""
    return {**document, "events": [_coded(event) for event in document["events"]]}


def with_protocol(document: Json, protocol: str) -> Json:
    """The same patient under another protocol, with one of its own conditions."""
    conditions = sorted(joined(protocol).protocol.conditions)
    condition = document["course"]["condition"]
    condition = condition if condition in conditions or not conditions else conditions[0]
    return {**document, "course": {**document["course"], "protocol": protocol, "condition": condition}}


def _coded(event: Json) -> Json:
    known = tests().get(str(event.get("test"))) if event.get("kind") == "result" else None
    if known is None or not known.loinc or event.get("code"):
        return event
    code = {"system": "loinc", "code": next(iter(known.loinc))}
    return {**{name: value for name, value in event.items() if name != "test"}, "code": code}


def asked(protocol: str, document: Json, question: str, said: Json) -> Canary | None:
    """A canary as it answers now; `None` if the question cannot be put."""
    plain = Canary(json.dumps(document, ensure_ascii=False), INSTANT, question, said, frozenset(), frozenset())
    try:
        told = sent_down(plain, protocol)
    except CountwellError:
        return None
    return Canary(plain.record, INSTANT, question, said, told.rules, told.actions)


def candidates(protocol: str) -> Iterator[Canary]:
    """The canaries that other protocols have; patients at random asked for a review; some of them asked everything."""
    for path in sorted(FOLDER.glob("*.json")):
        for one in json.loads(path.read_text(encoding="utf-8"))["canaries"]:
            document = with_protocol(one["record"], protocol)
            yield from filter(None, [asked(protocol, document, one["question"], one["said"])])
    drawn = [with_codes(document) for document in records(protocol, AIMED, SEED, as_of(0))]
    for document in drawn:
        yield from filter(None, [asked(protocol, document, "review", {})])
    for document in drawn[:: len(drawn) // ASKED_ALL]:
        for question, said in [*((name, {}) for name in PLAIN), *questions()]:
            yield from filter(None, [asked(protocol, document, question, said)])


def chosen(protocol: str) -> list[tuple[Canary, frozenset[str]]]:
    """Canaries that together make every rule speak that any of the candidates did, each with those it is kept for."""
    kept: list[Canary] = []
    covered: set[str] = set()
    for one in candidates(protocol):
        if one.rules - covered:
            kept.append(one)
            covered |= one.rules
    few: list[tuple[Canary, frozenset[str]]] = []
    while covered:
        best = max(kept, key=lambda one: len(one.rules & covered))
        few.append((best, frozenset(best.rules & covered)))
        covered -= best.rules
    return few


def smaller(protocol: str, canary: Canary, wanted: frozenset[str]) -> Canary:
    """The same with no more events than these rules need: halves are left out, then quarters, to single events."""
    document, best = json.loads(canary.record), canary
    if len(document["events"]) <= SMALL:
        return best
    size = len(document["events"]) // 2
    while size:
        start = 0
        while start < len(document["events"]):
            events = document["events"][:start] + document["events"][start + size :]
            tried = asked(protocol, {**document, "events": events}, canary.question, dict(canary.said))
            if tried is not None and wanted <= tried.rules:
                document, best = {**document, "events": events}, tried
            else:
                start += size
        size //= 2
    return best


def dead(protocol: str) -> Canary:
    """Somebody who has died: on whom those rules are silent that speak on everybody else."""
    record = json.loads(next(candidates(protocol)).record)
    made = asked(protocol, {**record, "events": [{"kind": "died", "at": "2026-03-01"}]}, "review", {})
    assert made is not None
    return made


def made_anew(protocol: str) -> list[Canary]:
    """Few canaries that together make every rule speak, or nearly, and somebody who has died."""
    few = [smaller(protocol, canary, wanted) for canary, wanted in chosen(protocol)]
    return [*few, dead(protocol)]


def asked_again(protocol: str) -> list[Canary]:
    """The same canaries, and what they say under the rules of now."""
    its = flock(protocol)
    again = [] if its is None else [_again(protocol, canary) for canary in its.canaries]
    return [one for one in again if one is not None]


def _again(protocol: str, canary: Canary) -> Canary | None:
    return asked(protocol, json.loads(canary.record), canary.question, dict(canary.said))


def with_written(protocol: str, canaries: Sequence[Canary]) -> list[Canary]:
    """And those written by hand for rules on which none of them speaks. Raises SystemExit if one has no canary then."""
    missing = {placed.key for placed in joined(protocol).rules} - spoken(canaries)
    added = [by_hand(protocol, one, missing) for one in written_for(missing)]
    if without := missing - spoken(added):
        raise SystemExit(f"{protocol}: write canaries for {sorted(without)}.")
    return [*canaries, *added]


def by_hand(protocol: str, one: Written, missing: set[str]) -> Canary:
    """What is said of a canary written by hand. Raises SystemExit if a rule is silent that it was written for."""
    document = with_codes(one.document(protocol, sorted(joined(protocol).protocol.conditions)))
    made = asked(protocol, document, one.question, dict(one.said))
    silent = missing.intersection(one.rules) - (made.rules if made else frozenset())
    if made is None or silent:
        raise SystemExit(f"{protocol}: {sorted(silent)} do not speak on the canary written for them.")
    return made


def spoken(canaries: Sequence[Canary]) -> frozenset[str]:
    """All rules that speak on any."""
    return frozenset().union(*(one.rules for one in canaries))


def _written(one: Canary) -> Mapping[str, object]:
    return {
        "question": one.question,
        "said": one.said,
        "as_of": one.as_of,
        "rules": sorted(one.rules),
        "actions": sorted(one.actions),
        "record": json.loads(one.record),
    }


def main() -> None:
    """For the protocols that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("protocols", nargs="+")
    parser.add_argument("--anew", action="store_true")
    given = parser.parse_args()
    for protocol in given.protocols:
        made = with_written(protocol, made_anew(protocol) if given.anew else asked_again(protocol))
        if unlike := unlike_sql(protocol, made):
            raise SystemExit("\n".join(unlike))
        canaries = [_written(one) for one in made]
        content = {"protocol": protocol, "made_for": made_for(protocol), "canaries": canaries}
        text = json.dumps(content, ensure_ascii=False, indent=0, separators=(",", ":"))
        (FOLDER / f"{protocol}.json").write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"{protocol}: {len(made)} canaries\n")


if __name__ == "__main__":
    main()
