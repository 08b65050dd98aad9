"""Ways to make one thing of a record worse, or less known. Each gives the changed record, or None where there is nothing to change."""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st

from .making import Json
from .strategies import LIMITS, MEDICINES, SYMPTOMS, VALUES, ago, as_result, day_ago, slips

HIGHER = {"alt", "ast", "bilirubin", "creatinine", "eosinophils", "lipase", "amylase", "ggt", "alp"}
GOOD = {"wbc": "6.1", "hb": "140", "platelets": "240", "alt": "24", "ast": "22"}
PARTS = ("neutrophils", "lymphocytes", "eosinophils")
BAD_MEDICINES = tuple(name for name in MEDICINES if name != "omeprazole")


def _with(sent: Json, place: int, changed: Json | None) -> Json:
    events = list(sent["events"])
    if changed is None:
        del events[place]
    else:
        events[place] = changed
    return sent | {"events": events}


def newest_single(sent: Json) -> list[int]:
    """Places of final results that are the newest of their test, alone at their time, and later than the first decision."""
    results = [(n, e) for n, e in enumerate(sent["events"]) if e["kind"] == "result"]
    begun = min((e["at"] for e in sent["events"] if e["kind"] == "decision"), default=None)
    found = []
    for n, e in results:
        others = [o for m, o in results if m != n and o["test"] == e["test"]]
        newest = all(_at(o) < _at(e) for o in others)
        after = begun is not None and _at(e) > datetime.fromisoformat(begun)
        if e["status"] == "final" and newest and after:
            found.append(n)
    return found


def _at(one: Json) -> datetime:
    return datetime.fromisoformat(one["collected"])


@st.composite
def worse_result(draw: st.DrawFn, sent: Json) -> Json | None:
    """The newest result of a test, one or more steps further down its table (values run from good to bad)."""
    places = [n for n in newest_single(sent) if _step(sent["events"][n]) is not None]
    if not places:
        return None
    place = draw(st.sampled_from(places))
    old = sent["events"][place]
    grid = VALUES[old["test"]][1]
    further = grid[(_step(old) or 0) + 1 :]
    changed = _with(sent, place, old | {"value": draw(st.sampled_from(further))})
    return None if contradicts_itself(sent) or contradicts_itself(changed) else changed


def contradicts_itself(sent: Json) -> bool:
    """Whether one panel holds more of one kind of white cells than white cells: then one of the two is wrong, and less is known."""
    counts: dict[str, dict[str, float]] = {}
    for e in sent["events"]:
        if e["kind"] == "result" and e["test"] in ("wbc", *PARTS) and e.get("value") in VALUES[e["test"]][1]:
            counts.setdefault(e["collected"], {})[e["test"]] = float(e["value"])
    return any(row[part] > row["wbc"] for row in counts.values() if "wbc" in row for part in PARTS if part in row)


def _step(one: Json) -> int | None:
    """Where a value stands in its table; None if it is not there, the last, or of a test without a bad side."""
    grid = VALUES[one["test"]][1]
    if one["test"] == "mcv" or one.get("value") not in grid[:-1] or not one.get("unit"):
        return None
    return grid.index(one["value"])


@st.composite
def added_symptom(draw: st.DrawFn, sent: Json) -> Json | None:
    """A symptom that the record does not speak of."""
    asked = {e["symptom"] for e in sent["events"] if e["kind"] == "symptom"}
    name = draw(st.sampled_from([name for name in SYMPTOMS if name not in asked]))
    value = {"value": "39.0", "unit": "Cel"} if name == "fever" else {}
    return sent | {
        "events": [
            *sent["events"],
            {"id": "new", "kind": "symptom", "symptom": name, "present": True, "since": ago(0, 7)} | value,
        ]
    }


@st.composite
def added_medicine(draw: st.DrawFn, sent: Json) -> Json | None:
    """A medicine that acts on azathioprine, or on the blood, and is not on the list."""
    taken = {e["name"] for e in sent["events"] if e["kind"] == "medicine"}
    left = [name for name in BAD_MEDICINES if name not in taken]
    medicine = {"id": "new", "kind": "medicine", "name": draw(st.sampled_from(left)), "from": day_ago(1)}
    return sent | {"events": [*sent["events"], medicine]}


@st.composite
def less_known(draw: st.DrawFn, sent: Json) -> Json | None:
    """A good value that cannot be read any more, is only preliminary, or is gone; or a list that was not gone through."""
    good = [n for n in newest_single(sent) if GOOD.get(sent["events"][n]["test"]) == sent["events"][n].get("value")]
    lists = [n for n, e in enumerate(sent["events"]) if e["kind"] == "list-confirmed"]
    if not good + lists:
        return None
    place = draw(st.sampled_from(good + lists))
    if place in lists:
        return _with(sent, place, None)
    old = sent["events"][place]
    return draw(
        st.sampled_from(
            [
                _with(sent, place, old | {"value": "clotted"}),
                _with(sent, place, old | {"status": "preliminary"}),
                _with(sent, place, {key: text for key, text in old.items() if key != "unit"}),
            ]
        )
    )


@st.composite
def slipped_limit(draw: st.DrawFn, sent: Json) -> Json | None:
    """An upper limit with a slip in it, of a result that came with a usual one."""
    limited = [(n, LIMITS.get(e.get("test"))) for n, e in enumerate(sent["events"])]
    places = [n for n, usual in limited if usual is not None and sent["events"][n].get("normal_high") == usual]
    if not places:
        return None
    place = draw(st.sampled_from(places))
    old = sent["events"][place]
    return _with(sent, place, old | {"normal_high": draw(st.sampled_from(slips(old["test"])))})


@st.composite
def mere_report(draw: st.DrawFn, sent: Json) -> Json:
    """A preliminary or withdrawn result, of a specimen of the record or of its own."""
    results = [e for e in sent["events"] if e["kind"] == "result"]
    status = draw(st.sampled_from(["preliminary", "preliminary", "cancelled", "entered-in-error"]))
    if results and status == "preliminary" and draw(st.booleans()):
        of = draw(st.sampled_from(results))
        value = draw(st.sampled_from(VALUES[of["test"]][1]))
        extra = draw(st.sampled_from([{}, {"replaces": of["id"]}, {"version": "9"}]))
        kept = {key: text for key, text in of.items() if key not in ("id", "value", "status", "received")}
        return {"id": "new", **kept, "value": value, "status": status, "received": ago(0, 9)} | extra
    test = draw(st.sampled_from(["wbc", "neutrophils", "hb", "platelets", "alt", "ast", "lipase"]))
    value = draw(st.sampled_from(VALUES[test][1])) if status == "preliminary" else None
    return {"id": "new"} | as_result(test, value, ago(0, 8, 45), status=status)
