"""What must hold of every answer. Each check takes records as sent and raises AssertionError with the reason.

They read the answer as JSON, as a reader outside would, and share no code with the engine.

Longer than other modules: all laws that hold of every answer stand beside each other, so that none is written twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache

from countwell.base.dates import Moment
from countwell.model.rules import facts_of, tables_of
from countwell.pack.load import load
from countwell.vocabulary.tests import groups

from .making import AS_OF, Json, as_text, at_noon, told, when

LADDERS = {
    "drug": "continue do-not-raise reduce hold stop".split(),
    "patient": "none tell phone seen-today emergency".split(),
    "prescriber": "none this-week today now".split(),
}
WORD_OF_DRUG = {"do-not-raise": "do-not-raise", "reduce": "reduce-dose", "hold": "hold", "stop": "stop"}
# Fact kinds whose value does not change because a day has passed (reassurance aside).
TIMELESS = {
    "latest",
    "highest",
    "change",
    "streak",
    "baseline",
    "symptom",
    "gene",
    "history",
    "medicine",
    "condition",
    "state",
    "circumstance",
}
DISPLAY_ORDER = (
    "emergency seen-today stop hold reduce-dose do-not-start do-not-combine do-not-vaccinate refuse-dose cannot-use-input "
    "do-not-raise contact-prescriber caution closer-monitoring infection-precautions cannot-say test-overdue test-due "
    "test-not-due restart-with-special-caution withhold-supply take-later-today skip-dose split-dose dose-options "
    "avoid-pregnancy waiting-period-complete avoid-alcohol ask-before-vaccination continue"
).split()


def later(days: int = 0, hours: int = 0, start: str = AS_OF) -> Moment:
    """So long after the instant of the tests."""
    then = datetime.fromisoformat(start) + timedelta(days=days, hours=hours)
    return when(then.isoformat())


def rung(part: str, word: str) -> int:
    """The place of a word on its ladder."""
    return LADDERS[part].index(word)


def milder_parts(now: Json, before: Json) -> list[str]:
    """The parts in which one advice is milder than another."""
    return [
        f"{part}: {before[part]} became {now[part]}"
        for part in LADDERS
        if rung(part, now[part]) < rung(part, before[part])
    ]


def later_tests(now: Json, before: Json) -> list[str]:
    """The test dates that moved later or disappeared."""
    return [
        f"{group}: {day} became {now['tests'].get(group)}"
        for group, day in before["tests"].items()
        if now["tests"].get(group) is None or now["tests"][group] > day
    ]


# a


@cache
def timeless_rules(protocol: str) -> set[str]:
    """Rules that read only facts that time alone does not change."""
    found = set()
    for pack in load(protocol, None).packs:
        for table in pack.tables:
            for rule in table.rules:
                facts = [name for part in (rule.when, rule.unless) for name in facts_of(part)]
                tables = [name for part in (rule.when, rule.unless) for name in tables_of(part)]
                if not tables and all(pack.facts[name].kind in TIMELESS for name in facts):
                    found.add(f"{pack.name}/{table.name}/{rule.name}")
    return found


def key(finding: Json) -> str:
    """`pack/table/rule`."""
    return f"{finding['layer']}/{finding['table']}/{finding['rule']}"


def alarms(said: Json, protocol: str) -> dict[str, Json]:
    """The findings that surely hold, call for something about the drug, and do not hang on the calendar."""
    rules = timeless_rules(protocol)
    return {
        key(f): f
        for f in said["findings"]
        if f["holds"] == "yes" and not f.get("accepted") and f["advice"]["drug"] != "continue" and key(f) in rules
    }


def check_alarm_stands(sent: Json, days: Sequence[int] = (1, 8, 40, 400)) -> None:
    """What a finding calls for goes on being called for, however many days pass; a hold or a stop by the same finding."""
    protocol = sent["course"]["protocol"]
    standing = alarms(told(sent), protocol)
    for count in days if standing else ():
        now = told(sent, as_of=later(count))
        grave = {name for name, f in standing.items() if f["advice"]["drug"] in ("hold", "stop")}
        gone = sorted(grave - set(alarms(now, protocol)))
        assert not gone, f"after {count} days no longer said: {gone}"
        milder = [line for f in standing.values() for line in milder_parts(now["advice"], f["advice"])]
        assert not milder, f"after {count} days: {milder}"


# b


def check_reassurance_lapses(sent: Json) -> None:
    """`continue` ends by itself on the day after the first test is due."""
    before = told(sent)
    if "continue" not in before["actions"]:
        return
    days = [row["due_by"] for row in before["details"]["tests"] if row["due_by"]]
    assert days, "continue although no test is ever due"
    after = at_noon(date.fromisoformat(min(days)) + timedelta(days=1))
    now = told(sent, as_of=after)
    assert "continue" not in now["actions"], f"still continue on {after.day}, though a test was due by {min(days)}"
    assert "test-overdue" in now["actions"], "a test past its last day is not called overdue"


def check_continue_does_not_return(sent: Json, days: Sequence[int] = (6, 33, 100, 200)) -> None:
    """Once `continue` has gone because days have passed, more days do not bring it back."""
    if "continue" not in told(sent)["actions"]:
        return
    said = [("continue" in told(sent, as_of=later(count))["actions"], count) for count in (0, *days)]
    gone = next((count for goes_on, count in said if not goes_on), None)
    back = [count for goes_on, count in said if goes_on and gone is not None and count > gone]
    assert not back, f"continue went after {gone} days and came back after {back}"


# c


def check_due_dates_stand(sent: Json, days: Sequence[int] = (1, 6, 33, 200)) -> None:
    """The schedule's dates are the same on every later day, if nothing happens."""
    before = {row["group"]: row["due_by"] for row in told(sent, "schedule")["details"]["tests"]}
    for count in days:
        now = {row["group"]: row["due_by"] for row in told(sent, "schedule", later(count))["details"]["tests"]}
        moved = {group: (day, now.get(group)) for group, day in before.items() if day and now.get(group) != day}
        assert not moved, f"after {count} days dates moved by themselves: {moved}"


