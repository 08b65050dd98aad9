"""What a register is described by, on patients made by hand: each limit just under, exactly at and just over it.

Longer than other modules: each measure has its own limits, tried one by one on the same small register.
"""

from fractions import Fraction

import numpy as np
import pytest

from cohort.hand_made import AS_OF, Made, day
from countwell.base.dates import Duration
from countwell.base.errors import UsageError
from countwell.cohort.columns import NEVER_DAY, PRELIMINARY
from countwell.cohort.measures import acted as acting
from countwell.cohort.measures import burden as alerting
from countwell.cohort.measures import courses, dose_reached, levels, on_time, openness, persistence, values
from countwell.cohort.measures.nearest import ByDay
from countwell.cohort.measures.quantiles import may_be_shown, quantile
from countwell.cohort.measures.schedules import Schedule, Target, after, results_read, schedule, target, tiers
from countwell.cohort.measures.seen import Coded
from countwell.cohort.measures.tally import Tally, counted, not_shown, where
from countwell.cohort.plan import plan

START = day("2026-01-01")
WEEKS = Schedule(Duration(8, "weeks"), Duration(4, "weeks"), {}, {})


def started(made, patient=0, on=START, mg=50):
    made.decide(patient, on, "start", mg)
    return made


# Looking up by patient and day


def test_the_last_row_on_or_before_a_day_is_found_and_never_another_patients():
    rows = ByDay(np.array([0, 0, 2]), np.array([5, 9, 1]))
    asked = np.array([0, 0, 0, 0, 1, 2, 2])
    assert rows.last(asked, np.array([4, 5, 8, 100, 100, 0, 1])).tolist() == [-1, 0, 0, 1, -1, -1, 2]


def test_the_next_row_on_or_after_a_day_is_found_and_never_another_patients():
    rows = ByDay(np.array([0, 0, 2]), np.array([5, 9, 1]))
    asked = np.array([0, 0, 0, 0, 1, 2])
    assert rows.next(asked, np.array([-100, 5, 6, 10, 0, 2])).tolist() == [0, 0, 1, -1, -1, -1]
    assert rows.next_day(asked[:4], np.array([0, 5, 6, 10]), 77).tolist() == [5, 5, 9, 77]


def test_rows_in_no_order_are_found_by_their_own_numbers():
    rows = ByDay(np.array([1, 0, 0]), np.array([3, 9, 5]))
    assert rows.last(np.array([0, 0, 1]), np.array([6, 9, 3])).tolist() == [2, 1, 0]


# The course


def test_a_hold_does_not_end_treatment_and_a_stop_does():
    made = started(Made())
    made.decide(0, START + 10, "hold")
    made.decide(0, START + 20, "restart")
    made.decide(0, START + 30, "stop")
    spells = courses.spells_of(courses.decisions_of(made.seen()), AS_OF)
    assert [(spells.states[s], int(e - b)) for s, b, e in zip(spells.state, spells.begun, spells.ended, strict=True)] == [
        ("active", 10), ("held", 10), ("active", 10), ("stopped", AS_OF - START - 30)]  # fmt: skip
    assert courses.days_on_treatment(spells, 1).tolist() == [30]


def test_of_one_instant_the_safer_decision_comes_last():
    for order in (("stop", "restart"), ("restart", "stop")):
        made = started(Made())
        for do in order:
            made.decide(0, START + 10, do)
        spells = courses.spells_of(courses.decisions_of(made.seen()), AS_OF)
        assert spells.states[spells.state[-1]] == "stopped"


def test_nothing_is_decided_after_a_death_and_the_next_patient_lives():
    made = started(started(Made(2)), 1)
    made.decide(0, START + 5, "died")
    made.decide(0, START + 6, "restart", 50)
    spells = courses.spells_of(courses.decisions_of(made.seen()), AS_OF)
    assert [spells.states[s] for s in spells.state] == ["active", "died", "active"]


def test_decisions_after_the_day_are_not_yet_taken():
    made = started(Made())
    made.decide(0, START + 10, "stop")
    assert len(courses.decisions_of(made.seen(as_of=START + 9)).day) == 1
    assert len(courses.decisions_of(made.seen(as_of=START + 10)).day) == 2


