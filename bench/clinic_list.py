"""The pages of a large service: how long each takes, beside a plain SELECT of the rows that the list needs.

    python bench/clinic_list.py [--patients 10000] [--months 60] [--times 7] [--distinct N] [--data FOLDER]

Each patient is simulated on their own and really decided. `list` is the worklist placed; `today`, `chart`, `act` and the others
are pages as a browser asks for them, with template and audit; `SELECT` reads the columns of the list and does nothing else.
data: a folder that is kept, and used again if it is filled; it is read on the day on which it was filled.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from clinic_filled import begin, browser_of, filled, now
from common import heading, middle, table
from django.urls import NoReverseMatch, reverse

RESULTS = 200
OF_A_PATIENT = ("chart", "act", "results", "plan", "contact")
OF_THE_CLINIC = ("today", "today-new", "patients")


def main() -> None:
    """Fills, times, prints."""
    wanted = arguments()
    with tempfile.TemporaryDirectory() as folder:
        begin(wanted.data or Path(folder))
        nurse = filled(wanted.patients, wanted.months, now(), wanted.distinct)
        heading(f"The pages of {wanted.patients} patients, seen for {wanted.months} months")
        measure(nurse, wanted.times)


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser()
    for name, usual in (("patients", 10_000), ("months", 60), ("times", 7)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--distinct", type=int, help="how many of them are simulated; the others are copies")
    parser.add_argument("--data", type=Path)
    return parser.parse_args()


def measure(nurse, times: int) -> None:
    """One table of medians, in processor time and by the clock, and the ratio."""
    from countwell.clinic.store.worklist import worklist

    rows, first = [], None
    for name, way in ways(nurse).items():
        taken = [timed(way) for _ in range(times)]
        cpu, wall = middle([one[0] for one in taken]), middle([one[1] for one in taken])
        first = first or cpu
        rows.append([name, f"{cpu:.0f}", f"{wall:.0f}", f"{cpu / first:.1f}"])
    table(["way", "ms of processor", "ms by the clock", "times SELECT"], rows)
    found = worklist(nurse, now(), {})
    print(found.sum)
    page = browser_of(nurse).get("/today").content
    print(f"work: {len(page) // 1024} KiB, {sum(len(group.shown) for group in found.groups)} rows on it")


def ways(nurse):
    """What is timed, by name: the query, the list, and each page that there is."""
    from countwell.clinic.models import Standing
    from countwell.clinic.store.worklist import COLUMNS, worklist

    browser, patient = browser_of(nurse), with_results(nurse, RESULTS)
    pages = {name: [] for name in OF_THE_CLINIC} | {name: [patient.pid] for name in OF_A_PATIENT}
    return {
        "SELECT": lambda: list(Standing.objects.filter(patient__clinic=nurse.clinic).values_list(*COLUMNS)),
        "list": lambda: worklist(nurse, now(), {}),
        **{name: page(browser, address) for name, args in pages.items() if (address := address_of(name, args))},
        "search": lambda: browser.post("/patients", {"sought": patient.name.split()[-1]}, follow=True),
    }


def address_of(name: str, args: list[str]) -> str:
    """The address of a page; nothing if this release has none of that name."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def page(browser, address: str):
    """A page, asked for as a browser would."""
    return lambda: browser.get(address)


def with_results(nurse, wanted: int):
    """The patient whose number of results is nearest to that."""
    from django.db.models import Count

    from countwell.clinic.models import Event, Patient

    rows = (
        Event.objects.filter(kind="result", patient__clinic=nurse.clinic).values("patient").annotate(count=Count("pk"))
    )
    nearest = min(rows[:1000], key=lambda row: abs(row["count"] - wanted))
    print(f"chart of a patient with {nearest['count']} results\n")
    return Patient.objects.get(pk=nearest["patient"])


def timed(way) -> tuple[float, float]:
    """Seconds of processor and of the clock that it takes once."""
    cpu, wall = time.process_time(), time.perf_counter()
    way()
    return time.process_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    sys.exit(main())
