"""Laboratory CSV by a mapping: nothing is guessed, a row that cannot be used is refused alone and named by its line.

Longer than other modules: each trap of a sender has its own case, read by the same mapping.
"""

from decimal import Decimal

import pytest

from countwell.base.errors import RecordError
from countwell.exchange.csv_mapping import SHIPPED, read_mapping, shipped
from countwell.exchange.lab_csv import read_csv
from exchange.making import events

LAYOUT = """
date: "%Y-%m-%d %H:%M"
day: "%Y-%m-%d"
time_zone: Europe/Berlin
columns: {patient: pid, test: test, value: value, unit: unit, collected: at, status: status, low: low, high: high, id: id}
"""
HEADER = "pid,id,test,value,unit,at,status,low,high"
ROW = "007,a1,WBC,3.0,10*9/L,2026-03-01 09:00,final,3.5,10.0"


def intakes(*rows, layout=LAYOUT, header=HEADER, **options):
    text = "\n".join((header, *rows)) + "\n"
    found = read_csv(text.encode(), read_mapping(layout.encode()), **options)
    for intake in found:
        assert intake.received == len(intake.filed) + len(intake.held) + len(intake.refused)
    return found


def only(*rows, **options):
    (intake,) = intakes(*rows, **options)
    return intake


def only_result(row, **options):
    intake = only(row, **options)
    assert intake.record.refused == ()
    return events(intake, "Result")[0]


def not_used(row, **options):
    (refused,) = only(row, **options).record.refused
    return refused


def changed(text, layout=LAYOUT):
    return layout.replace(*text)


def test_a_row_is_a_result():
    found = only_result(ROW)
    assert (found.ref, found.test, found.value, found.unit, found.status) == ("a1", "wbc", "3.0", "10*9/L", "final")
    assert (found.normal_low, found.normal_high) == ("3.5", "10.0")
    assert found.collected.at.isoformat() == "2026-03-01T08:00:00+00:00"


def test_ids_keep_their_leading_zeros():
    assert only(ROW).record.patient.id == "007"


def test_a_day_is_a_whole_day():
    assert only_result(ROW.replace(" 09:00", "")).collected.whole_day


def test_every_patient_has_an_intake():
    found = intakes(ROW, ROW.replace("007", "008").replace("a1", "a2"), ROW.replace("a1", "a3"))
    assert [(intake.record.patient.id, intake.received) for intake in found] == [("007", 2), ("008", 1)]


def test_a_row_without_a_patient_is_held_apart():
    found = intakes(ROW, ROW.replace("007", ""))
    assert (found[1].record.patient.id, len(found[1].held)) == ("no-patient-named", 1)


def test_the_patient_may_be_given():
    assert only(ROW.replace("007", ""), patient="p9").record.patient.id == "p9"
    assert only(ROW, patient="p9").record.patient.id == "007"


@pytest.mark.parametrize("value", ["<0.5", ">100", "CLOTTED", "-3.1", "3,0", "9999999"])
def test_a_value_stays_the_text_that_was_sent(value):
    assert only_result(ROW.replace("3.0", f'"{value}"', 1)).value == value


def test_what_the_mapping_calls_missing_is_no_value():
    found = only_result(ROW.replace("3.0", "9999999", 1), layout=LAYOUT + 'missing: ["9999999"]\n')
    assert found.value is None


def test_a_decimal_comma_is_read_where_the_mapping_says_so():
    comma = LAYOUT + "decimal: comma\n"
    row = '007,a1,WBC,"2,26",10*9/L,2026-03-01,final,"3,5","10,0"'
    found = only_result(row, layout=comma)
    assert (found.value, found.normal_low, found.normal_high) == ("2.26", "3.5", "10.0")
    assert only_result(row.replace("2,26", "<2,26"), layout=comma).value == "<2.26"


@pytest.mark.parametrize("value", ["2.26", "1.234,5"])
def test_a_decimal_point_among_commas_is_not_guessed(value):
    assert (
        not_used(ROW.replace("3.0", f'"{value}"', 1).replace("3.5,10.0", ","), layout=LAYOUT + "decimal: comma\n").field
        == "value"
    )


def test_a_number_of_thousands_with_commas_is_not_read_as_decimal():
    found = only_result(
        ROW.replace("3.0", '"1,234,567"', 1).replace("3.5,10.0", ","), layout=LAYOUT + "decimal: comma\n"
    )
    assert found.value == "1,234,567"


def test_a_comparator_in_its_own_column_is_read():
    layout = (
        changed(("value: value,", "value: value, comparator: low,")).replace(" low: low,", "")
        + "comparators: {LT: '<', EQ: ''}\n"
    )
    assert only_result(ROW.replace("3.5", "LT"), layout=layout).value == "<3.0"
    assert only_result(ROW.replace("3.5", "EQ"), layout=layout).value == "3.0"
    assert only_result(ROW.replace("3.5", ""), layout=layout).value == "3.0"
    assert not_used(ROW.replace("3.5", "NE"), layout=layout).field == "comparator"


