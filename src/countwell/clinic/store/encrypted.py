"""A file made readable by one key alone, by the program `age`: what lies about in backups is then of no use to a finder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from django.conf import settings

from countwell.base.errors import StoreError

ENDING, OWNER_ONLY = ".age", 0o600
NO_AGE = "COUNTWELL_ENCRYPT_TO is set, and there is no program `age` on this machine. Install it; nothing was kept."
FAILED = "`age` could not encrypt it, so nothing was kept. It has said why above; look at COUNTWELL_ENCRYPT_TO."
DECRYPT = "It is encrypted. Decrypt it first: age --decrypt --identity KEY --output clinic.sqlite3 {}"


def wanted() -> bool:
    """Whether files that are kept are to be encrypted."""
    return bool(settings.ENCRYPT_TO)


def first(folder: Path) -> Path:
    """Where a file is written to begin with: in its folder, or in the data folder until it is encrypted."""
    return Path(settings.DATA) if wanted() else folder


def kept(made: Path, folder: Path) -> Path:
    """The file in its folder: as it was written, or encrypted to the key of the settings. Gives where it is now.

    Raises StoreError if it cannot be encrypted; then it is deleted, never kept as it was.
    """
    if not wanted():
        return made
    try:
        return _encrypted(made, folder / f"{made.name}{ENDING}")
    finally:
        made.unlink()


def _encrypted(made: Path, target: Path) -> Path:
    program = shutil.which("age")
    if program is None:
        raise StoreError(NO_AGE)
    done = subprocess.run([program, "--recipient", settings.ENCRYPT_TO, "--output", str(target), str(made)])
    if done.returncode or not target.exists():
        target.unlink(missing_ok=True)
        raise StoreError(FAILED)
    target.chmod(OWNER_ONLY)
    return target
