"""Drawn patients as others would send them: a long table of results in the senders' words and units, and bulk FHIR NDJSON."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from cohort_drawn import (
    BELOW,
    DISPUTED,
    ITS_CORRECTION,
    LABS,
    TESTS,
    UNREADABLE,
    ZONES,
    People,
    Results,
    instants,
)
from cohort_happenings import UNKNOWN_DAY, Happenings

# (test, style of the laboratory) -> unit and by how much a thousandth of the canonical unit is divided there.
UNITS = {
    "wbc": (("10*9/L", 1000), ("/uL", 1), ("10^9/L", 1000), ("10*3/uL", 1000)),
    "neutrophils": (("10*9/L", 1000), ("/uL", 1), ("10^9/L", 1000), ("10*3/uL", 1000)),
    "lymphocytes": (("10*9/L", 1000), ("/uL", 1), ("10^9/L", 1000), ("10*3/uL", 1000)),
    "hb": (("g/L", 1000), ("g/dL", 10_000), ("g/L", 1000), ("g/dL", 10_000)),
    "mcv": (("fL", 1000),) * 4,
    "platelets": (("10*9/L", 1000), ("/uL", 1), ("10^9/L", 1000), ("10*3/uL", 1000)),
    "alt": (("U/L", 1000),) * 4,
    "ast": (("U/L", 1000),) * 4,
    "alp": (("U/L", 1000),) * 4,
    "bilirubin": (("umol/L", 1000),) * 4,
    "creatinine": (("umol/L", 1000),) * 4,
}
LOINC = dict(
    zip(
        TESTS,
        "6690-2 751-8 731-0 718-7 787-2 777-3 1742-6 1920-8 6768-6 14631-6 14682-9".split(),
        strict=True,
    )
)
STATUS = np.array("final final final final cancelled preliminary final final corrected".split())
NO_UNIT = ""  # an unreadable one comes without its unit


def long_table(of: People, drawn: Results, shuffled: np.random.Generator | None) -> pa.Table:
    """One row per reading, all text: patient id code value unit high collected received status lab replaces."""
    count = len(drawn.who)
    ids = np.arange(count)
    style = of.lab[drawn.who] % 4
    value, unit, high = _as_sent(drawn, style)
    second = drawn.of == ITS_CORRECTION
    given = {
        "patient": _text("p", of.first + drawn.who),
        "id": _text(f"r{of.first}-", ids),
        "code": pa.array(np.array(list(LOINC.values()))[drawn.test]),
        "value": value,
        "unit": pa.array(np.where(drawn.of == UNREADABLE, NO_UNIT, unit)),
        "high": high,
        "collected": _local(of, drawn, drawn.day, drawn.minute),
        "received": _local(of, drawn, drawn.known_day, drawn.known_minute),
        "status": pa.array(STATUS[drawn.of]),
        "lab": pa.array(np.array(LABS)[of.lab[drawn.who]]),
        "replaces": pc.if_else(pa.array(second), _text(f"r{of.first}-", ids - 1), ""),
    }
    table = pa.table({**given, "at": instants(of.zone[drawn.who], drawn.known_day, drawn.known_minute)})
    doubled = _second_opinions(table, drawn)
    if doubled is not None:
        table = pa.concat_tables([table, doubled])
    if shuffled is not None:
        table = table.take(shuffled.permutation(len(table)))
    return table.drop_columns(["at"])


def _as_sent(drawn: Results, style: np.ndarray) -> tuple[pa.Array, np.ndarray, pa.Array]:
    """The texts of values, units and upper limits, each different one written once."""
    units = np.array([[unit for unit, _ in row] for row in UNITS.values()])[drawn.test, style]
    divided = np.array([[by for _, by in row] for row in UNITS.values()])[drawn.test, style]
    value = _written(drawn.value, divided)
    value = pc.if_else(pa.array(drawn.of == BELOW), pc.binary_join_element_wise("<", value, ""), value)
    high = pc.if_else(pa.array(drawn.upper > 0), _written(drawn.upper, divided), "")
    return value, units, high


def _written(thousandths: np.ndarray, divided: np.ndarray) -> pa.Array:
    key = thousandths.astype(np.int64) * 16_384 + divided
    distinct, back = np.unique(key, return_inverse=True)
    texts = [f"{one // 16_384 / (one % 16_384):.10g}" for one in distinct.tolist()]
    return pa.array(texts).take(pa.array(back))


def _text(before: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(before, pc.cast(pa.array(numbers), pa.string()), "")


def _local(of: People, drawn: Results, day: np.ndarray, minute: np.ndarray) -> pa.Array:
    """Times with their offset, as 2026-06-30T09:15+01:00; a day alone where no time was sent."""
    zone = of.zone[drawn.who]
    ahead = (day.astype(np.int64) * 1440 + np.maximum(minute, 0)) - instants(
        zone, day, np.maximum(minute, 0)
    ) // 60_000_000
    key = (day.astype(np.int64) * 2048 + minute + 1) * 1024 + ahead + 0
    distinct, back = np.unique(key, return_inverse=True)
    return pa.array([_time(one) for one in distinct.tolist()]).take(pa.array(back))


def _time(key: int) -> str:
    ahead, rest = key % 1024, key // 1024
    return _moment(rest // 2048, rest % 2048 - 1, ahead)


def _moment(day: int, minute: int, ahead: int) -> str:
    text = (date(1970, 1, 1) + timedelta(days=day)).isoformat()
    if minute < 0:
        return text
    return f"{text}T{minute // 60:02d}:{minute % 60:02d}:00+{ahead // 60:02d}:{ahead % 60:02d}"


def _second_opinions(table: pa.Table, drawn: Results) -> pa.Table | None:
    """Of a disputed result the other final value, which neither replaces nor corrects the first."""
    rows = np.flatnonzero(drawn.of == DISPUTED)
    if not len(rows):
        return None
    other = table.take(pa.array(rows))
    other = other.set_column(1, "id", pc.binary_join_element_wise(other["id"], "b", ""))
    return other.set_column(3, "value", pc.binary_join_element_wise(other["value"], "1", ""))


# Bulk FHIR


def patient_lines(of: People) -> Iterator[str]:
    """Patient.ndjson."""
    for number, (born, sex) in enumerate(zip(of.born.tolist(), of.sex.tolist(), strict=True)):
        birth = (date(1970, 1, 1) + timedelta(days=born)).isoformat()
        gender = ("female", "male")[sex]
        yield f'{{"resourceType":"Patient","id":"p{of.first + number}","gender":"{gender}","birthDate":"{birth}"}}\n'


def observation_lines(table: pa.Table) -> Iterator[str]:
    """Observation.ndjson from the long table of the same patients."""
    names = ("patient", "id", "code", "value", "unit", "high", "collected", "received", "status", "lab")
    for row in zip(*(table[name].to_pylist() for name in names), strict=True):
        yield _observation(*row)


def _observation(
    patient: str,
    number: str,
    code: str,
    value: str,
    unit: str,
    high: str,
    collected: str,
    received: str,
    status: str,
    lab: str,
) -> str:
    below, value = ('"comparator":"<",', value[1:]) if value.startswith("<") else ("", value)
    units = f',"unit":"{unit}","system":"http://unitsofmeasure.org","code":"{unit}"' if unit else ""
    limit = f',"referenceRange":[{{"high":{{"value":{high}{units}}}}}]' if high else ""
    return (
        f'{{"resourceType":"Observation","id":"{number}","status":"{status}",'
        '"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],'
        f'"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}},"subject":{{"reference":"Patient/{patient}"}},'
        f'"effectiveDateTime":"{collected}","issued":"{received}","performer":[{{"display":"{lab}"}}],'
        f'"valueQuantity":{{"value":{value},{below}{units[1:]}}}{limit}}}\n'.replace(",}", "}")
    )


def statement_lines(of: People, drawn: Sequence[Happenings]) -> Iterator[str]:
    """MedicationStatement.ndjson: azathioprine at each dose that was decided, and the other medicines."""
    by_kind: Mapping[str, Happenings] = {rows.kind: rows for rows in drawn}
    doses, others = by_kind["decision"], by_kind["medicine"]
    for number, (who, day, mg) in enumerate(_columns(doses, doses.amount // 1000)):
        if mg > 0:
            daily = '"timing":{"repeat":{"frequency":1,"period":1,"periodUnit":"d"}}'
            amount = f'"doseAndRate":[{{"doseQuantity":{{"value":{mg},"unit":"mg"}}}}]'
            dose = f'"dosage":[{{"text":"{mg} mg once daily",{daily},{amount}}}]'
            yield _statement(f"d{of.first}-{number}", of.first + who, "azathioprine", day, f",{dose}")
    for number, (who, day, name) in enumerate(_columns(others, np.array(others.words)[others.what])):
        yield _statement(f"m{of.first}-{number}", of.first + who, name, day, "")


def _columns(rows: Happenings, third: np.ndarray) -> Iterator[tuple[int, int, object]]:
    return zip(rows.who.tolist(), rows.day.tolist(), third.tolist(), strict=True)


def _statement(number: str, patient: int, name: object, day: int, more: str) -> str:
    since = "" if day == UNKNOWN_DAY else f',"effectivePeriod":{{"start":"{_moment(day, -1, 0)}"}}'
    return (
        f'{{"resourceType":"MedicationStatement","id":"{number}","status":"active","subject":{{"reference":"Patient/p{patient}"}},'
        f'"medicationCodeableConcept":{{"text":"{name}"}}{since}{more}}}\n'
    )


assert len(ZONES) == 3, "the key of _local holds offsets from 0 to 1023 minutes ahead"
