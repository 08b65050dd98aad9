"""Two schedules of blood tests on the same patients: days from a fall of the white cells to its detection, tests per year.

    python bench/schedules.py [--patients 3000] [--months 24] [--seed 7] [--often 4] [--svg FILE]

Every patient lives twice with the same falls, once under each schedule, as the simulated clinics plan it (`visits` in
`simulate/parameters.yaml`: cidp every 14 days for 90 days after a start or change and then every 29; mg every 35). A fall
begins on the day on which the white cells, without the noise of a single draw, are at the limit or below; it is detected on
the day on which a final result at the limit or below is known. Clinics hold the drug when they see it, so that a fall that is
seen early is shorter. Symptoms bring a test at once under both. Falls that were not seen and not over at the end are left out.
--often: whatever happens to patients does so that many times as often, so that fewer patients give enough falls.
It says what follows from its assumptions, not what happens.
"""

import argparse
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from common import heading, table

from countwell.cohort.pictures.curves import curves
from countwell.cohort.report.page import pictures_css
from countwell.pack.load import find
from countwell.pack.read import read_pack
from countwell.paper.chart import chart_css
from countwell.paper.markup import Safe, el
from countwell.simulate import happenings
from countwell.simulate.body import Body, Episode
from countwell.simulate.care import Care
from countwell.simulate.dates import Calendar
from countwell.simulate.parameters import DAYS_PER_MONTH, Chance, Parameters, parameters
from countwell.simulate.patients import HOME
from countwell.simulate.people import person
from countwell.simulate.reporting import Desk

SCHEDULES = ("cidp", "mg")
FALLS = ("leucopenia", "severe-leucopenia", "neutropenia")
EARLY = 90
LIMIT = ("cidp", "wbc_warn")
DAYS_PER_YEAR = 365.25
CURVE_ENDS = 70


class Still(Chance):
    """Chance without noise: every draw shows the level itself."""

    def spread(self) -> float:
        """No noise."""
        return 0.0


@dataclass
class Fall:
    """One fall: its first and last day, and after how many days it was known (None: it was over before anybody saw it).

    early: whether it began in the first days of treatment (EARLY).
    """

    day: int
    over: int
    early: bool
    seen_after: int | None = None


@dataclass
class Counted:
    """Of one schedule. draws: days with a white cell count; days: on treatment within the register."""

    draws: int = 0
    days: int = 0
    falls: list[Fall] = field(default_factory=list)


def under(schedule: str, given: Parameters) -> Parameters:
    """The parameters with every condition's blood drawn by one schedule."""
    visits = deepcopy(given["visits"])
    for condition in given["conditions"]:
        visits[condition] = visits[schedule]
        visits["after_change"][condition] = visits["after_change"][schedule]
    return replace(given, tables={**given.tables, "visits": visits})


def lived(number: int, months: int, seed: int, given: Parameters, limit: float) -> Counted:
    """One patient of the register under these parameters."""
    name = f"countwell register {seed} {number}"
    chance = Chance(Random(name))
    who = person(f"sim-{number:06d}", months, chance, given)
    last = int(months * DAYS_PER_MONTH)
    begins = date.fromordinal(given.ends.toordinal() - last)
    desk = Desk(who, given, Calendar(given.ends, ZoneInfo(HOME)), begins, chance, Chance(Random(f"{name} gaps")))
    died = happenings.death(who, last, chance, given)
    last = last if died is None else died
    episodes = happenings.episodes(who, last, chance, given)
    told = happenings.symptoms(who, episodes, last, chance, given)
    begun = [_fall(who, given, e, limit) for e in episodes if e.kind in FALLS]
    falls = [fall for fall in begun if fall is not None and fall.day <= last]
    events = Care(who, desk, Body(who, given, episodes), last, told).follow()
    return _counted(events, falls, begins, who.first_day, last, limit)


def _fall(who, given: Parameters, episode: Episode, limit: float) -> Fall | None:
    """The days on which the level itself is at the limit or below; None if there are none."""
    body = Body(who, given, [deepcopy(episode)])
    body.day = who.started
    low = []
    for day in range(max(episode.onset, who.first_day), episode.over + 1):
        body.live(day, on_drug=True)
        if body.draw(Still(Random(0)))["wbc"] <= limit:
            low.append(day)
    return Fall(low[0], low[-1], low[0] - who.started < EARLY) if low else None


