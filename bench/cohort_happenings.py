"""What happened to drawn patients beside laboratory results: decisions, weights, symptoms, medicines, lists, genes, deaths.

Each happening is one row of a table of columns, in words of the vocabulary: a store and FHIR are both written from it.
"""

from dataclasses import dataclass

import numpy as np
from cohort_drawn import AS_OF_DAY, People

DAY_RATE = 4  # a plan raises the dose about every four weeks


@dataclass(frozen=True, slots=True)
class Happenings:
    """m rows of one kind: columns of length m. who: place within the chunk; what: place in `words`; minute -1: no time.

    amount: mg or grams or 0; more: present 1, absent 0, not known 2, or a kind's own; end: a day, or -1 if open.
    """

    kind: str
    words: tuple[str, ...]
    who: np.ndarray
    day: np.ndarray
    minute: np.ndarray
    what: np.ndarray
    amount: np.ndarray
    more: np.ndarray
    end: np.ndarray


UNKNOWN_DAY = -(10**6)


def happenings(of: People, draw: np.random.Generator) -> list[Happenings]:
    """All kinds. Nothing lies after AS_OF_DAY."""
    return [
        _decisions(of, draw),
        _weights(of, draw),
        _symptoms(of, draw),
        _medicines(of, draw),
        *_said_once(of, draw),
    ]


