"""An hour of people at a served clinic: how long its pages take meanwhile, and whether its memory stays where it was.

    python bench/clinic_load.py [--minutes 60] [--people 4] [--pause 0.3] [--data FOLDER] [--patients 300] [--months 24]

`countwell serve` runs on the folder as it would in a hospital, with its rounds beside it. Each of the people reads the list,
opens patients in turn, asks for their pages, searches, and takes one over now and then. Memory is what each process holds
(RSS), every five seconds; its slope is a straight line through the second half, when everything has been used once.
"""

import argparse
import http.client
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlencode

import psutil
from clinic_filled import begin, browser_of, filled, now
from common import heading, late, middle, table

PORT = 8765
EVERY = 5.0
SEARCHES = 10  # one in so many rounds of a person, as is a patient taken over
UP_BY = 120
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
BANNER = re.compile(r'name="banner" value="([^"]+)"')
PATIENT = re.compile(r'href="/patients/([2-9a-z]{12})"')
PAGES = ("", "/act", "/results", "/plan", "/decisions", "/contact")


def main() -> None:
    """Serves, asks, prints."""
    wanted = arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.data or Path(temporary)
        begin(folder)
        nurse = filled(wanted.patients, wanted.months, now(), wanted.distinct)
        cookies = [browser_of(nurse).cookies for _ in range(wanted.people)]
        heading(
            f"{wanted.minutes} minutes of {wanted.people} people at a clinic of {nurse.clinic.patients.count()} patients"
        )
        with Served(folder) as served:
            people = [Visitor(number, _session(one), wanted.pause) for number, one in enumerate(cookies)]
            run(people, served, wanted.minutes * 60)
        report(people, served)


def arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser()
    for name, usual in (("people", 4), ("patients", 300), ("months", 24)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--pause", type=float, default=0.3, help="seconds that a person waits between two pages")
    parser.add_argument("--distinct", type=int, help="how many of them are simulated; the others are copies")
    parser.add_argument("--data", type=Path)
    return parser.parse_args()


def _session(cookies) -> dict[str, str]:
    return {name: cookie.value for name, cookie in cookies.items()}


@dataclass
class Served:
    """The service as a process of its own. held: for each of its processes, when it held how many bytes."""

    folder: Path
    held: dict[str, list[tuple[float, int]]] = field(default_factory=lambda: defaultdict(list))

    def __enter__(self) -> "Served":
        command = [sys.executable, "-m", "countwell", "serve", "--port", str(PORT), "--data", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + UP_BY
        while time.monotonic() < until and not _answers():
            time.sleep(1)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def sample(self, since: float) -> None:
        """How much each process holds now."""
        whole = psutil.Process(self.process.pid)
        for number, one in enumerate([whole, *whole.children(recursive=True)]):
            try:
                self.held[f"process {number}, {one.pid}"].append((time.monotonic() - since, one.memory_info().rss))
            except psutil.NoSuchProcess:
                continue


def _answers() -> bool:
    try:
        asked = http.client.HTTPConnection("localhost", PORT, timeout=5)
        asked.request("GET", "/status")
        return asked.getresponse().status == http.client.OK
    except OSError:
        return False


@dataclass
class Visitor:
    """One person with a session. took: seconds of each page, by its name; codes: what came back."""

    number: int
    cookies: dict[str, str]
    pause: float
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    codes: Counter = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = Random(self.number)

    def work(self, until: float) -> None:
        """Round after round, until an instant."""
        while time.monotonic() < until:
            for _ in self._round():
                time.sleep(self.pause)

    def _round(self) -> Iterator[str]:
        """The list, one patient's pages; sometimes a search, sometimes a patient is taken over."""
        page = self._ask("list", "GET", "/today")
        patients = PATIENT.findall(page)
        yield page
        yield self._ask("news", "GET", "/today/new")
        pid = self.chance.choice(patients) if patients else ""
        for part in PAGES if pid else ():
            page = self._ask(part.removeprefix("/") or "chart", "GET", f"/patients/{pid}{part}")
            yield page
        if pid and self.chance.randrange(SEARCHES) == 0:
            form = {"csrfmiddlewaretoken": _first(TOKEN, page), "banner": _first(BANNER, page)}
            yield self._ask("own", "POST", f"/patients/{pid}/own", form)
        if self.chance.randrange(SEARCHES) == 0:
            page = self._ask("patients", "GET", "/patients")
            letter = self.chance.choice("abcdefghij")
            yield self._ask(
                "search", "POST", "/patients", {"csrfmiddlewaretoken": _first(TOKEN, page), "sought": letter * 2}
            )
            yield self._ask("found", "GET", "/patients")

    def _ask(self, name: str, method: str, address: str, form: dict[str, str] | None = None) -> str:
        """One request, timed; the page."""
        asked = http.client.HTTPConnection("localhost", PORT, timeout=60)
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in self.cookies.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        asked.request(method, address, urlencode(form) if form is not None else None, headers)
        answer = asked.getresponse()
        page = answer.read().decode()
        self.took[name].append(time.perf_counter() - begun)
        self.codes[f"{name} {answer.status}"] += 1
        for sent in answer.headers.get_all("Set-Cookie") or ():
            key, _, value = sent.partition(";")[0].partition("=")
            self.cookies[key] = value
        asked.close()
        return page


def _first(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    return found[1] if found else ""


def run(people: list[Visitor], served: Served, seconds: float) -> None:
    """Everybody at once, and a sample of the memory every few seconds."""
    since = time.monotonic()
    threads = [threading.Thread(target=one.work, args=(since + seconds,)) for one in people]
    for one in threads:
        one.start()
    while any(one.is_alive() for one in threads):
        served.sample(since)
        time.sleep(EVERY)


def report(people: list[Visitor], served: Served) -> None:
    """How long each page took, what came back, and what each process held."""
    took: dict[str, list[float]] = defaultdict(list)
    codes: Counter = Counter()
    for one in people:
        codes.update(one.codes)
        for name, seconds in one.took.items():
            took[name] += seconds
    rows = [[name, len(seconds), f"{middle(seconds):.0f}", f"{late(seconds):.0f}"] for name, seconds in took.items()]
    table(["page", "times", "ms, median", "ms, 95 of 100"], rows)
    print(
        f"{codes.total()} requests; not 200 or 302: { ({k: n for k, n in codes.items() if k[-3:] not in ('200', '302')}) }\n"
    )
    rows = [[name, *_slope(samples)] for name, samples in served.held.items() if len(samples) > 2]
    table(["process", "MB at first", "MB at half time", "MB at last", "MB most", "MB an hour, second half"], rows)


def _slope(samples: list[tuple[float, int]]) -> list[str]:
    """Held at first, at half time, at last and at most, and how fast it grew in the second half."""
    half = samples[len(samples) // 2 :]
    slope = statistics.linear_regression([at for at, _ in half], [held for _, held in half]).slope * 3600
    held = [samples[0][1], half[0][1], samples[-1][1], max(held for _, held in samples)]
    return [f"{one / 1e6:.1f}" for one in (*held, slope)]


if __name__ == "__main__":
    sys.exit(main())
