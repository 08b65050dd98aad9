"""Reports and orders: results that were listed and did not come, tests that were asked for."""

from __future__ import annotations

from countwell.exchange.entries import Event, Part, mark, marking
from countwell.exchange.fhir.chart import Chart
from countwell.exchange.fhir.parts import codings, references, texts
from countwell.exchange.fhir.received import Given
from countwell.exchange.fields import FieldFault, Fields
from countwell.exchange.meaning import looks_like, meaning
from countwell.vocabulary.tests import group_named, group_of_code

ORDERED = {"active": "pending", "on-hold": "pending", "completed": "done", "revoked": "cancelled"}


def report(given: Given, chart: Chart) -> Part:
    """A DiagnosticReport. Its results speak for themselves; what it lists and did not come is for a person."""
    try:
        wanted, asked = references(given.fields, "result"), asked_for(given.fields)
    except FieldFault as fault:
        return Part(given.where, ({"kind": "note", "id": given.event, "text": "report", "not_used": marking(fault)},))
    lost = [text for text in wanted if chart.find(given, text) is None]
    if lost and asked:
        return _held(given, "result", f"{len(lost)} of its {len(wanted)} results did not come.")
    if asked and not wanted and given.fields.content.get("presentedForm"):
        return _held(given, "presentedForm", "its results stand in a document only.")
    return Part(given.where, (), "its results speak for themselves.")


def _held(given: Given, field: str, says: str) -> Part:
    event: Event = {"kind": "note", "id": given.event, "text": "report", "not_used": mark(field, says, "missing")}
    return Part(given.where, (event,))


def asked_for(fields: Fields) -> str | None:
    """The test, or the group of tests, that a report or an order names."""
    codes, said = codings(fields, "code"), texts(fields, "code")
    group = next((name for code in codes if (name := group_of_code(code.system, code.code))), None)
    by_word = next((name for text in said if (name := group_named(text) or looks_like(text))), None)
    return group or meaning(codes, (), None).test or by_word


def order(given: Given) -> Part:
    """A ServiceRequest for a test that Countwell knows."""
    try:
        test, status = asked_for(given.fields), ORDERED.get(given.fields.text("status") or "")
        at = given.fields.text("authoredOn")
    except FieldFault as fault:
        return Part(given.where, ({"kind": "note", "id": given.event, "text": "order", "not_used": marking(fault)},))
    if test is None or status is None or given.fields.text("intent") in ("proposal", "plan", "option"):
        return Part(given.where, (), "not an order of a test that is read here.")
    event: Event = {"kind": "test-ordered", "id": given.event, "test": test, "at": at, "status": status}
    return Part(given.where, (event,))
