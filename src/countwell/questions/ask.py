"""A question is a supposition: suppose what was said, decide, and join the answer with the standing review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from countwell.base.dates import Moment
from countwell.base.errors import Fault, PackError
from countwell.engine.decide import Decided
from countwell.engine.joined import Joined
from countwell.facts.past import Past, past_of
from countwell.model.answers import Answer
from countwell.model.pack import Pack
from countwell.model.records import Record
from countwell.pack.certificate import is_proven
from countwell.pack.load import load
from countwell.questions.actions import actions
from countwell.questions.details import Put, details_of
from countwell.questions.grades import graded
from countwell.questions.headlines import headline_of
from countwell.questions.protocol import not_its_condition, protocol_for
from countwell.questions.supposed import Said, Supposition, check_keys, suppose

NOT_FOR_USE = (
    "Draft, not for clinical use: no clinical safety officer has signed it. "
    "It supports and does not replace a clinician."
)


_JOINED: dict[object, tuple[object, Joined]] = {}


def joined(protocol: str, layers: Sequence[str] | None = None) -> Joined:
    """A protocol with its layers, ready to run; files that have not changed are laid out once."""
    key = protocol, tuple(layers) if layers is not None else None
    known = _JOINED.get(key)
    if known is None or known[0] != _stamp(known[1].packs):
        known = _JOINED[key] = _laid_out(protocol, layers)
    _refuse_unfit(known[1].packs)
    return known[1]


def _laid_out(protocol: str, layers: Sequence[str] | None) -> tuple[object, Joined]:
    """Loaded again after its stamp was taken: what changed meanwhile is read now, what changes later has another stamp."""
    stamp = _stamp(load(protocol, layers, cases=False).packs)
    return stamp, Joined(load(protocol, layers, cases=False).packs)


def _stamp(packs: Sequence[Pack]) -> object:
    """When each file was last written, and how long it is; None if one is not there."""
    try:
        stats = [Path(path).stat() for pack in packs for path in pack.files]
    except OSError:
        return None
    return [(stat.st_mtime_ns, stat.st_size) for stat in stats]


def _refuse_unfit(packs: Sequence[Pack]) -> None:
    """A withdrawn pack is not run; one that is out of draft only with a certificate for just these rules."""
    for pack in packs:
        if pack.status == "withdrawn":
            raise PackError([Fault(pack.path, f"{pack.name} {pack.version} is withdrawn.", "Choose another pack.")])
        if pack.status != "draft" and not is_proven(pack):
            says = f"{pack.name} {pack.version} is {pack.status} and its rules have no certificate."
            raise PackError([Fault(pack.path, says, f"Run `countwell packs prove {pack.name} --certify`.")])


def ask(
    question: str,
    record: Record,
    *,
    as_of: Moment,
    known_at: Moment | None = None,
    protocol: str | None = None,
    layers: Sequence[str] | None = None,
    beside: Sequence[str] = (),
    said: Said | None = None,
) -> Answer:
    """One answer about one patient.

    as_of: the instant asked about; known_at: what had been received by then counts (default: as_of).
    protocol, layers: default those of the course. beside: protocols whose own answers are shown and do not join.
    said: what is supposed, by key. Raises UsageError for an unknown question or key, PackError for a pack.
    """
    said = said or {}
    check_keys(question, said)
    packs = _asked(record, protocol, layers)
    past = past_of(record)
    supposition = suppose(question, said, as_of, past.time_zone, past.course(as_of))
    put = Put(question, said, packs, _supposing(past, supposition), as_of, known_at or as_of, supposition)
    answer = _answer(put, past)
    others = _beside(put, past, beside)
    return replace(answer, views=(*answer.views, *map(_view, others)), beside=tuple(others)) if others else answer


def packs_asked(record: Record, protocol: str | None = None, layers: Sequence[str] | None = None) -> Sequence[Pack]:
    """The protocol that answers and its layers, also a hospital's own, which an answer names without its place."""
    return _asked(record, protocol, layers).packs


def _asked(record: Record, protocol: str | None, layers: Sequence[str] | None) -> Joined:
    return joined(protocol_for(record.course, protocol), layers if layers is not None else record.course.layers)


def _supposing(past: Past, supposition: Supposition) -> Past:
    if supposition.refused:
        past = _with_refused(past, supposition)
    return past.supposing(*supposition.events) if supposition.events else past


