"""One event of a record, read by its kind. One function per kind; each says what it cannot read by raising a FieldFault.

Laboratory results are read in `results.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, overload

from countwell.base.dates import Moment
from countwell.exchange.fields import FieldFault, Fields, unreadable
from countwell.model.records import (
    Circumstance,
    Code,
    Decision,
    Died,
    DoseMissed,
    DoseTaken,
    Event,
    Genotype,
    History,
    Kept,
    ListConfirmed,
    Medicine,
    Symptom,
    TestOrdered,
    Vaccination,
    Weight,
)
from countwell.vocabulary import lists
from countwell.vocabulary.codes import Refused as OtherCode
from countwell.vocabulary.genes import genes
from countwell.vocabulary.medicines import medicine_named, medicine_of_code
from countwell.vocabulary.symptoms import symptom_named
from countwell.vocabulary.tests import group_named, groups, test_named
from countwell.vocabulary.vaccines import vaccine_named, vaccines

DECISIONS = "start raise reduce hold restart stop refuse accept transfer-in transfer-out".split()
LISTS = "medicines history allergies".split()
ORDERS = "pending done cancelled".split()
WHICH = "Ask which it is."
KEPT = "label supply told measure responsible admitted note other-result".split()

Reader: TypeAlias = Callable[[Fields, str], Event]


def decision(fields: Fields, ref: str) -> Decision:
    """What a named person decided about the course."""
    sent = fields.text("reason")
    reason = None if sent is None else lists.named("reasons", sent)
    return Decision(
        ref=ref,
        do=fields.one_of("do", DECISIONS),
        at=fields.when("at"),
        mg_per_day=fields.amount("mg_per_day"),
        frequency=own_name("frequencies", fields.text("frequency")),
        by=fields.text("by"),
        reason=reason or ("other" if sent else None),
        text=fields.text("text") or (sent if reason is None else None),
        rests_on=fields.texts("rests_on"),
        decide_by=fields.day("decide_by"),
        finding=fields.text("finding"),
        until=fields.day("until"),
        since=fields.moment("since", partial=True),
    )


def test_ordered(fields: Fields, ref: str) -> TestOrdered:
    """A test, or a group of tests, that was asked for."""
    test = listed("test", fields.needed("test"), ordered_test)
    status = fields.one_of("status", ORDERS) if fields.text("status") else None
    return TestOrdered(ref, test, fields.when("at"), status)


def ordered_test(text: str) -> str | None:
    """A test or a group of tests, by any of its names."""
    return test_named(text) or (text if text in groups() else group_named(text))


def weight(fields: Fields, ref: str) -> Weight:
    """Body weight, as measured."""
    value = fields.value("value")
    if value is None:
        raise FieldFault("value", "missing", "missing.")
    return Weight(ref, fields.when("at"), value, fields.text("unit"))


def symptom(fields: Fields, ref: str) -> Symptom:
    """A symptom that was asked about."""
    since, until = fields.when("since"), fields.moment("until")
    in_order(since, until, "until")
    return Symptom(
        ref=ref,
        symptom=listed("symptom", fields.needed("symptom"), symptom_named),
        since=since,
        present=fields.yes_no("present", absent=True),
        until=until,
        value=fields.value("value"),
        unit=fields.text("unit"),
        details=details(fields),
    )


def details(fields: Fields) -> Mapping[str, bool | None]:
    """The details of a symptom, each true, false or not known."""
    within = fields.within("details")
    return {} if within is None else {name: within.yes_no(name) for name in within.content}


def medicine(fields: Fields, ref: str) -> Medicine:
    """A medicine; one that is not listed is kept under the name it was sent with."""
    sent, code = fields.text("name"), coded(fields)
    start, end = fields.moment("from", partial=True), fields.moment("to")
    in_order(start, end, "to")
    name = medicine_name(sent, code)
    if name is None and sent is None and code is None:
        raise FieldFault("name", "missing", "neither a name nor a code.", held=True)
    return Medicine(
        ref=ref,
        name=name or sent or (code.display or code.code if code else ""),
        listed=name is not None,
        code=code,
        dose=fields.value("dose"),
        frequency=fields.text("frequency"),
        start=start,
        end=end,
    )


def medicine_name(sent: str | None, code: Code | None) -> str | None:
    """The listed name that name and code agree on. Raises FieldFault if they contradict each other."""
    by_name = medicine_named(sent) if sent else None
    by_code = medicine_of_code(code.system, code.code, code.display) if code else None
    if isinstance(by_code, OtherCode):
        raise FieldFault("code", "disputed", f"the code is {by_code.says}.", WHICH, held=True)
    if by_name and by_code and by_name != by_code:
        raise FieldFault("code", "disputed", f"the code is {by_code}, the name is {by_name}.", WHICH, held=True)
    return by_name or by_code


def list_confirmed(fields: Fields, ref: str) -> ListConfirmed:
    """A list that was gone through with the patient."""
    return ListConfirmed(ref, fields.one_of("list", LISTS), fields.when("at"))


def history(fields: Fields, ref: str) -> History:
    """Something that happened before, by its listed name if it has one."""
    cause = fields.text("cause")
    what = own_name("histories", fields.needed("what"))
    return History(ref, what, medicine_named(cause or "") or cause, fields.moment("at", partial=True))


def genotype(fields: Fields, ref: str) -> Genotype:
    """A gene result as reported."""
    return Genotype(ref, fields.one_of("gene", genes()), fields.needed("result"), fields.when("at"))


def circumstance(fields: Fields, ref: str) -> Circumstance:
    """A state of life."""
    start, end = fields.moment("from", partial=True), fields.moment("to")
    in_order(start, end, "to")
    return Circumstance(
        ref, own_name("circumstances", fields.needed("what")), start, end, fields.yes_no("present", absent=True)
    )


def vaccination(fields: Fields, ref: str) -> Vaccination:
    """A vaccine given. A name that covers live and other products is for a person."""
    vaccine = listed("vaccine", fields.needed("vaccine"), vaccine_named)
    if question := vaccines()[vaccine].question:
        raise FieldFault("vaccine", "not-listed", "the name covers several products.", question, held=True)
    return Vaccination(ref, vaccine, fields.when("at", partial=True))


def dose_taken(fields: Fields, ref: str) -> DoseTaken:
    """A dose that was taken."""
    return DoseTaken(ref, fields.when("at"), fields.amount("mg"))


def dose_missed(fields: Fields, ref: str) -> DoseMissed:
    """A dose that was not."""
    return DoseMissed(ref, fields.when("due"))


def died(fields: Fields, ref: str) -> Died:
    """The patient died."""
    return Died(ref, fields.when("at"))


def kept(fields: Fields, ref: str) -> Kept:
    """An event of a further kind, as it was sent."""
    return Kept(ref, fields.needed("kind"), fields.moment("at", partial=True), dict(fields.content))


def coded(fields: Fields) -> Code | None:
    """The sender's code."""
    code = fields.within("code")
    if code is None:
        return None
    return Code(code.needed("system"), code.needed("code"), code.text("display"))


