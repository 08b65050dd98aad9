"""Cuts a condition into its tokens, and says what is wrong with what is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from countwell.base.spans import OPS

_TOKEN = re.compile(r"\s*(?:([A-Za-z_][\w-]*)|(\d[\w.,/*%-]*|\.\d+)|([<>=!≤≥≠]+)|([()])|(&&?|\|\|?|.))", re.DOTALL)
_INSTEAD = {
    "=": "`is` for words, `>=` or `<=` for numbers",
    "==": "`is` for words, `>=` or `<=` for numbers",
    "!=": "`not … is …`",
    "≠": "`not … is …`",
    "<>": "`not … is …`",
    "=<": "`<=`",
    "=>": "`>=`",
    "≤": "`<=`",
    "≥": "`>=`",
    "!": "`not`",
    "&": "`and`",
    "&&": "`and`",
    "|": "`or`",
    "||": "`or`",
    ",": "`and` or `or`",
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong in a condition: what, and what to do."""

    what: str
    do: str = ""


class Stop(Exception):
    """What follows in the condition cannot be made out."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.wrong = Wrong(what, do)


def tokens(text: str) -> list[str]:
    """The words, comparisons and brackets of a condition. Raises Stop at the first thing that is none."""
    found: list[str] = []
    for match in _TOKEN.finditer(text.strip()):
        word, figure, op, bracket, other = match.groups()
        if figure:
            raise Stop("a condition holds no figures:", f"give {figure} a name under `numbers`.")
        if other or (op and op not in OPS):
            raise _odd(other or op)
        found.append(word or op or bracket)
    return found


def _odd(token: str) -> Stop:
    if token in _INSTEAD:
        return Stop(f"`{token}` is not known here.", f"Write {_INSTEAD[token]}.")
    if token in "+-*/%":
        return Stop(f"`{token}`: a condition does no arithmetic.", "Make a fact or a number of it.")
    return Stop(f"`{token}` is not known here.", "Take it out.")
