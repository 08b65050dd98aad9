"""The tests of the clinic on a real PostgreSQL that this starts.

cd tests; python -m clinic.on_postgres [pytest arguments]
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from clinic.postgres import postgresql, programs

HERE = Path(__file__).parent


def main() -> int:
    """What pytest says; 2 if there is no PostgreSQL."""
    if programs() is None:
        print("There is no PostgreSQL on this machine (initdb and pg_ctl were looked for).", file=sys.stderr)  # noqa: T201
        return 2
    with postgresql() as address:
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(HERE), *sys.argv[1:])
        return subprocess.run(command, env={**os.environ, "COUNTWELL_DATABASE": address}).returncode


if __name__ == "__main__":
    sys.exit(main())
