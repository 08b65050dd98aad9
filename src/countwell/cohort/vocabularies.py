"""The word lists of a store: every place in a column of places, and the word that stands there.

Fixed lists are the vocabulary as it was when the store was written; growing ones take up what was met (laboratories, zones,
findings …). A word that no list knows is place 0; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TypeAlias

from countwell.base.errors import CohortError
from countwell.model.facts import WHY
from countwell.vocabulary import genes, lists
from countwell.vocabulary.medicines import classes, medicines
from countwell.vocabulary.symptoms import symptoms
from countwell.vocabulary.tests import tests

Said: TypeAlias = Mapping[str, Sequence[str]]

DECISIONS = "start raise reduce hold restart stop refuse accept transfer-in transfer-out".split()
NOT_LISTED = "not listed"

FIXED: Mapping[str, Callable[[], Sequence[str]]] = {
    "tests": lambda: ["", *tests()],
    "whys": lambda: ["", *WHY],
    "dos": lambda: ["", *DECISIONS],
    "frequencies": lambda: ["", NOT_LISTED, *lists.entries("frequencies")],
    "reasons": lambda: ["", *lists.entries("reasons")],
    "symptoms": lambda: ["", *symptoms()],
    "medicines": lambda: ["", *medicines(), *(name for name in classes() if name not in medicines())],
    "lists": lambda: ["", "medicines", "history", "allergies"],
    "histories": lambda: ["", *lists.entries("histories")],
    "causes": lambda: ["", *medicines()],
    "genes": lambda: ["", *genes.genes()],
    "phenotypes": lambda: sorted(genes.ANY),
    "circumstances": lambda: ["", *lists.entries("circumstances")],
    "not_used": lambda: ["", "result", "symptom", "name", "patient", "other"],
}

# What each growing list begins with, and how many words its column can tell apart.
BYTE, SHORT, WORD = 2**8, 2**15, 2**16
GROWING: Mapping[str, tuple[Callable[[], Sequence[str]], int]] = {
    "zones": (lambda: ["UTC"], BYTE),
    "sexes": (lambda: ["", "female", "male"], BYTE),
    "countries": (lambda: [""], BYTE),
    "conditions": (lambda: ["", *lists.entries("conditions")], BYTE),
    "protocols": (lambda: [""], BYTE),
    "labs": (lambda: [""], WORD),
    "findings": (lambda: [""], SHORT),
}


@cache
def details() -> Mapping[str, Sequence[str]]:
    """What may be said of each symptom, in the order in which its bits stand."""
    return {name: list(symptom.details) for name, symptom in symptoms().items() if symptom.details}


@cache
def upper_limits() -> Mapping[str, Sequence[str]]:
    """Between which limits the upper limit of a test is believed: a store holds no other."""
    return {name: [str(end) for end in one.upper_limits] for name, one in tests().items() if one.upper_limits}


class Words:
    """The lists of one store. `place` gives the place of a word; a growing list takes up a word that it does not hold yet."""

    def __init__(self, words: Mapping[str, Sequence[str]] | None = None) -> None:
        """words: the lists of a store that exists; without them those of a new one."""
        given = words or {name: make() for name, make in FIXED.items()} | {
            n: make() for n, (make, _) in GROWING.items()
        }
        self.lists: dict[str, list[str]] = {name: list(row) for name, row in given.items()}
        self._places = {name: {word: place for place, word in enumerate(row)} for name, row in self.lists.items()}

    def place(self, name: str, word: str | None) -> int:
        """The place of a word in a list: 0 for None, and for a word that a fixed list does not hold.

        Raises CohortError if a growing list would hold more words than its column can tell apart.
        """
        found = self._places[name].get(word or "")
        if found is not None or not word:
            return found or 0
        return self._take_up(name, word) if name in GROWING else 0

    def _take_up(self, name: str, word: str) -> int:
        row, most = self.lists[name], GROWING[name][1]
        if len(row) >= most:
            raise CohortError(f"more than {most} different {name}. Map them to fewer words before the import.")
        self._places[name][word] = len(row)
        row.append(word)
        return len(row) - 1


def refuse_others(where: str, words: Mapping[str, Sequence[str]], said: Said, limits: Said) -> None:
    """Raises CohortError, naming the list, if a store was written with other lists than this Countwell holds.

    words: the lists of its manifest; said: what may be said of each symptom; limits: `upper_limits`.
    """
    if {name: list(row) for name, row in limits.items()} != upper_limits():
        raise CohortError(f"{where}: written with other upper limits in use. Import it again with this Countwell.")
    for name, make in FIXED.items():
        if list(words.get(name, ())) != list(make()):
            raise CohortError(f"{where}: written with another list of {name}. Import it again with this Countwell.")
    for name, (make, _) in GROWING.items():
        if list(words.get(name, ()))[: len(make())] != list(make()):
            raise CohortError(f"{where}: written with another list of {name}. Import it again with this Countwell.")
    if {name: list(row) for name, row in said.items()} != details():
        raise CohortError(f"{where}: written with other details of symptoms. Import it again with this Countwell.")
