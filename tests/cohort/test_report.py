"""The report: what is shown adds up, what is hidden stays hidden in text, table, picture and page, and one file holds it all."""

import json
import re
import xml.etree.ElementTree as ET
from functools import cache
from html.parser import HTMLParser
from math import comb

import pytest

from cohort.made_register import measured_by_hand
from countwell.cohort.measures import on_time
from countwell.cohort.measures.tally import where
from countwell.cohort.pictures.axes import Plot, ticks
from countwell.cohort.pictures.bars import bars
from countwell.cohort.pictures.binomial import limits
from countwell.cohort.pictures.curves import curves
from countwell.cohort.pictures.deciles import Month, deciles, runs
from countwell.cohort.pictures.funnel import BETWEEN, INSIDE, OUTSIDE, Site, funnel, placed
from countwell.cohort.plan import plan
from countwell.cohort.report.imported import imported
from countwell.cohort.report.lines import lines
from countwell.cohort.report.page import NOT_CLINICAL, report_page
from countwell.cohort.report.spread import shared_limits
from countwell.cohort.report.told import HIDDEN
from countwell.cohort.report.whole import about, remarks, told

SVG = "{http://www.w3.org/2000/svg}"


@cache
def made():
    """A register of 400 invented patients, measured; the small site has seven of them."""
    return measured_by_hand()


@cache
def measures():
    return tuple(told(made()))


@cache
def page():
    return report_page("Azathioprine monitoring", about(made(), "made"), measures(), made().as_of, remarks(made()))


def table(slug, title):
    return next(t for one in measures() if one.slug == slug for t in one.tables if t.title.startswith(title))


# What is shown and what is not


def test_every_measure_says_what_is_counted_of_what_without_what_and_by_which_rules():
    for one in measures():
        assert one.numerator
        assert one.denominator
        assert one.left_out
        assert one.rules == "Rules of cidp 1.0.0, added-safety 1.0.0, everyday 1.0.0 as of 2026-06-30."


def test_nothing_is_shown_of_a_site_of_seven_patients():
    assert made().on_time.people(on_time.DUE, where(site="small")) == 7
    for one in measures():
        for shown in one.tables:
            assert {cell for row in shown.rows if row[0] == "small" for cell in row[1:]} <= {HIDDEN, "–", "0.0 %"}


def test_the_small_site_is_not_what_is_left_when_the_others_are_taken_from_all():
    rows = {row[0]: row[1:] for row in table("on-time", "On time by site").rows}
    for column in range(2):
        assert len([row for row in rows.values() if row[column] == HIDDEN]) >= 2


def test_no_number_of_a_hidden_cell_stands_in_the_page():
    small = made().on_time.count(on_time.DUE, where(site="small"))
    texts = re.findall(r">([^<]*)<", page().partition("</style>")[2])
    assert not [text for text in texts if re.search(rf"\b{small}\b", text) and "small" in text]
    assert "small" in page()


def test_all_together_on_time_and_how_late_add_up_to_all_due_dates():
    rows = table("on-time", "How late").rows
    assert sum(int(row[1].replace(",", "")) for row in rows) == made().on_time.count(on_time.DUE)


def test_without_a_column_the_same_totals_are_told():
    alone = {
        row[0]: row
        for one in told(measured_by_hand(by=None))
        for t in one.tables
        for row in t.rows
        if t.title.startswith("On time by test")
    }
    assert alone["all"] == {row[0]: row for row in table("on-time", "On time by test").rows}["all"]


# The page


