"""What somebody had typed when their session ran out: kept for the same account for 15 minutes, shown once, saved nowhere else.

Labelled fields of the clinic's own forms alone; what signs somebody in has no label. Whose it was is told by the session that
ran out, which must still fit the account's password.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django.utils.crypto import constant_time_compare

from countwell.clinic.banner import of_patient
from countwell.clinic.models import Person, Typed
from countwell.clinic.policy import policy

KEPT = timedelta(minutes=15)
LONGEST = 20_000  # signs

Fields = Sequence[tuple[str, str]]


def keep(request: HttpRequest, fields: Fields) -> str:
    """Keeps what was typed, in the place of what was kept before; gives the page that shows it. "" if nothing is kept."""
    person = request.user if isinstance(request.user, Person) else _who_was_here(request)
    page = _page_of(request)
    if person is None or not fields or not page or sum(len(text) for _, text in fields) > LONGEST:
        return ""
    kept = {"at": request.at, "page": page, "fields": list(fields)}
    Typed.objects.update_or_create(person=person, defaults=kept)
    return page


def take(person: Person, page: str, at: datetime) -> Fields:
    """What this person had typed on this page, if it is not too old; it is forgotten by that."""
    found = Typed.objects.filter(person=person, page=page).first()
    if found is None:
        return []
    found.delete()
    return [(says, text) for says, text in found.fields] if timedelta() <= at - found.at < KEPT else []


def forget_old(at: datetime) -> None:
    """What nobody has come back for."""
    Typed.objects.exclude(at__gt=at - KEPT, at__lte=at).delete()


def forget_patient(pid: str) -> None:
    """What was typed on the pages of a patient who is erased."""
    Typed.objects.filter(page__contains=pid).delete()


def _who_was_here(request: HttpRequest) -> Person | None:
    """Whose session has run out in this browser; `None` if it was ended, or the password is another since."""
    row = Session.objects.filter(session_key=request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")).first()
    said = row.get_decoded() if row is not None else {}
    person = Person.objects.filter(pk=said.get(SESSION_KEY), is_active=True).first()
    if person is None or not constant_time_compare(said.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash()):
        return None
    return person


def _page_of(request: HttpRequest) -> str:
    """The page with the form: where the browser came from, if it is a page of the same patient; else the form's own address."""
    match = request.resolver_match
    pid = match.kwargs.get("pid") if match is not None else None
    if pid is not None and of_patient(request.POST.get("banner", "")) != pid:
        return ""
    came, own = urlsplit(request.headers.get("Referer", "")), request.path
    pages = [came.path, own] if came.netloc == request.get_host() else [own]
    return next((page for page in pages if _is_page(page, pid)), "")


def _is_page(path: str, pid: str | None) -> bool:
    try:
        found = resolve(path)
    except Resolver404:
        return False
    right = policy().wanted(found.view_name or "", "GET")
    return right is not None and right.of in ("clinic", "patient") and found.kwargs.get("pid") == pid
