"""A field is called by one name: on its page, and where what was typed into it is refused."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from clinic.making import GOOD, LOW, START, patient_of, signed_in
from clinic.test_entered import TYPED
from clinic.test_matrix import NAMED, address
from clinic.test_sent import reader
from countwell.clinic.banner import banner_token
from countwell.clinic.labels import _labels, called_as_shown, label
from countwell.clinic.models import Patient, Person
from countwell.clinic.models.people import CLINICAL
from countwell.clinic.policy import policy

People = dict[str, Person]
WRITTEN = sorted(name for name, ways in policy().routes.items() if "POST" in ways and name in NAMED)
OF_PEOPLE = [name for name in NAMED if not name.startswith(("account_", "mfa_", "openid"))]  # the others are allauth's
OWN = [name for name in WRITTEN if name in OF_PEOPLE]


class Controls(HTMLParser):
    """The controls that a person fills in: to which address, by which name, under which words."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here, self.to, self.found = here, "", []
        self.words: list[list[str]] = []  # of each label and legend around, the innermost last

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self.to = (said.get("action") or self.here) if said.get("method") == "post" else ""
        elif tag in ("label", "fieldset"):
            self.words.append([])
        elif tag in ("input", "select", "textarea") and self.to and said.get("name") and said.get("type") != "hidden":
            around = self.words[-2] if said.get("type") == "radio" else self.words[-1]
            self.found.append((self.to, said["name"], " ".join("".join(around).split())))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("label", "fieldset"):
            self.words.pop()
        self.to = "" if tag == "form" else self.to

    def handle_data(self, data: str) -> None:
        if self.words:
            self.words[-1].append(data)


def controls(browser: Client, here: str) -> Iterator[tuple[str, str, str]]:
    """Of each control on a page the name of the address, its own, and the words it stands under."""
    answer = browser.get(here)
    page = Controls(here)
    page.feed(answer.content.decode() if answer.headers["Content-Type"].startswith("text/html") else "")
    for to, name, words in page.found:
        try:
            yield resolve(to.partition("?")[0]).view_name, name, words
        except Resolver404:
            yield to, name, words


@pytest.fixture
def low(people: People) -> Patient:
    """A patient with something to act on, so that the forms for it are there."""
    return patient_of(people["nurse"].clinic, [people[role] for role in CLINICAL], "9", [START, *GOOD, LOW])


def test_every_field_stands_under_its_label(low: Patient, people: People) -> None:
    browsers = {role: signed_in(one) for role, one in people.items()}
    seen, wrong = set(), []
    for page in sorted(OF_PEOPLE):
        role = reader(page)
        for to, name, words in controls(browsers[role], address(page, low.pid)) if role else ():
            seen.add((to, name))
            if to in OWN and not (label(to, name) and words.startswith(label(to, name))):
                wrong.append((page, to, name, words, label(to, name)))
    assert wrong == []
    assert {("contact", "until"), ("act-otherwise", "why"), ("details", "gp_email"), ("telephone", "fever")} <= seen


def test_no_label_is_of_a_field_that_no_form_has() -> None:
    stray = {(to, name) for to, names in _labels().items() for name in names if name not in policy().fields[to]}
    assert stray == set()


ODD = "²"
ASKED = {
    "missed-dose": {"missed": ODD},
    "pregnancy": {"plan": ODD},
    "travel": {"from": ODD, "to": ODD, "abroad": "yes"},
    "lifestyle": {"topic": ODD},
}


def refusals(browser: Client, low: Patient, name: str) -> Iterator[str]:
    """The pages on which this form is refused when every field holds something odd, and some that are odd in one alone."""
    odd = dict.fromkeys(policy().fields[name], ODD)
    forms = [("", odd)]
    if name == "question":
        forms = [*ASKED.items(), ("travel", {"from": "2026-03-09", "to": "2026-03-01", "abroad": "yes"})]
        forms += [("pregnancy", {"pregnant": ODD})]
    elif name == "signed-step":
        forms += [("", {**odd, "do": "raise", "frequency": "once daily"})]
    elif name == "telephone":
        forms += [("", {"fever": "yes", "fever-value": ODD})]
    elif name == "enter-result":
        forms += [("", {**TYPED, "do": "check", "low": ODD}), ("", {**TYPED, "do": "check", "high": ODD})]
    for path, form in forms:
        token = banner_token(Patient.objects.get(pk=low.pk))
        answer = browser.post(address(name, low.pid).replace("cidp", path or "cidp"), {**form, "banner": token})
        if answer.status_code in (400, 409, 422):
            yield html.unescape(answer.content.decode())


def said_of(page: str) -> str:
    """What a page says of the refusal: its first paragraph, or the notice above the form."""
    notice = re.search(r'role="alert">(.*?)</div>', page, re.DOTALL)
    found = notice or re.search(r"</h1>\s*<p>(.*?)</p>", page, re.DOTALL)
    assert found is not None
    return found[1]


def raw(name: str) -> re.Pattern[str]:
    """The ways in which a field is called by its name: at the beginning, between back-ticks, before an equals sign."""
    own = re.escape(name)
    return re.compile(
        rf"^{own}:|`{own}`|(?<![\w-]){own}=|(?<![\w-]){own}(?![\w-])" if "_" in name else rf"^{own}:|`{own}`|\b{own}="
    )


def test_no_refusal_calls_a_field_by_the_name_that_the_code_gives_it(low: Patient, people: People) -> None:
    browsers = {role: signed_in(one) for role, one in people.items()}
    count, wrong = 0, []
    for name in OWN:
        right = policy().wanted(name, "POST")
        assert right is not None
        role = next(role for role in ("prescriber", "nurse", "pharmacist", "admin", "auditor") if right.has(role))
        for page in refusals(browsers[role], low, name):
            count += 1
            says, typed = said_of(page), set(re.findall(r"<dt>(.*?)</dt>", page.partition("What you typed")[2]))
            wrong += [
                (name, one, says)
                for one in (*policy().fields[name], "normal_high", "normal_low")
                if raw(one).search(says)
            ]
            wrong += [
                (name, one, "what you typed") for one in typed - {label(name, each) for each in policy().fields[name]}
            ]
    assert wrong == []
    assert count > 25


@pytest.mark.parametrize(
    ("route", "says", "shown"),
    [
        ("question", "missed: no such day.", "“When it was due, by the patient's clock”: no such day."),
        ("question", "travel: `to` lies before `from`.", "travel: “To” lies before “From”."),
        ("question", "travel needs from=2026-07-01 and to=2026-07-14.", "travel needs “From” and “To”."),
        ("signed-step", "mg_per_day: 'x' is not a number.", "“Dose, mg a day”: 'x' is not a number."),
        ("stop", "It is up to you to say the reason: which?", "It is up to you to say the reason: which?"),
        ("letters", "Nothing to say.", "Nothing to say."),
    ],
)
def test_what_the_engine_says_of_a_field_is_said_in_the_words_of_the_page(route: str, says: str, shown: str) -> None:
    assert called_as_shown(route, says) == shown


@pytest.mark.parametrize(("name", "says"), [("low", "“Range from”"), ("high", "“Range to”")])
def test_a_typed_end_of_the_range_that_cannot_be_read_is_refused(
    low: Patient, people: People, name: str, says: str
) -> None:
    """Left out silently, the rules would go by no range at all."""
    form = {**TYPED, "do": "check", name: "ten", "banner": banner_token(Patient.objects.get(pk=low.pk))}
    answer = signed_in(people["nurse"]).post(f"/patients/{low.pid}/results/new", form)
    assert (answer.status_code, says in answer.content.decode()) == (422, True)