def test_a_restart_without_a_dose_keeps_the_old_one_and_a_raise_without_one_leaves_it_not_known():
    made = started(Made(2), 0, mg=75)
    made.decide(0, START + 5, "restart")
    made.decide(0, START + 9, "raise")
    made.decide(1, START, "restart")
    _, mg = courses.doses(courses.decisions_of(made.seen()))
    assert mg.tolist()[:2] == [75_000, 75_000]
    assert all(value < 0 for value in mg.tolist()[2:])


# By what it is broken down


def test_a_birthday_counts_from_its_own_day_on():
    for born, band in (("1961-07-01", "40 to 64"), ("1961-06-30", "65 to 79"), ("1961-06-29", "65 to 79")):
        made = Made()
        made.of(0, "born", day(born))
        coded = levels.column(made.seen(), "age")
        assert coded.names[coded.place[0]] == band


def test_an_age_that_is_not_known_says_so():
    coded = levels.column(Made().seen(), "age")
    assert coded.names[coded.place[0]] == levels.NOT_KNOWN


def test_a_column_of_the_patients_is_found_with_and_without_its_by():
    made = Made(2)
    made.of(0, "by_site", "north")
    for name in ("site", "by_site"):
        coded = levels.column(made.seen(), name)
        assert [coded.names[place] for place in coded.place] == ["north", "not known"]


def test_a_column_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(UsageError, match="no column to break down by: ward"):
        levels.column(Made().seen(), "ward")


def test_the_laboratory_is_that_of_the_newest_result():
    made = Made()
    made.test(0, START, "wbc", lab="north")
    made.test(0, START + 1, "wbc", lab="south")
    coded = levels.column(made.seen(), "lab")
    assert coded.names[coded.place[0]] == "south"


# Tests on time


def delays(made, *rows, schedules=None, as_of=AS_OF):
    return on_time.on_time(
        made.seen(as_of, delays=rows), schedules or {"cbc": WEEKS, "liver": WEEKS}, {}, (("group", "phase"),)
    )


def test_a_test_on_its_last_day_is_on_time_and_the_day_after_is_late():
    due = START + 30
    found = delays(started(Made(3)), (0, 0, due, due - 1), (0, 0, due, due), (0, 0, due, due + 1))
    assert (found.count(on_time.DUE), found.count(on_time.IN_TIME), found.count(on_time.LATE)) == (3, 2, 1)


def test_what_was_never_done_is_late_once_its_day_has_passed():
    for due, counts in ((AS_OF - 1, 1), (AS_OF, 0), (AS_OF + 1, 0)):
        found = delays(started(Made()), (0, 0, due, NEVER_DAY))
        assert found.count(on_time.NEVER) == counts
        assert found.count(on_time.DUE) == counts


def test_due_dates_after_a_death_do_not_count_and_those_before_do():
    made = started(Made())
    made.decide(0, START + 40, "died")
    for due, counts in ((START + 39, 1), (START + 41, 0)):
        assert delays(made, (0, 0, due, NEVER_DAY)).count(on_time.DUE) == counts


def phase_of(made, due):
    found = delays(made, (0, 0, due, due))
    return {dict(place)["phase"] for what, place in found if what == on_time.DUE and dict(place).keys() == {"phase"}}


def test_the_first_weeks_end_exactly_eight_weeks_after_the_start():
    assert phase_of(started(Made()), START + 55) == {"first weeks"}
    assert phase_of(started(Made()), START + 56) == {"steady"}
    assert phase_of(started(Made()), START + 57) == {"steady"}


def test_after_a_change_lasts_four_weeks_and_the_first_weeks_win_over_it():
    made = started(Made())
    made.decide(0, START + 50, "raise", 75)
    assert phase_of(made, START + 55) == {"first weeks"}
    assert phase_of(made, START + 77) == {"after a change"}
    assert phase_of(made, START + 78) == {"steady"}


