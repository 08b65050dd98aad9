"""A valid document with a few of its parts changed: what careless senders do, and what nobody does."""

from __future__ import annotations

import copy
import json
from typing import Any

from .choices import Choices

# What stands for a token that json.dumps would not write: `{RAW}1e999` becomes 1e999.
RAW = "@raw:"
NUMBERS = (
    "0 -0 1 -1 1.8 2.0 2.99 3.0 4.6 6.1 45 240 3000 9999999 0.0000001 1e3 1e13 1e308 1e999 1e-999 -1e999 00 .5 5. 1_0 +3 0x10 "
    "99999999999999999999 <0.5 <=2 >90 >=1 <0 <-1 >1e400 ≤3 < > <> ^182 1,8 2,26 1.234,5 1'000 1 000 NaN nan sNaN inf Infinity "
    "-Infinity ３.０ ٣ 3．0 1/2 ½ 10² 45% clotted haemolysed pending see_comment DNR negative positive - . e E5 "
    "999999 999999.999999 0.000001"
).split()
TEXTS = (
    "",
    " ",
    "\x00",
    "\t6.0\n",
    "6.0\u200b",
    "\u202e0.6",
    "\ufeff6.0",
    "\u00ad",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "&amp;",
    "]]>",
    "{{7*7}}",
    "%s%n",
    "../../etc/passwd",
    "'; drop table results; --",
    "\x1b[31mred",
    "x" * 300,
    "9" * 5000,
    "\N{MATHEMATICAL BOLD DIGIT THREE}",
    "İ",
    "ß",
    "µmol/L",
    "μmol/L",
)
UNITS = (
    "10*9/L 10^9/L 10*3/uL 10*6/L /uL /mL /L K/uL x10E9/L G/L Thousand/uL cells/uL % g/dL g/L mmol/L umol/L mg/dL U/L IU/L "
    "ukat/L fL kg [lb_av] Cel [degF] {ratio} 1 mg {tbl} lakhs/cumm 10 9/L ^9/L"
).split()
DATES = (
    "2026-03-01 2026-03-01T09:00:00-05:00 2026-03-01T14:00:00Z 2026-03-02T09:59:59-05:00 2026-03-03 2027-01-01 2025-03-01 "
    "2019 2019-05 03/04/2026 04.03.2026 20260301 2026-13-01 2026-02-30 2026-02-29 0000-00-00 0001-01-01 9999-12-31 "
    "0001-01-01T00:00:00+14:00 9999-12-31T23:59:59-12:00 9999-12-31T23:59:59.999999999Z 2026-03-01T24:00:00Z "
    "2026-03-01T23:59:60Z 2026-03-01T09:00 2026-03-08T02:30:00-05:00 2025-11-02T01:30:00-04:00 2026-03-01T09:00:00+99:00 "
    "2026-03-01T09:00:00-00:00 2026-3-1 -2026-03-01 ２０２６-03-01 now 1752"
).split()
WORDS = (
    "final preliminary corrected amended cancelled entered-in-error registered unknown F P C X W active stopped completed "
    "on-hold draft order proposal start raise reduce hold restart stop refuse accept transfer-in transfer-out result decision "
    "symptom medicine weight history genotype circumstance vaccination dose-taken dose-missed died label note test-ordered "
    "list-confirmed wbc neutrophils hb platelets alt ast tpmt nudt15 tgn azathioprine mercaptopurine allopurinol fever "
    "pregnant pancreatitis influenza TPMT NUDT15 *1/*1 *3A/*3A *1/*3A cidp mg aih everyday added-safety medicines allergies "
    "male female UTC Europe/London Asia/Kathmandu Pacific/Apia Etc/GMT+12 other leucopenia liver 6690-2 26464-8 11156-7 "
    "http://loinc.org http://unitsofmeasure.org loinc rxnorm 1256 105611 once_daily p1 Patient/p2 #1 w"
).split()

Path = tuple[Any, ...]


