"""One target on random bytes, without atheris: ten times as many inputs, none of them guided.

    python -m tests.fuzz.plain record --seconds 60 [--seed 1] [--into FOLDER]

Prints `#EXECUTIONS` and, for each kind of failure, where it came from; the input that does it is kept as a file.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
import traceback
from pathlib import Path

from .targets import TARGETS, warm_up

SIZES = (4, 16, 40, 100, 400)


def failing(name: str, data: bytes, into: Path) -> str | None:
    """What the target raises on these bytes, with its place in countwell; None if it holds. The bytes are kept."""
    try:
        TARGETS[name](data)
    except Exception as error:  # noqa: BLE001  (whatever comes out is what is looked for)
        places = [place for place in traceback.extract_tb(error.__traceback__) if "countwell" in place.filename]
        where = f"{Path(places[-1].filename).name}:{places[-1].lineno}" if places else "a law"
        (into / f"crash-{hashlib.sha256(data).hexdigest()[:16]}").write_bytes(data)
        return f"{type(error).__name__}: {str(error)[:120]} at {where}"
    return None


def main() -> int:
    """Run until the time is up. Exit 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--into", type=Path, default=Path(".fuzz"))
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    warm_up()
    chance, found, executions, until = random.Random(asked.seed), set(), 0, time.monotonic() + asked.seconds
    while time.monotonic() < until:
        says = failing(asked.target, chance.randbytes(chance.choice(SIZES)), asked.into)
        executions += 1
        if says is not None and says not in found:
            found.add(says)
            sys.stdout.write(f"FAILED {says}\n")
    sys.stdout.write(f"#{executions}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
