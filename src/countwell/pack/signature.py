"""The signature of a key (Ed25519) under a pack: whoever holds the key vouches for these files, these rules and their proof.

It stands apart from the pack, as `NAME.signature.json` in a folder, so that one pack can be signed by several hospitals.
Keys are written as 64 hexadecimal digits; a private one is a file that its holder keeps.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Collection
from dataclasses import asdict
from pathlib import Path

from countwell.base.errors import Fault, PackError, UsageError
from countwell.model.pack import Pack
from countwell.pack.certificate import is_proven, read_certificate

SCHEMA = "countwell.pack-signature/1"
OWNER_ONLY = stat.S_IRUSR | stat.S_IWUSR


def new_key(place: Path) -> str:
    """Writes a new private key into a file that its owner alone can read; gives the public key.

    Raises UsageError if there is a file already.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    made = Ed25519PrivateKey.generate()
    try:
        with os.fdopen(os.open(place, os.O_CREAT | os.O_WRONLY | os.O_EXCL, OWNER_ONLY), "w") as file:
            file.write(made.private_bytes_raw().hex() + "\n")
    except OSError as error:
        raise UsageError(
            f"{place}: the key cannot be written: {error.strerror}. Choose a file that is not there."
        ) from error
    return made.public_key().public_bytes_raw().hex()


def sign(pack: Pack, key: Path) -> str:
    """The signature of a private key under a pack, as its file holds it.

    Raises PackError if the pack has no certificate for just these rules, UsageError if the file holds no key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if not is_proven(pack):
        says = f"{pack.name} {pack.version} is not proven: it is not signed."
        raise PackError([Fault(pack.path, says, f"Run `countwell packs prove {pack.name} --certify`.")])
    try:
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key.read_text(encoding="ascii").strip()))
    except (OSError, ValueError) as error:
        raise UsageError(f"{key}: this is no key. `countwell packs key FILE` makes one.") from error
    signed = {"key": private.public_key().public_bytes_raw().hex(), "signature": private.sign(_vouched(pack)).hex()}
    return json.dumps({"schema": SCHEMA, "pack": pack.name, "version": pack.version, **signed}, indent=2) + "\n"


def is_signed(pack: Pack, folder: Path, keys: Collection[str]) -> bool:
    """Whether one of these keys has signed the pack as it is now: each file to the letter, and its proof."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        sent = json.loads(path(pack.name, folder).read_text(encoding="utf-8"))
        if sent["schema"] != SCHEMA or sent["key"] not in keys or not is_proven(pack):
            return False
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(sent["key"]))
        public.verify(bytes.fromhex(sent["signature"]), _vouched(pack))
    except (OSError, ValueError, TypeError, KeyError, InvalidSignature):
        return False
    return True


def path(name: str, folder: Path) -> Path:
    """Where the signature of a pack stands."""
    return folder / f"{name}.signature.json"


def _vouched(pack: Pack) -> bytes:
    """What is signed: the certificate of the rules, and every file of the pack, its sentences too."""
    certificate = read_certificate(pack)
    files = [[Path(file).name, hashlib.sha256(Path(file).read_bytes()).hexdigest()] for file in pack.files]
    content = {"schema": SCHEMA, "certificate": asdict(certificate) if certificate else None, "files": files}
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
