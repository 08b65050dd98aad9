"""The chart: what is drawn where, and where every limit comes from."""

import re
import xml.etree.ElementTree as ET
from decimal import Decimal
from itertools import pairwise

import pytest

from countwell.base.spans import Span, exactly
from countwell.engine.joined import Joined
from countwell.model.advice import RANKS
from countwell.pack.load import load
from countwell.paper.chart import Chart, chart_of, chart_svg
from countwell.paper.frame import FRAMES, WIDE
from countwell.paper.limits import band_of, bands, limits_of, limits_of_ratio
from countwell.paper.plain import short
from countwell.paper.scale import Across, Up, months, ticks, widened, width_of
from countwell.paper.series import PANELS, Point, Series, series_of
from paper.people import NOW, at, decision, record, result, this_morning, with_events

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def packs():
    return load("cidp").packs


@pytest.fixture(scope="module")
def chart(packs) -> Chart:
    return chart_of(record(), packs, NOW, NOW)


def one(chart: Chart, test: str) -> Series:
    return next(series for series in chart.series if series.test == test)


def points(series: Series, day: str) -> list[Point]:
    return [point for point in series.points if point.day.isoformat() == day]


def drawn(chart: Chart, shape: str = "wide") -> ET.Element:
    return ET.fromstring(chart_svg(chart, shape))


def classes(root: ET.Element, test: str) -> list[str]:
    panel = next(g for g in root.iter(f"{SVG}g") if g.get("class") == f"panel {test}")
    return [element.get("class", "") for element in panel.iter()]


@pytest.mark.parametrize("shape", FRAMES)
def test_it_is_well_formed_and_tells_itself(chart, shape):
    root = drawn(chart, shape)
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == title.get("id")
    assert root.get("aria-describedby") == desc.get("id")
    assert title.text.startswith("White cells 3.0\u00a0×10⁹/L on 1\u00a0Mar\u00a02026")
    assert "88 was corrected to 222" in desc.text
    assert "held from 28\u00a0Oct\u00a02025" in desc.text


@pytest.mark.parametrize("shape", FRAMES)
def test_the_same_input_gives_the_same_bytes(packs, chart, shape):
    assert chart_svg(chart, shape) == chart_svg(chart_of(record(), packs, NOW, NOW), shape)


@pytest.mark.parametrize("name", ["cidp", "mg", "aih"])
def test_every_limit_is_a_number_of_a_pack_that_a_rule_compares_with(name):
    packs = load(name).packs
    numbers = {(pack.name, number.name): number.value for pack in packs for number in pack.numbers.values()}
    words = {rank.words for _, rank in RANKS}
    found = [limit for test in PANELS for of in (limits_of, limits_of_ratio) for limit in of(test, packs)]
    assert found
    for limit in found:
        assert numbers[limit.layer, limit.number] == limit.value
        assert limit.rank.words in words


def test_limits_stand_from_mild_to_grave_and_say_whose_the_limit_itself_is(packs):
    warn, stop = limits_of("wbc", packs)
    assert (warn.value, warn.closed, warn.words) == (Decimal("3.0"), True, "at 3.0 or less")
    assert (stop.value, stop.closed, stop.layer) == (Decimal("2.0"), True, "cidp")
    assert stop.rank.place < warn.rank.place
    assert band_of(exactly(Decimal("3.0")), (warn, stop)) is warn
    assert band_of(exactly(Decimal("3.01")), (warn, stop)) is None
    assert band_of(Span(Decimal(0), Decimal("2.5"), False, True), (warn, stop)) is warn
    assert [(band.limit, band.until) for band in bands((warn, stop))] == [(warn, stop.value), (stop, None)]


def test_an_upper_end_of_a_rule_is_no_limit_and_a_mixed_rule_draws_none(packs):
    values = [limit.value for limit in limits_of_ratio("alt", packs)]
    assert values == sorted(values)
    assert all(not limit.below for limit in limits_of_ratio("alt", packs))
    mixed = {rule.key for rule in Joined(packs).rules if rule.key == "cidp/reaction/sickness-with-enzymes"}
    assert mixed
    first = limits_of_ratio("alt", packs)[0]
    assert first.rank.words == "Do not raise"


def test_a_censored_value_is_an_arrow_and_never_at_the_value(chart):
    (point,) = points(one(chart, "alt"), "2025-07-28")
    assert (point.kind, point.text, point.as_sent, point.joined) == ("below", "< 0.25", "<10 U/L", False)
    root = drawn(chart)
    panel = next(g for g in root.iter(f"{SVG}g") if g.get("class") == "panel alt")
    mark = next(p for p in panel.iter(f"{SVG}path") if p.get("class") == "open censored")
    ys = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", mark.get("d"))]
    base = next(p for p in panel.iter(f"{SVG}path") if p.get("class") == "base")
    bottom = float(re.search(r"M[\d.]+ ([\d.]+)", base.get("d"))[1])
    value = Up(0, 2.6, bottom, bottom - WIDE.panel).at(0.25)
    assert all(y > value for y in ys)


def test_a_corrected_value_stands_struck_beside_the_new_one(chart):
    old, new = points(one(chart, "platelets"), "2025-10-06")
    assert (old.struck, old.as_sent, old.low) == (True, "88 K/uL", Decimal(88))
    assert (new.struck, new.was, new.text) == (False, "88", "222")
    assert not old.joined
    assert {"open struck", "strike", "was"} <= set(classes(drawn(chart), "platelets"))


def test_a_preliminary_value_is_open_and_a_withdrawn_one_a_cross(chart):
    assert "open preliminary" in classes(drawn(chart), "neutrophils")
    assert "cross" in classes(drawn(chart), "wbc")
    assert one(chart, "wbc").latest.text == "3.0"


