"""The packs under which somebody acted, kept word for word: what rested on them can be made again after they have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from django.conf import settings

from countwell.clinic.models import KeptPack
from countwell.model.pack import Pack
from countwell.pack.certificate import rules_hash


def named(pack: Pack) -> str:
    """A pack by name and version."""
    return f"{pack.name} {pack.version}"


def hashes(packs: Iterable[Pack]) -> dict[str, str]:
    """Each pack, by name and version, with the hash of its rules."""
    return {named(pack): rules_hash(pack) for pack in packs}


def keep(packs: Iterable[Pack]) -> None:
    """Keeps the files of packs that are not kept yet."""
    for pack in packs:
        files = [[Path(file).name, Path(file).read_text(encoding="utf-8")] for file in pack.files]
        KeptPack.objects.get_or_create(named=named(pack), digest=rules_hash(pack), defaults={"files": files})


def laid_out(rules: str, protocol: str, packs: Mapping[str, str]) -> Path | None:
    """The file of a protocol in a folder that holds these packs as they were; `None` if one of them was not kept.

    rules: one hash of them all, which names the folder; packs: name and version: hash of the rules.
    """
    found = [KeptPack.objects.filter(named=name, digest=digest).first() for name, digest in packs.items()]
    kept = [one for one in found if one is not None]
    own = next((one for one in kept if one.named.partition(" ")[0] == protocol), None)
    if own is None or len(kept) != len(packs):
        return None
    folder = Path(settings.DATA) / "rules" / rules
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (file for one in kept for file in one.files):
        if not (folder / name).exists():
            (folder / name).write_text(text, encoding="utf-8")
    return folder / str(own.files[0][0])
