"""The few functions that the printed SQL calls: the calendar, moments, spans and their comparison. Written once, in SQL.

A fact counts in 10^-15. A quotient is cut there; two quotients of whole thousandths that differ at all differ by far more,
so a comparison at a limit is exact.
"""

from __future__ import annotations

from countwell.cohort.columns import ABOVE_ALL, NO_VALUE

ENDLESS = 10**15  # in thousandths: beyond every value
FINE = 10**12  # from thousandths to the units of facts
UNIT = 10**15  # one, as a fact counts it
EVERYTHING = ENDLESS * FINE

CALENDAR = """
CREATE MACRO the_day(day) AS DATE '1970-01-01' + CAST(day AS INTEGER);
CREATE MACRO number_of(a_date) AS CAST(date_diff('day', DATE '1970-01-01', CAST(a_date AS DATE)) AS INTEGER);
CREATE MACRO earlier(day, months, days) AS number_of(the_day(day) + to_months(months)) + days;
CREATE MACRO later(day, months, days) AS earlier(day, months, days)
    + CASE WHEN dayofmonth(the_day(day) + to_months(months)) < dayofmonth(the_day(day)) THEN 1 ELSE 0 END;
CREATE MACRO before(day, months, days) AS earlier(day, -months, -days);
CREATE MACRO begin_of_day(day, zone) AS epoch_us(timezone(zone, CAST(the_day(day) AS TIMESTAMP)));
CREATE MACRO end_of_day(day, zone) AS epoch_us(timezone(zone, CAST(the_day(day) AS TIMESTAMP) + INTERVAL 86399 SECONDS));
CREATE MACRO day_of(instant, zone) AS number_of(timezone(zone, make_timestamptz(instant)));
CREATE MACRO moment(instant, day, whole) AS struct_pack(stamp := CAST(instant AS BIGINT), "day" := CAST(day AS INTEGER), whole := whole);
CREATE MACRO no_moment() AS CAST(NULL AS STRUCT(stamp BIGINT, day INTEGER, whole BOOLEAN));
CREATE MACRO alone(one) AS CASE WHEN one IS NULL THEN [] ELSE [one] END;
CREATE MACRO first_of(moments) AS list_min(moments);
CREATE MACRO was_done(last, since, later) AS CASE WHEN last.whole OR since.whole THEN last.day > since.day OR (NOT later AND last.day = since.day)
    ELSE last.stamp > since.stamp OR (NOT later AND last.stamp = since.stamp) END;
CREATE MACRO is_before(one, other) AS CASE WHEN one.whole OR other.whole THEN one.day < other.day ELSE one.stamp < other.stamp END;
"""

SPANS = f"""
CREATE MACRO low_end(value) AS CASE WHEN value = {NO_VALUE} THEN -{ENDLESS} ELSE CAST(value AS BIGINT) END;
CREATE MACRO high_end(value) AS CASE WHEN value = {ABOVE_ALL} THEN {ENDLESS} ELSE CAST(value AS BIGINT) END;
CREATE MACRO span(low, low_open, high, high_open) AS
    struct_pack(low := CAST(low AS HUGEINT), low_open := low_open, high := CAST(high AS HUGEINT), high_open := high_open);
CREATE MACRO exactly(value) AS span(value, false, value, false);
CREATE MACRO everything() AS span(-{EVERYTHING}, true, {EVERYTHING}, true);
CREATE MACRO no_span() AS CASE WHEN false THEN everything() END;
CREATE MACRO nothing_there() AS exactly(-{EVERYTHING});
CREATE MACRO half_line(s, worse) AS CASE worse
    WHEN 'lower' THEN span(-{EVERYTHING}, true, s.high, s.high_open)
    WHEN 'higher' THEN span(s.low, s.low_open, {EVERYTHING}, true)
    ELSE everything() END;
CREATE MACRO badness(s, worse) AS CASE worse WHEN 'lower' THEN [-s.high, -s.low] ELSE [s.low, s.high] END;
CREATE MACRO is_below(s, bound) AS CASE WHEN s.high < bound OR (s.high = bound AND s.high_open) THEN true WHEN s.low >= bound THEN false END;
CREATE MACRO is_at_most(s, bound) AS CASE WHEN s.high <= bound THEN true WHEN s.low > bound OR (s.low = bound AND s.low_open) THEN false END;
CREATE MACRO difference(now, was, in_percent) AS CASE WHEN abs(now) = {EVERYTHING} THEN now WHEN abs(was) = {EVERYTHING} THEN -was
    WHEN in_percent THEN (now - was) // {FINE}::HUGEINT * {100 * UNIT}::HUGEINT // (abs(was) // {FINE}::HUGEINT) ELSE now - was END;
CREATE MACRO lies_below(one, other) AS CASE WHEN one.high < other.low THEN true
    WHEN one.high = other.low AND (one.high_open OR other.low_open) THEN true WHEN one.low >= other.high THEN false END;
"""

MACROS = (*CALENDAR.strip().split("\n\n"), *SPANS.strip().split("\n\n"))