def marked(fields: Fields) -> None:
    """Raises the FieldFault with which whoever took the event in marked it as not to be used."""
    mark = fields.within("not_used")
    if mark is not None:
        held = mark.yes_no("held") or False
        raise FieldFault(
            mark.text("field") or "", mark.needed("why"), mark.needed("says"), mark.text("do") or WHICH, held
        )


def listed(field: str, text: str, look_up: Callable[[str], str | None]) -> str:
    """The listed name of a sent word. Raises FieldFault, for a person, if it is not listed."""
    name = look_up(text)
    if name is None:
        raise FieldFault(
            field, "not-listed", "not in the list.", "Choose a listed word, or act on it by hand.", held=True
        )
    return name


@overload
def own_name(name: lists.ListName, text: str) -> str: ...
@overload
def own_name(name: lists.ListName, text: str | None) -> str | None: ...
def own_name(name: lists.ListName, text: str | None) -> str | None:
    """Countwell's name of a word, else the word as sent."""
    return lists.named(name, text or "") or text


def in_order(start: Moment | None, end: Moment | None, field: str) -> None:
    """Raises FieldFault if something ends before it begins."""
    if start and end and end.day < start.day:
        raise unreadable(field, "before the beginning.")


READERS: Mapping[str, Reader] = {
    "decision": decision,
    "test-ordered": test_ordered,
    "weight": weight,
    "symptom": symptom,
    "medicine": medicine,
    "list-confirmed": list_confirmed,
    "history": history,
    "genotype": genotype,
    "circumstance": circumstance,
    "vaccination": vaccination,
    "dose-taken": dose_taken,
    "dose-missed": dose_missed,
    "died": died,
    **dict.fromkeys(KEPT, kept),
}
