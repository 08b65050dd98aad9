#!/usr/bin/env python3
"""Run Countwell from a fresh clone: nothing is needed but Python 3.11 or newer.

    ./go demo [--check]       a demonstration ready to look at
    ./go test [pytest args]   every test
    ./go check                formatting, style, types, import layers, packs and their proofs

On Windows: python go demo. The first start makes a virtual environment in .venv and fills it from the hash-locked
files in requirements/; later starts find it ready. Another Python can be tried beside it, in .venv-3.13 for instance:
./go --python python3.13 test, or GO_PYTHON=python3.13 ./go test.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
REQUIREMENTS = ROOT / "requirements"
OLDEST = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11", "python3", "python")
VERSION = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
NO_PYTHON = "Countwell needs Python 3.11 or newer; {found}. Install one, or name it: ./go --python /path/to/python ..."
NO_INSTALLER = (
    "This Python can make no virtual environment with pip in it. Install the missing part (Debian, Ubuntu: "
    "apt-get install python3-venv) or uv, and run ./go again."
)
CHECKS = (
    ("ruff", "format", "--check"),
    ("ruff", "check"),
    ("mypy",),
    ("lint-imports",),
    ("countwell", "packs", "check", "--all"),
    ("countwell", "packs", "prove", "--all"),
)


def runs(*command):
    """True if the command could be started and ended well; what it printed is dropped."""
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def version_of(python):
    """The version of that interpreter as text, or "" if it does not run (a shim may stand for nothing)."""
    try:
        asked = subprocess.run((python, "-c", VERSION), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return ""
    return asked.stdout.decode().strip() if asked.returncode == 0 else ""


def new_enough(version):
    """True for 3.11 and newer."""
    return tuple(int(part) for part in version.split(".")[:2] if part) >= OLDEST


def find_python(wanted):
    """(path, version) of the interpreter asked for, else of the one running this, else of the first on the PATH."""
    running = getattr(sys, "_base_executable", None) or sys.executable
    candidates = (wanted,) if wanted else (running, *NAMES)
    for python in candidates:
        version = version_of(python)
        if new_enough(version):
            return python, version
    raise SystemExit(NO_PYTHON.format(found=f"{wanted} is none" if wanted else "none was found"))


class Environment:
    """A virtual environment and what has been installed into it."""

    def __init__(self, folder, python, version):
        self.folder, self.base, self.version = folder, python, version
        self.programs = folder / ("Scripts" if os.name == "nt" else "bin")

    def program(self, name):
        """The path of a program inside the environment."""
        return str(self.programs / (name + ".exe" if os.name == "nt" else name))

    @property
    def python(self):
        """The environment's own interpreter."""
        return self.program("python")

    def stamp(self, group):
        """The file that says what was installed for a group of requirements."""
        return self.folder / ("installed-" + group)

    def wanted(self, group):
        """What the stamp holds when the group is up to date: a hash of lock, metadata, Python version and place."""
        lock = (REQUIREMENTS / (group + ".txt")).read_text(encoding="utf-8")
        metadata = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("\n[tool.")[0]
        return hashlib.sha256("\n".join((self.version, str(ROOT), lock, metadata)).encode()).hexdigest()

    def ready(self, group):
        """True if this group, exactly as locked now, is in place."""
        stamp = self.stamp(group)
        return Path(self.python).exists() and stamp.exists() and stamp.read_text() == self.wanted(group)

    def fill(self, group):
        """Make the environment anew and install the group and Countwell itself."""
        print(f"Setting up {self.folder.name} with Python {self.version} ...", flush=True)
        subprocess.run((self.base, "-m", "venv", "--without-pip", "--clear", str(self.folder)), check=True)
        lock = str(REQUIREMENTS / (group + ".txt"))
        install = self.install_locked(lock)
        subprocess.run((*install, "--no-deps", "--no-build-isolation", "-e", str(ROOT)), check=True)
        self.stamp(group).write_text(self.wanted(group))

    def install_locked(self, lock):
        """Install the locked packages with the first installer that manages to; returns its command."""
        for install in self.installers():
            if subprocess.run((*install, "--require-hashes", "-r", lock)).returncode == 0:
                return install
        raise SystemExit(NO_INSTALLER)

    def installers(self):
        """Commands that install into the environment: uv, put there by pip; a uv of this machine; pip itself.

        Behind a company's certificate uv may fail where pip, with the machine's configuration, does not.
        """
        pip = self.pip()
        if pip and runs(*pip, "--only-binary", ":all:", "--require-hashes", "-r", str(REQUIREMENTS / "uv.txt")):
            yield (self.program("uv"), "pip", "install", "--quiet", "--python", self.python)
        elif runs("uv", "--version"):
            yield ("uv", "pip", "install", "--quiet", "--python", self.python)
        if pip:
            yield pip

    def pip(self):
        """A pip that installs into the environment: its own, else the one of the Python it came from, else none."""
        quiet = ("install", "--quiet", "--disable-pip-version-check")
        if runs(self.base, "-m", "pip", "--python", self.python, "--version"):
            return (self.base, "-m", "pip", "--python", self.python, *quiet)
        if runs(self.python, "-m", "ensurepip"):
            return (self.python, "-m", "pip", *quiet)
        return None


def environment(wanted, groups):
    """An environment that holds one of the groups: .venv, or .venv-3.12 for a Python asked for by name."""
    python, version = find_python(wanted)
    name = ".venv-" + version.rpartition(".")[0] if wanted else ".venv"
    here = Environment(ROOT / name, python, version)
    if not any(here.ready(group) for group in groups):
        here.fill(groups[0])
    return here


def demo(wanted, args):
    """Run the demonstration; the test environment holds all it needs too."""
    here = environment(wanted, ("core", "test"))
    command = (here.program("countwell"), "demo", *args)
    if os.name != "nt":
        os.chdir(ROOT)
        os.execv(command[0], command)  # whoever ends ./go ends it, and it throws away what it made
    return subprocess.run(command, cwd=str(ROOT)).returncode


def test(wanted, args):
    """Run pytest on two processes; further arguments are pytest's."""
    here = environment(wanted, ("test",))
    return subprocess.run((here.python, "-m", "pytest", "-n", "2", *args), cwd=str(ROOT)).returncode


def check(wanted, args):
    """Run every static check, all of them even when one fails, and say which failed."""
    if args:
        raise SystemExit("./go check takes no arguments")
    here = environment(wanted, ("test",))
    failed = []
    for name, *rest in CHECKS:
        print("==>", name, *rest, flush=True)
        if subprocess.run((here.program(name), *rest), cwd=str(ROOT)).returncode:
            failed.append(" ".join((name, *rest)))
    print("failed: " + "; ".join(failed) if failed else "all checks passed", flush=True)
    return 1 if failed else 0


def main():
    """Read the command line and run what it names."""
    parser = argparse.ArgumentParser(
        prog="go", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=os.environ.get("GO_PYTHON"), help="the interpreter to use")
    parser.add_argument("command", choices=("demo", "test", "check"))
    parser.add_argument("args", nargs=argparse.REMAINDER, help="handed on to the command")
    given = parser.parse_args()
    command = {"demo": demo, "test": test, "check": check}[given.command]
    try:
        return command(given.python, given.args)
    except subprocess.CalledProcessError as failure:
        return "Setting up failed at: " + " ".join(map(str, failure.cmd))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
