"""Which rules may be used here: proven, signed by a key that the clinic named, none older than what was approved. ADR 0019."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from countwell.clinic.models import Clinic, PackState
from countwell.model.pack import Pack
from countwell.pack.certificate import is_proven, rules_hash
from countwell.pack.signature import is_signed
from countwell.pack.versions import numbers, version

FOLDER = "signatures"  # in the data folder
NOT_PROVEN = (
    "has no certificate for its rules. Whoever runs Countwell makes one: countwell packs prove {name} --certify."
)
NOT_SIGNED = "is signed by no key of COUNTWELL_PACK_KEYS: countwell packs sign {name}."
OLDER = (
    "is older than {approved}, which was approved at {clinic}. Install that release again, or have it withdrawn first."
)
OTHER = "has other rules than the {approved} that was approved at {clinic}, under the same version."


def unfit(pack: Pack) -> Iterator[str]:
    """Why a pack may not be used at all: not proven; not signed, where the clinic has named keys."""
    says = []
    if not is_proven(pack):
        says.append(NOT_PROVEN)
    if settings.PACK_KEYS and not is_signed(pack, Path(settings.DATA) / FOLDER, settings.PACK_KEYS):
        says.append(NOT_SIGNED)
    yield from (f"{pack.name} {pack.version} {one.format(name=pack.name)}" for one in says)


def gone_back(clinic: Clinic, pack: Pack) -> Iterator[str]:
    """Why a pack is not what this clinic went on to: older than the approved one, or of the same version and changed."""
    last = PackState.objects.filter(clinic=clinic, pack=pack.name).exclude(approved_by=None).order_by("at", "pk").last()
    if last is None or last.state == "withdrawn" or last.digest == rules_hash(pack):
        return
    approved, now = numbers(last.version), version(pack)
    if now <= approved:
        says = OLDER if now < approved else OTHER
        yield f"{pack.name} {pack.version} {says.format(approved=last.version, clinic=clinic)}"


def faults(pack: Pack) -> list[str]:
    """All that is wrong with a pack, at any clinic here."""
    return [*unfit(pack), *(says for clinic in Clinic.objects.order_by("pk") for says in gone_back(clinic, pack))]
