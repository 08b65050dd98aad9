"""The hospital's own sign-in (OpenID Connect), from one setting. Half a setting keeps the clinic from starting."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from countwell.base.errors import UsageError

NAME = "hospital"
HERE = ("localhost", "127.0.0.1", "::1")
WANTED = (
    "COUNTWELL_OIDC wants three words: address, id and secret of the hospital's sign-in; or @ and a file with them."
)
PLAIN = (
    "COUNTWELL_OIDC: the address must begin with https:// and hold a host alone, with no name, question or fragment."
)


def providers(text: str) -> dict[str, Any]:
    """What allauth wants to know. text: `address id secret`, or `@file` with these; empty: there is no such sign-in.

    Raises UsageError if one of the three is missing, the file cannot be read, or the address is not encrypted.
    """
    words = _read(text).split() if text.strip() else []
    apps = [_app(*words)] if _whole(words) else []
    return {"openid_connect": {"APPS": apps, "OAUTH_PKCE_ENABLED": True}}


def _read(text: str) -> str:
    if not text.startswith("@"):
        return text
    try:
        return Path(text[1:].strip()).read_text(encoding="utf-8") or "@"
    except OSError as error:
        raise UsageError(f"COUNTWELL_OIDC: the file cannot be read ({error.strerror}).") from error


def _whole(words: list[str]) -> bool:
    if len(words) not in (0, 3):
        raise UsageError(WANTED)
    return bool(words)


def _app(address: str, client: str, secret: str) -> dict[str, Any]:
    parts = urlsplit(address)
    encrypted = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    if not encrypted or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise UsageError(PLAIN)
    own = {"server_url": address, "fetch_userinfo": False}
    return {"provider_id": NAME, "name": "Hospital", "client_id": client, "secret": secret, "settings": own}
