"""Sentences for people, made from what was evaluated: how the course stands, and the first thing to read of a review."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from countwell.base.dates import Moment
from countwell.engine.words import advice_parts, day_in_words, days_in_words, finding_in_words
from countwell.model.advice import NOTHING, Advice
from countwell.model.answers import CourseNow, Finding


def course_in_words(course: CourseNow, as_of: Moment) -> str:
    """What stands before everything else: held, stopped, died. Empty for an active or proposed course."""
    since = f" since {day_in_words(course.since)}" if course.since else ""
    reason = f" ({course.reason.replace('-', ' ')})" if course.reason else ""
    match course.state:
        case "died":
            return f"The patient has died{since.replace(' since', ' on')}: nothing is due and nothing may be released."
        case "stopped":
            return f"Azathioprine is stopped{since}{reason}."
        case "held":
            return f"Azathioprine is on hold{since}{reason}{_decide(course, as_of)}."
        case "ended":
            return f"The course was handed over{since.replace(' since', ' on')}."
        case _:
            return ""


def _decide(course: CourseNow, as_of: Moment) -> str:
    if course.decide_by is None:
        return ", with no date to decide by"
    late = (as_of.day - course.decide_by).days
    when = day_in_words(course.decide_by)
    return f", to be decided by {when}" if late <= 0 else f", to be decided by {when}: {days_in_words(late)} late"


def headline(findings: Sequence[Finding], advice: Advice, unused: str, unsettled: str, today: date) -> str:
    """The first thing to read of a review: the worst finding and what follows, what could not be used, what is not known."""
    sure = [f for f in findings if f.holds == "yes" and f.accepted is None]
    first = finding_in_words(sure[0], today) if sure and sure[0].advice != NOTHING else ""
    called = ", ".join(part for part in advice_parts(advice, today) if part not in first.lower())
    sentences = [first, f"{called[0].upper()}{called[1:]}." if called else ""]
    return " ".join(sentence for sentence in (unused, *sentences, unsettled) if sentence)