def test_of_a_patient_taken_over_the_phase_runs_from_the_start_elsewhere():
    made = Made()
    made.decide(0, START, "transfer-in", 50, since=START - 400)
    assert phase_of(made, START + 10) == {"steady"}


def test_delays_are_counted_in_days_and_never_stays_never():
    made = started(Made())
    due = START + 30
    found = delays(made, (0, 0, due, due + 3), (0, 0, due, due + 5), (0, 0, due, NEVER_DAY))
    spread = found[on_time.DAYS_LATE, ()]
    assert [quantile(spread, percent) for percent in (30, 50, 90)] == [3, 5, on_time.MOST_DAYS]


# From the packs


def test_the_phases_are_those_that_the_pack_itself_names():
    cidp, mg = schedule(plan("cidp"), "cbc"), schedule(plan("mg"), "cbc")
    assert (str(cidp.first), str(cidp.changed), mg.first) == ("3 months", "3 months", None)
    assert (str(cidp.every["first weeks"]), str(cidp.every["steady"]), str(mg.every["steady"])) == (
        "2 weeks",
        "1 month",
        "6 weeks",
    )
    assert str(mg.earliest["steady"]) == "4 weeks"
    assert str(schedule(plan("aih"), "cbc").first) == "8 weeks"


def test_three_months_after_the_end_of_november_is_the_first_of_march():
    days = after(np.array([day("2025-11-30"), day("2025-11-28"), day("2026-01-31")]), Duration(3, "months"))
    assert days.tolist() == [day("2026-03-01"), day("2026-02-28"), day("2026-05-01")]


def test_a_pack_without_a_target_has_none_to_be_reached():
    assert target(plan("cidp")).low == 2
    assert target(plan("mg")) is None


def test_alarms_have_tiers_and_those_about_results_their_tests():
    cidp = plan("cidp")
    assert tiers(cidp)["cidp/white-cells/stop"] == 1
    assert "cidp/schedule/always" not in tiers(cidp)
    assert results_read(cidp)["cidp/white-cells/stop"] == {"wbc"}
    assert "cidp/not-working/later" not in results_read(cidp)


# Abnormal, then acted

TIERS = {"p/white-cells/stop": 1, "p/white-cells/watch": 3}
READ = {"p/white-cells/stop": frozenset({"wbc"}), "p/white-cells/watch": frozenset({"wbc"})}
ALARM = START + 60


def acted(made, as_of=AS_OF, rule=0, on=ALARM):
    return acting.acted(made.seen(as_of, episodes=[(0, rule, on)]), TIERS, READ, {}, (("tier",),))


@pytest.mark.parametrize(("days", "within_a_week"), [(0, 1), (6, 1), (7, 1), (8, 0)])
def test_a_hold_within_a_week_is_an_act_and_one_day_later_is_not(days, within_a_week):
    made = started(Made())
    made.decide(0, ALARM + days, "hold")
    assert acted(made).count(acting.acted_within(7)) == within_a_week


@pytest.mark.parametrize(("days", "counts"), [(0, 0), (1, 1), (8, 0)])
def test_a_repeat_is_a_test_of_the_same_kind_collected_on_a_later_day(days, counts):
    made = started(Made())
    made.test(0, ALARM + days, "wbc")
    assert acted(made).count(acting.acted_within(7)) == counts


def test_another_test_and_a_preliminary_one_are_no_repeat():
    made = started(Made())
    made.test(0, ALARM + 1, "alt")
    made.test(0, ALARM + 1, "wbc", status=PRELIMINARY)
    assert acted(made).count(acting.acted_within(7)) == 0
    assert acted(made).count(acting.not_acted_within(7)) == 1


def test_an_alarm_whose_week_is_not_over_does_not_count():
    made = started(Made())
    made.decide(0, ALARM, "stop")
    assert acted(made, as_of=ALARM + 6).count(acting.alarms(7)) == 0
    assert acted(made, as_of=ALARM + 7).count(acting.alarms(7)) == 1


def test_a_rule_that_alarms_nobody_does_not_count():
    assert acted(started(Made()), rule=2).count(acting.alarms(7)) == 0


