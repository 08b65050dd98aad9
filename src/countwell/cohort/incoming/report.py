"""What an import says of itself: for people, and as JSON beside the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from countwell.cohort.incoming.tally import OUTCOMES, Tally
from countwell.cohort.incoming.tenfold import Place, by_group, gaps, quantile

SCHEMA = "countwell.import/1"
MOST_LISTED = 2 * 10


def as_json(tally: Tally, seen: Mapping[Place, int], notes: Mapping[str, Any]) -> dict[str, Any]:
    """The whole report. seen: how many results fell where; notes: what else was done, in what time."""
    return {
        "schema": SCHEMA,
        **notes,
        "sources": {source: _counts(tally, source) for source in sorted(tally.outcomes)},
        "reasons": list(_reasons(tally)),
        "prevalence": list(_prevalence(seen)),
        "values": list(_values(seen)),
        "tenfold": [{**gap.group._asdict(), **_figures(gap)} for gap in gaps(seen)],
        "codes_not_listed": dict(tally.unlisted.most_common()),
        "units_refused": [{"test": test, "unit": unit, "count": n} for (test, unit), n in tally.units.most_common()],
    }


def _counts(tally: Tally, source: str) -> dict[str, int]:
    return {"received": tally.received(source), **{name: tally.outcomes[source][name] for name in OUTCOMES}}


def _reasons(tally: Tally) -> Iterator[dict[str, Any]]:
    for reason, count in tally.reasons.most_common():
        said = {"source": reason.source, "outcome": reason.outcome, "why": reason.why, "field": reason.field}
        yield {**said, "count": count, "examples": tally.examples[reason]}


def _prevalence(seen: Mapping[Place, int]) -> Iterator[dict[str, Any]]:
    """How often each code came from each laboratory, and its share of all that the laboratory sent."""
    of_lab: Counter[str] = Counter()
    of_code: Counter[tuple[str, str, str]] = Counter()
    for place, count in seen.items():
        of_lab[place.lab] += count
        of_code[place.lab, place.code, place.test] += count
    for (lab, code, test), count in sorted(of_code.items()):
        yield {"lab": lab, "code": code, "test": test, "results": count, "share": round(count / of_lab[lab], 2 * 2)}


def _values(seen: Mapping[Place, int]) -> Iterator[dict[str, Any]]:
    """Tenth, half and nine tenths of each test by laboratory and unit, in the test's own unit, to about a tenth."""
    for group, steps in sorted(by_group(seen).items()):
        shares = {name: _short(quantile(steps, share)) for name, share in _SHARES.items()}
        yield {**group._asdict(), "results": sum(steps.values()), **shares}


_SHARES = {"tenth": 1 / 10, "median": 1 / 2, "nine_tenths": 1 - 1 / 10}


def _figures(gap: Any) -> dict[str, Any]:
    named = {
        "tenth": gap.low,
        "median": gap.median,
        "nine_tenths": gap.high,
        "others_median": gap.others,
        "factor": gap.factor,
    }
    return {"results": gap.results, **{name: _short(value) for name, value in named.items()}}


def _short(value: float) -> float:
    return float(f"{value:.2g}")


def in_words(report: Mapping[str, Any]) -> Iterator[str]:
    """The report line by line, for a terminal."""
    for source, counts in report["sources"].items():
        yield f"{source}: received {counts['received']} = " + " + ".join(f"{counts[name]} {name}" for name in OUTCOMES)
    for reason in report["reasons"][:MOST_LISTED]:
        where = f" ({reason['field']})" if reason["field"] else ""
        yield f"  {reason['outcome']}, {reason['source']}: {reason['count']} {reason['why']}{where}"
        yield from (f"      such as {' '.join(f'{k}={v}' for k, v in one.items())}" for one in reason["examples"])
    for gap in report["tenfold"]:
        yield (
            f"  TENFOLD? {gap['test']} in {gap['unit'] or 'no unit'} from {gap['lab'] or 'no laboratory named'}:"
            f" median {gap['median']}, of the others {gap['others_median']}, {gap['results']} results"
        )
    yield from _listed("codes not listed", report["codes_not_listed"])
    yield from _listed(
        "units refused", {f"{one['test']} {one['unit'] or '(none)'}": one["count"] for one in report["units_refused"]}
    )


def _listed(title: str, counts: Mapping[str, int]) -> Iterator[str]:
    if counts:
        shown = [f"{name} ({count})" for name, count in list(counts.items())[:MOST_LISTED]]
        more = f" and {len(counts) - MOST_LISTED} more" if len(counts) > MOST_LISTED else ""
        yield f"  {title}: {', '.join(shown)}{more}"
