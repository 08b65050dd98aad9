"""What somebody ordered has a clock of its own: late from the day after its day, until its result came or it was withdrawn."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from clinic.making import CALM, LOWISH, NOW, banner_of, patient_of, result, signed_in
from countwell.base.dates import of_instant
from countwell.clinic.models import Act, Patient, Person
from countwell.clinic.refused import NotUsable
from countwell.clinic.store import acting, ordered
from countwell.clinic.store.letters import text_of
from countwell.clinic.store.records import append
from countwell.clinic.store.reminders import carry
from countwell.clinic.store.standing import answer_for, here, run_rules
from countwell.clinic.store.worklist import Item, worklist

People = dict[str, Person]
UNTIL = date(2026, 3, 10)  # the schedule of these patients wants nothing before 20 March
LATER = date(2026, 4, 1)
DAYS = [datetime(2026, 3, day, 9, tzinfo=NOW.tzinfo) for day in (9, 10, 11)]
PENDING = {"kind": "test-ordered", "test": "tgn", "at": "2026-02-20"}
GENE = {"kind": "test-ordered", "test": "nudt15", "at": "2026-02-20", "status": "pending"}
EARLY = result("wbc", "4.1", "2026-03-01", id="w1") | {"status": "preliminary", "received": "2026-03-01T12:00:00Z"}


@pytest.fixture
def calm(people: People) -> Patient:
    """A patient for whom nothing is called for."""
    return patient_of(people["nurse"].clinic, [people["prescriber"], people["nurse"]], events=CALM, released=True)


def listed(who: Person, at: datetime) -> Item:
    """The one row of a list, the rules run as of that instant."""
    run_rules(Patient.objects.get(), at)
    (item,) = [item for group in worklist(who, at, {}).groups for item in group.items]
    return item


def tgn(calm: Patient, people: People, until: date = UNTIL) -> None:
    """A metabolite, which no schedule wants."""
    ordered.order(calm, "tgn", until, people["nurse"], here(calm, NOW))


@pytest.mark.parametrize(
    ("at", "late", "group"), [*zip(DAYS, (0, 0, 1), ("Nothing called for",) * 2 + ("Late",), strict=True)]
)
def test_what_no_schedule_wants_is_late_from_the_day_after_its_day(
    calm: Patient, people: People, at: datetime, late: int, group: str
) -> None:
    tgn(calm, people)
    item = listed(people["nurse"], at)
    assert (item.late, item.group) == (late, group)


def test_the_row_the_call_list_and_the_chart_name_it(
    calm: Patient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    tgn(calm, people)
    monkeypatch.setattr("countwell.clinic.guard.now", lambda: DAYS[2] + timedelta(days=7))
    browser = signed_in(people["nurse"])
    pages = [browser.get(at).content.decode() for at in ("/today", "/today/calls", f"/patients/{calm.pid}")]
    for page in pages:
        assert "ordered 2 Mar 2026" in page.replace("\u00a0", " ")
    assert "8 d late" in pages[2]
    assert "Call the patient" in pages[1]


def test_a_reminder_names_it(calm: Patient) -> None:
    append(calm, [PENDING], None, NOW)
    body = text_of(calm, "remind-after", "patient", *answer_for(calm, NOW + timedelta(days=5))).replace("\u00a0", " ")
    assert "was due by 6 Mar 2026" in body


@pytest.mark.parametrize(("taken", "late"), [("2026-03-01", 1), ("2026-03-02", 0), ("2026-03-05", 0)])
def test_a_final_result_taken_on_the_day_of_the_order_or_later_answers_it(
    calm: Patient, people: People, taken: str, late: int
) -> None:
    tgn(calm, people)
    append(calm, [result("tgn", "250", taken, "pmol/8 x 10^8 RBC")], None, DAYS[0])
    assert listed(people["nurse"], DAYS[2]).late == late


@pytest.mark.parametrize("more", [{"status": "preliminary"}, {"status": "cancelled"}, {"value": "clotted"}])
def test_what_is_not_final_or_cannot_be_used_answers_nothing(
    calm: Patient, people: People, more: dict[str, str]
) -> None:
    tgn(calm, people)
    append(calm, [result("tgn", "250", "2026-03-05", "pmol/8 x 10^8 RBC") | more], None, DAYS[0])
    assert listed(people["nurse"], DAYS[2]).late >= 1


@pytest.mark.parametrize(("days", "late"), [(13, 0), (14, 0), (15, 1)])
def test_an_order_without_a_day_of_its_own_has_that_of_the_clinic(
    calm: Patient, people: People, days: int, late: int
) -> None:
    append(calm, [PENDING], None, NOW)
    at = datetime(2026, 2, 20, 9, tzinfo=NOW.tzinfo) + timedelta(days=days)
    assert listed(people["nurse"], at).late == late


@pytest.mark.parametrize(("days", "late"), [(27, 0), (28, 0), (29, 1)])
def test_a_genotype_that_was_ordered_is_named_when_it_does_not_come(people: People, days: int, late: int) -> None:
    bare = [one for one in CALM if one.get("gene") != "NUDT15"]
    patient_of(people["nurse"].clinic, [people["nurse"]], events=[*bare, GENE])
    (patient,) = Patient.objects.all()
    at = datetime(2026, 2, 20, 9, tzinfo=NOW.tzinfo) + timedelta(days=days)
    (order,) = ordered.open_orders(patient, answer_for(patient, at)[1], here(patient, at))
    assert order.late(here(patient, at).day) == late
    append(patient, [{"kind": "genotype", "gene": "NUDT15", "result": "*1/*1", "at": "2026-03-20"}], None, at)
    assert not ordered.open_orders(
        patient, answer_for(patient, NOW.replace(month=4))[1], here(patient, NOW.replace(month=4))
    )


@pytest.mark.parametrize(("day", "late"), [(7, 0), (8, 0), (9, 1)])
def test_a_preliminary_report_whose_final_one_does_not_come_is_late(
    calm: Patient, people: People, day: int, late: int
) -> None:
    append(calm, [EARLY], None, NOW)
    assert listed(people["nurse"], datetime(2026, 3, day, 9, tzinfo=NOW.tzinfo)).late == late
    append(
        calm, [EARLY | {"id": "w2", "replaces": "w1", "status": "final", "received": "2026-03-05T12:00:00Z"}], None, NOW
    )
    assert listed(people["nurse"], datetime(2026, 3, day, 9, tzinfo=NOW.tzinfo)).late == 0


def test_the_patient_gets_no_reminder_of_a_final_report(calm: Patient, people: People) -> None:
    calm.email = "ash@post.example"
    calm.save()
    append(calm, [EARLY], None, NOW)
    at = datetime(2026, 3, 9, 9, tzinfo=NOW.tzinfo)
    run_rules(calm, at)
    assert carry(calm.clinic, at) == {}
    tgn(calm, people, date(2026, 3, 8))
    run_rules(calm, at)
    assert carry(calm.clinic, at) == {"sent": 1}


def test_whoever_watches_it_is_waited_for_by_the_day_they_gave(people: People) -> None:
    patient = patient_of(people["nurse"].clinic, [people["prescriber"]], events=[*CALM, LOWISH])
    form = {"do": "monitor", "why": "long-known", "until": "2026-03-05", "note": "It has been so for years; looked up."}
    acting.less(patient, form, people["prescriber"], NOW)
    (order,) = ordered.open_orders(patient, answer_for(patient, NOW)[1], here(patient, NOW))
    assert (order.group, order.until, order.on) == ("cbc", date(2026, 3, 5), NOW.date())
    patient.standing.refresh_from_db()
    assert patient.standing.due["cbc"] == "2026-03-05"
    part = result("wbc", "4.4", "2026-03-03", id="w2")  # the rules are content; the rest of the count has not come
    append(patient, [part], None, NOW + timedelta(days=2))
    (order,) = ordered.open_orders(patient, answer_for(patient, DAYS[0])[1], here(patient, DAYS[0]))
    assert "wbc" not in order.lacks


def test_of_tests_of_which_one_is_enough_one_answers(calm: Patient, people: People) -> None:
    ordered.order(calm, "liver", UNTIL, people["nurse"], here(calm, NOW))
    append(calm, [result("alt", "20", "2026-03-05", "U/L", normal_high="40")], None, DAYS[0])
    assert not ordered.open_orders(calm, answer_for(calm, DAYS[2])[1], here(calm, DAYS[2]))


def test_neutrophils_ordered_beside_a_count_wait_by_themselves(calm: Patient, people: People) -> None:
    """Of a laboratory that never sends them the count still comes."""
    ordered.note_orders(calm, {"cbc": UNTIL, "neutrophils": LATER}, here(calm, NOW).at, people["nurse"], NOW)
    stamp = here(calm, NOW).at.isoformat()
    append(calm, ordered.events_of(["cbc", "neutrophils"], stamp), people["nurse"], NOW)
    append(calm, [result(*one, "2026-03-05") for one in (("wbc", "4.0"), ("platelets", "250"))], None, DAYS[0])
    append(calm, [result("hb", "140", "2026-03-05", "g/L")], None, DAYS[0])
    left = ordered.open_orders(calm, answer_for(calm, DAYS[2])[1], here(calm, DAYS[2]))
    assert [(one.group, one.lacks, one.until) for one in left] == [("neutrophils", ("neutrophils",), LATER)]


def test_it_is_withdrawn_with_a_reason_and_stands_in_the_timeline(calm: Patient, people: People) -> None:
    tgn(calm, people, NOW.date())
    browser, page = signed_in(people["nurse"]), f"/patients/{calm.pid}/orders"
    key = Act.objects.get(what="order").episode
    sent = {"order": key, "why": "too short", "banner": banner_of(browser, page)}
    assert browser.post(f"{page}/withdraw", sent).status_code == 422
    assert browser.post(f"{page}/withdraw", sent | {"why": "Taken by mistake: the GP has done it."}).status_code == 302
    assert listed(people["nurse"], DAYS[2]).late == 0
    assert "withdrew an order" in browser.get(f"/patients/{calm.pid}").content.decode()
    assert "Nothing is waited for" in browser.get(page).content.decode()
    again = sent | {"why": "Taken by mistake: the GP has done it.", "banner": banner_of(browser, page)}
    assert browser.post(f"{page}/withdraw", again).status_code == 422


@pytest.mark.parametrize(
    "sent",
    [{"test": "none"}, {"until": ""}, {"until": "2026-03-01"}, {"until": f"{(NOW + timedelta(days=93)).date()}"}],
)
def test_an_order_without_test_or_day_is_not_made(calm: Patient, people: People, sent: dict[str, str]) -> None:
    browser, page = signed_in(people["nurse"]), f"/patients/{calm.pid}/orders"
    form = {"test": "cbc", "until": "2026-03-10", "banner": banner_of(browser, page)}
    assert browser.post(page, form | sent).status_code == 422
    assert not Act.objects.exists()
    assert browser.post(page, form).status_code == 302
    assert of_instant(NOW, NOW.tzinfo).day == ordered.open_orders(calm, answer_for(calm, NOW)[1], here(calm, NOW))[0].on


def test_an_order_of_another_service_counts_too_and_a_cancelled_one_does_not(calm: Patient) -> None:
    append(calm, [PENDING, PENDING | {"test": "vzv-igg", "status": "cancelled"}], None, NOW)
    assert [one.group for one in ordered.open_orders(calm, answer_for(calm, NOW)[1], here(calm, NOW))] == ["tgn"]


def test_an_order_by_which_somebody_watches_is_not_withdrawn_before_that_day_is_over(
    calm: Patient, people: People
) -> None:
    """Watching without an order would be no watching."""
    append(calm, [LOWISH], None, NOW)
    watch = {"do": "monitor", "why": "long-known", "until": "2026-03-03", "note": ""}
    acting.less(calm, watch, people["prescriber"], NOW)
    order = ordered.open_orders(calm, answer_for(calm, NOW)[1], here(calm, NOW))[0]
    with pytest.raises(NotUsable, match="watches a finding"):
        ordered.withdraw(calm, order.key, "Not needed any more.", [order], people["nurse"], NOW)
    ordered.withdraw(calm, order.key, "Not needed any more.", [order], people["nurse"], NOW + timedelta(days=2))
