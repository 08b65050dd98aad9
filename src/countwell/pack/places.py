"""Where packs stand: those that come with Countwell, and those that are named by a path."""

from __future__ import annotations

from pathlib import Path

from countwell.base.errors import Fault, PackError
from countwell.pack.faults import meant

SHIPPED = Path(__file__).resolve().parents[1] / "packs"


def shipped() -> tuple[str, ...]:
    """The names of the packs that come with Countwell."""
    return tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))


def find(name: str, beside: Path | None = None) -> Path:
    """The file of a pack: a path as it is given, or a name, looked for `beside` another pack and then among the shipped.

    Raises PackError if there is none.
    """
    if name.endswith(".yaml") or "/" in name:
        return Path(name)
    folders = [beside, SHIPPED] if beside else [SHIPPED]
    found = next((folder / f"{name}.yaml" for folder in folders if (folder / f"{name}.yaml").is_file()), None)
    if found is None:
        raise PackError([Fault(name, "there is no such pack.", meant(name, shipped()) or "Give the path of its file.")])
    return found
