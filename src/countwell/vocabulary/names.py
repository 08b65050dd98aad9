"""How a word is looked up in a closed list: blanks and letter case do not count, everything else does.

Which list a word stands in, and what it means, is the business of the lists.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping


def key(text: str) -> str:
    """The form in which words are compared: one blank between parts, no letter case, no invisible signs.

    >>> key("  Folic   Acid ")
    'folic acid'
    """
    visible = "".join(sign for sign in text if unicodedata.category(sign) != "Cf") if not text.isascii() else text
    return " ".join(visible.split()).casefold()


def index(entries: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, str]:
    """From every spelling to its one name. `entries`: a name with its other names.

    Raises ValueError if one spelling would lead to two names.
    """
    found: dict[str, str] = {}
    for name, others in entries:
        for spelling in (name, *others):
            if found.setdefault(key(spelling), name) != name:
                raise ValueError(f"{spelling!r} leads to {found[key(spelling)]!r} and to {name!r}.")
    return found
