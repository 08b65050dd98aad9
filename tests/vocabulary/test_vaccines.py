"""Vaccines by product: the live ones, the others, and the names that ask which."""

import pytest

from countwell.vocabulary.vaccines import live_vaccines, vaccine_named, vaccines

LIVE = """BCG; yellow fever; MMR; varicella; Zostavax; influenza, nasal; FluMist; LAIV; oral polio; oral typhoid Ty21a;
rotavirus; MMRV; dengue; Ixchiq; Ebola rVSV; smallpox, replicating; zoster, live"""
NOT_LIVE = """influenza, injected; flu shot; COVID-19; pneumococcal; hepatitis A; hepatitis B; Tdap; HPV; meningococcal; IPV;
Vi typhoid; rabies; Ixiaro; Shingrix; zoster, recombinant"""
ASKS = "influenza; flu vaccine; shingles; zoster vaccine; typhoid; polio; cholera; smallpox; japanese encephalitis"


def listed(text: str) -> list[str]:
    return [" ".join(name.split()) for name in text.split(";")]


@pytest.mark.parametrize("text", listed(LIVE))
def test_live(text: str) -> None:
    name = vaccine_named(text)
    assert name is not None
    assert vaccines()[name].live is True
    assert name in live_vaccines()


@pytest.mark.parametrize("text", listed(NOT_LIVE))
def test_not_live(text: str) -> None:
    name = vaccine_named(text)
    assert name is not None
    assert vaccines()[name].live is False


@pytest.mark.parametrize("text", listed(ASKS))
def test_a_disease_with_live_and_other_products_asks_which(text: str) -> None:
    name = vaccine_named(text)
    assert name is not None
    vaccine = vaccines()[name]
    assert vaccine.live is None
    assert {vaccines()[choice].live for choice in vaccine.choices} == {True, False}
    assert all(choice in vaccine.question for choice in vaccine.choices)


def test_unlisted_is_not_known_and_only_ambiguous_names_ask() -> None:
    assert vaccine_named("snake oil") is None
    assert all(bool(vaccine.question) == (vaccine.live is None) for vaccine in vaccines().values())