# d


def options(sent: Json) -> list[float]:
    """The doses that the question `dose` offers."""
    return [float(o["mg_per_day"]) for o in told(sent, "dose")["details"].get("options") or []]


def check_not_milder(worse: Json, sent: Json, *, at_least: bool = True, tests: bool = True, doses: bool = True) -> None:
    """A record in which one thing is worse (or less is known) gives no milder answer than the record without it."""
    before, now = told(sent), told(worse)
    if at_least:
        assert not (milder := milder_parts(now["advice"], before["advice"])), f"advice: {milder}"
    assert not (milder := milder_parts(now["advice_at_most"], before["advice_at_most"])), f"at most: {milder}"
    assert "continue" not in now["actions"] or "continue" in before["actions"], "continue appeared"
    if tests:
        assert not (moved := later_tests(now["advice"], before["advice"])), f"tests: {moved}"
    if doses:
        most_before, most_now = max(options(sent), default=0.0), max(options(worse), default=0.0)
        assert most_now <= most_before, f"dose options up to {most_now} after up to {most_before}"


# e


def known_results(sent: Json, as_of: str = AS_OF) -> list[Json]:
    """The results received by an instant."""
    end = datetime.fromisoformat(as_of)
    return [
        e
        for e in sent["events"]
        if e["kind"] == "result" and datetime.fromisoformat(e.get("received") or e["collected"]) <= end
    ]


def why_no_continue(sent: Json) -> str | None:
    """Of an active course: a reason why `continue` must not be said, found without the engine. None: none of these."""
    by_test: dict[str, list[Json]] = {}
    for one in known_results(sent):
        by_test.setdefault(one["test"], []).append(one)
    for test in ("wbc", "hb", "platelets"):
        if reason := _doubt(by_test.get(test, [])):
            return f"{test}: {reason}"
    reasons = [_doubt(by_test.get(test, [])) for test in ("alt", "ast")]
    if all(reasons):
        return f"alt and ast: {reasons}"
    return _lists(sent)


def _doubt(row: list[Json]) -> str | None:
    """Why the newest result of one test does not vouch."""
    if not row:
        return "never sent"
    newest = max(datetime.fromisoformat(one["collected"]) for one in row)
    same = [one for one in row if datetime.fromisoformat(one["collected"]) == newest]
    final = [one for one in same if one["status"] in ("final", "corrected", "amended")]
    if not final:
        return "preliminary or withdrawn only" if any(one["status"] == "preliminary" for one in same) else None
    if len(same) == 1 and not _is_number(final[0].get("value")):
        return "not a number"
    plain = len(same) == len(final) and all(one["status"] == "final" and not one.get("version") for one in final)
    if plain and len({one.get("value") for one in final}) > 1:
        return "disputed"
    age = (datetime.fromisoformat(AS_OF) - newest).days
    return "three months old" if age > 93 else None


