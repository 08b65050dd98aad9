"""The closed list of fact kinds: what each is of, and which parameters it takes.

Written as data: the reader checks facts against it, the JSON Schema is made from it. What a fact is worth for a patient is
worked out in `countwell.facts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Where words come from: a list of the vocabulary ("test"), the pack itself ("fact", "number", "span"), or these.
WORDS: Mapping[str, tuple[str, ...]] = {
    "event": ("run", "first-start", "change", "stop", "reduce"),
    "dose unit": ("mg/day", "mg/kg/day"),
    "missed": ("any", "same-day", "gap-left", "days-in-row"),
    "course": ("course",),
    "reason": ("last", "ever"),
    "person": ("age", "sex", "country", "weight-age", "weight-change"),
    "as": ("value", "limits"),
    "share": ("%", "absolute"),
    "against": ("baseline", "highest", "lowest"),
    "direction": ("fall", "rise"),
    "yes": ("yes",),
    "plan": ("now", "later"),
    "which": ("ask",),
    "vaccine": ("live",),
    "label": ("differs", "doubled"),
    "worse": ("lower", "higher", "none"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. of: where the words of its own value come from, or several such places; many: whether several may stand there.

    params: where the word of each parameter comes from. needs: parameters that may not be left out.
    """

    says: str
    of: tuple[str, ...]
    many: bool = False
    params: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


KINDS: Mapping[str, Kind] = {
    "latest": Kind("the newest result, in the test's unit", ("test",)),
    "highest": Kind(
        "the highest of some tests: as a value, or as times the upper limit of normal",
        ("test",),
        many=True,
        params={"as": "as", "within": "span", "limit-within": "span", "limit-between": "limits"},
        needs=("as",),
    ),
    "baseline": Kind(
        "that fact from the last final results before the first start",
        ("fact",),
        params={"within": "span"},
        needs=("within",),
    ),
    "change": Kind(
        "how far a test fell or rose",
        ("test",),
        params={"against": "against", "within": "span", "as": "share", "direction": "direction"},
        needs=("against", "within", "as", "direction"),
    ),
    "streak": Kind(
        "the number of falls or rises in succession, each of more than `step`",
        ("test",),
        params={"direction": "direction", "step": "%", "since": "event or fact"},
        needs=("direction", "step"),
    ),
    "since": Kind("time since an event of the course", ("event",), params={"after": "span"}),
    "done": Kind(
        "yes, if collected at or after the event of that fact",
        ("group", "test"),
        params={"after": "event or fact"},
        needs=("after",),
    ),
    "recovered": Kind(
        "yes, if each of these tests that was above its limit in this run has since been within it that often in a row",
        ("test",),
        many=True,
        params={"times": "count", "apart": "span"},
        needs=("times", "apart"),
    ),
    "pending": Kind("yes, if ordered and no result yet", ("test",)),
    "dose": Kind(
        "the dose now, or before that fact's event", ("dose unit",), params={"weight-within": "span", "before": "fact"}
    ),
    "symptom": Kind(
        "a symptom: its value, or yes/no",
        ("symptom",),
        many=True,
        params={"value": "symptom unit", "with-any": "detail", "since": "event"},
    ),
    "medicine": Kind("yes, if taken", ("medicine",), many=True, params={"confirmed": "span"}, needs=("confirmed",)),
    "history": Kind(
        "yes, if it happened before",
        ("history",),
        many=True,
        params={"cause": "medicine", "confirmed": "span"},
        needs=("confirmed",),
    ),
    "circumstance": Kind("yes, if so", ("circumstance",), many=True),
    "gene": Kind("the category of a gene", ("gene",)),
    "asked": Kind(
        "yes, if this was asked, and with these details",
        ("question",),
        params={
            "live": "yes",
            "which": "which",
            "topic": "topic",
            "name": "medicine",
            "plan": "plan",
            "pregnant": "yes",
            "breast-feeding": "yes",
            "fathering": "yes",
        },
    ),
    "missed": Kind("of the dose asked about", ("missed",)),
    "accepted": Kind("yes, if a named person accepted that finding", ("finding",)),
    "state": Kind("the state of the course", ("course",)),
    "reason": Kind("the reason of the last stop or hold, or of any", ("reason",)),
    "condition": Kind("the condition that is treated", ("course",)),
    "person": Kind("something about the person", ("person",)),
    "vaccinated": Kind(
        "yes, if a live vaccine was given within that time", ("vaccine",), params={"within": "span"}, needs=("within",)
    ),
    "label": Kind("yes, if the pharmacy label gives another dose than was decided, or twice as much", ("label",)),
}
