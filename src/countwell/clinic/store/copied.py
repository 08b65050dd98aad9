"""Everything that is kept of one patient, as one file for them: to read (HTML, PDF) and to take elsewhere (JSON)."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string

from countwell.clinic.models import Held, Patient
from countwell.clinic.store.acted import kinds
from countwell.clinic.store.looked import all_of_patient
from countwell.clinic.store.records import text_of
from countwell.clinic.store.standing import answer_for
from countwell.clinic.store.timeline import timeline
from countwell.paper.page import page, style

ABOUT = ("pid", "number", "name", "born", "phone", "email", "address", "gp", "gp_email", "released")


def copy_of(patient: Patient, at: datetime) -> bytes:
    """A zip: `index.html` first, then the page of today, the record, today's answer, the rest, and each letter."""
    answer, record = answer_for(patient, at)
    shown = {
        "patient": patient,
        "happened": timeline(patient, record, answer.as_of),
        "letters": patient.letters.order_by("made_at"),
        "looks": all_of_patient(patient),
        "at": at,
    }
    parts = {
        "index.html": render_to_string("clinic/copy.html", shown),
        "style.css": style(),
        "today.html": page(answer, record),
        "record.json": text_of(patient),
        "answer.json": _json(answer.to_json()),
        "rest.json": _json(dict(_rest(patient))),
    }
    letters = {f"letters/letter-{one.pk}.pdf": bytes(one.pdf or b"") for one in patient.letters.all()}
    return _zip({**parts, **letters}, at)


def _zip(parts: dict[str, str | bytes], at: datetime) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(zipfile.ZipInfo(name, at.astimezone(UTC).timetuple()[:6]), content, zipfile.ZIP_DEFLATED)
    return kept.getvalue()


def _json(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)


def _rest(patient: Patient) -> Iterator[tuple[str, object]]:
    """What is no event of the record: the person, acts, the answers that they rested on, letters, care, and who has looked."""
    yield "person", {name: getattr(patient, name) for name in ABOUT}
    yield "acts", [_act(one) for one in patient.acts.select_related("by").order_by("at", "pk")]
    reviews = patient.reviews.order_by("pk").values("pk", "as_of", "position", "packs", "answer", "digest")
    yield "answers_acted_on", [{**row, "answer": json.loads(row["answer"] or "null")} for row in reviews]
    yield "letters", list(patient.letters.values("pk", "kind", "to", "way", "subject", "body", "made_at", "state"))
    yield "care", list(patient.relations.values("person__name", "kind", "since", "until", "reason"))
    yield "held", list(Held.objects.filter(patient=patient).values("received_at", "source", "why", "says", "as_sent"))
    yield (
        "looks",
        [
            {"at": one.row.at, "who": one.name, "what": one.row.action, "page": one.row.route}
            for one in all_of_patient(patient)
        ],
    )


def _act(one: object) -> dict[str, object]:
    names = ("pk", "what", "episode", "at", "until", "reason", "note", "review_id")
    fields = {name: getattr(one, name) for name in names}
    return fields | {"says": kinds()[fields["what"]].says, "by": str(getattr(one, "by", ""))}