def _is_number(text: str | None) -> bool:
    try:
        return text is not None and text.isascii() and float(text) < 1e6
    except ValueError:
        return False


def _lists(sent: Json) -> str | None:
    for name in ("medicines", "history"):
        days = [e["at"] for e in sent["events"] if e["kind"] == "list-confirmed" and e["list"] == name]
        if not days:
            return f"list of {name} never confirmed"
        if (date.fromisoformat(AS_OF[:10]) - date.fromisoformat(max(days))).days > 366:
            return f"list of {name} confirmed more than a year ago"
    return None


def check_no_continue_in_doubt(sent: Json) -> None:
    """`continue` is not said while a required test, or a list, does not vouch."""
    if (reason := why_no_continue(sent)) is not None:
        said = told(sent)
        assert "continue" not in said["actions"], f"continue, although {reason}"


# f


def check_same_answer(one: Json, other: Json, **question: object) -> None:
    """Two records that say the same give the same answer, the order of event names aside."""
    first, second = (as_text(_sorted(told(sent, **question))) for sent in (one, other))  # type: ignore[arg-type]
    assert first == second, f"the answers differ: {_difference(first, second)}"


def _sorted(node: object, name: str = "") -> object:
    if isinstance(node, dict):
        return {field: _sorted(value, field) for field, value in node.items()}
    if isinstance(node, list):
        items = [_sorted(item) for item in node]
        return sorted(items, key=str) if name in ("events", "refused", "superseded", "unknown", "decisions") else items
    return node


