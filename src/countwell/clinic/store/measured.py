"""The measures of a clinic's own register for a month that is over: the clinic's records through the pass over populations.

Only the finished page is kept, in which small numbers are hidden; the register itself is gone when it is written. A month is
measured once, and counts are rounded down to tens, so that nobody is found by comparing two pages.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from countwell.clinic.models import Clinic, Patient
from countwell.clinic.store.records import record_of
from countwell.clinic.store.report import STEP

TITLE = "Azathioprine monitoring"


def page_of(clinic: Clinic, first: date) -> Path | None:
    """The page of a month, by its first day; `None` if it has not been made."""
    path = _path(clinic, first)
    return path if path.is_file() else None


def measure(clinic: Clinic, first: date) -> Path:
    """Makes the page of the month that begins on `first`, as of its last day, and keeps it; one that was made stays as it is.

    Takes what the pass over populations takes. Raises CohortError or StoreError as that does.
    """
    from countwell.cohort.measured import measured
    from countwell.cohort.of_record import write_records
    from countwell.cohort.report.page import report_page
    from countwell.cohort.report.told import in_steps
    from countwell.cohort.report.whole import about, remarks, told

    if (made := page_of(clinic, first)) is not None:
        return made
    last = _following(first) - timedelta(days=1)
    patients = Patient.objects.filter(clinic=clinic).order_by("pk").select_related("clinic")
    with TemporaryDirectory() as folder:
        found = measured(write_records(map(record_of, patients.iterator()), Path(folder) / "register"), last, None)
    said = [in_steps(STEP), *remarks(found)]
    text = report_page(TITLE, about(found, clinic.name, STEP), told(found, STEP), last, said)
    path = _path(clinic, first)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    return part.replace(path)


def month_before(today: date) -> date:
    """The first day of the last month that is over."""
    return (today.replace(day=1) - timedelta(days=1)).replace(day=1)


def _following(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _path(clinic: Clinic, first: date) -> Path:
    return Path(settings.DATA) / "measures" / f"{clinic.pk}-{first:%Y-%m}.html"
