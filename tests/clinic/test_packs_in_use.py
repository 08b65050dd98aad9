"""A pack comes into use by two people, after a time in the shadow, and only with the rules that they signed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.making import NOW, person, signed_in
from countwell.clinic.models import PackState, Person
from countwell.clinic.refused import NotUsable, NotYours
from countwell.clinic.store.packs_in_use import approve, propose, stand
from countwell.pack.load import find
from countwell.pack.read import read_pack

People = dict[str, Person]
LATER = NOW + timedelta(days=28)


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countwell.clinic.store.vouched.is_proven", lambda _: True)


def test_every_pack_is_a_draft_here_until_somebody_signs(people: People) -> None:
    page = signed_in(people["nurse"]).get("/protocols").content.decode()
    assert page.count("<td>draft</td>") > 10
    assert signed_in(people["nurse"]).get("/protocols/cidp").status_code == 200
    assert signed_in(people["nurse"]).get("/protocols/no-such").status_code == 404


@pytest.mark.usefixtures("proven")
def test_the_way_into_use_takes_two_people_and_the_shadow_first(people: People) -> None:
    prescriber, pharmacist = signed_in(people["prescriber"]), signed_in(people["pharmacist"])
    assert prescriber.post("/protocols/cidp/propose", {"state": "in-use"}).status_code == 422
    assert prescriber.post("/protocols/cidp/propose", {"state": "shadow"}).status_code == 302
    assert prescriber.post("/protocols/cidp/approve").status_code == 403
    assert pharmacist.post("/protocols/cidp/propose", {"state": "shadow"}).status_code == 403
    assert pharmacist.post("/protocols/cidp/approve").status_code == 302
    assert _state(people) == "shadow"


def _state(people: People) -> str:
    return stand(people["nurse"].clinic, read_pack(find("cidp"), cases=False)).state


@pytest.mark.usefixtures("proven")
@pytest.mark.parametrize(("days", "goes"), [(27, False), (28, True), (29, True)])
def test_the_shadow_lasts_its_days(people: People, days: int, goes: bool) -> None:
    clinic, pack = people["nurse"].clinic, read_pack(find("cidp"), cases=False)
    propose(clinic, pack, "shadow", "", people["prescriber"], NOW)
    approve(clinic, pack, people["pharmacist"], NOW)
    at = NOW + timedelta(days=days)
    if not goes:
        with pytest.raises(NotUsable):
            propose(clinic, pack, "in-use", "", people["prescriber"], at)
        return
    propose(clinic, pack, "in-use", "", people["prescriber"], at)
    approve(clinic, pack, people["pharmacist"], at)
    assert stand(clinic, pack).state == "in-use"


@pytest.mark.usefixtures("proven")
def test_nobody_approves_what_they_proposed(people: People) -> None:
    clinic, pack = people["nurse"].clinic, read_pack(find("cidp"), cases=False)
    propose(clinic, pack, "shadow", "", people["prescriber"], NOW)
    with pytest.raises(NotYours):
        approve(clinic, pack, people["prescriber"], NOW)


@pytest.mark.usefixtures("proven")
def test_changed_rules_are_a_draft_again(people: People) -> None:
    clinic, pack = people["nurse"].clinic, read_pack(find("cidp"), cases=False)
    propose(clinic, pack, "shadow", "", people["prescriber"], NOW)
    approve(clinic, pack, people["pharmacist"], NOW)
    PackState.objects.update(digest="0" * 64)
    here = stand(clinic, pack)
    assert (here.state, here.changed) == ("draft", True)


def test_rules_without_a_proof_are_not_brought_into_the_shadow(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("countwell.clinic.store.vouched.is_proven", lambda _: False)
    with pytest.raises(NotUsable, match="no certificate"):
        propose(people["nurse"].clinic, read_pack(find("cidp"), cases=False), "shadow", "", people["prescriber"], NOW)


def test_a_pack_of_one_clinic_says_nothing_of_another(people: People) -> None:
    from countwell.clinic.models import Clinic

    other = Clinic.objects.create(name="Clinic two")
    assert stand(other, read_pack(find("cidp"), cases=False)).state == "draft"
    assert person(other, "nurse").clinic == other