def _with_refused(past: Past, supposition: Supposition) -> Past:
    """The same past, with words that no list knows among what was not used."""
    return Past(replace(past.record, refused=(*past.record.refused, *supposition.refused)), past.readings)


def _answer(put: Put, before: Past) -> Answer:
    each = [put.decided(asked) for asked in put.supposition.asked]
    decided = each[0]
    details = details_of(put, decided, before, each)
    words = _words(put, each, details)
    said = actions(
        state=decided.course.state,
        advice=decided.at_least,
        at_most=decided.at_most,
        words=words,
        schedule=decided.schedule,
        input_wanting=decided.input_wanting,
        closer=decided.closer,
        no_dose=_no_dose(decided),
        further=_further(put.question, decided, details),
    )
    return Answer(
        question=put.question,
        protocol=_protocol_json(put.joined),
        as_of=put.as_of,
        known_at=put.known_at,
        course=decided.course,
        actions=said,
        advice=decided.at_least,
        advice_at_most=decided.at_most,
        headline=headline_of(put.question, decided, details, said),
        findings=decided.findings,
        unknown=decided.unknown,
        refused=decided.refused,
        superseded=decided.superseded,
        not_looked_at=decided.not_looked_at,
        views=decided.views,
        details=details,
        notices=tuple(_notices(put)),
        grades=tuple(graded(put.past, decided.findings)),
    )


def _protocol_json(packs: Joined) -> dict[str, Any]:
    protocol = packs.protocol
    layers = [f"{pack.name} {pack.version}" for pack in packs.packs[1:]]
    return {
        "id": protocol.name,
        "version": protocol.version,
        "layers": layers,
        "status": protocol.status,
        "title": protocol.title,
    }


def _no_dose(decided: Decided) -> bool:
    return decided.course.state in ("proposed", "held", "stopped") and bool(decided.dose.forbids)


def _words(put: Put, each: Sequence[Decided], details: Mapping[str, Any]) -> frozenset[str]:
    """The words of every asking; nobody is told to take a dose under a hold or stop."""
    words = frozenset(word for decided in each for word in decided.words)
    if details.get("take_mg") == "0":
        words = (words - {"take-later-today"}) | {"skip-dose"}
    if {"take-later-today", "skip-dose"} <= words:
        words -= {"take-later-today"} if details.get("take_mg") in ("0", None) else {"skip-dose"}
    if _no_dose(each[0]):
        words -= {"restart-with-special-caution"}
    return words - {"split-dose"} if put.question == "split" and not details.get("parts_mg") else words


def _further(question: str, decided: Decided, details: Mapping[str, Any]) -> set[str]:
    words = set()
    if details.get("options") and question in ("dose", "start"):
        words.add("dose-options")
    if question in ("check-dose", "split") and details.get("accepted") is False:
        words.add("refuse-dose")
    if decided.over or (question == "supply" and details.get("release") is False):
        words.add("withhold-supply")
    if not decided.over and _prescriber_must_say(question, details):
        words.add("contact-prescriber")
    return words


def _prescriber_must_say(question: str, details: Mapping[str, Any]) -> bool:
    match question:
        case "dose" | "start":
            return not details.get("options")
        case "check-dose":
            return details.get("accepted") is not True or bool(details.get("confirm"))
        case "split":
            return not details.get("parts_mg")
        case "missed-dose":
            return details.get("take_mg") is None
        case "supply":
            return details.get("supply") != "release"
        case "restart" | "metabolites":
            return True
        case _:
            return False


def _notices(put: Put) -> list[str]:
    notices = list(put.supposition.notices)
    if any(pack.status != "in-use" for pack in put.joined.packs):
        notices.append(NOT_FOR_USE)
    return [*notices, *not_its_condition(put.joined.protocol, put.past.record.course.condition)]


def _beside(put: Put, past: Past, names: Sequence[str]) -> list[Answer]:
    """The same question under other protocols, each with its own layers: shown, never joined."""
    others = dict.fromkeys(name for name in names if name != put.joined.protocol.name)
    return [_answer(replace(put, joined=joined(name)), past) for name in others]


def _view(answer: Answer) -> dict[str, str]:
    """What another protocol says, on one line."""
    drug, at_most = answer.advice.drug, answer.advice_at_most.drug
    return {"pack": answer.protocol["id"], "table": "", "says": answer.headline, "drug": drug, "at_most": at_most}
