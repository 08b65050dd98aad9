"""A rule is switched off by two people and ends by itself; what it finds alerts nobody, is shown, and is never called calm."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.making import NOW, patient_of, result, signed_in
from clinic.test_plan import STEADY
from countwell.clinic.models import PackState, Patient, Person, Standing, Switch
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.store.muted import muted, rules
from countwell.clinic.store.records import append
from countwell.clinic.store.standing import run_rules
from countwell.clinic.store.worklist import worklist
from countwell.pack.certificate import rules_hash
from countwell.pack.load import find
from countwell.pack.read import read_pack

People = dict[str, Person]
FORM = {"rule": "cidp/white-cells/stop", "days": "3", "reason": "fires on every result of laboratory B"}


@pytest.fixture
def low(people: People) -> Patient:
    """A patient whose white cells are at a stop."""
    patient = patient_of(people["nurse"].clinic, [people[role] for role in CLINICAL], "4001", STEADY)
    append(patient, [result("wbc", "1.9", "2026-03-02")], None, NOW)
    return patient


def switch_off(people: People, **more: str) -> None:
    signed_in(people["prescriber"]).post("/switches/ask", FORM | more)
    asked = Switch.objects.latest("pk")
    signed_in(people["pharmacist"]).post(f"/switches/{asked.pk}/approve")


def group(person: Person) -> str:
    return worklist(person, NOW, {}).groups[0].name


def test_it_takes_two_people(people: People, low: Patient) -> None:
    prescriber, pharmacist = signed_in(people["prescriber"]), signed_in(people["pharmacist"])
    assert pharmacist.post("/switches/ask", FORM).status_code == 403
    assert prescriber.post("/switches/ask", FORM).status_code == 302
    assert muted(low.clinic, NOW) == frozenset()
    asked = Switch.objects.get()
    assert prescriber.post(f"/switches/{asked.pk}/approve").status_code == 403
    assert pharmacist.post(f"/switches/{asked.pk}/approve").status_code == 302
    assert muted(low.clinic, NOW) == {FORM["rule"]}


@pytest.mark.parametrize(
    "change", [{"rule": "cidp/white-cells/none"}, {"days": "0"}, {"days": "15"}, {"days": "x"}, {"reason": "bad"}]
)
def test_what_cannot_be_switched_off_so_is_refused(people: People, change: dict[str, str]) -> None:
    assert signed_in(people["prescriber"]).post("/switches/ask", FORM | change).status_code == 422


def test_what_all_muted_rules_find_is_not_known_and_never_calm(people: People, low: Patient) -> None:
    assert group(people["nurse"]) == "Now"
    for rule in rules():
        Switch.objects.create(
            clinic=low.clinic, rule=rule, reason="x", asked_at=NOW, asked_by=people["prescriber"],
            approved_at=NOW, approved_by=people["pharmacist"], until=NOW + timedelta(days=1),
        )  # fmt: skip
    run_rules(low, NOW)
    assert group(people["nurse"]) == "Something not known"
    page = signed_in(people["nurse"]).get(f"/patients/{low.pid}").content.decode()
    assert "sign to stop" in page
    assert "A rule is switched off" in page


def test_other_rules_go_on_alerting(people: People, low: Patient) -> None:
    switch_off(people)
    assert group(people["nurse"]) in ("Now", "Today", "This week")
    assert Standing.objects.get(patient=low).open


def test_it_is_on_again_by_itself_and_sooner_by_one_person(people: People, low: Patient) -> None:
    switch_off(people)
    assert muted(low.clinic, NOW + timedelta(days=3)) == frozenset()
    assert muted(low.clinic, NOW + timedelta(days=3, seconds=-1)) == {FORM["rule"]}
    off = Switch.objects.get()
    assert signed_in(people["pharmacist"]).post(f"/switches/{off.pk}/on").status_code == 302
    assert muted(low.clinic, NOW) == frozenset()
    assert group(people["nurse"]) == "Now"


@pytest.mark.parametrize(("changed", "where"), [(False, "Something not known"), (True, "Now")])
def test_a_pack_in_the_shadow_alerts_nobody_unless_its_rules_have_changed_since(
    people: People, low: Patient, changed: bool, where: str
) -> None:
    made = {"version": "1.0.0", "at": NOW, "proposed_by": people["prescriber"]}
    for pack in ("cidp", "added-safety"):
        digest = "x" if changed else rules_hash(read_pack(find(pack), cases=False))
        PackState.objects.create(
            clinic=low.clinic, pack=pack, state="shadow", approved_by=people["pharmacist"], approved_at=NOW,
            digest=digest, **made,
        )  # fmt: skip
    run_rules(low, NOW)
    assert group(people["nurse"]) == where
