"""Signing in at the hospital: a small provider answers, as it should or with one thing wrong; only a true token lets anybody in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from pytest_django import Settings

from clinic.making import person
from clinic.provider import CLIENT, SECRET, Provider
from clinic.test_signing_in import code_of
from countwell.base.errors import UsageError
from countwell.clinic.hospital import FAILED, UNKNOWN
from countwell.clinic.models import Clinic, Person
from countwell.clinic.oidc import providers


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    """One for all tests here: its key takes a while."""
    made = Provider()
    yield made
    made.close()


@pytest.fixture
def hospital(server: Provider, settings: Settings) -> Provider:
    """As it should be, and set in the clinic."""
    server.claims, server.said, server.moved, server.sign = {}, {}, False, server.signed
    settings.SOCIALACCOUNT_PROVIDERS = providers(f"{server.address} {CLIENT} {SECRET}")
    return server


@pytest.fixture
def nurse(clinic: Clinic, hospital: Provider) -> Person:
    """Somebody of staff, whom the next token names."""
    made = person(clinic, "nurse")
    hospital.claims = {"email": made.email}
    return made


def browser() -> Client:
    """Nobody is signed in."""
    return Client(headers={"host": "localhost"})


def set_out(one: Client, hospital: Provider) -> str:
    """To the hospital; the state that comes back from there."""
    answer = one.get("/sign-in/hospital")
    to = urlsplit(answer.headers["Location"])
    asked = parse_qs(to.query)
    assert f"{to.scheme}://{to.netloc}" == hospital.address
    assert asked["redirect_uri"] == ["http://localhost/sign-in/hospital/back"]
    hospital.challenge = asked["code_challenge"][0]
    return asked["state"][0]


def come_back(one: Client, state: str) -> str:
    """From the hospital; where the clinic sends on to."""
    answer = one.get("/sign-in/hospital/back", {"code": "a-code", "state": state, "_redir": ""})
    return str(answer.headers.get("Location", answer.status_code))


def signs_in(hospital: Provider) -> tuple[Client, str]:
    """The whole way; the browser, and where it ended."""
    one = browser()
    return one, come_back(one, set_out(one, hospital))


def told(one: Client) -> str:
    """The page to sign in, with what it says."""
    return one.get("/sign-in").content.decode().replace("&#x27;", "'")


def test_staff_are_in_after_the_hospital_and_the_second_step(nurse: Person, hospital: Provider) -> None:
    one, to = signs_in(hospital)
    assert to == "/sign-in/second-step"
    assert one.get("/today").headers["Location"] == "/sign-in"
    assert one.post(to, {"code": code_of(nurse)}).headers["Location"] == "/"
    assert one.get("/today").status_code == 200


def test_the_same_subject_is_the_same_account_whatever_its_address_is_now(nurse: Person, hospital: Provider) -> None:
    signs_in(hospital)
    hospital.claims = {"email": "married@elsewhere.example"}
    assert signs_in(hospital)[1] == "/sign-in/second-step"
    assert SocialAccount.objects.get().user == nurse


def test_another_subject_with_the_address_of_an_account_that_has_one_is_not_let_in(
    nurse: Person, hospital: Provider
) -> None:
    signs_in(hospital)
    hospital.claims = {"email": nurse.email, "sub": "s-2"}
    one, to = signs_in(hospital)
    assert to == "/sign-in"
    assert UNKNOWN in told(one)


def test_the_role_comes_from_the_clinic_and_never_from_the_token(nurse: Person, hospital: Provider) -> None:
    hospital.claims |= {"role": "admin", "roles": ["admin"], "groups": ["admins"]}
    signs_in(hospital)
    nurse.refresh_from_db()
    assert nurse.role == "nurse"


@pytest.mark.parametrize(
    "change",
    [{"email": "nobody@clinic.example"}, {"email_verified": False}, {"email_verified": None}, {"email": None}],
    ids=["unknown", "not verified", "not said", "none"],
)
def test_whom_the_clinic_does_not_know_is_told_so_and_no_account_is_made(
    nurse: Person, hospital: Provider, change: dict[str, object]
) -> None:
    before = Person.objects.count()
    hospital.claims |= change
    one, to = signs_in(hospital)
    assert to == "/sign-in"
    assert UNKNOWN in told(one)
    assert (Person.objects.count(), SocialAccount.objects.count()) == (before, 0)


@pytest.mark.parametrize("field", [{"is_active": False}, {"role": "patient"}, {"role": "integrator"}], ids=str)
def test_only_an_open_account_of_staff_is_let_in(nurse: Person, hospital: Provider, field: dict[str, object]) -> None:
    Person.objects.filter(pk=nurse.pk).update(**field)
    assert signs_in(hospital)[1] == "/sign-in"


def test_an_account_closed_since_is_not_let_in(nurse: Person, hospital: Provider) -> None:
    signs_in(hospital)
    Person.objects.filter(pk=nurse.pk).update(is_active=False)
    assert signs_in(hospital)[1] == "/sign-in"


def unsigned(hospital: Provider) -> Callable[[dict[str, object]], str]:
    """Tokens of the kind that says it needs no signature."""

    def makes(claims: dict[str, object]) -> str:
        parts = ({"alg": "none", "kid": "one"}, claims)
        return (
            ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
        )

    return makes


def signed_by_what_everybody_knows(hospital: Provider) -> Callable[[dict[str, object]], str]:
    """Tokens signed with the public key taken for a shared secret."""

    def makes(claims: dict[str, object]) -> str:
        known = hospital.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        parts = [
            base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
            for part in ({"alg": "HS256", "kid": "one"}, claims)
        ]
        seal = hmac.new(known, b".".join(parts), hashlib.sha256).digest()
        return b".".join([*parts, base64.urlsafe_b64encode(seal).rstrip(b"=")]).decode()

    return makes


WRONG: dict[str, Callable[[Provider], object]] = {
    "another issuer": lambda one: one.claims.update(iss="https://elsewhere.example"),
    "for another client": lambda one: one.claims.update(aud="another"),
    "expired": lambda one: one.claims.update(exp=int(time.time()) - 1),
    "never ends": lambda one: one.claims.update(exp=None),
    "of nobody": lambda one: one.claims.update(sub=None),
    "unsigned": lambda one: setattr(one, "sign", unsigned(one)),
    "signed by what everybody knows": lambda one: setattr(one, "sign", signed_by_what_everybody_knows(one)),
    "signed by another key": lambda one: setattr(one, "sign", lambda claims: one.signed(claims, one.other)),
    "signed by a key nobody knows": lambda one: setattr(one, "sign", lambda claims: one.signed(claims, kid="two")),
    "signed in a way that nobody agreed on": lambda one: setattr(
        one, "sign", lambda claims: one.signed(claims, alg="RS512")
    ),
    "changed": lambda one: setattr(one, "sign", lambda claims: one.signed(claims)[:-6] + "AAAAAA"),
    "no token": lambda one: setattr(one, "sign", lambda claims: ""),
    "nonsense": lambda one: setattr(one, "sign", lambda claims: "x.y.z"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_token_with_one_thing_wrong_lets_nobody_in(nurse: Person, hospital: Provider, what: str) -> None:
    WRONG[what](hospital)
    one, to = signs_in(hospital)
    assert to == "/sign-in"
    assert FAILED in told(one)
    assert not SocialAccount.objects.exists()


def test_a_token_is_used_once(nurse: Person, hospital: Provider) -> None:
    hospital.claims |= {"jti": f"once-{time.time()}"}
    assert signs_in(hospital)[1] == "/sign-in/second-step"
    assert signs_in(hospital)[1] == "/sign-in"


def test_a_state_comes_back_once_and_to_the_browser_that_set_out(nurse: Person, hospital: Provider) -> None:
    one = browser()
    state = set_out(one, hospital)
    assert come_back(browser(), state) == "/sign-in"
    assert come_back(one, state) == "/sign-in/second-step"
    assert come_back(one, state) == "/sign-in"
    assert come_back(one, "made-up") == "/sign-in"


def test_the_code_of_another_browser_is_refused(nurse: Person, hospital: Provider) -> None:
    one, other = browser(), browser()
    state = set_out(one, hospital)
    set_out(other, hospital)
    assert come_back(one, state) == "/sign-in"


def test_nobody_is_sent_to_a_hospital_that_speaks_for_another(nurse: Person, hospital: Provider) -> None:
    hospital.said = {"issuer": "https://elsewhere.example"}
    one = browser()
    assert one.get("/sign-in/hospital").headers["Location"] == "/sign-in"
    assert FAILED in told(one)


def test_a_hospital_that_has_moved_is_not_followed(nurse: Person, hospital: Provider) -> None:
    hospital.moved = True
    assert browser().get("/sign-in/hospital").headers["Location"] == "/sign-in"


def test_an_account_cannot_be_joined_to_another_subject_by_the_address(nurse: Person, hospital: Provider) -> None:
    assert browser().get("/sign-in/hospital?process=connect").status_code == 422


@pytest.mark.parametrize("error", ["access_denied", "login_required", "x"])
def test_whoever_turns_back_at_the_hospital_is_at_the_sign_in_again(
    nurse: Person, hospital: Provider, error: str
) -> None:
    one = browser()
    state = set_out(one, hospital)
    answer = one.get("/sign-in/hospital/back", {"error": error, "state": state, "_redir": ""})
    assert answer.headers["Location"] == "/sign-in"


def test_the_strict_cookie_is_met_by_one_page_in_between(nurse: Person, hospital: Provider) -> None:
    page = browser().get("/sign-in/hospital/back", {"code": "a-code", "state": "x"}).content.decode()
    assert page.count("<h1>") == 1
    assert 'content="0;URL=' in page


def test_the_way_stands_on_the_page_to_sign_in_only_where_there_is_one(
    db: None, hospital: Provider, settings: Settings
) -> None:
    assert "/sign-in/hospital" in told(browser())
    settings.SOCIALACCOUNT_PROVIDERS = providers("")
    assert "/sign-in/hospital" not in told(browser())
    assert browser().get("/sign-in/hospital").status_code == 404
    assert browser().get("/sign-in/hospital/back").status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "https://sso.example", "https://sso.example id", "https://sso.example id secret more", "http://sso.example id secret",
        "sso.example id secret", "https:// id secret", "https://me:pass@sso.example id secret", "https://sso.example?x=1 id secret",
        "file:///etc/passwd id secret", "@", "@/no/such/file",
    ],
)  # fmt: skip
def test_half_a_setting_keeps_the_clinic_from_starting(text: str) -> None:
    with pytest.raises(UsageError, match="COUNTWELL_OIDC"):
        providers(text)


def test_the_three_words_can_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "oidc").write_text("https://sso.example\nid\nsecret\n")
    (app,) = providers(f"@{tmp_path / 'oidc'}")["openid_connect"]["APPS"]
    assert (app["client_id"], app["secret"], app["settings"]["server_url"]) == ("id", "secret", "https://sso.example")
    assert providers("")["openid_connect"]["APPS"] == []
