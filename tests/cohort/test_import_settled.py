"""Days drawn at random, settled by columns, come to what the record comes to."""

import random

import pytest

from cohort.importing import csv_text, from_csv, row

VALUES = {
    "6690-2": ("3.0", "2.0", "<2.0", ">8", "1.99999", "2.99999", "x", "", "3000"),
    "751-8": ("1.5", "2.0", "2.1", "3.0", "2.00001", "45", "x"),
    "1742-6": ("40", "141", "40.00001", "", "<5"),
}
UNITS = {"6690-2": ("10*9/L", "10*9/L", "10*9/L", ""), "751-8": ("10*9/L", "10*3/uL"), "1742-6": ("U/L",)}
COLLECTED = ("2026-03-01 09:00", "2026-03-01 09:00", "2026-03-01 17:00", "2026-03-01", "2026-03-02 09:00")
RECEIVED = ("", "2026-03-01 10:00", "2026-03-01 12:00", "2026-03-01 12:00", "2026-03-04", "2026-02-28 08:00")
STATUSES = (
    "final",
    "final",
    "final",
    "preliminary",
    "preliminary",
    "corrected",
    "amended",
    "cancelled",
    "entered-in-error",
)


def drawn(draw, patient):
    """One patient's rows, most of them of one test and one collection, so that they meet; half the patients without links."""
    test, collected, linked = draw.choice(tuple(VALUES)), draw.choice(COLLECTED), draw.random() < 0.5
    for place in range(draw.choice((1, 2, 2, 2, 2, 3))):
        code = test if draw.random() < 0.8 else draw.choice(tuple(VALUES))
        yield row(
            pid=f"p{patient}",
            id=f"a{place}" if draw.random() < 0.9 else draw.choice(("a0", "")),
            code=code,
            value=draw.choice(VALUES[code]),
            unit=draw.choice(UNITS[code]),
            high=draw.choice(("", "40", "40.00001")),
            at=collected if draw.random() < 0.8 else draw.choice(COLLECTED),
            received=draw.choice(RECEIVED),
            status=draw.choice(STATUSES),
            order=draw.choice(("", "", "1", "2")) if linked else "",
            replaces=draw.choice(("", "a0", "a1", "a9")) if linked else "",
            lab=draw.choice(("", "one", "two")),
        )


@pytest.mark.parametrize("seed", range(2))
def test_days_drawn_at_random_come_to_what_the_record_comes_to(seed, tmp_path):
    draw = random.Random(seed)
    rows = [one for patient in range(400) for one in drawn(draw, patient)]
    draw.shuffle(rows)
    _, bulk, alone = from_csv(tmp_path, csv_text(rows))
    by_table = [sorted(set(one) ^ set(other)) for one, other in zip(bulk, alone, strict=True)]
    assert by_table == [[], [], []]
    assert bulk == alone


def test_a_part_above_its_final_whole_is_read_with_the_record_also_beside_a_larger_preliminary_one(tmp_path):
    rows = [
        row(id="a", code="6690-2", value="2.0", unit="10*9/L", status="final"),
        row(id="b", code="6690-2", value="6.0", unit="10*9/L", status="preliminary"),
        row(id="c", code="751-8", value="3.0", unit="10*9/L", status="final"),
    ]
    _, bulk, alone = from_csv(tmp_path, csv_text(rows))
    assert bulk == alone


@pytest.mark.parametrize("received", ["2027-02-28 09:00", "2027-03-01", "2028-01-01"])
@pytest.mark.parametrize("status", ["final", "preliminary", "corrected", "cancelled"])
def test_a_receipt_after_a_year_is_told_with_the_record(status, received, tmp_path):
    rows = [row(id="a"), row(id="b", value="1.8", at="2026-03-01 08:00", status=status, received=received)]
    _, bulk, alone = from_csv(tmp_path, csv_text(rows))
    assert bulk == alone
