"""A small pack with every form that a condition can have, for the shape of its library and for its truth tables."""

from functools import cache

from countwell.model.pack import Pack
from countwell.pack.read import read_text

TEXT = """\
pack: small-one
kind: layer
version: 1.2.0
status: draft
title: Every form once
reads: [elsewhere]
sets:
  low_gene: [intermediate, poor]
sources:
  s: {title: "Somewhere */ else", kind: expert opinion, verified: yes}
  r: {title: Recalled, kind: expert opinion, verified: no}
readings:
  unit: {says: per mL, read: per microlitre, because: "nobody lives at that", rejected: [literal]}
numbers:
  two: {value: 2, unit: 10*9/L, source: s, at: "page 1", reading: unit}
  half: {value: 0.5, unit: "%", source: r, at: "page 2"}
  six_months: {value: 6, unit: months, source: s, at: "page 3"}
  a_year: {value: 1, unit: years, source: s, at: "page 3"}
  three_days: {value: 72, unit: hours, source: s, at: "page 3"}
  fortnight: {value: 2, unit: weeks, source: s, at: "page 3"}
facts:
  wbc: {latest: wbc}
  neut: {latest: neutrophils}
  on_drug: {since: run}
  rash: {symptom: rash}
  tpmt: {gene: TPMT}
  reasons: {reason: ever}
  asked: {asked: vaccine}
tables:
  counts:
    below: {when: wbc < two, advice: {drug: stop, patient: phone, prescriber: now, precautions: [infection]}}
    limit: {when: wbc <= two, advice: {drug: do-not-raise, prescriber: this-week}}
    above: {when: wbc > two, unless: rash or tpmt is poor, words: [caution]}
    from: {when: wbc >= two, unless: not rash and elsewhere at least hold, words: [caution]}
    clear: wbc > two and not rash
  between:
    less: {when: neut < wbc, words: [caution]}
    no-more: {when: neut <= wbc, words: [caution]}
    more: {when: neut > wbc, words: [caution]}
    no-less: {when: neut >= wbc, words: [caution]}
  time:
    before: {when: on_drug < six_months, words: [caution], source: s, at: here}
    until: {when: on_drug <= six_months, words: [caution], source: s, at: here}
    after: {when: on_drug > six_months, words: [caution], source: s, at: here}
    since: {when: on_drug >= six_months, words: [caution], source: s, at: here}
    year: {when: on_drug >= a_year, words: [caution], source: s, at: here}
    hours: {when: on_drug >= three_days, words: [caution], source: s, at: here}
    weeks: {when: on_drug >= fortnight, words: [caution], source: s, at: here}
  words:
    one: {when: tpmt is poor, words: [caution], source: s, at: here}
    several: {when: tpmt in low_gene, words: [caution], source: s, at: here}
    not-one: {when: not tpmt is poor, words: [caution], source: s, at: here}
    ever: {when: reasons is liver, words: [caution], source: s, at: here}
    never: {when: not reasons is liver, words: [caution], source: s, at: here}
    rash: {when: rash, words: [caution], source: s, at: here}
    no-rash: {when: not rash, words: [caution], source: s, at: here}
  joined:
    near: {when: counts at least do-not-raise, words: [caution], source: s, at: here}
    far: {when: elsewhere at least seen-today, words: [caution], source: s, at: here}
    not-far: {when: not elsewhere at least seen-today, words: [caution], source: s, at: here}
    all: {when: advice at least stop, words: [caution], source: s, at: here}
  vaccine:
    asks: [vaccine]
    joins: where-silent
    ask: {when: asked, advice: {patient: tell}, words: [caution], source: s, at: here}
    clear: not asked
cases:
  one: {table: counts, given: {wbc: 1.9}, advice: {drug: stop}}
"""


@cache
def small() -> Pack:
    """The pack."""
    return read_text(TEXT, "small-one.yaml")
