"""A register of invented patients for the report: started, tested, alarmed, at six sites, without any pass."""

from datetime import date

import numpy as np

from cohort.hand_made import AS_OF, RULES, Made
from countwell.cohort.columns import NEVER_DAY
from countwell.cohort.measured import DRAWN, Measured
from countwell.cohort.measures import acted, burden, dose_reached, levels, on_time, openness, persistence, values
from countwell.cohort.measures.schedules import schedule, target
from countwell.cohort.plan import plan
from countwell.cohort.report import alarms, timeliness, treatment

SITES = ("north", "south", "east", "west", "hill", "small")
TIERS = {RULES[0]: 1, RULES[1]: 3}
READ = {rule: frozenset({"wbc"}) for rule in TIERS}


def register(patients=400, seed=1):
    """(the row group in the making, delays, episodes): the small site has seven patients."""
    draw, made, delays, episodes = np.random.default_rng(seed), Made(patients), [], []
    for patient in range(patients):
        site = "small" if patient < 7 else SITES[draw.integers(0, 5)]
        made.of(patient, "by_site", site)
        made.of(patient, "sex", ("female", "male")[draw.integers(0, 2)])
        started = AS_OF - int(draw.integers(60, 900))
        made.decide(patient, started, "start", 50)
        made.decide(patient, started + 28, "raise", float(draw.choice([75, 100, 150])))
        made.weigh(patient, started, float(draw.integers(50, 90)))
        ended = int(min(AS_OF, started + draw.exponential(1500)))
        if ended < AS_OF:
            made.decide(patient, ended, str(draw.choice(["stop", "died", "transfer-out"], p=[0.7, 0.1, 0.2])))
        lateness = {"hill": 4}.get(site, -3)
        for due in range(started + 14, ended, 42):
            done = due + int(draw.normal(lateness, 6))
            group = int(draw.integers(0, 2))
            delays.append((patient, group, due, NEVER_DAY if done > AS_OF or draw.random() < 0.03 else done))
            for name, mean, wide in (("wbc", 6.2, 0.25), ("platelets", 250, 0.2), ("alt", 22, 0.5)):
                made.test(
                    patient, due, name, round(float(mean * np.exp(draw.normal(0, wide))), 1 if name == "wbc" else 0)
                )
            if draw.random() < 0.05:
                episodes.append((patient, int(draw.random() < 0.8), due))
                if draw.random() < 0.6:
                    made.decide(patient, due + int(draw.integers(0, 12)), "reduce", 50)
    return made, delays, episodes


def measured_by_hand(by="site", **of):
    """What `measured` would give of that register, under the rules of cidp."""
    made, delays, episodes = register(**of)
    size = made.size
    status = {
        name: np.zeros(size, dtype=np.int64)
        for name in (*openness.PARTS, *(f"{part}_at_most" for part in openness.PARTS))
    }
    status |= {"patient": np.arange(size), "state": np.ones(size, dtype=np.int64)}
    status["drug_at_most"][::9] = 2
    seen = made.seen(episodes=episodes, delays=delays, status=status)
    cidp = plan("cidp")
    found = Measured(date(2026, 6, 30), by, {"cidp": cidp}, TIERS, {"cidp": size, "": 3})
    column = {by: levels.column(seen, by)} if by else {}
    schedules = {group: schedule(cidp, group) for group in seen.groups}
    found.on_time.add(on_time.on_time(seen, schedules, column, timeliness.tables_of(by)))
    found.acted.add(acted.acted(seen, TIERS, READ, column, alarms.tables_of(by)))
    found.burden.add(burden.burden(seen, TIERS, column, alarms.tables_of(by)))
    found.persistence.add(persistence.persistence(seen, column, treatment.tables_of(by)))
    found.openness.add(openness.openness(seen, column, treatment.tables_of(by)))
    found.values.add(values.values(seen, DRAWN))
    tables = (("month",), *(((by, "month"),) if by else ()))
    found.doses[target(cidp)] = dose_reached.dose_reached(seen, target(cidp), column, tables)
    return found