def test_a_limit_that_was_not_sent_leaves_a_span(chart):
    latest = one(chart, "alt").latest
    assert latest.kind == "span"
    assert latest.low < 1 < latest.high
    assert "reach" in classes(drawn(chart), "alt")
    assert "not known" in ET.tostring(drawn(chart), encoding="unicode")


def test_unreadable_and_disputed_values_are_dashed_squares_on_the_base_line(packs):
    odd = with_events(
        this_morning("wbc", "3000", ""),
        result("platelets", "2026-03-01", "90", "K/uL", id="other"),
    )
    found = chart_of(odd, packs, NOW, NOW)
    assert one(found, "wbc").latest.kind == "unreadable"
    assert one(found, "platelets").latest.kind == "disputed"
    assert one(found, "platelets").latest.as_sent == "204 K/uL or 90 K/uL"
    assert "unknown" in classes(drawn(found), "wbc")
    assert "unknown" in classes(drawn(found), "platelets")


def test_what_was_received_later_is_not_yet_known(packs):
    before = at("2025-10-07T10:00:00-04:00")
    known = one(chart_of(record(), packs, before, before), "platelets")
    assert [point.text for point in points(known, "2025-10-06")] == ["88"]


def test_a_hold_is_hatched_with_its_word_and_nothing_lies_right_of_the_instant(chart):
    root = drawn(chart)
    assert any(rect.get("class") == "held" for rect in root.iter(f"{SVG}rect"))
    line = next(p for p in root.iter(f"{SVG}path") if p.get("class") == "as-of")
    now = float(re.match(r"M([\d.]+)", line.get("d"))[1])
    assert all(float(dot.get("cx")) <= now for dot in root.iter(f"{SVG}circle") if dot.get("class") == "dot")


def test_bands_are_told_by_hatch_and_word_not_by_colour(chart):
    root = drawn(chart)
    fills = {rect.get("fill") for rect in root.iter(f"{SVG}rect") if rect.get("class", "").startswith("band")}
    assert fills == {"url(#w-stop)", "url(#w-watch)", "url(#w-note)"}
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert {"Stop at 2.0 or less", "Do not raise at 3.0 or less"} <= set(texts)


@pytest.mark.parametrize("shape", FRAMES)
def test_no_text_is_cut_at_the_right_edge(chart, shape):
    for text in drawn(chart, shape).iter(f"{SVG}text"):
        if text.get("text-anchor") is None and text.get("font-size"):
            end = float(text.get("x")) + 0.85 * width_of("".join(text.itertext()), float(text.get("font-size")))
            assert end <= FRAMES[shape].width + 1, "".join(text.itertext())


@pytest.mark.parametrize("keep", [[], [result("wbc", "2026-03-01", "3.0", "10*9/L")]])
def test_little_or_nothing_can_be_drawn(packs, keep):
    few = with_events(*keep, keep=False)
    root = drawn(chart_of(few, packs, NOW, NOW))
    assert root.find(f"{SVG}title").text


def test_ten_years_thin_out(packs):
    years = [
        result("wbc", f"{year}-{month:02}-10", "6.1", "10*9/L") for year in range(2016, 2026) for month in range(1, 13)
    ]
    found = chart_of(with_events(decision("start", "2016-01-01", "50"), *years, keep=False), packs, NOW, NOW)
    named = [text for text in drawn(found).iter(f"{SVG}text") if text.get("class") == "month"]
    assert 3 < len(named) < 14


def test_a_value_beyond_the_axis_widens_it_and_is_never_cut(packs):
    high = with_events(this_morning("alt", "900", "U/L", normal_high="40"))
    found = chart_of(high, packs, NOW, NOW)
    assert one(found, "alt").latest.text == "22.5"
    low, top, tick = widened(0, 2.6, 1, [22.5])
    assert low == 0
    assert top >= 22.5
    assert len(list(ticks(low, top, tick))) <= 6


def test_series_come_in_a_fixed_order_and_only_with_data(packs):
    names = [series.test for series in series_of(record(), packs, NOW, NOW)]
    assert names == [test for test in PANELS if test != "lymphocytes"]


@pytest.mark.parametrize(
    ("value", "limits", "shown"),
    [
        ("2.0025", ["2"], "2.002"),
        ("1.99999", ["2"], "1.99999"),
        ("2", ["2"], "2"),
        ("1.4285714", [], "1.43"),
        ("2.4996", ["2.5"], "2.4996"),
        ("1.2502", ["1.25"], "1.2502"),
    ],
)
def test_nothing_is_rounded_onto_a_limit(value, limits, shown):
    assert short(Decimal(value), [Decimal(limit) for limit in limits]) == shown


def test_the_line_breaks_over_a_gap_of_twice_the_longest_interval(packs):
    few = [result("wbc", day, "6.1", "10*9/L") for day in ("2025-06-09", "2025-07-07", "2026-01-12", "2026-02-09")]
    found = chart_of(with_events(decision("start", "2025-06-02", "50"), *few, keep=False), packs, NOW, NOW)
    every = [placed.duration(placed.rule.due.every).about_days for placed in Joined(packs).every["wbc"]]
    assert one(found, "wbc").gap == 2 * max(every)
    assert classes(drawn(found), "wbc").count("series") == 2


def test_months_stand_apart():
    across = Across(at("2024-01-05").day, at("2026-03-02").day, 0, 700)
    places = [across.at(day) for day, _ in months(across, 60)]
    assert all(right - left >= 55 for left, right in pairwise(places))
