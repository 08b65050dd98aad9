"""A pack is signed to the letter, by one key, and only what is proven is signed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from countwell.base.errors import PackError, UsageError
from countwell.cli.packs import packs
from countwell.model.pack import Pack
from countwell.pack.load import SHIPPED, find, shipped
from countwell.pack.read import read_pack
from countwell.pack.signature import is_signed, new_key, path, sign


def read(folder: Path) -> Pack:
    return read_pack(folder / "everyday.yaml", cases=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a pack, its certificate, a key, and the signature of that key."""
    shutil.copy(SHIPPED / "everyday.yaml", tmp_path)
    (tmp_path / "certificates").mkdir()
    shutil.copy(SHIPPED / "certificates" / "everyday.json", tmp_path / "certificates")
    (tmp_path / "public").write_text(new_key(tmp_path / "key"))
    path("everyday", tmp_path).write_text(sign(read(tmp_path), tmp_path / "key"))
    return tmp_path


def signed(folder: Path) -> bool:
    return is_signed(read(folder), folder, {(folder / "public").read_text()})


def test_what_a_named_key_has_signed_is_signed(folder: Path) -> None:
    assert signed(folder)
    assert (folder / "key").stat().st_mode & 0o077 == 0


def test_without_its_signature_it_is_not(folder: Path) -> None:
    path("everyday", folder).unlink()
    assert not signed(folder)


def test_a_key_that_was_not_named_signs_nothing(folder: Path) -> None:
    assert not is_signed(read(folder), folder, set())
    assert not is_signed(read(folder), folder, {new_key(folder / "another")})


@pytest.mark.parametrize("file", ["everyday.yaml", "certificates/everyday.json"])
def test_one_letter_of_the_pack_or_its_proof_makes_it_unsigned(folder: Path, file: str) -> None:
    text = (folder / file).read_text()
    letter = {"everyday.yaml": ("\ntitle: ", "\ntitle: X"), "certificates/everyday.json": ('"by": "', '"by": "x')}[file]
    assert text.count(letter[0]) == 1
    (folder / file).write_text(text.replace(*letter))
    assert not signed(folder)


@pytest.mark.parametrize(
    "change",
    [{"key": "0" * 64}, {"signature": "0" * 128}, {"signature": "no"}, {"key": 1}, {"schema": "x"}, {"key": None}],
)
def test_a_signature_that_was_changed_is_none(folder: Path, change: dict[str, object]) -> None:
    place = path("everyday", folder)
    place.write_text(json.dumps(json.loads(place.read_text()) | change))
    assert not signed(folder)
    assert not is_signed(read(folder), folder, {str(change.get("key"))})


def test_rules_without_a_proof_are_not_signed(folder: Path) -> None:
    (folder / "certificates" / "everyday.json").unlink()
    assert not signed(folder)
    with pytest.raises(PackError, match="not proven"):
        sign(read(folder), folder / "key")


def test_a_key_is_never_written_over_and_a_file_that_is_none_signs_nothing(folder: Path) -> None:
    before = (folder / "key").read_text()
    with pytest.raises(UsageError, match="cannot be written"):
        new_key(folder / "key")
    assert (folder / "key").read_text() == before
    for wrong in ("", "00", "not hexadecimal"):
        (folder / "none").write_text(wrong)
        with pytest.raises(UsageError, match="no key"):
            sign(read(folder), folder / "none")


def test_the_commands_make_a_key_and_sign_with_it(tmp_path: Path) -> None:
    told = CliRunner().invoke(packs, ["key", str(tmp_path / "key")])
    public = told.output.split()[-1]
    made = CliRunner().invoke(
        packs, ["sign", "--all", "--key", str(tmp_path / "key"), "--into", str(tmp_path / "signatures")]
    )
    assert made.exit_code == 0, made.output
    for name in shipped():
        assert is_signed(read_pack(find(name), cases=False), tmp_path / "signatures", {public}), name
