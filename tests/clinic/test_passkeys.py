"""Passkeys beside codes: one's own alone, and what no passkey signed lets nobody in. In a browser: tests/browser/test_passkeys.py."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator

from clinic.making import PASSWORD, person, signed_in
from clinic.test_signing_in import sign_in
from countwell.clinic.models import Clinic, Person


def passkey(of: Person, name: str = "Ward computer") -> Authenticator:
    """A passkey that is kept; nothing has ever signed with it."""
    return Authenticator.objects.create(
        user=of, type=Authenticator.Type.WEBAUTHN, data={"name": name, "credential": {}}
    )


FORGED = (
    "", "x", "7", "[]", "{}", "null", '"x"', '{"id": 1}', '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {
        "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": None}}),
)  # fmt: skip


@pytest.mark.parametrize("sent", FORGED, ids=range(len(FORGED)))
def test_what_no_passkey_signed_lets_nobody_in(clinic: Clinic, sent: str) -> None:
    one, to, _ = sign_in(person(clinic, "nurse").email, PASSWORD)
    one.get(to)
    answer = one.post(to, {"credential": sent})
    assert answer.status_code in (200, 422)
    assert one.get("/today").headers["Location"] == "/sign-in"


@pytest.mark.parametrize("sent", FORGED, ids=range(len(FORGED)))
def test_what_no_authenticator_made_is_kept_as_no_passkey(clinic: Clinic, sent: str) -> None:
    nurse = person(clinic, "nurse")
    one = signed_in(nurse)
    one.post(one.get("/my-account/passkeys/new").headers["Location"], {"password": PASSWORD})
    assert one.get("/my-account/passkeys/new").status_code == 200
    answer = one.post("/my-account/passkeys/new", {"name": "x", "credential": sent})
    assert answer.status_code in (200, 422)
    assert not Authenticator.objects.filter(user=nurse, type=Authenticator.Type.WEBAUTHN).exists()


def test_ones_own_passkeys_are_listed_and_nobody_elses_removed(clinic: Clinic) -> None:
    nurse, admin = person(clinic, "nurse"), person(clinic, "admin")
    mine, theirs = passkey(nurse), passkey(admin, "Home")
    one = signed_in(nurse)
    page = one.get("/my-account/passkeys").content.decode()
    assert "Ward computer" in page
    assert "Home" not in page
    again = one.get(f"/my-account/passkeys/{theirs.pk}/remove").headers["Location"]
    one.post(again, {"password": PASSWORD})
    assert one.post(f"/my-account/passkeys/{theirs.pk}/remove").status_code == 404
    assert one.post(f"/my-account/passkeys/{mine.pk}/remove").headers["Location"] == "/my-account/passkeys"
    assert list(Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN)) == [theirs]


def test_a_passkey_is_offered_to_whoever_has_one(clinic: Clinic) -> None:
    nurse = person(clinic, "nurse")
    one, to, _ = sign_in(nurse.email, PASSWORD)
    assert "Use a passkey" not in one.get(to).content.decode()
