"""Rules that are not proven, not signed where that is wanted, or older than what was approved are not used."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from clinic.making import NOW, signed_in
from countwell.base.errors import UsageError
from countwell.cli.serve import _refuse_rules
from countwell.clinic.models import PackState, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import canaries, health, vouched
from countwell.clinic.store.packs_in_use import approve, propose, stand
from countwell.model.pack import Pack
from countwell.pack.certificate import rules_hash
from countwell.pack.load import find
from countwell.pack.read import read_pack
from countwell.pack.signature import new_key, path, sign

People = dict[str, Person]
NAMES = ("cidp", "added-safety", "everyday")


@pytest.fixture(autouse=True)
def well_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The canaries and the worked cases have tests of their own."""
    monkeypatch.setattr(canaries, "faults", lambda _: [])
    monkeypatch.setattr(canaries.worked, "faults", lambda _: [])


def cidp() -> Pack:
    return read_pack(find("cidp"), cases=False)


@pytest.fixture
def keyed(settings: Settings, tmp_path: Path) -> Path:
    """A clinic that has named a key; the file of its private half."""
    settings.DATA, settings.PACK_KEYS = tmp_path, {new_key(tmp_path / "key")}
    (tmp_path / vouched.FOLDER).mkdir()
    return tmp_path / "key"


def sign_all(key: Path, but: str = "") -> None:
    """Signatures under the packs that the patient's protocol takes along."""
    for name in NAMES:
        if name != but:
            path(name, key.parent / vouched.FOLDER).write_text(sign(read_pack(find(name), cases=False), key))


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vouched, "is_proven", lambda pack: pack.name != "cidp")


def proposed(people: People, status: int) -> None:
    """A prescriber proposes the pack for the shadow on its page."""
    answer = signed_in(people["prescriber"]).post("/protocols/cidp/propose", {"state": "shadow"})
    assert answer.status_code == status


@pytest.mark.usefixtures("unproven")
def test_rules_that_are_not_proven_are_neither_served_nor_brought_into_use(people: People, patient: Patient) -> None:
    with pytest.raises(UsageError, match=r"does not start with these rules\. cidp 1\.\d\.\d has no certificate"):
        _refuse_rules()
    proposed(people, 422)
    assert any("has no certificate" in fault for fault in canaries.wrong("cidp"))


@pytest.mark.parametrize("but", NAMES)
def test_where_a_key_is_named_each_pack_that_it_has_not_signed_keeps_the_clinic_from_starting(
    patient: Patient, keyed: Path, but: str
) -> None:
    sign_all(keyed, but)
    with pytest.raises(UsageError, match=f"{but} .* signed by no key"):
        _refuse_rules()
    assert but in health.proven(NOW).says


def test_where_a_key_is_named_what_it_has_signed_is_used(people: People, patient: Patient, keyed: Path) -> None:
    proposed(people, 422)
    sign_all(keyed)
    _refuse_rules()
    assert health.proven(NOW).says.endswith("signed by a key of this clinic's.")
    proposed(people, 302)


def test_where_no_key_is_named_the_doctor_says_that_nothing_is_signed(patient: Patient) -> None:
    _refuse_rules()
    assert health.proven(NOW).says.endswith("not signed: no key is named.")


def approved(people: People, version: str, digest: str = "", state: str = "in-use") -> PackState:
    """This version was approved here before."""
    return PackState.objects.create(
        clinic=people["nurse"].clinic, pack="cidp", version=version, digest=digest or "0" * 64, state=state, at=NOW,
        proposed_by=people["prescriber"], approved_by=people["pharmacist"], approved_at=NOW,
    )  # fmt: skip


def step(part: int, by: int) -> str:
    """The version of the pack here with one of its three numbers changed."""
    here = [int(one) for one in cidp().version.split(".")]
    here[part] += by
    return ".".join(map(str, here))


@pytest.mark.parametrize(
    ("part", "by", "fits"), [(0, -1, True), (0, 1, False), (1, 1, False), (2, 1, False), (1, 10, False)]
)
def test_rules_older_than_what_was_approved_are_refused_and_said(
    people: People, patient: Patient, part: int, by: int, fits: bool
) -> None:
    approved(people, step(part, by))
    assert (vouched.faults(cidp()) == []) is fits
    proposed(people, 302 if fits else 422)
    assert any("is older than" in fault for fault in canaries.wrong("cidp")) is not fits


def test_other_rules_under_the_version_that_was_approved_are_refused(people: People) -> None:
    kept = approved(people, cidp().version)
    proposed(people, 422)
    assert "other rules than" in vouched.faults(cidp())[0]
    PackState.objects.filter(pk=kept.pk).update(digest=rules_hash(cidp()), state="withdrawn")
    assert vouched.faults(cidp()) == []


def test_the_newer_one_withdrawn_by_two_people_the_older_one_can_be_used_again(people: People) -> None:
    approved(people, step(1, 1))
    clinic, pack, later = people["nurse"].clinic, cidp(), NOW + timedelta(hours=1)
    propose(clinic, pack, "withdrawn", "", people["prescriber"], later)
    assert vouched.faults(pack)
    approve(clinic, pack, people["pharmacist"], later)
    assert vouched.faults(pack) == []
    propose(clinic, pack, "shadow", "", people["prescriber"], later)


def test_what_went_back_between_proposal_and_approval_is_not_approved(people: People) -> None:
    clinic, pack = people["nurse"].clinic, cidp()
    propose(clinic, pack, "shadow", "", people["prescriber"], NOW)
    approved(people, step(1, 1), state="shadow")
    PackState.objects.filter(approved_by=None).update(at=NOW + timedelta(hours=1))
    with pytest.raises(NotUsable, match="is older than"):
        approve(clinic, pack, people["pharmacist"], NOW)
    assert stand(clinic, dataclasses.replace(pack)).state == "draft"
