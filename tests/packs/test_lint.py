"""What the checks find in a pack that can be read.

Longer than other modules: each check of a pack has its planted fault, in one table.
"""

import pytest

from countwell.pack import known
from countwell.pack.certificate import certificate, certificate_path, written
from countwell.pack.lint import faults_of, faults_of_pack
from countwell.pack.load import Loaded
from countwell.pack.read import read_pack, read_text
from packs.sample import lint_faults, pack, sample

FACTS = "  rigors: {symptom"  # where a further fact can be put in

FAULTS = [
    (
        "a number not used",
        ("  quarter: {", "  half: {value: 50, unit: '%', source: board, at: here}\n  quarter: {"),
        "number `half` is used nowhere.",
    ),
    ("a fact not used", (FACTS, "  hb: {latest: hb}\n" + FACTS), "fact `hb` is used nowhere."),
    (
        "a source not used",
        ("  board: {", "  other: {title: x, kind: label, verified: no}\n  board: {"),
        "source `other` is used nowhere.",
    ),
    ("a reading not used", (", reading: low}", "}"), "reading `low` is used nowhere."),
    (
        "a rule without a source",
        (', every: week, source: board, at: "item 2"}', ", every: week}"),
        "rule `schedule/closer`: it uses no cited number and has no source.",
    ),
    (
        "a source without its place",
        ('every: month, source: board, at: "item 2"}', "every: month, source: board}"),
        "`source` and `at` go together.",
    ),
    (
        "a rule without effect",
        ("advice: {drug: stop, patient: seen-today, prescriber: now}", "source: board\n      at: here"),
        "rule `fever/high`: nothing follows from it.",
    ),
    (
        "a gate without a dose",
        ("    early: {when", "    early: {gate: x, when"),
        "`gate` stands beside a dose part only.",
    ),
    (
        "a hold without a day",
        ("decide-within: week, ", ""),
        "ward.yaml:31: rule `white-cells/low`: a hold has no `decide-within`.",
    ),
    (
        "a day without a hold",
        ("drug: stop,", "drug: stop, decide-within: week,"),
        "`decide-within` and `until` belong to a hold.",
    ),
    (
        "an end without a hold",
        ("drug: stop,", "drug: stop, until: cbc,"),
        "`decide-within` and `until` belong to a hold.",
    ),
    ("an unknown end", ("until: cbc", "until: cbcs"), "there is no test or group of tests `cbcs`. Did you mean cbc?"),
    (
        "due without a time",
        ("      within: week\n", ""),
        "rule `white-cells/low`: `due` wants either `every` or `within`.",
    ),
    (
        "due with two times",
        ("      within: week\n", "      within: week\n      every: month\n"),
        "`due` wants either `every` or `within`.",
    ),
    (
        "from without every",
        ("      within: week\n", "      within: week\n      from: week\n"),
        "`from` goes with `every`.",
    ),
    (
        "an unknown group",
        ("due: [cbc, liver], every: week", "due: [cbc, livers], every: week"),
        "no test or group of tests `livers`. Did you mean liver",
    ),
    (
        "a slot of no fact",
        ('"White cells {wbc}."', '"White cells {wcb}."'),
        "`tell` to the clinician: there is no fact `wcb`. Did you mean wbc?",
    ),
    (
        "a slot not closed",
        ('"White cells {wbc}."', '"White cells {wbc."'),
        "`tell` to the clinician: a brace is not closed, or not opened.",
    ),
    ("no clear", ("    clear: wbc >= wbc_low\n", ""), "table `white-cells`: it gives advice and has no `clear`."),
    (
        "clear reads another fact",
        ("clear: wbc >= wbc_low", "clear: wbc >= wbc_low and not rigors"),
        "table `white-cells`: `clear` reads `rigors`, which no rule of the table reads.",
    ),
    (
        "a later table",
        ("when: wbc < wbc_low\n", "when: wbc < wbc_low and fever at least stop\n"),
        "rule `white-cells/low`: it reads `fever`, which does not come earlier.",
    ),
    (
        "its own table",
        ("when: wbc < wbc_low\n", "when: wbc < wbc_low and white-cells at least stop\n"),
        "it reads `white-cells`, which does not come earlier.",
    ),
    (
        "a later table in clear",
        ("clear: wbc >= wbc_low", "clear: wbc >= wbc_low and not fever at least stop"),
        "table `white-cells`: it reads `fever`, which does not come earlier.",
    ),
    (
        "a table without advice",
        ("advice at least hold", "dose at least hold"),
        "it reads the outcome of `dose`, which never gives advice.",
    ),
    (
        "all tables in an advice rule",
        ("unless: not white-cells at least hold", "unless: not advice at least hold"),
        "`advice` (all tables together) is for rules with due or dose parts only.",
    ),
    (
        "no rung",
        ("not white-cells at least hold", "not white-cells at least none"),
        "`none` is no rung of advice above the lowest.",
    ),
    ("reads for nothing", ("sets:\n", "reads: [bleeding]\nsets:\n"), "`reads` names `bleeding`, which no rule reads."),
    ("a table without rules", ("statements:\n", "  empty: {}\nstatements:\n"), "table `empty`: it has no rules."),
    ("layers of a layer", ("kind: protocol", "kind: layer\nwith: [everyday]"), "a layer has no layers of its own."),
    ("a wrong unit", ("{latest: wbc}", "{latest: hb}"), "`wbc` is in g/L, `wbc_low` in 10*9/L."),
    (
        "a time against a number",
        ("on_drug < month, due", "on_drug < most, due"),
        "`on_drug` is a time, `most` is in mg/kg/day.",
    ),
    (
        "a time against a fact",
        ("on_drug < month, due", "on_drug < wbc, due"),
        "`on_drug` is a time: it is compared with a number.",
    ),
    ("unlike facts", ("fever < fever_from and", "fever < wbc and"), "`fever` is in Cel, `wbc` in 10*9/L."),
    (
        "a number as yes or no",
        ("fever >= fever_from or rigors", "fever or rigors"),
        "`fever` is a number. Compare it with a number, such as `fever < limit`.",
    ),
    (
        "yes or no as a number",
        ("fever >= fever_from or rigors", "rigors >= fever_from"),
        "`rigors` is yes or no. It is yes or no: write `rigors` or `not rigors`.",
    ),
    (
        "a word as yes or no",
        ("when: allopurinol\n", "when: course\n"),
        "`course` is a word. Ask for a word, such as `course is …`.",
    ),
    ("yes or no as a word", ("when: allopurinol\n", "when: allopurinol is yes\n"), "`allopurinol` is yes or no."),
    ("an impossible word", ("[active, held]", "[active, holding]"), "`course` is never `holding`. One of"),
    (
        "a dose in the wrong unit",
        ("dose: {ceiling: most}", "dose: {ceiling: week}"),
        "rule `dose/highest`: `week` is in weeks. Wanted: mg/day or mg/kg/day.",
    ),
    ("a share in the wrong unit", ("times: quarter", "times: most"), "`most` is in mg/kg/day. Wanted: times or %."),
    ("a share of no dose", ("of: dose_before", "of: allopurinol"), "`of` names `allopurinol`, which is no dose."),
    ("an empty dose", ("dose: {ceiling: most}", "dose: {}"), "`dose` says nothing."),
    (
        "a target upside down",
        ("dose: {ceiling: most}", "dose: {target: [most, less]}"),
        "`target` runs from the higher to the lower dose.",
    ),
    (
        "a step of no size",
        ("dose: {ceiling: most}", "dose: {ceiling: most, every: week}"),
        "`every` in a dose goes with `step`.",
    ),
    ("an empty reserve", ("dose: {ceiling: most}", "reserve: {}"), "`reserve` says nothing."),
    (
        "a baseline of no test",
        (FACTS, "  before: {baseline: course, within: month}\n" + FACTS),
        "fact `before`: `course` is no laboratory fact.",
    ),
    (
        "the highest of unlike tests",
        (FACTS, "  top: {highest: [alt, wbc], as: value}\n" + FACTS),
        "fact `top`: its tests have different units",
    ),
    (
        "limits of a value",
        (FACTS, "  top: {highest: alt, as: value, limit-within: month}\n" + FACTS),
        "go with `as: limits`",
    ),
    (
        "limits in a wrong unit",
        (FACTS, "  top: {highest: alt, as: limits, limit-between: [most, most]}\n" + FACTS),
        "`most` is in mg/kg/day. Wanted: U/L.",
    ),
    (
        "a value of two symptoms",
        ("{symptom: fever, value: Cel}", "{symptom: [fever, chills], value: Cel}"),
        "a value is that of one symptom.",
    ),
    (
        "a value of a symptom without",
        ("{symptom: fever, value: Cel}", "{symptom: chills, value: Cel}"),
        "`chills` has no value in Cel.",
    ),
    (
        "an unknown detail",
        ("{symptom: chills}", "{symptom: nausea, with-any: [bloody]}"),
        "nothing is asked about `bloody` there.",
    ),
    (
        "a finding that is none",
        (FACTS, "  signed: {accepted: ward/dose/lowest}\n" + FACTS),
        "there is no rule `dose/lowest` in this pack. Did you mean ward/dose/highest",
    ),
    (
        "a table without a case",
        ("  highest: {table: dose, given: {course: active, allopurinol: no}, rules: [highest]}\n", ""),
        "table `dose` has no case.",
    ),
    (
        "no case just under",
        ("given: {wbc: 3.4}", "given: {wbc: 3.7}"),
        "number `wbc_low` has no case just under it for `wbc`.",
    ),
    (
        "no case exactly at",
        ("given: {wbc: 3.5}", 'given: {wbc: "<3.5"}'),
        "ward.yaml:14: number `wbc_low` has no case exactly at it for `wbc`.",
    ),
    (
        "no case just over",
        ("given: {wbc: 3.6}", "given: {wbc: 3.5}"),
        "number `wbc_low` has no case just over it for `wbc`.",
    ),
    (
        "no case under a time",
        ("on_drug: 3 weeks", "on_drug: 5 weeks"),
        "number `month` has no case just under it for `on_drug`.",
    ),
    (
        "no case over a time",
        ("on_drug: 32 days", "on_drug: 720 hours"),
        "number `month` has no case just over it for `on_drug`.",
    ),
    ("in use without a certificate", ("status: draft", "status: in-use"), "ward is in use without a certificate."),
    (
        "two units in a target",
        ("dose: {ceiling: most}", "dose: {target: [start, most]}"),
        "the two ends of `target` have different units.",
    ),
]

