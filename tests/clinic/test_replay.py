"""Every act that changes treatment rests on a kept review, and the review is made again byte for byte."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic.making import NOW, result, signed_in
from clinic.test_acting import ALLOPURINOL, STOP, act, ill
from clinic.test_worklist import LOW, LOWISH
from countwell.clinic.models import Act, Event, Patient, Person, Review
from countwell.clinic.store import reviews
from countwell.clinic.store.records import append

People = dict[str, Person]


def stop(patient: Patient, who: Person) -> int:
    """A stop by the button that is always there."""
    browser = signed_in(who)
    page = browser.get(f"/patients/{patient.pid}/stop").content.decode()
    token = page.partition('name="banner" value="')[2].partition('"')[0]
    return browser.post(f"/patients/{patient.pid}/stop", {"banner": token, "reason": "liver"}).status_code


def test_a_stop_is_an_act_that_names_its_event_and_the_review_before_it(patient: Patient, people: People) -> None:
    ill(patient, LOWISH)
    assert stop(patient, people["nurse"]) == 302
    one = Act.objects.get(what="stop")
    assert one.event is not None
    assert (one.event.kind, one.by, one.reason) == ("decision", people["nurse"], "liver")
    assert one.review is not None
    assert one.review.position == one.event.position - 1
    assert '"state": "active"' in one.review.answer


def everything(patient: Patient, people: People) -> None:
    """A morning: less, more, as advised, a stop, feedback."""
    ill(patient, LOWISH)
    form = {"do": "less", "why": "long-known"}
    assert act(patient, people["prescriber"], "act/otherwise", **form)[0] == 302
    append(patient, [LOW | {"id": "w2"}, ALLOPURINOL], None, NOW)
    assert act(patient, people["nurse"], **STOP)[0] == 302
    assert act(patient, people["prescriber"], note="seen, agreed with the stop")[0] == 302


def test_every_review_is_made_again_byte_for_byte_whatever_came_later(patient: Patient, people: People) -> None:
    everything(patient, people)
    later = [
        result("wbc", "6.0", "2026-03-03", id="w9"),
        result("wbc", "5.5", "2026-03-01", id="w1", status="corrected"),
    ]
    append(patient, later, None, NOW + timedelta(days=2))
    kept = list(Review.objects.all())
    assert len(kept) >= 3
    assert {reviews.again(one).same for one in kept} == {True}


@pytest.mark.parametrize("field", ["answer", "position"])
def test_a_review_that_was_changed_is_seen(patient: Patient, people: People, field: str) -> None:
    ill(patient, LOWISH)
    kept = reviews.keep(patient, NOW)
    changed = {"answer": kept.answer.replace("2.9", "3.9"), "position": kept.position - 1}
    setattr(kept, field, changed[field])
    assert reviews.again(kept).same is False


def test_the_page_of_a_decision_shows_what_it_rested_on_and_that_it_replays(patient: Patient, people: People) -> None:
    everything(patient, people)
    browser = signed_in(people["nurse"])
    for one in Act.objects.exclude(review=None):
        page = browser.get(f"/patients/{patient.pid}/decisions/{one.pk}").content.decode()
        assert "the same answer, byte for byte" in page
    assert Event.objects.filter(kind="decision").count() == 2
    assert browser.get(f"/patients/{patient.pid}/decisions/999999").status_code == 404