@pytest.mark.parametrize("date", ["01/03/2026", "2026-13-01", "1 March", "２０２６-03-01", "2026-03-01T09:00"])
def test_a_date_of_another_form_is_refused(date):
    assert not_used(ROW.replace("2026-03-01 09:00", date)).field == "collected"


@pytest.mark.parametrize("time", ["2026-03-29 02:30", "2026-10-25 02:30"])
def test_an_hour_that_the_clocks_skipped_or_repeated_is_not_plain(time):
    refused = not_used(ROW.replace("2026-03-01 09:00", time).replace("3.0", "1.1", 1))
    assert (refused.field, refused.literal) == ("collected", Decimal("1.1"))


def test_a_false_midnight_is_a_day():
    layout = LAYOUT + "midnight_is_day: yes\n"
    assert only_result(ROW.replace("09:00", "00:00"), layout=layout).collected.whole_day
    assert not only_result(ROW, layout=layout).collected.whole_day


@pytest.mark.parametrize("status", ["", "F", "Final"])
def test_a_status_that_is_missing_or_unknown_is_not_final(status):
    refused = not_used(ROW.replace("final", status).replace("3.0", "1.1", 1))
    assert (refused.field, refused.held, refused.literal) == ("status", True, Decimal("1.1"))


def test_statuses_units_and_tests_are_renamed_exactly_as_the_mapping_says():
    layout = LAYOUT + "statuses: {F: final}\nunits: {Tsd: 10*3/uL}\ntests: {Leuk: wbc}\n"
    found = only_result("007,a1,Leuk,3.0,Tsd,2026-03-01,F,,", layout=layout)
    assert (found.test, found.unit, found.status) == ("wbc", "10*3/uL", "final")


def test_a_constant_stands_for_a_column_that_is_not_there():
    layout = changed(("status: status, ", "")) + "constants: {status: final, lab: lab-7}\n"
    found = only_result(ROW.replace("final", ""), layout=layout)
    assert (found.status, found.lab) == ("final", "lab-7")


def test_a_unit_may_be_declared_for_a_test_that_is_sent_without():
    assert only_result(ROW.replace("10*9/L", ""), layout=LAYOUT + "unit_of: {wbc: 10*9/L}\n").unit == "10*9/L"


def test_a_test_that_is_not_ours_is_kept_and_not_read():
    intake = only(ROW.replace("WBC", "Sodium"))
    assert (events(intake, "Result"), events(intake, "Kept")[0].content["display"]) == ([], "Sodium")


def test_a_name_that_only_looks_like_a_test_is_held():
    assert not_used(ROW.replace("WBC", "Leukocytes [#/volume] in Blood")).held


def test_a_code_is_read_by_its_system():
    layout = changed(("test: test", "code: test"))
    assert only_result(ROW.replace("WBC", "6690-2"), layout=layout).test == "wbc"


def test_weight_and_temperature_are_read_by_their_codes():
    layout = changed(("test: test", "code: test"))
    (weight,) = events(only("007,a1,29463-7,70.5,kg,2026-03-01,final,,", layout=layout), "Weight")
    (fever,) = events(only("007,a1,8310-5,39.1,Cel,2026-03-01,final,,", layout=layout), "Symptom")
    assert (weight.value, fever.symptom, fever.value) == ("70.5", "fever", "39.1")


def test_a_code_and_a_name_that_differ_are_held():
    layout = changed(("test: test", "test: test, code: low")).replace(" low: low,", "")
    assert not_used(ROW.replace("3.5", "777-3"), layout=layout).why == "disputed"


def test_a_range_in_one_column_is_taken_apart():
    layout = changed((" low: low, high: high,", " range: low,"))
    assert only_result(ROW.replace("3.5", "3.5 - 10"), layout=layout).normal_high == "10"
    assert only_result(ROW.replace("3.5", "<130 optimal"), layout=layout).normal_high is None
    assert only_result(ROW.replace("3.5", "70_105"), layout=layout + 'range_separator: "_"\n').normal_high == "105"