def _counted(events, falls: list[Fall], begins: date, first: int, last: int, limit: float) -> Counted:
    counts = list(_counts(events, begins))
    stops = [_day(e["at"], begins) for e in events if e["kind"] == "decision" and e["do"] == "stop"]
    off = min([last, *stops])
    found = Counted(len({taken for taken, _, _ in counts if first <= taken <= off}), max(off - first, 0))
    for fall in falls:
        seen = [known for taken, known, value in counts if fall.day <= taken <= fall.over and value <= limit]
        fall.seen_after = min(seen) - fall.day if seen else None
        if fall.day <= off and (seen or fall.over <= off):
            found.falls.append(fall)
    return found


def _counts(events, begins: date) -> Iterator[tuple[int, int, float]]:
    """Day taken, day known and value of every final white cell count."""
    for event in events:
        if event["kind"] == "result" and event["test"] == "wbc" and event["status"] == "final":
            value = str(event["value"]).lstrip("<>")
            yield _day(event["collected"], begins), _day(event["received"], begins), float(value)


def _day(text: str, begins: date) -> int:
    return (datetime.fromisoformat(str(text)).date() - begins).days


def share(days: list[int | None], percent: int) -> str:
    """The day by which this percentage of all was seen."""
    if not days:
        return "-"
    place = -(-percent * len(days) // 100) - 1
    found = sorted(days, key=lambda day: (day is None, day or 0))[place]
    return "never" if found is None else f"{found}"


def steps(days: list[int | None]) -> list[tuple[float, float]]:
    """How large a share of all falls is seen by each day."""
    return [(day, sum(d is not None and d <= day for d in days) / len(days)) for day in range(CURVE_ENDS + 1)]


def picture(seen: dict[str, Counted], unit: str) -> Safe:
    """The share of falls seen by the days since they began."""
    title = f"Falls of the white cells to {unit} or less that are known, by days"
    named = {f"{name} schedule": steps([fall.seen_after for fall in one.falls]) for name, one in seen.items()}
    told = "; ".join(
        f"{name}: half seen by day {share([f.seen_after for f in one.falls], 50)}" for name, one in seen.items()
    )
    describe = f"Simulated patients, the same falls under both schedules. {told}."
    return curves("schedules", title, "days since the fall", "known", named, describe)


def rows(seen: dict[str, Counted]) -> Iterator[list[object]]:
    """For each schedule all falls, those of the first days of treatment, and later ones."""
    for words, wanted in (("", (True, False)), (f", first {EARLY} days", (True,)), (", later", (False,))):
        for name, one in seen.items():
            days = [fall.seen_after for fall in one.falls if fall.early in wanted]
            years = one.days / DAYS_PER_YEAR
            never = sum(day is None for day in days)
            yield [name + words, f"{years:,.0f}", one.draws / years, len(days), never, share(days, 50), share(days, 75)]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--patients", type=int, default=3000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--often", type=float, default=1.0)
    parser.add_argument("--svg", type=Path)
    given = parser.parse_args()
    number = read_pack(find(LIMIT[0])).numbers[LIMIT[1]]
    heading(
        f"Schedules: {given.patients} simulated patients, {given.months} months, seed {given.seed}; "
        f"white cells at {number.value} or less"
    )
    seen = {}
    for name in SCHEDULES:
        seen[name] = Counted()
        parameters_ = under(name, parameters(often=given.often))
        for patient in range(1, given.patients + 1):
            one = lived(patient, given.months, given.seed, parameters_, float(number.value))
            seen[name].draws += one.draws
            seen[name].days += one.days
            seen[name].falls += one.falls
    columns = [
        "schedule",
        "patient-years",
        "tests per patient-year",
        "falls",
        "never seen",
        "median days",
        "75th percentile",
    ]
    table(columns, list(rows(seen)))
    if given.svg:
        drawn = str(picture(seen, f"{number.value}"))
        style = el("style", Safe(chart_css() + pictures_css()))
        ground = el("rect", class_="ground", width="100%", height="100%")
        given.svg.write_text(drawn.replace("</desc>", f"</desc>{style}{ground}", 1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
