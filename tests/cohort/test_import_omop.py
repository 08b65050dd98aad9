"""OMOP tables: concepts become codes through the concept table alone; what the model cannot carry is held, not filled in."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cohort.importing import counts, stored
from countwell.base.errors import RecordError
from countwell.cohort.columns import DECISION, DIED, FINAL, HIGH_OPEN, NOT_USED, UNREADABLE, WEIGHT, WHOLE_DAY
from countwell.cohort.incoming.bring_in import bring_in
from countwell.cohort.incoming.omop import Omop

CONCEPTS = """concept_id\tconcept_name\tvocabulary_id\tconcept_code
11\tLeukocytes [#/volume] in Blood\tLOINC\t6690-2
12\tAlanine aminotransferase\tLOINC\t1742-6
13\tBody weight\tLOINC\t29463-7
21\tthousand per microliter\tUCUM\t10*3/uL
22\tunit per liter\tUCUM\tU/L
23\tkilogram\tUCUM\tkg
31\t<\tMeas Value Operator\t276136004
41\tFEMALE\tGender\tF
51\tazathioprine\tRxNorm\t1256
52\tallopurinol\tRxNorm\t519
0\tNo matching concept\tNone\tNo matching concept
"""
PERSON = "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth\n1,41,1970,3,4\n2,0,1980,,\n"
MEASUREMENT = (
    "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,operator_concept_id,value_as_number,"
    "unit_concept_id,range_high,measurement_source_value,unit_source_value,value_source_value\n"
)


def imported(folder, measurements=(), **tables):
    folder = folder / "cdm"
    folder.mkdir()
    text = MEASUREMENT + "".join(f"{place},{line}\n" for place, line in enumerate(measurements))
    for name, content in {"CONCEPT": CONCEPTS, "person": PERSON, "measurement": text, **tables}.items():
        (folder / f"{name}.csv").write_text(content)
    report = bring_in(Omop(folder, "Europe/London"), folder.parent / "store")
    return report, stored(folder.parent / "store")


def only_lab(tmp_path, line):
    report, (_, labs, _) = imported(tmp_path, [line])
    ((_, _, _, test, _, _, _, _, low, high, upper, status, flags, *_),) = labs
    return report, (test, low, high, upper, status, flags)


def test_a_measurement_with_its_concepts_is_a_result(tmp_path):
    report, (test, low, high, upper, status, flags) = only_lab(
        tmp_path, "1,11,2026-03-01,2026-03-01 09:00:00,,3.0,21,10,WBC,10*3/uL,"
    )
    assert (test, low, high, upper, status, flags & WHOLE_DAY) == (1, 3000, 3000, 10_000, FINAL, 0)
    assert "final" in report["taken"]


@pytest.mark.parametrize("when", ["2026-03-01,", "2026-03-01,2026-03-01 00:00:00"])
def test_a_date_or_a_midnight_is_a_day_without_a_time(when, tmp_path):
    _, (*_, flags) = only_lab(tmp_path, f"1,11,{when},,3.0,21,,,,")
    assert flags & WHOLE_DAY


@pytest.mark.parametrize(
    "line", ["1,11,2026-03-01,,31,0.5,21,,,,", "1,11,2026-03-01,,,0.5,21,,,,<0.5", "1,11,2026-03-01,,0,,21,,,,<0.5"]
)
def test_a_comparator_is_kept_also_where_it_stands_in_the_source_value_alone(line, tmp_path):
    _, (_, low, high, _, _, flags) = only_lab(tmp_path, line)
    assert (low, high, flags & HIGH_OPEN) == (0, 500, HIGH_OPEN)


def test_an_operator_that_the_concept_table_does_not_know_is_held_and_not_left_out(tmp_path):
    report, (_, labs, events) = imported(
        tmp_path, ["1,11,2026-03-01,,4171756,0.5,21,,,,", "1,11,2026-03-09,,0,2.5,21,,,,"]
    )
    assert [lab[8] for lab in labs] == [2500]
    assert [event[3] for event in events] == [NOT_USED]
    assert counts(report)[2] == 1


@pytest.mark.parametrize(
    "line", ["1,11,2026-03-01,,,3.0,21,,,/uL,", "1,11,2026-03-01,,,3.0,0,,,,", "1,11,2026-03-01,,,3.0,0,,,cells,"]
)
def test_a_unit_that_contradicts_the_source_or_is_missing_is_held(line, tmp_path):
    report, (_, _, _, _, status, _) = only_lab(tmp_path, line)
    assert (status, counts(report)[2]) == (UNREADABLE, 1)


def test_the_unit_of_the_source_counts_where_no_concept_is_given(tmp_path):
    _, (_, low, _, _, status, _) = only_lab(tmp_path, "1,11,2026-03-01,,,3000,0,,,/uL,")
    assert (low, status) == (3000, FINAL)


def test_a_concept_that_is_not_loinc_is_held_where_its_name_looks_like_a_test(tmp_path):
    report, (_, labs, _) = imported(tmp_path, ["1,51,2026-03-01,,,3.0,21,,,,", "1,0,2026-03-02,,,40,22,,ALT,,"])
    assert [lab[8] for lab in labs] == [40_000]
    assert list(report["codes_not_listed"].values()) == [1]


def test_persons_weights_and_deaths(tmp_path):
    observation = "observation_id,person_id,observation_concept_id,observation_date,value_as_number,unit_concept_id\n7,1,13,2026-01-02,70,23\n8,1,0,2026-01-02,,\n"
    report, (patients, _, events) = imported(
        tmp_path, observation=observation, death="person_id,death_date\n2,2026-04-01\n"
    )
    assert [(one[0], one[2]) for one in patients] == [("1", "female"), ("2", "")]
    assert [one[1] for one in patients] == [62, -(2**31)]
    assert [(one[0], one[3]) for one in events] == [("1", WEIGHT), ("2", DIED)]
    assert report["sources"]["observation (not read here)"]["filed"] == 1


def test_azathioprine_is_taken_from_its_first_exposure_and_its_dose_is_for_a_person(tmp_path):
    drugs = (
        "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date,drug_source_value\n"
    )
    rows = "1,1,51,2026-01-01,2026-01-31,AZA\n2,1,51,2026-02-01,2026-02-28,AZA\n3,1,52,2026-02-01,2026-02-28,x\n4,2,0,2026-02-01,2026-02-28,azathioprine\n"
    report, (_, _, events) = imported(tmp_path, drug_exposure=drugs + rows)
    kinds = [(one[0], one[3]) for one in events]
    assert kinds.count(("1", DECISION)) == 1
    assert kinds.count(("2", DECISION)) == 1
    assert kinds.count(("1", NOT_USED)) == 2
    assert report["sources"]["drug_exposure"] == {"received": 4, "filed": 1, "held": 3, "refused": 0}


@pytest.mark.parametrize("missing", ["CONCEPT", "person"])
def test_without_concepts_or_persons_nothing_is_read(missing, tmp_path):
    for name, text in {"CONCEPT": CONCEPTS, "person": PERSON}.items():
        if name != missing:
            (tmp_path / f"{name}.csv").write_text(text)
    with pytest.raises(RecordError, match=missing.lower()):
        Omop(tmp_path)


def test_two_rows_of_one_person_are_refused(tmp_path):
    report, (patients, *_) = imported(tmp_path, person=PERSON + "1,41,1971,1,1\n")
    assert [one[0] for one in patients] == ["2"]
    assert counts(report)[3] == 2


@pytest.mark.parametrize("left", [3, -9, -40])
def test_a_truncated_parquet_table_is_refused(left, tmp_path):
    pq.write_table(pa.table({"person_id": ["1"] * 60}), tmp_path / "person.parquet", compression="none")
    whole = (tmp_path / "person.parquet").read_bytes()
    (tmp_path / "person.parquet").write_bytes(whole[:left])
    (tmp_path / "CONCEPT.csv").write_text(CONCEPTS)
    with pytest.raises(RecordError, match=r"person\.parquet: not Parquet that can be read"):
        Omop(tmp_path)


def test_a_table_with_a_row_of_another_length_is_refused_as_a_whole(tmp_path):
    with pytest.raises(RecordError, match="cannot be read"):
        imported(tmp_path, ["1,11,2026-03-01,,,3.0,21,,,,", "1,11,2026-03-01"] * 20_000)