LESS = (
    "  quarter: {",
    """\
  less: {value: 2, unit: mg/kg/day, source: board, at: here}
  start: {value: 50, unit: mg/day, source: board, at: here}
  quarter: {""",
)


def test_the_sample_has_no_faults():
    assert lint_faults() == []


@pytest.mark.parametrize(("change", "says"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_fault_is_found(change, says):
    changes = (change, LESS) if "less" in change[1] or "[start" in change[1] else (change,)
    found = lint_faults(*changes)
    assert any(says in fault for fault in found), found


def test_faults_come_in_the_order_of_the_file():
    lines = [
        int(fault.split(":")[1])
        for fault in lint_faults(("    clear: wbc >= wbc_low\n", ""), ("times: quarter", "times: most"))
    ]
    assert len(lines) > 2
    assert lines == sorted(lines)


def test_due_rules_may_read_any_table_and_an_outcome_stands_beside_a_fact_of_the_same_name():
    changes = [
        (
            "{when: course in on_treatment and on_drug < month",
            "{when: course in on_treatment and fever at least stop and on_drug < month",
        ),
        ("{course: active, on_drug: 3 weeks}", "{course: active, on_drug: 3 weeks, fever: stop}"),
    ]
    assert lint_faults(*changes) == []


def test_a_limit_far_from_any_real_one_is_told(monkeypatch):
    change = ("value: 3.5,", "value: 3500,")
    assert not any("a limit of wbc lies between" in fault for fault in lint_faults())
    monkeypatch.setattr(known, "threshold_window", lambda name: (1, 4) if name == "wbc" else None)
    assert any("`wbc_low` is 3500: a limit of wbc lies between 1 and 4." in fault for fault in lint_faults(change))


def test_in_use_every_rule_rests_on_a_verified_source():
    found = lint_faults(("status: draft", "status: in-use"), ("verified: yes", "verified: no"))
    assert sum("rests on no verified source" in fault for fault in found) == 7


def test_in_use_with_a_certificate_nothing_is_wrong(tmp_path):
    path = tmp_path / "ward.yaml"
    path.write_text(sample(("status: draft", "status: in-use")))
    ward = read_pack(path)
    certificate_path(ward).parent.mkdir()
    proof = certificate(ward, tuple(table.name for table in ward.tables), "a test")
    certificate_path(ward).write_text(written(proof))
    assert faults_of_pack(ward) == []


def course_faults(*changes, layer=None):
    """What the checks say on the blood tests of the sample, changed."""
    layers = (read_text(layer, "layer.yaml"),) if layer else ()
    return [
        str(fault) for fault in faults_of(Loaded(pack(*changes), layers)) if "while the course is active" in str(fault)
    ]


EARLY = "early: {when: course in on_treatment and on_drug < month,"
ALWAYS = ("always: {when: course in on_treatment,", "always: {when: course is stopped,")
OTHER_TABLE = (("  schedule:\n", "  plan:\n"), ("table: schedule", "table: plan"))
IFS = " or ".join([*(f"s{one}" for one in range(12)), "not s0"])
WITHOUT = [
    ("no rule for everyone", (ALWAYS,), ["cbc", "liver"]),
    ("no liver tests", (("due: [cbc, liver], every: month", "due: [cbc], every: month"),), ["liver"]),
    ("for others only", (("on_treatment: [active, held]", "on_treatment: [held, stopped]"),), ["cbc", "liver"]),
    ("once only", (("due: [cbc, liver], every: month", "due: [cbc, liver], within: month"),), ["cbc", "liver"]),
    (
        "not always",
        (("always: {when: course in on_treatment,", "always: {when: rigors and course in on_treatment,"),),
        ["cbc", "liver"],
    ),
    ("not if", (("always: {when", "always: {unless: rigors, when"),), ["cbc", "liver"]),
    ("in another table", OTHER_TABLE, ["cbc", "liver"]),
    ("always", (), []),
    (
        "before or after a month",
        (("always: {when: course in on_treatment,", "always: {when: course in on_treatment and on_drug >= month,"),),
        [],
    ),
    (
        "asked of some in one way and of others in another",
        (
            (
                ALWAYS[0],
                "always: {when: course in on_treatment and not (rigors or advice at least hold or on_drug < month),",
            ),
            (EARLY, "early: {when: course in on_treatment and (rigors or advice at least hold or on_drug < month),"),
        ),
        [],
    ),
    (
        "too many ifs to see through",
        (
            (ALWAYS[0], f"always: {{when: course in on_treatment and ({IFS}),"),
            (
                "  rigors: {symptom",
                "".join(f"  s{one}: {{symptom: chills}}\n" for one in range(12)) + "  rigors: {symptom",
            ),
        ),
        ["cbc", "liver"],
    ),
    (
        "left open by one",
        (
            (ALWAYS[0], "always: {when: course in on_treatment and not (rigors or allopurinol or on_drug <= month),"),
            (EARLY, "early: {when: course in on_treatment and (rigors or on_drug <= month),"),
        ),
        ["cbc", "liver"],
    ),
]


@pytest.mark.parametrize(("changes", "groups"), [row[1:] for row in WITHOUT], ids=[row[0] for row in WITHOUT])
def test_an_active_course_has_its_blood_tests(changes, groups):
    found = course_faults(*changes)
    assert len(found) == len(groups)
    for group, fault in zip(groups, found, strict=True):
        assert f"always asks for `{group}`" in fault


LAYER = """\
pack: closer
kind: layer
version: 1.0.0
status: draft
title: Closer
sources: {board: {title: x, kind: label, verified: yes}}
numbers: {week: {value: 1, unit: weeks, source: board, at: here}}
facts: {course: {state: course}}
tables:
  schedule:
    joins: always
    all: {when: course is active, due: [cbc, liver], every: week, source: board, at: here}
cases: {one: {table: schedule, given: {course: active}, rules: [all]}}
"""


def test_a_layer_may_bring_the_blood_tests_but_not_where_the_protocol_speaks_and_it_gives_way():
    assert course_faults(ALWAYS, layer=LAYER) == []
    assert len(course_faults(ALWAYS, layer=LAYER.replace("joins: always", "joins: where-silent"))) == 2
    assert course_faults(*OTHER_TABLE, layer=LAYER.replace("joins: always", "joins: where-silent")) == []


def test_a_layer_alone_needs_no_blood_tests_and_nothing_to_read():
    text = LAYER.replace("title: Closer\n", "title: Closer\nreads: [white-cells]\n")
    text = text.replace("course is active,", "course is active and white-cells at least hold,")
    assert faults_of(Loaded(read_text(text, "layer.yaml"))) == []