def test_the_identity_in_the_row_comes_along():
    layout = changed((" low: low, high: high,", " born: low, name: high,"))
    intake = only(ROW.replace("3.5", "1974-02-03").replace("10.0", "Ann"), layout=layout)
    printed = events(intake, "Result")[0].identity_on_report
    assert (printed.id, printed.born.isoformat(), printed.name) == ("007", "1974-02-03", "Ann")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (ROW + ",more", "10 cells"),
        ("007,a1,WBC", "3 cells"),
        (ROW.replace("WBC", "W\0BC"), "NUL"),
        (ROW.replace("007", '"=""007"""'), "formula"),
        (ROW.replace("WBC", "@SUM(A1)"), "formula"),
        (ROW.replace("WBC", "x" * 200_000), "Not a row"),
        (ROW.replace("WBC", '"W"BC'), "Not a row"),
    ],
)
def test_a_row_that_is_no_row_is_refused_by_its_line_and_the_others_go_on(row, says):
    found = intakes(ROW, row, ROW.replace("a1", "a3"))
    entries = [entry for intake in found for entry in intake.entries]
    assert sum(len(events(intake, "Result")) for intake in found) == 2
    assert [(entry.where, entry.outcome) for entry in entries if entry.outcome != "filed"] == [("line 3", "refused")]
    assert any(says.lower() in entry.says.lower() for entry in entries)


def test_a_quote_that_is_never_closed_says_which_lines_are_lost():
    found = intakes(ROW, ROW.replace("WBC", '"WBC'), ROW.replace("a1", "a3"))
    entries = [entry for intake in found for entry in intake.entries]
    assert ("lines 3-4", "refused") in [(entry.where, entry.outcome) for entry in entries]


def test_empty_lines_are_nothing():
    assert only(ROW, "", ROW.replace("a1", "a2")).received == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8"])
def test_a_byte_order_mark_is_no_part_of_the_header(encoding):
    data = f"{HEADER}\r\n{ROW}\r\n".encode(encoding)
    (intake,) = read_csv(data, read_mapping(LAYOUT.encode()))
    assert events(intake, "Result")


def test_another_encoding_than_the_mapping_says_is_refused():
    with pytest.raises(RecordError, match="byte at"):
        read_csv("pid,id,test,value,unit,at,status,low,high\nä".encode("windows-1252"), read_mapping(LAYOUT.encode()))


def test_a_german_practice_is_read():
    text = "PatNr;Nr;Test;Wert;Einheit;NormVon;NormBis;Abnahme;Befund;Labor;Auftrag\r\n"
    text += "0042;7;Leukozyten;2,9;Tsd./µl;3,9;10,2;01.03.2026 08:15;01.03.2026;Labor Süd;A1\r\n"
    text += "0042;8;GPT;s. Text;U/l;;;01.03.2026;;;\r\n"
    (intake,) = read_csv(text.encode("windows-1252"), shipped("german-practice"))
    first, second = events(intake, "Result")
    assert (intake.record.patient.id, first.test, first.value, first.unit, first.lab) == (
        "0042",
        "wbc",
        "2.9",
        "10*3/uL",
        "Labor Süd",
    )
    assert (second.test, second.value) == ("alt", None)


def test_an_export_with_false_numbers_and_false_midnights_is_read():
    mapping = shipped("order-results")
    row = [
        "Z1",
        "EGFR",
        "9999999",
        "mL/min/1.73m2",
        "",
        "",
        "3/1/2026 12:00:00 AM",
        "3/1/2026 3:15:00 PM",
        "Final",
        "11",
    ]
    (intake,) = read_csv("\n".join(("\t".join(mapping.columns.values()), "\t".join(row))).encode(), mapping)
    (found,) = events(intake, "Result")
    assert (found.value, found.collected.whole_day, found.order) == (None, True, "11")


@pytest.mark.parametrize("name", [path.stem for path in SHIPPED.glob("*.yaml")])
def test_every_shipped_mapping_can_be_read(name):
    assert shipped(name).columns["value"]


@pytest.mark.parametrize(
    ("header", "says"),
    [("pid,id,test,value", "lacks"), (HEADER + ",value", "twice"), ("", "lacks"), ('"', "not a row")],
)
def test_a_header_that_does_not_fit_the_mapping_is_refused(header, says):
    with pytest.raises(RecordError, match=says):
        intakes(ROW, header=header)


def test_a_file_without_rows_is_refused():
    with pytest.raises(RecordError, match="no rows"):
        intakes()


@pytest.mark.parametrize(
    "layout",
    [
        "columns: {value: v}",
        "columns: {test: t}",
        "columns: {value: v, test: t, colour: c}",
        "columns: {value: v, test: t}\ntests: {A: moon}",
        "columns: {value: v, test: t}\nunit_of: {moon: g}",
        "columns: {value: v, test: t}\ndecimal: either",
        "columns: {value: v, test: t}\nencoding: utf-7",
        "columns: {value: v, test: t}\ntime_zone: Mars/Olympus",
        "columns: {value: v, test: t}\ndelimiter: ';;'",
        "columns: {value: v, test: t}\nsurprise: yes",
        "columns: {value: v, value: w}",
        "columns: [",
        "- a",
        "",
        "\xff",
    ],
)
def test_a_mapping_that_is_not_plain_is_refused(layout):
    with pytest.raises(RecordError):
        read_mapping(layout.encode("latin-1"), "mine.yaml")