def test_a_decision_before_the_alarm_is_no_act():
    made = started(Made())
    made.decide(0, ALARM - 1, "raise", 75)
    assert acted(made).count(acting.acted_within(28)) == 0


# Alert burden


def test_alerts_count_on_treatment_and_while_held_but_not_after_the_stop():
    made = started(Made())
    made.decide(0, START + 100, "hold")
    made.decide(0, START + 110, "stop")
    episodes = [(0, 0, START + 50), (0, 1, START + 105), (0, 1, START + 120), (0, 0, START - 5)]
    found = alerting.burden(made.seen(episodes=episodes), TIERS, {}, (("tier",), ("rule",)))
    assert found.count(alerting.ALERTS) == 2
    assert found[alerting.DAYS, ()][0] == 110
    assert found.count(alerting.ALERTS, where(tier="tier 1")) == 1


def test_one_alert_in_one_patient_month_is_a_hundred_per_100():
    assert alerting.per_100_months(1, 30.4375) == pytest.approx(100)
    assert alerting.per_100_months(1, 0) is None


# Persistence


def kept(made, months=3):
    found = persistence.persistence(made.seen(), {}, ())
    stopped, left = (
        found.get((what, ()), np.zeros(persistence.last_day() + 2, dtype=int))
        for what in (persistence.STOPPED, persistence.LEFT)
    )
    return persistence.kaplan_meier(stopped, left, persistence.day_of(months))


def starters(number):
    made = Made(number)
    for patient in range(number):
        started(made, patient, day("2024-01-01"))
    return made


def test_the_share_still_on_the_drug_by_hand():
    made = starters(10)
    made.decide(0, day("2024-01-31"), "stop")  # of 10
    made.decide(1, day("2024-02-10"), "died")
    made.decide(2, day("2024-02-20"), "stop")  # of 8
    made.decide(3, day("2024-12-30"), "stop")
    found = kept(made)
    assert found.share == pytest.approx(9 / 10 * 7 / 8)
    assert (found.at_risk, found.stopped, found.left) == (7, 2, 1)
    assert found.low < found.share < found.high


def test_a_hold_is_no_stop_and_the_first_stop_counts_though_a_restart_follows():
    made = starters(2)
    made.decide(0, day("2024-01-10"), "hold")
    made.decide(1, day("2024-01-10"), "stop")
    made.decide(1, day("2024-01-20"), "restart", 50)
    assert kept(made).share == 0.5


def test_a_stop_on_the_last_day_counts_and_one_the_day_after_does_not():
    for days, share in ((90, 0.5), (91, 0.5), (92, 1.0)):
        made = starters(2)
        made.decide(0, day("2024-01-01") + days, "stop")
        assert kept(made).share == share


def test_a_patient_taken_over_is_no_starter():
    made = Made()
    made.decide(0, START, "transfer-in", 50)
    assert persistence.persistence(made.seen(), {}, ()).count(persistence.STARTERS) == 0


def test_where_nobody_is_followed_any_more_no_share_is_given():
    made = Made()
    started(made, 0, AS_OF - 60)
    found = kept(made)
    assert found.share is None
    assert found.at_risk == 0


def test_a_stop_on_the_day_of_death_is_a_stop():
    made = starters(1)
    made.decide(0, day("2024-01-10"), "stop")
    made.decide(0, day("2024-01-10"), "died")
    assert kept(made).share == 0


# Dose reached

PER_KG = Target(Fraction(2), Fraction(3), True, "p")


def reached(mg, kg, upto=None, limit=PER_KG):
    made = started(Made(), mg=mg)
    made.weigh(0, START, kg, upto)
    found = dose_reached.dose_reached(made.seen(), limit, {}, (("month",),))
    return [
        found.count(what, where(month="month 3"))
        for what in (dose_reached.REACHED, dose_reached.BELOW, dose_reached.NOT_KNOWN)
    ]


@pytest.mark.parametrize(("mg", "expected"), [(149.999, [0, 1, 0]), (150, [1, 0, 0]), (150.001, [1, 0, 0])])
def test_the_low_end_of_the_target_is_reached_exactly(mg, expected):
    assert reached(mg, 75) == expected