class Outline(HTMLParser):
    """Tags, ids and links of a page; whether anything is fetched or run."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.fetched, self.tags = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" else []
        self.fetched += [given[name] for name in ("src", "srcset", "action") if name in given]


def test_the_page_is_one_file_without_scripts_and_nothing_is_fetched():
    seen = Outline()
    seen.feed(page())
    assert seen.fetched == []
    assert not {"script", "link", "iframe", "img", "form"} & set(seen.tags)
    assert "http" not in re.sub(r'xmlns="[^"]*"', "", page()).replace("http-equiv", "")
    assert len(seen.ids) == len(set(seen.ids))
    assert {link[1:] for link in seen.links} <= set(seen.ids)


def test_the_page_says_that_it_is_not_for_clinical_use_before_anything_else():
    body = page().partition("<main")[2]
    assert body.index(NOT_CLINICAL) < body.index("<h1")


def test_every_picture_has_a_title_a_description_and_the_same_numbers_as_a_table():
    drawn = [picture for one in measures() for picture in one.pictures]
    assert len(drawn) == 5
    for picture in drawn:
        tree = ET.fromstring(picture)
        assert tree.find(f"{SVG}title").text
        assert tree.find(f"{SVG}desc").text
    for one in measures():
        assert len(one.tables) >= (1 if one.pictures else 0)


def test_words_of_the_register_are_escaped():
    found = measured_by_hand(patients=60)
    place = found.on_time.words_of("site")
    assert place
    odd = report_page("<b>x</b>", {"Register": "<script>"}, (), found.as_of)
    assert "<script>" not in odd
    assert "<b>x</b>" not in odd


def test_the_terminal_prints_the_same_tables():
    text = "\n".join(lines(measures()[0]))
    assert "Tests on time" in text
    assert HIDDEN in text


# The import report of the store


def test_an_import_report_is_shown_without_its_examples_and_its_small_counts(tmp_path):
    reasons = [
        {
            "source": "labs",
            "outcome": "refused",
            "why": "no-unit",
            "field": "unit",
            "count": 3,
            "examples": [{"value": "77"}],
        },
        {"source": "labs", "outcome": "refused", "why": "implausible", "field": "value", "count": 40, "examples": []},
    ]
    counts = {"received": 1043, "filed": 1000, "held": 0, "refused": 43}
    (tmp_path / "import.json").write_text(json.dumps({"sources": {"labs": counts}, "reasons": reasons, "tenfold": []}))
    sources, why = imported(tmp_path)
    assert HIDDEN in why.rows[0]
    assert "77" not in str((sources, why))
    shown = [row[-1] for row in why.rows] + list(sources.rows[0])
    assert not ("43" in shown and "40" in shown)


def test_a_store_without_an_import_report_has_none(tmp_path):
    assert imported(tmp_path) == ()
    (tmp_path / "import.json").write_text("{")
    assert imported(tmp_path) == ()


# Pictures


def exact_below(total, share, number):
    """The chance of at most so many, by the formula itself."""
    return sum(comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(number + 1))


@pytest.mark.parametrize(("total", "share"), [(20, 0.7), (57, 0.9), (200, 0.5), (15, 0.97)])
def test_the_limits_are_those_of_the_exact_binomial_distribution(total, share):
    low, high = (limit * total for limit in limits(total, share, 0.95))
    assert exact_below(total, share, int(low) - 1) < 0.025 if low >= 1 else True
    assert exact_below(total, share, int(low) + 1) > 0.025
    if high < total:
        assert exact_below(total, share, int(high) + 1) > 0.975
        assert exact_below(total, share, int(high) - 1) < 0.975


def test_limits_of_a_certain_share_are_that_share():
    assert limits(10, 1.0, 0.95) == (1.0, 1.0)
    assert limits(10, 0.0, 0.95) == (0.0, 0.0)


def test_limits_widen_with_fewer_tests_and_with_more_certainty():
    assert limits(50, 0.8, 0.95)[0] < limits(500, 0.8, 0.95)[0]
    assert limits(50, 0.8, 0.998)[0] < limits(50, 0.8, 0.95)[0]


def test_a_site_exactly_on_a_limit_is_inside_it():
    low = limits(100, 0.8, 0.95)[0]
    site = Site("x", round(low * 100), 100)
    nearest = Site("y", round(low * 100) - 2, 100)
    assert placed(site, 0.8) in (INSIDE, BETWEEN)
    assert placed(nearest, 0.8) in (BETWEEN, OUTSIDE)
    assert placed(Site("z", 40, 100), 0.8) == OUTSIDE


def test_the_funnel_names_only_those_outside():
    drawn = funnel("f", "t", [Site("inside", 160, 200), Site("outside", 90, 200)], 0.8, "tests", "on time")
    words = [text.text for text in ET.fromstring(drawn).iter(f"{SVG}text")]
    assert "outside" in words
    assert "inside" not in words


def test_months_too_few_to_show_leave_a_gap():
    spread = (1.0, 2.0, 3.0, 4.0, 5.0)
    months = [Month(1, 200, spread), Month(2, 200, spread), Month(3, 20, None), Month(4, 200, spread)]
    assert [[month.number for month in run] for run in runs(months)] == [[1, 2], [4]]
    assert ET.fromstring(deciles("d", "t", "U/L", months, ())) is not None


def test_a_hidden_bar_has_no_height_of_its_own():
    heights = []
    for count in (None, None):
        tree = ET.fromstring(bars("b", "t", [("a", 100), ("b", count)], "n", "x"))
        heights.append([rect.get("height") for rect in tree.iter(f"{SVG}rect")])
    assert heights[0] == heights[1]
    assert float(heights[0][1]) > 10
    assert HIDDEN in "".join(tree.itertext())


def test_curves_are_told_apart_by_their_dashes():
    tree = ET.fromstring(curves("c", "t", "days", "found", {"A": [(3, 0.5)], "B": [(5, 1.0)]}, "d"))
    classes = [path.get("class") for path in tree.iter(f"{SVG}path")]
    assert {"curve solid", "curve dashed"} <= set(classes)


def test_ticks_are_round_and_inside():
    for low, high in ((0, 7), (0, 0.4), (0, 12345), (3, 9.5), (0.55, 1.0)):
        found = ticks(low, high, 6)
        assert found
        assert all(low <= tick <= high + 1e-9 for tick in found)
        assert len(found) <= 8


def test_values_outside_a_plot_are_held_at_its_edge():
    plot = Plot(0, 10, 0, 1)
    assert plot.x(11) == plot.x(10)
    assert plot.y(-1) == plot.y(0)


def test_of_several_protocols_only_the_limits_that_all_have_are_drawn():
    packs = [plan(name).packs for name in ("cidp", "mg")]

    def drawn(of):
        return {(limit.value, limit.rank.words) for limit in shared_limits("wbc", of)}

    of_each = [drawn([one]) for one in packs]
    assert of_each[0] != of_each[1]
    assert drawn(packs) == of_each[0] & of_each[1]
    assert shared_limits("wbc", []) == []
