"""Sources drawn at random, with the traps in them: what goes by columns comes to what the record comes to, in rows and in report.

Both ways are the same import, once with everything read patient by patient. COUNTWELL_EXAMPLES=2000 draws more than the suite.
"""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cohort.importing import LAYOUT, csv_text, row, stored
from countwell.cohort.incoming import bulk_fhir
from countwell.cohort.incoming.bring_in import bring_in
from countwell.cohort.incoming.bulk_fhir import BulkFhir
from countwell.cohort.incoming.from_tables import FromTables
from countwell.cohort.incoming.readings import OF_A_READING, Distinct, Reading
from countwell.exchange.csv_mapping import read_mapping
from exchange.making import LOINC, order, quantity

EXAMPLES = int(os.environ.get("COUNTWELL_EXAMPLES", "15"))
MANY = settings(
    max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)
MAPPING = read_mapping(LAYOUT.encode())
COUNTED = ("patients", "sources", "reasons", "prevalence", "values", "tenfold", "codes_not_listed", "units_refused")


def imported(source):
    """(rows, what the report counts) of an import."""
    with TemporaryDirectory() as folder:
        report = bring_in(source, Path(folder) / "store")
        return stored(Path(folder) / "store"), {name: _unordered(report[name]) for name in COUNTED}


def _unordered(said):
    """Examples are the first few that came, and reasons of one count stand in no order."""
    if not isinstance(said, list):
        return said
    return sorted(json.dumps({k: v for k, v in one.items() if k != "examples"}, sort_keys=True) for one in said)


class OneByOne(BulkFhir):
    """The same with no line taken for plain."""

    def batches(self):
        plain, bulk_fhir.plain_lines = (
            bulk_fhir.plain_lines,
            lambda block, begins, *_: plain(block, begins, begins, self.contents),
        )
        try:
            yield from super().batches()
        finally:
            bulk_fhir.plain_lines = plain


UCUM = "http://unitsofmeasure.org"
NUMBERS = (3.0, 2.0, 1.99999, 0, -1, 3000, 140, 36.6, 9999999, "3.0", None, True)
UNITS = ("10*9/L", "10*9/L", "10*3/uL", "/mL", "g/dL", "U/L", "umol/L", "µmol/L", "%", "", None)
CODES = ("6690-2", "6690-2", "751-8", "718-7", "1742-6", "2951-2", "770-8", "29463-7", "8310-5", "9999-9", "TPMT")
TIMES = (
    "2026-03-01T09:00:00-05:00",
    "2026-03-01T09:00:00-05:00",
    "2026-03-01T14:00:00Z",
    "2026-03-01",
    "2026-03-02T09:00:00.123Z",
)
ODD_TIMES = ("2026-03", "2026-02-30", "2026-03-01T09:00:00", "1492-03-01", "2140-01-01", "2027-05-01", "soon", None, 5)
STATUSES = ("final",) * 6 + (
    "preliminary",
    "corrected",
    "amended",
    "cancelled",
    "entered-in-error",
    "registered",
    "unknown",
    None,
)
RANGES = (
    None,
    None,
    [{"high": {"value": 4, "unit": "10*9/L"}}],
    [{"low": quantity(4), "high": quantity(11)}],
    [{"high": quantity(4000, "/uL")}],
    [{"high": "4"}],
    [{"high": quantity(4)}, {"high": quantity(5)}],
)
PERFORMERS = (None, [{"display": "one"}], [{"reference": "Organization/2"}], "one", [])
METAS = (
    None,
    None,
    {"versionId": "1"},
    {"versionId": "2", "lastUpdated": "2026-03-01T09:00:00Z"},
    {"profile": ["x"]},
    {"versionId": 3},
    {"new": 1},
)
MORE = (
    {"modifierExtension": [{"url": "x"}]},
    {"category": [{"modifierExtension": [{"url": "x"}]}]},
    {"text": {"status": "generated", "div": '<div>"x" \\ é</div>'}},
    {"text": {"modifierExtension": [{"url": "x"}]}},
    {"note": [{"text": "clotted"}]},
    {"specimen": {"display": "urine"}},
    {"comments": "x"},
    {"interpretation": [{"text": "H"}]},
    {"encounter": {"reference": "Encounter/1"}},
    {"component": []},
    {"dataAbsentReason": {"text": "x"}},
    {"basedOn": [{"reference": "ServiceRequest/1"}]},
    {"implicitRules": "x"},
)
SUBJECTS = ("Patient/p1",) * 4 + (
    "Patient/p2",
    "Patient/p_3",
    "https://a.example/fhir/Patient/p1",
    "Patient/p1/_history/2",
    "Group/1",
    "",
    None,
)


def weighted(usual, odd):
    """The usual nine times out of ten."""
    return st.integers(0, 9).flatmap(lambda number: st.sampled_from(odd if number == 0 else usual))