def changed(document: Any, choices: Choices, least: int = 0) -> Any:
    """A copy with some of its parts changed, taken away, doubled, or put elsewhere."""
    new = copy.deepcopy(document)
    for _ in range(least + choices.below(4)):
        new = _change(new, choices)
    return new


def odd(choices: Choices) -> Any:
    """A value that may stand anywhere, and seldom rightly."""
    match choices.below(11):
        case 0:
            return choices.one_of((None, True, False, [], {}, [None], {"a": {}}, [[[]]], {"value": "1"}))
        case 1 | 2:
            return choices.one_of(NUMBERS)
        case 3:
            return RAW + choices.one_of(
                ("0", "1", "-1", "6.1", "1e5", "1e999", "-0.0", "1" + "0" * 400, "3.00", "9999999")
            )
        case 4:
            return choices.one_of(TEXTS)
        case 5:
            return choices.one_of(UNITS)
        case 6 | 7:
            return choices.one_of(DATES)
        case 8 | 9:
            return choices.one_of(WORDS).replace("_", " ")
        case _:
            return choices.text()


def odd_text(choices: Choices) -> str:
    """The same, as a text."""
    value = odd(choices)
    return value.removeprefix(RAW) if isinstance(value, str) else str(value)


def _change(document: Any, choices: Choices) -> Any:
    paths = list(_paths(document, ()))
    if not paths:
        return document
    path = choices.one_of(paths)
    holder, place = _at(document, path[:-1]), path[-1]
    match choices.below(9):
        case 0:
            del holder[place]
        case 1 if isinstance(holder, list):
            holder.append(copy.deepcopy(holder[place]))
        case 1:
            holder[choices.one_of(WORDS)] = holder[place]
        case 2:
            holder[place] = copy.deepcopy(_at(document, choices.one_of(paths)))
        case 3:
            holder[place] = [holder[place]]
        case 4 if isinstance(holder, list):
            holder.reverse()
        case 5 if isinstance(holder[place], str):
            holder[place] = _misspelt(holder[place], choices)
        case _:
            holder[place] = odd(choices)
    return document


def _misspelt(text: str, choices: Choices) -> str:
    place = choices.below(len(text) + 1)
    put = choices.one_of(("", " ", ".", ",", "0", "9", "<", "-", "\u200b", "x", "\n", "É"))
    return text[:place] + put + text[place + choices.below(2) :]


def _paths(node: Any, path: Path) -> list[Path]:
    if isinstance(node, dict):
        inside = [((*path, name), child) for name, child in node.items()]
    elif isinstance(node, list):
        inside = [((*path, place), child) for place, child in enumerate(node)]
    else:
        return []
    return [found for below, child in inside for found in (below, *_paths(child, below))]


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def as_json(document: Any) -> str:
    """The document as JSON text, with the tokens that no JSON library writes."""
    text = json.dumps(document, ensure_ascii=False)
    parts = text.split(f'"{RAW}')
    return parts[0] + "".join(token + rest for token, _, rest in (part.partition('"') for part in parts[1:]))


def scrambled(data: bytes, choices: Choices) -> bytes:
    """The bytes with a few of them changed, taken out, put in, or cut off."""
    new = bytearray(data)
    for _ in range(1 + choices.below(4)):
        place = choices.below(len(new) + 1)
        match choices.below(6):
            case 0:
                del new[place:]
            case 1:
                del new[place : place + 1 + choices.below(8)]
            case 2:
                new[place:place] = choices.one_of(
                    (b"\x00", b"\xff", b"\xef\xbb\xbf", b'"', b"[", b"{", b"\n", b",", b"\\", b"\r")
                )
            case 3:
                new[place:place] = new[place : place + 1 + choices.below(200)]
            case 4:
                new[place : place + 1] = odd_text(choices).encode("utf-8", "replace")
            case _:
                new[place : place + 1] = bytes([choices.below(256)])
    return bytes(new)
