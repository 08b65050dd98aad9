"""Every key that a pack may hold: what it is for, what it holds, and whether it is needed.

The reader refuses what does not stand here, and the JSON Schema for editors is made from it. The language itself is described
in `packs/README.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from countwell.model.advice import DRUG, PATIENT, PRECAUTIONS, PRESCRIBER
from countwell.model.answers import QUESTIONS, WORDS
from countwell.model.pack import STATUSES

# text: words for people. name: a name or a word. names: one or several. number: the name of a number. pair: of two numbers.
# span: the name of a number that is a time. figure: a number. condition: a condition. yes: yes or no. version: 1.0.0.
# texts: several texts. keys: the keys of `of`. named: entries of the author's own naming, each with the keys of `of`.
# free: read by a module of its own.
Holds: TypeAlias = Literal[
    "text",
    "name",
    "names",
    "number",
    "pair",
    "span",
    "figure",
    "condition",
    "yes",
    "version",
    "texts",
    "keys",
    "named",
    "free",
]


@dataclass(frozen=True, slots=True)
class Key:
    """One key. words: the only ones allowed; of: the section that `keys` and `named` lead to."""

    says: str
    holds: Holds = "text"
    needed: bool = False
    words: tuple[str, ...] = ()
    of: str = ""


_LADDERS = {
    "drug": Key("what to do with the drug", "name", words=DRUG),
    "patient": Key("how urgently the patient is spoken to or seen", "name", words=PATIENT),
    "prescriber": Key("how soon the prescriber hears", "name", words=PRESCRIBER),
    "precautions": Key("what the patient is to beware of", "names", words=PRECAUTIONS),
    "until": Key("the test group that ends a hold", "name"),
}

_FROM_WHERE = {
    "source": Key("the source, by its name under `sources`", "name"),
    "at": Key("the place in the source"),
    "reading": Key("how an ambiguous sentence was read, by its name under `readings`", "name"),
}

SECTIONS: Mapping[str, Mapping[str, Key]] = {
    "pack": {
        "pack": Key("the name, as the file is called", "name", needed=True),
        "kind": Key("a protocol is followed; a layer goes with one", "name", needed=True, words=("protocol", "layer")),
        "version": Key("three whole numbers with points", "version", needed=True),
        "status": Key("how far it has been agreed", "name", needed=True, words=STATUSES),
        "title": Key("a line for people", needed=True),
        "applies": Key("what it is for", "keys", of="applies"),
        "extends": Key("the pack whose rules it takes over, with other numbers", "keys", of="extends"),
        "tell": Key("where it extends: the sentences of rules told anew", "free"),
        "with": Key("the layers that go with a protocol, in order", "names"),
        "reads": Key("tables of other packs that these rules mention", "names"),
        "sets": Key("named lists of words for `FACT in SET`", "named"),
        "sources": Key("where things are said", "named", needed=True, of="source"),
        "readings": Key("how ambiguous sentences were read", "named", of="reading"),
        "numbers": Key("every number, with its unit and its place in a source", "named", of="number"),
        "facts": Key("which values of a patient are meant", "named"),
        "tables": Key("the rules, by subject", "named", of="table"),
        "statements": Key("what the source says that needs no rule", "named", of="statement"),
        "gaps": Key("what the source leaves blank", "named", of="gap"),
        "cases": Key("worked cases", "named", of="case"),
    },
    "applies": {"condition": Key("the condition that is treated, or several", "names", needed=True)},
    "extends": {
        "pack": Key("its name", "name", needed=True),
        "version": Key("its version, as it was read by those who agreed", "version", needed=True),
    },
    "source": {
        "title": Key("its title", needed=True),
        "kind": Key("label, guideline, expert opinion, local decision, recalled …", needed=True),
        "verified": Key("yes: it was read; no: recalled, or this project's own choice", "yes", needed=True),
        "cite": Key("how to cite it"),
        "url": Key("where it stands"),
        "doi": Key("its DOI"),
        "file": Key("the file in which it is kept"),
    },
    "reading": {
        "says": Key("what the source says", needed=True),
        "read": Key("how it was read", needed=True),
        "because": Key("why", needed=True),
        "rejected": Key("the other ways to read it", "texts", needed=True),
    },
    "number": {
        "value": Key("the number", "figure", needed=True),
        "unit": Key("its unit", needed=True),
        "source": Key("the source, by its name under `sources`", "name", needed=True),
        "at": Key("the place in the source", needed=True),
        "reading": _FROM_WHERE["reading"],
        "verified": Key("where it differs from the source's own `verified`", "yes"),
        "agreed": Key("where it changes another pack's number: who decided it and who checked it", "texts"),
    },
    "table": {
        "clear": Key("when there is nothing to do", "condition"),
        "asks": Key("the questions for which alone it is read", "names", words=tuple(QUESTIONS)),
        "joins": Key(
            "where-silent: only if no earlier pack has such a table", "name", words=("always", "where-silent")
        ),
    },
    "rule": {
        "when": Key("when the rule holds", "condition", needed=True),
        "unless": Key("what, if known to be true, removes the rule", "condition"),
        "advice": Key("what is called for", "keys", of="advice"),
        "due": Key("test groups, or tests, that are wanted", "names"),
        "every": Key("how often they are due", "span"),
        "from": Key("how soon after the last one they may be done", "span"),
        "within": Key("how soon after what made the rule true they are due", "span"),
        "dose": Key("a limit on the dose", "keys", of="dose"),
        "words": Key("further words of the answer", "names", words=tuple(WORDS)),
        "window": Key("a time after a start or stop", "keys", of="window"),
        "reserve": Key("how much more to carry on a journey", "keys", of="reserve"),
        "gate": Key("names the rule in the plan; met when the rule is false"),
        "tell": Key("what is said; `{fact}` prints its value, unit and date", "keys", of="tell"),
        **_FROM_WHERE,
    },
    "advice": {**_LADDERS, "decide-within": Key("how soon a person decides about a hold", "span")},
    "dose": {
        "first": Key("the first dose", "number"),
        "target": Key("the dose aimed at, from and to", "pair"),
        "ceiling": Key("the highest dose: a number, or {times: number, of: dose fact}", "free"),
        "none": Key("no dose at all", "yes"),
        "confirm": Key("above this a named person confirms", "number"),
        "step": Key("the largest rise", "number"),
        "every": Key("the least time between two rises", "span"),
    },
    "ceiling": {
        "times": Key("the share of the dose", "number", needed=True),
        "of": Key("the dose fact", "name", needed=True),
    },
    "window": {
        "after": Key("from when", "name", needed=True, words=("start", "stop")),
        "low": Key("where it begins", "span", needed=True),
        "high": Key("where it ends", "span"),
    },
    "reserve": {
        "days": Key("this much time more", "span"),
        "share": Key("this share more", "number"),
    },
    "tell": {"clinician": Key("to the clinician"), "patient": Key("to the patient")},
    "statement": {
        "says": Key("what is said", needed=True),
        "source": Key("the source, by its name under `sources`", "name", needed=True),
        "at": Key("the place in the source", needed=True),
        "for": Key("whom it is for, if not for all", "name", words=("patient", "clinician")),
    },
    "gap": {
        "says": Key("what is left blank", needed=True),
        "source": Key("the source, by its name under `sources`", "name", needed=True),
        "at": Key("the place in the source", needed=True),
    },
    "case": {
        "table": Key("the table that is tried", "name", needed=True),
        "given": Key("facts with their values, and earlier tables with their outcome", "free", needed=True),
        "advice": Key("advice at least", "keys", of="expected advice"),
        "at-most": Key("advice at most", "keys", of="expected advice"),
        "words": Key("the words of the answer", "names", words=tuple(WORDS)),
        "rules": Key("the rules that surely hold", "names"),
        "not-ruled-out": Key("the rules that cannot be ruled out", "names"),
    },
    "expected advice": _LADDERS,
}
