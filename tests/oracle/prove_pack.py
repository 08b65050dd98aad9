"""Small packs to prove: one table each, around a few numbers and facts."""

from countwell.engine.prove import Verdict, prove
from countwell.model.pack import Pack
from countwell.pack.read import read_text

HEAD = """\
pack: planted
kind: protocol
version: 1.0.0
status: draft
title: A pack with a fault planted in it
applies: {condition: cidp}
sets:
  low_gene: [intermediate, poor]
sources:
  s: {title: Somewhere, kind: expert opinion, verified: yes}
numbers:
  two: {value: 2.0, unit: 10*9/L, source: s, at: here}
  three: {value: 3.0, unit: 10*9/L, source: s, at: here}
  neut: {value: 1.5, unit: 10*9/L, source: s, at: here}
  fever_from: {value: 38.0, unit: Cel, source: s, at: here}
  falls: {value: 3, unit: count, source: s, at: here}
  ten_percent: {value: 10, unit: "%", source: s, at: here}
  all_percent: {value: 100, unit: "%", source: s, at: here}
  normal: {value: 1, unit: times, source: s, at: here}
  day: {value: 1, unit: days, source: s, at: here}
  week: {value: 1, unit: weeks, source: s, at: here}
  days28: {value: 28, unit: days, source: s, at: here}
  days30: {value: 30, unit: days, source: s, at: here}
  month: {value: 1, unit: months, source: s, at: here}
  months3: {value: 3, unit: months, source: s, at: here}
  year: {value: 1, unit: years, source: s, at: here}
  fifty: {value: 50, unit: mg/day, source: s, at: here}
  hundred: {value: 100, unit: mg/day, source: s, at: here}
  one_kg: {value: 1, unit: mg/kg/day, source: s, at: here}
  two_kg: {value: 2, unit: mg/kg/day, source: s, at: here}
  three_kg: {value: 3, unit: mg/kg/day, source: s, at: here}
  quarter: {value: 25, unit: "%", source: s, at: here}
  half: {value: 0.5, unit: times, source: s, at: here}
facts:
  wbc: {latest: wbc}
  neutrophils: {latest: neutrophils}
  lymphocytes: {latest: lymphocytes}
  wbc_fall: {change: wbc, against: highest, within: year, as: "%", direction: fall}
  wbc_falls: {streak: wbc, direction: fall, step: ten_percent}
  alt_times: {highest: [alt], as: limits}
  liver_times: {highest: [alt, ast], as: limits}
  fever: {symptom: fever, value: Cel}
  nosebleed: {symptom: nosebleed}
  bleeding: {symptom: [nosebleed, gum-bleeding]}
  on_drug: {since: run}
  course: {state: course}
  tpmt: {gene: TPMT}
  last_reason: {reason: last}
  ever_reason: {reason: ever}
  dose_before: {dose: mg/day, worse: none}
tables:
"""
STOP = "advice: {drug: stop, patient: phone, prescriber: now}"
HOLD = "advice: {drug: hold, prescriber: today, decide-within: week}"
WATCH = "advice: {drug: do-not-raise, prescriber: this-week, precautions: [infection]}"
CITED = "source: s, at: here"


def table(*lines: str, name: str = "counts") -> str:
    """One table of rules, one a line."""
    return f"  {name}:\n" + "".join(f"    {line}\n" for line in lines)


def pack(*tables: str, head: str = HEAD) -> Pack:
    """A pack of these tables."""
    return read_text(head + "".join(tables), "planted.yaml")


def failures(*tables: str) -> list[Verdict]:
    """What cannot be proven of a pack with these tables."""
    return [verdict for verdict in prove([pack(*tables)]) if not verdict.ok]


def checks(*tables: str) -> list[str]:
    """The names of the checks that fail."""
    return [verdict.check for verdict in failures(*tables)]
