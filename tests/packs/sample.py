"""A small pack without faults, and ways to put one fault into it."""

from countwell.base.errors import PackError
from countwell.model.pack import Pack
from countwell.pack.lint import faults_of_pack
from countwell.pack.read import read_text

SAMPLE = """\
pack: ward
kind: protocol
version: 1.0.0
status: draft
title: Azathioprine on the ward
applies: {condition: cidp}
sets:
  on_treatment: [active, held]
sources:
  board: {title: "Drugs board, minute 12", kind: local decision, verified: yes}
readings:
  low: {says: "low white cells", read: "below 3.5", because: "the board said so", rejected: ["at or below"]}
numbers:
  wbc_low: {value: 3.5, unit: 10*9/L, source: board, at: "item 3", reading: low}
  fever_from: {value: 38.0, unit: Cel, source: board, at: "item 4"}
  week: {value: 1, unit: weeks, source: board, at: "item 3"}
  month: {value: 1, unit: months, source: board, at: "item 2"}
  list_age: {value: 6, unit: months, source: board, at: "item 9"}
  most: {value: 3, unit: mg/kg/day, source: board, at: "item 1"}
  quarter: {value: 25, unit: "%", source: board, at: "item 8"}
facts:
  wbc: {latest: wbc}
  fever: {symptom: fever, value: Cel}
  rigors: {symptom: chills}
  on_drug: {since: run}
  course: {state: course}
  allopurinol: {medicine: allopurinol, confirmed: list_age}
  dose_before: {dose: mg/day, before: allopurinol}
tables:
  white-cells:
    low:
      when: wbc < wbc_low
      advice: {drug: hold, prescriber: this-week, decide-within: week, until: cbc, precautions: [infection]}
      due: [cbc]
      within: week
      tell: {clinician: "White cells {wbc}.", patient: "One count is low."}
    clear: wbc >= wbc_low
  fever:
    high:
      when: fever >= fever_from or rigors
      unless: not white-cells at least hold and not rigors
      advice: {drug: stop, patient: seen-today, prescriber: now}
    clear: fever < fever_from and not rigors
  schedule:
    early: {when: course in on_treatment and on_drug < month, due: [cbc, liver], every: week}
    always: {when: course in on_treatment, due: [cbc, liver], every: month, source: board, at: "item 2"}
    closer: {when: advice at least hold, due: [cbc], every: week, source: board, at: "item 2"}
  dose:
    highest: {when: course in on_treatment, dose: {ceiling: most}, source: board, at: "item 1"}
    cut:
      when: allopurinol
      dose: {ceiling: {times: quarter, of: dose_before}}
      gate: "No allopurinol"
      source: board
      at: "item 8"
statements:
  class: {says: "It is a purine analogue.", source: board, at: "item 0", for: clinician}
gaps:
  step: {says: "No step.", source: board, at: "item 1"}
cases:
  just under: {table: white-cells, given: {wbc: 3.4}, advice: {drug: hold, precautions: [infection]}, rules: [low]}
  exactly: {table: white-cells, given: {wbc: 3.5}, at-most: {drug: continue}, rules: []}
  just over: {table: white-cells, given: {wbc: 3.6}, advice: {drug: continue}}
  not known: {table: white-cells, given: {wbc: unknown}, not-ruled-out: [low]}
  no fever: {table: fever, given: {fever: 37.9, rigors: no}, rules: []}
  at fever: {table: fever, given: {fever: 38.0, white-cells: hold}, rules: [high]}
  over fever: {table: fever, given: {fever: 38.1, white-cells: hold}, rules: [high], words: []}
  first weeks: {table: schedule, given: {course: active, on_drug: 3 weeks}, rules: [early, always]}
  a month: {table: schedule, given: {course: active, on_drug: 1 month}, rules: [always]}
  more: {table: schedule, given: {course: active, on_drug: 32 days}, rules: [always]}
  highest: {table: dose, given: {course: active, allopurinol: no}, rules: [highest]}
"""


def sample(*changes: tuple[str, str]) -> str:
    """The sample with some texts replaced, each of which it must hold."""
    text = SAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


def pack(*changes: tuple[str, str]) -> Pack:
    """The sample, changed, as a pack."""
    return read_text(sample(*changes), "ward.yaml")


def reading_faults(text: str) -> list[str]:
    """Why a text is refused, as sentences; nothing if it is read."""
    try:
        read_text(text, "ward.yaml")
    except PackError as error:
        return [str(fault) for fault in error.faults]
    return []


def lint_faults(*changes: tuple[str, str]) -> list[str]:
    """What the checks find in the sample, changed."""
    return [str(fault) for fault in faults_of_pack(pack(*changes))]