def _difference(first: str, second: str) -> str:
    place = next(
        (n for n, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    return f"…{first[max(0, place - 120) : place + 120]}… and …{second[max(0, place - 120) : place + 120]}…"


# g


def check_ends_in_order(said: Json) -> None:
    """What is surely called for is never more than what cannot be ruled out."""
    assert not (milder := milder_parts(said["advice_at_most"], said["advice"])), f"at most is milder: {milder}"
    assert set(said["advice"]["precautions"]) <= set(said["advice_at_most"]["precautions"])


def check_actions(said: Json) -> None:
    """The words that follow from advice, due dates and details, worked out again, are those that are given."""
    given, wanted, free = set(said["actions"]), set(_words(said)), set(FREE)
    assert list(said["actions"]) == [word for word in DISPLAY_ORDER if word in given], (
        "not in display order, or doubled"
    )
    missing, extra = wanted - given, given - wanted - free - {"continue", "contact-prescriber", "do-not-start"}
    assert not missing, f"missing: {sorted(missing)}"
    assert not extra, f"not accounted for: {sorted(extra)}"
    if said["advice"]["prescriber"] != "none" and said["course"]["state"] != "died":
        assert "contact-prescriber" in given, "contact-prescriber is missing"
    check_continue(said)


# Words that rules and questions add; whether they are right is tested where they are made.
FREE = (
    "do-not-combine do-not-vaccinate refuse-dose caution restart-with-special-caution withhold-supply take-later-today skip-dose "
    "split-dose dose-options avoid-pregnancy waiting-period-complete avoid-alcohol ask-before-vaccination cannot-use-input "
    "closer-monitoring"
).split()


def _words(said: Json) -> Iterable[str]:
    state, advice = said["course"]["state"], said["advice"]
    if state == "died":
        return
    if advice["patient"] in ("seen-today", "emergency"):
        yield advice["patient"]
    if advice["drug"] in WORD_OF_DRUG and (state == "active" or (state == "held" and advice["drug"] == "stop")):
        yield WORD_OF_DRUG[advice["drug"]]
    if "infection" in advice["precautions"]:
        yield "infection-precautions"
    if advice["drug"] != said["advice_at_most"]["drug"]:
        yield "cannot-say"
    if state in ("proposed", "held", "stopped") and rung("drug", advice["drug"]) >= rung("drug", "hold"):
        yield "do-not-start"
    yield from _test_word(said["details"]["tests"])


def _test_word(rows: Sequence[Json]) -> Iterable[str]:
    if any(row["overdue_days"] > 0 or row["state"] == "overdue" for row in rows):
        yield "test-overdue"
    elif any(row["state"] in ("due", "never-done") for row in rows):
        yield "test-due"
    elif rows:
        yield "test-not-due"


def check_continue(said: Json) -> None:
    """`continue` stands exactly where the course is active, both ends say so, and no word stands above test-overdue."""
    above = DISPLAY_ORDER[: DISPLAY_ORDER.index("test-overdue")]
    both = said["advice"]["drug"] == said["advice_at_most"]["drug"] == "continue"
    wanted = said["course"]["state"] == "active" and both and not set(above) & set(said["actions"])
    assert ("continue" in said["actions"]) == wanted, (
        f"continue is {'missing' if wanted else 'wrong'}: {said['actions']}"
    )


# h


def cut(sent: Json, known_at: str) -> Json:
    """The record without the results that were received later."""
    end = datetime.fromisoformat(known_at)
    return sent | {
        "events": [
            e
            for e in sent["events"]
            if e["kind"] != "result" or datetime.fromisoformat(e.get("received") or e["collected"]) <= end
        ]
    }


def check_known_at(sent: Json, known_at: str) -> None:
    """What was received after an instant does not count when it is asked what was known then."""
    check_same_answer(sent, cut(sent, known_at), known_at=known_at)


# i


def done_at_most(sent: Json, group: str) -> str | None:
    """The day on which a group (or test) can have been done at the latest, by final reports alone; None: never."""
    listed = groups().get(group)
    days = [_last_final(sent, (test,)) for test in (listed.must if listed else (group,))]
    if listed and listed.one_of:
        days.append(_last_final(sent, listed.one_of))
    return min((day or "" for day in days), default="") or None


def _last_final(sent: Json, tests: Sequence[str]) -> str | None:
    final = ("final", "corrected", "amended")
    results = (e for e in sent["events"] if e["kind"] == "result" and e["test"] in tests)
    return max((e["collected"][:10] for e in results if e["status"] in final), default=None)


def check_adds_nothing_mild(sent: Json, added: Json) -> None:
    """A preliminary or withdrawn result on top of a record: nothing milder, no date later, no test done by it."""
    more = sent | {"events": [*sent["events"], added]}
    before, now = told(sent), told(more)
    assert not (milder := milder_parts(now["advice"], before["advice"])), f"advice: {milder}"
    assert not (moved := later_tests(now["advice"], before["advice"])), f"tests: {moved}"
    decide_by = [said["advice"]["decide_by"] for said in (before, now)]
    assert decide_by[0] is None or (decide_by[1] or "never") <= decide_by[0], f"decide by: {decide_by}"
    last_before, last_now = ({row["group"]: row["last"] for row in said["details"]["tests"]} for said in (before, now))
    assert not (gone := set(last_before) - set(last_now)), f"no longer wanted: {gone}"
    done = {group: day for group, day in last_now.items() if (day or "") > (done_at_most(sent, group) or "")}
    assert not done, f"a test became done: {last_before} {last_now}"
    moved = [f"{group}: {day} became {last_now[group]}" for group, day in last_before.items() if day != last_now[group]]
    assert not moved, f"done on another day: {moved}"
    assert "continue" not in now["actions"] or "continue" in before["actions"], "continue appeared"


# j

STEADY_STATE = timedelta(days=14)
CHANGING = ("start", "raise", "reduce")


def check_no_raise_without_tests(sent: Json) -> None:
    """More than the present dose is offered only on a count and liver tests collected two weeks or more after its last change."""
    course, most = told(sent)["course"], max(options(sent), default=0.0)
    if course["mg_per_day"] is None or most <= float(course["mg_per_day"]):
        return
    days = [e["at"][:10] for e in sent["events"] if e["kind"] == "decision" and e["do"] in CHANGING]
    wanted = (date.fromisoformat(max(days)) + STEADY_STATE).isoformat()
    early = {group: day for group in ("cbc", "liver") if (day := done_at_most(sent, group)) is None or day < wanted}
    assert not early, f"{most} mg offered after {course['mg_per_day']}, though {early} and wanted from {wanted}"