def test_a_weight_that_is_a_span_counts_at_its_upper_end():
    assert reached(150, 75, 75.1) == [0, 1, 0]


def test_a_target_for_everybody_needs_no_weight():
    made = started(Made(), mg=100)
    found = dose_reached.dose_reached(made.seen(), Target(Fraction(100), Fraction(150), False, "p"), {}, (("month",),))
    assert found.count(dose_reached.REACHED, where(month="month 3")) == 1


def test_without_a_weight_the_dose_is_not_known_per_kg():
    found = dose_reached.dose_reached(started(Made()).seen(), PER_KG, {}, (("month",),))
    assert found.count(dose_reached.NOT_KNOWN, where(month="month 3")) == 1


def test_who_has_stopped_is_not_looked_at_and_who_is_held_is():
    for do, counts in (("stop", 0), ("hold", 1)):
        made = started(Made())
        made.decide(0, START + 80, do)
        found = dose_reached.dose_reached(made.seen(), PER_KG, {}, (("month",),))
        assert found.count(dose_reached.TREATED, where(month="month 3")) == counts


# Reviews that unknowns leave open


def test_a_review_is_open_if_any_part_differs_between_least_and_most():
    status = {
        name: np.zeros(5, dtype=np.int64) for name in (*openness.PARTS, *(f"{part}_at_most" for part in openness.PARTS))
    }
    status |= {"patient": np.arange(5), "state": np.array([1, 1, 1, 5, 4])}
    status["drug_at_most"][1] = 3
    status["prescriber_at_most"][2] = 1
    status["drug_at_most"][3] = 4
    found = openness.openness(Made(5).seen(status=status), {}, ())
    assert [found.count(what) for what in (openness.REVIEWS, openness.OPEN, openness.SETTLED)] == [3, 2, 1]


# Values over time


def test_the_last_value_of_a_month_counts_and_spans_are_counted_apart():
    made = started(Made())
    made.test(0, START + 3, "wbc", 5.0)
    made.test(0, START + 20, "wbc", 6.1)
    made.test(0, START + 33, "wbc", 0.0, 0.5)
    made.test(0, START - 3, "wbc", 9.0)
    found = values.values(made.seen(), ["wbc"])
    assert np.flatnonzero(found[values.VALUES, where(month="001", test="wbc")]).tolist() == [61]
    assert found.count(values.MEASURED) == 1
    assert found.count(values.CENSORED, where(month="002", test="wbc")) == 1


# Tallies


def test_row_groups_add_up_to_the_whole():
    draw = np.random.default_rng(3)
    patients, word = draw.integers(0, 20, 200), draw.integers(0, 3, 200)

    def part(rows):
        return counted("x", patients[rows], {"site": Coded(word[rows], ("a", "b", "c"))}, [("site",)])

    halves = Tally(part(patients < 10))
    halves.add(part(patients >= 10))
    whole = part(patients >= 0)
    assert {key: row.tolist() for key, row in halves.items()} == {key: row.tolist() for key, row in whole.items()}


def test_many_tests_of_few_people_are_few():
    patients = np.array([0] * 50 + list(range(1, 60)) * 2)
    site = Coded(np.array([0] * 50 + [1] * 118), ("small", "large"))
    tally = counted("tests", patients, {"site": site}, [("site",)])
    assert ("tests", where(site="small")) in not_shown(tally, {"tests": [("site",)]})


def test_a_quantile_needs_ten_people_on_either_side():
    assert (may_be_shown(19, 50), may_be_shown(20, 50), may_be_shown(99, 90), may_be_shown(100, 90)) == (
        False,
        True,
        False,
        True,
    )


def test_a_quantile_is_the_least_number_that_the_share_does_not_exceed():
    counts = np.bincount([1, 2, 3, 4])
    assert [quantile(counts, percent) for percent in (25, 26, 50, 75, 100)] == [1, 2, 2, 3, 4]
    assert quantile(np.zeros(3), 50) is None
