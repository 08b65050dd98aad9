"""The key that signs sessions and banners: made once, kept in the data folder, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

BYTES = 48


def secret_key(folder: Path) -> str:
    """The key of the environment, else of the folder; the first call makes it. Two processes at once get the same."""
    if given := os.environ.get("COUNTWELL_SECRET"):
        return given
    path = folder / "secret"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(BYTES))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")
