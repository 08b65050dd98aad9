"""Reading a pack: what comes out, and what an author is told.

Longer than other modules: each key of the language has its case, and each mistake what the author is told.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from countwell.base.dates import Duration
from countwell.base.errors import PackError
from countwell.model.advice import Advice
from countwell.model.pack import FactDefinition
from countwell.model.rules import And, Compare, Dose, Due, Holds, IsWord
from countwell.pack.faults import meant
from countwell.pack.load import SHIPPED
from countwell.pack.read import read_pack
from packs.sample import SAMPLE, pack, reading_faults, sample


def test_the_sample_is_read():
    ward = pack()
    assert (ward.name, ward.kind, ward.version, ward.status, ward.conditions) == (
        "ward",
        "protocol",
        "1.0.0",
        "draft",
        ("cidp",),
    )
    assert [table.name for table in ward.tables] == ["white-cells", "fever", "schedule", "dose"]
    assert ward.sources["board"].verified
    assert ward.statements[0].audience == "clinician"
    assert ward.gaps[0].says == "No step."


def test_a_protocol_may_speak_for_several_conditions():
    assert pack(("{condition: cidp}", "{condition: [crohn, ibd]}")).conditions == ("crohn", "ibd")


def test_numbers_are_exact_and_times_are_counted_by_the_calendar():
    ward = pack()
    assert (ward.numbers["wbc_low"].value, ward.numbers["wbc_low"].duration) == (Decimal("3.5"), None)
    assert ward.numbers["month"].duration == Duration(1, "months")
    assert ward.numbers["wbc_low"].reading == "low"


def test_a_number_is_as_verified_as_its_source_unless_it_says_otherwise():
    assert pack().numbers["week"].verified
    assert not pack(("verified: yes", "verified: no")).numbers["week"].verified
    assert (
        not pack(('at: "item 3", reading: low}', 'at: "item 3", reading: low, verified: no}'))
        .numbers["wbc_low"]
        .verified
    )


def test_rules_are_read_whole():
    rule = pack().tables[0].rules[0]
    assert rule.when == Compare("wbc", "<", number="wbc_low")
    assert rule.advice == Advice(drug="hold", prescriber="this-week", until="cbc", precautions=frozenset({"infection"}))
    assert (rule.decide_within, rule.due) == ("week", Due(("cbc",), within="week"))
    assert rule.tell == {"clinician": "White cells {wbc}.", "patient": "One count is low."}


def test_conditions_are_kept_with_not_pushed_to_the_atoms():
    ward = pack()
    assert ward.tables[1].clear == And((Compare("fever", "<", "fever_from"), Holds("rigors", negated=True)))
    assert pack(("clear: wbc >= wbc_low", "clear: not wbc < wbc_low")).tables[0].clear == Compare(
        "wbc", ">=", "wbc_low"
    )
    unless = ward.tables[1].rules[0].unless
    assert isinstance(unless, And)
    assert all(atom.negated for atom in unless.of)


def test_sets_become_words():
    rule = pack().table("schedule").rules[1]
    assert rule.when == IsWord("course", frozenset({"active", "held"}))


def test_dose_parts():
    highest, cut = pack().table("dose").rules
    assert highest.dose == Dose(ceiling="most")
    assert (cut.dose, cut.gate) == (Dose(times="quarter", of="dose_before"), "No allopurinol")


@pytest.mark.parametrize(
    ("fact", "worse"),
    [
        ("{latest: wbc}", "lower"),
        ("{latest: alt}", "higher"),
        ("{latest: wbc, worse: none}", "none"),
        ("{highest: [alt, ast], as: limits}", "higher"),
        ("{change: wbc, against: baseline, within: month, as: '%', direction: fall}", "higher"),
        ("{change: wbc, against: baseline, within: month, as: '%', direction: rise}", "lower"),
        ("{change: alt, against: lowest, within: month, as: absolute, direction: rise}", "higher"),
        ("{streak: wbc, direction: fall, step: quarter, since: run}", "higher"),
        ("{streak: alt, direction: fall, step: quarter}", "lower"),
        ("{baseline: wbc, within: month}", "lower"),
        ("{baseline: other, within: month}", "none"),
        ("{symptom: chills}", "higher"),
        ("{medicine: allopurinol, confirmed: list_age, worse: lower}", "lower"),
        ("{done: cbc, after: on_drug}", "lower"),
        ("{pending: tpmt}", "higher"),
        ("{dose: mg/day}", "higher"),
        ("{since: run}", "none"),
        ("{missed: any}", "none"),
        ("{person: age}", "none"),
    ],
)
def test_which_way_a_fact_is_worse(fact, worse):
    facts = pack(("  rigors: {symptom", f"  other: {{latest: mcv}}\n  tried: {fact}\n  rigors: {{symptom")).facts
    assert facts["tried"].worse == worse


def test_a_fact_keeps_its_parameters():
    text = "  tried: {highest: [alt, ast], as: limits, limit-within: month, limit-between: [most, quarter]}\n"
    fact = pack(("  rigors: {symptom", text + "  rigors: {symptom")).facts["tried"]
    params = {"as": "limits", "limit-within": "month", "limit-between": ("most", "quarter")}
    assert fact == FactDefinition("tried", "highest", ("alt", "ast"), params, "higher", fact.line)


# What an author gets wrong, and the words that help.
MISTAKES = [
    ("a misspelt key", ("    clear: wbc", "    claer: wbc"), "ward.yaml:37: rule `white-cells/claer`"),
    ("a misspelt key of a rule", ("      due: [cbc]", "      deu: [cbc]"), "there is no key `deu`. Did you mean due?"),
    (
        "a figure in a condition",
        ("wbc < wbc_low", "wbc < 3.5"),
        "ward.yaml:32: rule `white-cells/low`, `when`: a condition holds no figures: give 3.5 a name",
    ),
    ("no unit", ("3.5, unit: 10*9/L,", "3.5,"), "number `wbc_low` has no `unit`. Add `unit:`"),
    ("an unknown unit", ("3.5, unit: 10*9/L,", "3.5, unit: 10*9/l,"), "there is no unit `10*9/l`. Did you mean 10*9/L"),
    (
        "no source",
        ('38.0, unit: Cel, source: board, at: "item 4"', '38.0, unit: Cel, at: "item 4"'),
        "ward.yaml:15: number `fever_from` has no `source`.",
    ),
    (
        "an unknown source",
        ("unit: Cel, source: board", "unit: Cel, source: bord"),
        "there is no source `bord`. Did you mean board?",
    ),
    ("an unknown fact", ("when: wbc <", "when: wcb <"), "there is no fact `wcb`. Did you mean wbc"),
    (
        "an unknown number",
        ("clear: wbc >= wbc_low", "clear: wbc >= wbc_lwo"),
        "there is no number or fact `wbc_lwo`. Did you mean wbc_low",
    ),
    ("a tab", ("      within: week\n      tell", "\twithin: week\n      tell"), "ward.yaml:35: a tab. Use spaces."),
    ("a wrong indentation", ("      within: week\n      tell", "     within: week\n      tell"), "ward.yaml:3"),
    (
        "a doubled rule",
        ("    always: {when", "    early: {when"),
        "ward.yaml:46: `early` stands twice (first in line 45).",
    ),
    ("a doubled case", ("  just over:", "  exactly:"), "`exactly` stands twice"),
    ("=<", ("wbc < wbc_low\n", "wbc =< wbc_low\n"), "`=<` is not known here. Write `<=`."),
    ("a literal word for a ladder", ("drug: stop,", "drug: withhold,"), "there is no word `withhold` here."),
    ("a misspelt ladder word", ("patient: seen-today", "patient: seen-toady"), "Did you mean seen-today?"),
    (
        "an unknown precaution",
        ("precautions: [infection]}\n      due", "precautions: [infections]}\n      due"),
        "Did you mean infection?",
    ),
    ("an unknown test", ("{latest: wbc}", "{latest: wcc}"), "fact `wbc`: there is no test `wcc`. Did you mean wbc?"),
    (
        "an unknown symptom",
        ("{symptom: chills}", "{symptom: chils}"),
        "there is no symptom `chils`. Did you mean chills",
    ),
    (
        "an unknown medicine",
        ("medicine: allopurinol", "medicine: alopurinol"),
        "there is no medicine `alopurinol`. Did you mean allopurinol",
    ),
    ("an unknown kind", ("{latest: wbc}", "{newest: wbc}"), "fact `wbc`: there is no kind `newest`."),
    (
        "the kind not first",
        ("{medicine: allopurinol, confirmed: list_age}", "{confirmed: list_age, medicine: allopurinol}"),
        "Write the kind first: {medicine: …}.",
    ),
    (
        "a parameter too few",
        ("{medicine: allopurinol, confirmed: list_age}", "{medicine: allopurinol}"),
        "fact `allopurinol` has no `confirmed`.",
    ),
    (
        "a parameter too many",
        ("{latest: wbc}", "{latest: wbc, within: month}"),
        "fact `wbc`: there is no `within` here.",
    ),
    (
        "no time where one is wanted",
        ("confirmed: list_age", "confirmed: most"),
        "`most` is in mg/kg/day; a time is wanted.",
    ),
    (
        "a time with a fraction",
        ("{value: 1, unit: weeks", "{value: 1.5, unit: weeks"),
        "1.5 weeks: a time is a whole number. Use a smaller unit.",
    ),
    ("a time longer than a life", ("{value: 1, unit: weeks", "{value: 99999, unit: weeks"), "longer than a life"),
    (
        "no number",
        ("{value: 3.5,", "{value: '3,5',"),
        "number `wbc_low`, `value`: a number, such as 3.5 is wanted. Found: 3,5",
    ),
    ("a number below zero", ("{value: 3.5,", "{value: -3.5,"), "-3.5 is below zero"),
    ("every without due", ("due: [cbc, liver], every: week}", "every: week}"), "has `every` and no `due`."),
    ("a rule without when", ("      when: allopurinol\n", ""), "rule `dose/cut` has no `when`. Add `when:`"),
    ("no value", ("title: Azathioprine on the ward", "title:"), "`title`: a text is wanted. It is empty."),
    ("a list for a word", ("status: draft", "status: [draft]"), "`status`: one word is wanted. Found a list."),
    ("a wrong status", ("status: draft", "status: drafted"), "Did you mean draft?"),
    (
        "a wrong version",
        ("version: 1.0.0", "version: 1.0"),
        "three whole numbers with points, such as 1.0.0 is wanted.",
    ),
    (
        "an unknown condition among others",
        ("{condition: cidp}", "{condition: [cidp, crone]}"),
        "there is no condition `crone`. Did you mean crohn?",
    ),
    ("a condition twice", ("{condition: cidp}", "{condition: [cidp, mg, cidp]}"), "the condition `cidp` stands twice."),
    ("an empty list of conditions", ("{condition: cidp}", "{condition: []}"), "`applies` names no condition."),
    ("no condition", ("applies: {condition: cidp}\n", ""), "a protocol has no `applies`."),
    ("a name with capitals", ("  wbc: {latest: wbc}", "  WBC: {latest: wbc}"), "fact `WBC`: that is no name."),
    ("a reserved name", ("  rigors: {", "  least: {"), "fact `least`: that word has a meaning in conditions."),
    ("one name twice", ("  rigors: {", "  week: {"), "`week` is a number and a fact."),
    (
        "a case of no table",
        ("just over: {table: white-cells", "just over: {table: whitecells"),
        "there is no table `whitecells`. Did you mean white-cells?",
    ),
    ("a case of no rule", ("rules: [low]", "rules: [lwo]"), "table `white-cells` has no rule `lwo`. Did you mean low?"),
    (
        "a case with an unknown fact",
        ("given: {wbc: 3.4}", "given: {wcb: 3.4}"),
        "there is no fact or table `wcb`. Did you mean wbc",
    ),
    ("a case with a wrong value", ("given: {wbc: 3.4}", "given: {wbc: low}"), "`wbc` cannot be `low`. A number"),
    (
        "a case with a wrong time",
        ("on_drug: 3 weeks", "on_drug: 3"),
        "`on_drug` cannot be `3`. A time, such as 3 weeks.",
    ),
    (
        "a case with a wrong word",
        ("given: {course: active, on_drug: 3", "given: {course: running, on_drug: 3"),
        "`course` cannot be `running`.",
    ),
    (
        "a case with a wrong outcome",
        ("white-cells: hold}, rules: [high]}", "white-cells: low}, rules: [high]}"),
        "`white-cells` cannot be `low`.",
    ),
    ("a wrong yes", ("rigors: no}", "rigors: false}"), "`rigors` cannot be `false`. yes or no."),
    (
        "rules that are none",
        (
            '    highest: {when: course in on_treatment, dose: {ceiling: most}, source: board, at: "item 1"}',
            "    highest: stop",
        ),
        "rule `dose/highest`: keys with values are wanted.",
    ),
    (
        "brackets forgotten around a brace",
        ('"White cells {wbc}."', "White cells {wbc}."),
        "ward.yaml:36: this cannot be read",
    ),
    ("an unknown gene", ("{symptom: chills}", "{gene: TPTM}"), "there is no gene `TPTM`. "),
    ("an unknown topic", ("{symptom: chills}", "{asked: lifestyle, topic: alcool}"), "Did you mean alcohol?"),
    (
        "an unknown condition",
        ("condition: cidp", "condition: cdip"),
        "there is no condition `cdip`. Did you mean cidp?",
    ),
    ("an unknown finding", ("{symptom: chills}", "{accepted: highest}"), "there is no finding `highest`."),
    ("two words for one", ("{since: run}", "{since: [run, stop]}"), "fact `on_drug`, `since`: one word is wanted."),
    (
        "limits that are none",
        ("{symptom: chills}", "{highest: alt, as: limits, limit-between: [most]}"),
        "two numbers are wanted",
    ),
    ("a wrong worse", ("{latest: wbc}", "{latest: wbc, worse: low}"), "there is no worse `low`. Did you mean lower?"),
    ("a fact that is none", ("{symptom: chills}", "chills"), "fact `rigors`: a kind and what it is of are wanted."),
    ("an empty set", ("[active, held]", "[]"), "set `on_treatment`: words are wanted."),
    (
        "a table that is none",
        ("  dose:\n    highest", "  empty: x\n  dose:\n    highest"),
        "table `empty`: rules are wanted.",
    ),
    (
        "given that is none",
        ("given: {wbc: 3.4}", "given: low"),
        "case `just under`, `given`: facts with values are wanted.",
    ),
    ("a case without a value", ("given: {wbc: 3.4}", "given: {wbc: }"), "case `just under`: `wbc` has no value."),
    ("a text for a list", ('rejected: ["at or below"]', "rejected: none"), "a list of texts is wanted. Found: none"),
    ("keys for a word", ("kind: local decision", "kind: {local: yes}"), "a text is wanted. Found keys with values."),
]


@pytest.mark.parametrize(("change", "says"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_is_told_with_its_line_and_what_to_do(change, says):
    found = reading_faults(sample(change))
    assert any(says in fault for fault in found), found


def test_all_mistakes_of_a_file_at_once_in_its_order():
    changes = (("status: draft", "status: x"), ("unit: Cel, source", "unit: Cels, source"), ("drug: stop,", "drug: x,"))
    found = reading_faults(sample(*changes))
    assert len(found) == 3
    assert [int(fault.split(":")[1]) for fault in found] == [4, 15, 42]


def test_from_very_many_names_none_is_guessed():
    assert meant("wcb", ["wbc"]) == "Did you mean wbc?"
    assert meant("wcb", [f"wbc{number}" for number in range(2000)]) == ""


def test_a_pack_is_called_as_its_file(tmp_path):
    path = tmp_path / "other.yaml"
    path.write_text(SAMPLE)
    with pytest.raises(PackError, match=r"other.yaml:1: the pack is called ward, its file other\."):
        read_pack(path)


def test_a_file_is_read_once_until_it_changes(tmp_path):
    path = tmp_path / "ward.yaml"
    path.write_text(SAMPLE)
    first = read_pack(path)
    assert read_pack(path) is first
    path.write_text(SAMPLE.replace("1.0.0", "1.0.10"))
    assert read_pack(path).version == "1.0.10"


def test_the_pack_in_the_manual_can_be_read(tmp_path):
    manual = (SHIPPED / "README.md").read_text(encoding="utf-8")
    path = tmp_path / "our-hospital.yaml"
    path.write_text(manual.split("```yaml\n")[1].split("```")[0])
    assert read_pack(Path(path)).layers == ("added-safety", "everyday")
