"""Every word that Countwell shows, by the closed name it stands for: one table, ready to be translated.

Names come from the model and the vocabulary. What ranks above what is not said here, but in `model.advice`.
"""

from __future__ import annotations

from collections.abc import Mapping


def _(text: str) -> str:
    """The text in the reader's language. English alone for now; the place for gettext."""
    return text


DETAILS: Mapping[str, str] = {"changed": _("Said because of this")}

ACTIONS: Mapping[str, str] = {
    "emergency": _("Emergency care now"),
    "seen-today": _("To be seen today"),
    "stop": _("Stop the tablets"),
    "hold": _("Hold the tablets"),
    "reduce-dose": _("Reduce the dose"),
    "do-not-start": _("Do not start"),
    "do-not-combine": _("Do not combine the medicines"),
    "do-not-vaccinate": _("Do not give this vaccine"),
    "refuse-dose": _("Do not give this dose"),
    "cannot-use-input": _("Something sent cannot be used"),
    "do-not-raise": _("Do not raise the dose"),
    "contact-prescriber": _("Contact the prescriber"),
    "caution": _("Caution"),
    "closer-monitoring": _("Test more often"),
    "infection-precautions": _("Infection precautions"),
    "cannot-say": _("Cannot say: something is not known"),
    "test-overdue": _("Test overdue"),
    "test-due": _("Test due"),
    "test-not-due": _("By the calendar, no test is due yet"),
    "restart-with-special-caution": _("Restart only with special caution"),
    "withhold-supply": _("Do not release the supply"),
    "take-later-today": _("Take the missed dose later today"),
    "skip-dose": _("Skip the missed dose"),
    "split-dose": _("Split the dose over the day"),
    "dose-options": _("Doses to choose from"),
    "avoid-pregnancy": _("Avoid pregnancy for now"),
    "waiting-period-complete": _("Waiting time is over"),
    "avoid-alcohol": _("Avoid alcohol"),
    "ask-before-vaccination": _("Ask before any vaccination"),
    "continue": _("Continue"),
}

LADDERS: Mapping[str, Mapping[str, str]] = {
    "drug": {
        "continue": _("Continue"),
        "do-not-raise": _("Do not raise"),
        "reduce": _("Reduce"),
        "hold": _("Hold"),
        "stop": _("Stop"),
    },
    "patient": {
        "none": _("Nothing"),
        "tell": _("Tell"),
        "phone": _("Phone"),
        "seen-today": _("See today"),
        "emergency": _("Emergency"),
    },
    "prescriber": {
        "none": _("Nothing"),
        "this-week": _("This week"),
        "today": _("Today"),
        "now": _("Now"),
    },
}

PARTS: Mapping[str, str] = {
    "drug": _("Tablets"),
    "patient": _("Patient"),
    "prescriber": _("Prescriber"),
    "tests": _("Tests"),
    "supply": _("Supply"),
    "precautions": _("Precautions"),
}

SUPPLY: Mapping[str, str] = {
    "release": _("Release"),
    "short": _("Short supply only"),
    "withhold": _("Withhold"),
}

STATES: Mapping[str, str] = {
    "proposed": _("Not started"),
    "active": _("On treatment"),
    "held": _("Held"),
    "stopped": _("Stopped"),
    "ended": _("Taken over by another clinic"),
    "died": _("Died"),
}

DECISIONS: Mapping[str, str] = {
    "start": _("started"),
    "raise": _("raised"),
    "reduce": _("reduced"),
    "hold": _("held"),
    "restart": _("restarted"),
    "stop": _("stopped"),
    "refuse": _("refused"),
    "accept": _("accepted"),
    "transfer-in": _("taken over"),
    "transfer-out": _("passed on"),
}

WHY: Mapping[str, str] = {
    "missing": _("missing"),
    "lapsed": _("out of date"),
    "pending": _("pending at the laboratory"),
    "preliminary": _("preliminary"),
    "unreadable": _("unreadable"),
    "no-unit": _("no unit"),
    "ambiguous-unit": _("unit not clear"),
    "implausible": _("not plausible"),
    "no-upper-limit": _("no upper limit"),
    "censored": _("beyond what was measured"),
    "disputed": _("two results conflict"),
    "withdrawn": _("withdrawn"),
    "invalid-sample": _("sample not usable"),
    "not-asked": _("not asked"),
    "too-early": _("too early to say"),
}

POINTS: Mapping[str, str] = {
    "exact": _("final"),
    "below": _("below what was measured"),
    "above": _("above what was measured"),
    "span": _("no upper limit sent"),
    "corrected": _("corrected"),
    "preliminary": _("preliminary"),
    "disputed": _("two results conflict"),
    "unreadable": _("not known"),
    "withdrawn": _("withdrawn"),
}

HOLDS: Mapping[bool | None, str] = {True: _("true"), False: _("false"), None: _("not known")}

OPS: Mapping[str, str] = {"<": _("below"), "<=": _("at or below"), ">": _("above"), ">=": _("at or above")}

LIMITS: Mapping[tuple[bool, bool], str] = {
    (True, True): _("at {} or less"),
    (True, False): _("below {}"),
    (False, True): _("at {} or more"),
    (False, False): _("above {}"),
}

DUE: Mapping[str, str] = {
    "overdue": _("overdue"),
    "due": _("due now"),
    "not-due": _("not due yet"),
    "never-done": _("never done"),
}

QUESTIONS: Mapping[str, str] = {
    "review": _("Review"),
    "symptoms": _("Symptoms"),
    "response": _("Is it working?"),
    "metabolites": _("Metabolites"),
    "start": _("May it be started?"),
    "dose": _("Dose"),
    "check-dose": _("May this dose be given?"),
    "split": _("Splitting the dose"),
    "restart": _("May it be restarted?"),
    "schedule": _("Next tests"),
    "supply": _("May the repeat be released?"),
    "travel": _("Travel"),
    "missed-dose": _("Missed dose"),
    "medicine": _("Another medicine"),
    "vaccine": _("Vaccine"),
    "pregnancy": _("Pregnancy"),
    "lifestyle": _("Everyday life"),
}

STATUSES: Mapping[str, str] = {
    "draft": _("draft, not for clinical use"),
    "reviewed": _("reviewed, not yet in use"),
    "in-use": _("in use"),
    "withdrawn": _("withdrawn, not for clinical use"),
}

GATES: Mapping[bool | None, tuple[str, str]] = {
    True: ("✓", _("met")),
    False: ("✗", _("not met")),
    None: ("?", _("not known")),
}

UNITS: Mapping[str, str] = {
    "10*9/L": "×10⁹/L",
    "10*12/L": "×10¹²/L",
    "times": _("× upper limit"),
    "mg/day": _("mg a day"),
    "mg/kg/day": _("mg/kg a day"),
    "count": "",
    "Cel": "°C",
    "umol/L": "micromol/L",
    "gap": "",
}

SUPPORTS = _("Countwell supports a clinician’s decision. It does not replace one.")
NOTHING_ELSE = _("not known")


def shown(words: Mapping[str, str], name: str) -> str:
    """The words for a name; a name that has none yet, without its hyphens."""
    return words.get(name) or name.replace("-", " ").replace("_", " ")