def _decisions(of: People, draw: np.random.Generator) -> Happenings:
    """Start or take-over, raises, for some a reduction or a hold with its restart, for fewer a stop or a hand-over."""
    count = len(of)
    begun = np.flatnonzero(of.start <= AS_OF_DAY)
    taken_over = draw.random(count) < 0.03
    parts = [
        (
            begun,
            of.start[begun],
            np.where(taken_over[begun], _do("transfer-in"), _do("start")),
            np.full(len(begun), 50_000),
        )
    ]
    raises = np.minimum(draw.integers(1, 5, count), np.maximum(of.kg // 18 - 1, 1)).astype(int)
    last = of.start.copy()
    for number in range(1, 5):
        some = begun[raises[begun] >= number]
        last[some] = last[some] + 7 * DAY_RATE + draw.integers(-5, 30, len(some))
        parts.append((some, last[some].copy(), _do("raise"), np.full(len(some), 50_000 + 25_000 * number)))
    fate = draw.random(count)
    after = last + draw.integers(14, 300, count)
    now = np.where(of.start <= AS_OF_DAY, 50_000 + 25_000 * raises, 0)
    some = {name: begun[(fate[begun] >= low) & (fate[begun] < high)] for name, low, high in _FATES}
    parts.append((some["reduce"], after[some["reduce"]], _do("reduce"), now[some["reduce"]] - 25_000))
    for name, end in (("held", None), ("restarted", "restart")):
        parts.append((some[name], after[some[name]], _do("hold"), np.zeros(len(some[name]), int)))
        if end is not None:
            back = after[some[name]] + draw.integers(7, 40, len(some[name]))
            parts.append((some[name], back, _do(end), now[some[name]] - 25_000))
    for name in ("stop", "transfer-out"):
        parts.append((some[name], after[some[name]], _do(name), np.zeros(len(some[name]), int)))
    who, day, what, amount = (np.concatenate([np.broadcast_to(p[i], p[0].shape) for p in parts]) for i in range(4))
    reason = draw.integers(0, 4, len(who))
    return _in_time("decision", DOS, who, day, what, draw, amount=amount, more=reason)


DOS = ("start", "raise", "reduce", "hold", "restart", "stop", "transfer-in", "transfer-out")


def _do(word: str) -> int:
    return DOS.index(word)


_FATES = (
    ("reduce", 0.0, 0.06),
    ("held", 0.06, 0.08),
    ("restarted", 0.08, 0.13),
    ("stop", 0.13, 0.19),
    ("transfer-out", 0.19, 0.205),
)


def _weights(of: People, draw: np.random.Generator) -> Happenings:
    who = np.repeat(np.arange(len(of)), draw.integers(0, 5, len(of)))
    day = of.end[who] - draw.integers(0, 400, len(who))
    grams = np.rint(of.kg[who] * draw.uniform(0.95, 1.05, len(who)) * 10) * 100
    return _in_time("weight", ("",), who, day, 0, draw, amount=grams)


_ASKED = ("fever", "jaundice", "nausea", "vomiting", "mouth-ulcers", "sore-throat", "bruising", "rash")


def _symptoms(of: People, draw: np.random.Generator) -> Happenings:
    """One visit in a while asks for a few; one answer in fifteen is yes."""
    who = np.repeat(np.arange(len(of)), draw.poisson(2.0, len(of)))
    day = of.end[who] - draw.integers(0, 200, len(who))
    what = draw.integers(0, len(_ASKED), len(who))
    more = np.searchsorted([0.90, 0.97], draw.random(len(who)))
    present = np.array([0, 1, 2])[more]
    end = np.where((present == 1) & (draw.random(len(who)) < 0.8), day + draw.integers(1, 15, len(who)), -1)
    fever = (what == _ASKED.index("fever")) & (present == 1)
    return _in_time("symptom", _ASKED, who, day, what, draw, amount=np.where(fever, 38_400, 0), more=present, end=end)


_TAKEN = ("prednisolone", "omeprazole", "ramipril", "ibuprofen", "allopurinol", "co-trimoxazole", "warfarin")
_SHARES = np.cumsum([0.42, 0.30, 0.13, 0.10, 0.01, 0.03])


def _medicines(of: People, draw: np.random.Generator) -> Happenings:
    who = np.repeat(np.arange(len(of)), draw.poisson(1.2, len(of)))
    day = of.end[who] - draw.integers(0, 900, len(who))
    end = np.where(draw.random(len(who)) < 0.4, day + draw.integers(20, 400, len(who)), -1)
    day = np.where(draw.random(len(who)) < 0.1, UNKNOWN_DAY, day)
    return _in_time("medicine", _TAKEN, who, day, np.searchsorted(_SHARES, draw.random(len(who))), draw, end=end)


def _said_once(of: People, draw: np.random.Generator) -> list[Happenings]:
    """Lists gone through, old illnesses, gene results, states of life, deaths."""

    def some(kind: str, share: float, back: int, *words: str) -> Happenings:
        who = np.flatnonzero(draw.random(len(of)) < share)
        day = of.end[who] - draw.integers(0, back, len(who))
        return _in_time(kind, words, who, day, draw.integers(0, len(words), len(who)), draw, more=1)

    return [
        some("list-confirmed", 0.7, 500, "medicines"),
        some("list-confirmed", 0.6, 500, "history"),
        some("history", 0.05, 3000, "pancreatitis", "hepatitis-b", "skin-cancer", "gout", "varicella-had"),
        some("genotype", 0.5, 900, *("normal",) * 8, "intermediate", "poor"),
        some("circumstance", 0.02, 200, "pregnant", "breast-feeding", "surgery-planned", "infection"),
        some("died", 0.01, 200, ""),
    ]


def _in_time(
    kind: str,
    words: tuple[str, ...],
    who: np.ndarray,
    day: np.ndarray,
    what: object,
    draw: np.random.Generator,
    amount: object = 0,
    more: object = 0,
    end: object = -1,
) -> Happenings:
    """The rows up to AS_OF_DAY; one in ten without a time, and all whose beginning is not known."""
    minute = np.where(
        (draw.random(len(who)) < 0.1) | (day == UNKNOWN_DAY), -1, draw.integers(9 * 60, 17 * 60, len(who))
    )
    kept = day <= AS_OF_DAY - 1
    columns = (day, minute, what, amount, more, end)
    return Happenings(kind, words, who[kept], *(np.broadcast_to(np.asarray(c), who.shape)[kept] for c in columns))
