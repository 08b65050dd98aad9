"""The repository names no host it was made on, and its locks carry hashes and no addresses."""

import re

import pytest

from house.source import ROOT, kept_files

# Put together from parts, so that this file does not hold what it looks for.
FORBIDDEN = tuple(
    "".join(parts)
    for parts in (
        ("/wo", "rk/"),
        ("/tm", "p/"),
        ("/ro", "ot/"),
        ("py", "pi.org"),
        ("files.python", "hosted.org"),
        ("np", "mjs"),
        (".lib", "rary"),
        ("../sh", "ared"),
    )
)
BEFORE = re.compile(r"[\w.]")  # after one of these it is the end of another word
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def places_in(text: str) -> list[str]:
    """The forbidden words that a text holds, each standing at the start of a word."""
    return [word for word in FORBIDDEN if _stands_alone(word, text)]


def _stands_alone(word: str, text: str) -> bool:
    starts = (found.start() for found in re.finditer(re.escape(word), text, re.IGNORECASE))
    return any(start == 0 or word[0].isalpha() or not BEFORE.match(text[start - 1]) for start in starts)


def unhashed(lock: str) -> list[str]:
    """The requirements of a lock that are not pinned to one version with a hash."""
    entries = [line for line in lock.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    return [entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry]


def test_no_kept_file_names_the_machine_it_was_made_on():
    found = {
        str(path.relative_to(ROOT)): places_in(path.read_text(encoding="utf-8", errors="ignore"))
        for path in kept_files()
    }
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("word", FORBIDDEN)
def test_a_planted_place_is_found(word):
    assert places_in(f"see {word}x") == [word]


def test_parts_of_other_words_pass():
    assert places_in("frame" + FORBIDDEN[0] + " and my" + FORBIDDEN[6]) == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_locks_have_hashes_and_no_addresses(lock):
    text = lock.read_text(encoding="utf-8")
    assert unhashed(text) == []
    assert "://" not in text
    assert "--index" not in text


def test_all_locks_are_there():
    assert {lock.name for lock in LOCKS} >= {"core.txt", "test.txt", "fuzz.txt", "uv.txt"}


@pytest.mark.parametrize("planted", ["click>=8", "click==8.5.1", "click==8.5.1 \\\n    ; x\nrich==1 --hash=sha256:ab"])
def test_a_planted_loose_requirement_is_found(planted):
    assert unhashed(planted) == [planted.split()[0]]


def test_the_core_is_a_part_of_the_test_lock():
    core, test = (
        _pinned((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")) for name in ("core", "test")
    )
    assert core - test == set()


def _pinned(lock: str) -> set[str]:
    """Names with versions, and hashes; on which platforms or versions a package is wanted may differ between the two."""
    return {line.partition(" ;")[0].rstrip(" \\") for line in lock.splitlines()}
