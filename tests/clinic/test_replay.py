"""Every act that changes treatment rests on a kept review, and the review is made again byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from clinic.making import LOW, LOWISH, NOW, result, signed_in
from clinic.test_acting import ALLOPURINOL, STOP, act, ill
from countwell.clinic.models import Act, Event, KeptPack, Patient, Person, Review
from countwell.clinic.store import kept_packs, reviews
from countwell.clinic.store.records import append
from countwell.pack.load import find

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


def moved(to: Path) -> None:
    """The packs as another release has them: of another version, and cidp warns of white cells at another number."""
    for name in ("cidp", "added-safety", "everyday"):
        text = find(name).read_text(encoding="utf-8")
        changed = text.replace("version: ", "version: 9").replace("wbc_warn: {value: 3.0", "wbc_warn: {value: 2.8")
        (to / f"{name}.yaml").write_text(changed, encoding="utf-8")


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, other packs are installed; what is kept is laid out in a folder of the test."""
    monkeypatch.setattr("django.conf.settings.DATA", tmp_path)

    def install() -> None:
        moved(tmp_path)
        monkeypatch.setattr("countwell.pack.places.SHIPPED", tmp_path)
        monkeypatch.setattr("countwell.questions.ask._JOINED", {})

    return install


def test_under_packs_that_have_changed_since_a_review_is_made_again_by_those_of_then(
    patient: Patient, people: People, next_release: Callable[[], None]
) -> None:
    ill(patient, LOWISH)
    kept = reviews.keep(patient, NOW)
    next_release()
    replay = reviews.again(kept)
    assert replay.same
    assert replay.kept
    assert replay.says.endswith("Made again under those of then: the same answer, byte for byte.")
    assert (reviews.compared().same, reviews.compared().changed, reviews.compared().differ) == (1, 0, 0)


def test_where_the_packs_of_then_were_not_kept_that_is_said_and_is_no_fault(
    patient: Patient, people: People, next_release: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ill(patient, LOWISH)
    monkeypatch.setattr(kept_packs, "keep", lambda packs: None)
    kept = reviews.keep(patient, NOW)
    next_release()
    replay = reviews.again(kept)
    assert not replay.same
    assert "Those of then were not kept. Under the rules of now the answer differs." in replay.says
    assert (reviews.compared().changed, reviews.compared().differ) == (1, 0)


def test_a_kept_pack_that_is_not_that_of_then_any_more_is_not_used(
    patient: Patient, people: People, next_release: Callable[[], None], tmp_path: Path
) -> None:
    ill(patient, LOWISH)
    kept = reviews.keep(patient, NOW)
    next_release()
    assert reviews.again(kept).kept
    file = tmp_path / "rules" / kept.rules / "cidp.yaml"
    file.write_text((tmp_path / "cidp.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    assert not reviews.again(kept).kept


def test_packs_are_kept_once_however_often_somebody_acts(patient: Patient) -> None:
    reviews.keep(patient, NOW)
    count = KeptPack.objects.count()
    assert count == 3
    reviews.keep(patient, NOW + timedelta(hours=1))
    assert KeptPack.objects.count() == count


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