@st.composite
def observations(draw):
    """An Observation that is plain, or has one or two things that make it none."""
    unit = draw(st.sampled_from(UNITS))
    amount = {
        "value": draw(st.sampled_from(NUMBERS)),
        "comparator": draw(weighted((None,), ("<", ">=", "~"))),
        "unit": unit,
    }
    amount |= {"system": draw(weighted((UCUM,), (None, "urn:x"))), "code": draw(weighted((unit,), (None, "10*9/L", 3)))}
    code = draw(st.sampled_from(CODES))
    concept = {
        "coding": [{"system": LOINC, "code": code, "display": draw(weighted((None,), ("Leukocytes", "Platelets")))}]
    }
    fields = {
        "id": draw(weighted(("o1", "o2", "o3", "o4", "o5", "o6"), (None, "o 7", "ö8", 'o"9', 5))),
        "status": draw(st.sampled_from(STATUSES)),
        "code": draw(weighted((concept,), ({"text": "WBC"}, {}, "WBC", None))),
        "subject": draw(
            weighted(
                tuple({"reference": one} for one in SUBJECTS),
                ({"reference": "Patient/p1", "display": "A"}, {"x": 1}, "p1", None),
            )
        ),
        "effectiveDateTime": draw(weighted(TIMES, ODD_TIMES)),
        "issued": draw(weighted((*TIMES, None), ODD_TIMES)),
        "valueQuantity": draw(weighted((amount,), ({**amount, "extension": []}, 3.0, [], None))),
        "referenceRange": draw(st.sampled_from(RANGES)),
        "performer": draw(st.sampled_from(PERFORMERS)),
        "meta": draw(st.sampled_from(METAS)),
        "category": draw(weighted((None, [{"text": "laboratory"}]), ([], "x"))),
        **(draw(st.sampled_from(MORE)) if draw(st.integers(0, 4)) == 0 else {}),
    }
    return {"resourceType": "Observation", **fields}


OTHERS = (
    {"resourceType": "Patient", "id": "p1", "birthDate": "1970-03-04", "gender": "female"},
    {"resourceType": "Patient", "id": "p2", "birthDate": "1970", "deceasedBoolean": True},
    order(),
    {
        "resourceType": "DiagnosticReport",
        "id": "r1",
        "status": "final",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": "x"},
        "result": [{"reference": "Observation/o1"}, {"reference": "Observation/o2"}],
    },
    {
        "resourceType": "DiagnosticReport",
        "id": "r2",
        "status": "partial",
        "subject": {"reference": "Patient/p2"},
        "code": {"text": "x"},
        "result": [{"reference": "Observation/o3"}],
    },
    {"resourceType": "Encounter", "id": "e1"},
)


@st.composite
def lines(draw):
    """A line of NDJSON: members in any order, with blanks or without, escaped or not, rarely broken or with a member twice."""
    resource = draw(observations() if draw(st.integers(0, 9)) else st.sampled_from(OTHERS))
    members = [(name, value) for name, value in _whole(resource).items()]
    draw(st.randoms(use_true_random=False)).shuffle(members)
    blanks = draw(st.sampled_from(((",", ":"), (", ", ": "), (" , ", " : "))))
    text = json.dumps(dict(members), separators=blanks, ensure_ascii=draw(st.booleans()))
    spoil = draw(st.integers(0, 30))
    if spoil == 0:
        return text[:-1] + ',"status":"final"}'
    if spoil == 1:
        return text[: len(text) // 2]
    if spoil == 2:
        return text.replace('"value"', '"value":1,"value"')
    return text


def _whole(node):
    """Without what is None."""
    if isinstance(node, dict):
        return {name: _whole(value) for name, value in node.items() if value is not None}
    return [_whole(item) for item in node] if isinstance(node, list) else node


@MANY
@given(st.lists(lines(), min_size=1, max_size=14))
def test_fhir_by_columns_comes_to_what_the_record_comes_to(sent):
    with TemporaryDirectory() as folder:
        file = Path(folder) / "a.ndjson"
        file.write_text("\n".join(sent) + "\n", encoding="utf-8")
        by_columns, one_by_one = imported(BulkFhir(file)), imported(OneByOne(file))
    assert by_columns == one_by_one


CELLS = {
    "pid": (("p1", "p1", "p2"), ("", " p1 ", "p 3")),
    "id": (("a", "b", "c", "d", "e", "f", ""), (" a", "@x")),
    "test": (("",), ("WBC", "Neutrophils", "Sodium", "TPMT genotype", "=x")),
    "code": (("6690-2", "6690-2", "751-8", "718-7", "1742-6"), ("", "9999-9", "770-8", "29463-7", "8310-5")),
    "value": (("3.0", "2.0", "2", "140", "36.6", "1.99999"), ("<0.5", ">8", "", "x", "-3.1", "2,26", "３.０", "9999999", "3000")),
    "unit": (("10*9/L", "10*9/L", "g/L", "U/L"), ("", "/mL", "%", "Cel", "kg")),
    "high": (("", "4", "40"), ("40.00001", "<40", "0", "x")),
    "at": (("2026-03-01 09:00", "2026-03-01 17:00", "2026-03-01", "2026-03-02 09:00"), ("", "soon", "2026-02-30", "2026-03-29 02:30", "1492-01-01")),
    "received": (("", "2026-03-01 10:00", "2026-03-04"), ("soon", "2027-06-01", "2026-02-28 08:00")),
    "status": (("final", "final", "final", "preliminary"), ("corrected", "amended", "cancelled", "entered-in-error", "", "Z")),
    "lab": (("", "one", "two"), ('=HYPERLINK("x")',)),
    "order": (("",), ("1", "2")),
    "replaces": (("",), ("a", "b", "z")),
    "born": (("",), ("1970-01-01", "yesterday")),
}  # fmt: skip
ROWS = st.fixed_dictionaries({name: weighted(usual, odd) for name, (usual, odd) in CELLS.items()})


def row_by_row(source):
    """The same source with no wording taken for plain."""
    source.long.readings = Distinct(OF_A_READING, lambda _: Reading({}))
    return source


@MANY
@given(st.lists(ROWS, min_size=1, max_size=14))
def test_tables_by_columns_come_to_what_the_record_comes_to(rows):
    with TemporaryDirectory() as folder:
        file = Path(folder) / "results.csv"
        file.write_text(csv_text([row(**one) for one in rows]), encoding="utf-8")
        by_columns, by_row = imported(FromTables(file, MAPPING)), imported(row_by_row(FromTables(file, MAPPING)))
    assert by_columns == by_row
