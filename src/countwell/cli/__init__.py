"""The command line: one thin module per group of commands. Errors become one sentence and the promised exit code."""

from __future__ import annotations

import gc
import json
import sys

import click

from countwell.base.errors import CountwellError, PackError, RecordError, Refusal, exit_code

INTERRUPTED = 130
COMMANDS = {
    "ask": ("countwell.cli.ask", "ask"),
    "packs": ("countwell.cli.packs", "packs"),
    "vocabulary": ("countwell.cli.vocabulary", "vocabulary"),
    "simulate": ("countwell.cli.simulate", "simulate"),
    "cohort": ("countwell.cli.cohort", "cohort"),
    "demo": ("countwell.cli.demo", "demo"),
    "serve": ("countwell.cli.serve", "serve"),
    "open-clinic": ("countwell.cli.serve", "open_clinic"),
    "new-password": ("countwell.cli.serve", "new_password"),
    "import": ("countwell.cli.import_", "import_"),
    "measures": ("countwell.cli.measures", "measures"),
    "doctor": ("countwell.cli.doctor", "doctor"),
    "upgrade": ("countwell.cli.doctor", "upgrade"),
    "backup": ("countwell.cli.backup", "backup"),
    "offline": ("countwell.cli.offline", "offline"),
    "restore": ("countwell.cli.backup", "restore"),
    "move": ("countwell.cli.move", "move"),
    "reconcile": ("countwell.cli.backup", "reconcile"),
}


class OnDemand(click.Group):
    """A group whose commands are imported when they are called: asking one patient needs no other command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=OnDemand, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="countwell", prog_name="countwell")
def countwell() -> None:
    """Azathioprine treatment: doses, blood tests, results, symptoms, with reasons and sources.

    Supports and does not replace a clinician. Not for clinical use until a clinical safety officer has signed.
    """


def main() -> None:
    """Run, and turn every error into a sentence and an exit code."""
    gc.disable()  # a command is short: what it reads lives until it ends
    try:
        countwell.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except CountwellError as error:
        sys.exit(_tell(error))


def _tell(error: CountwellError) -> int:
    code = exit_code(error)
    if "--json" in sys.argv and isinstance(error, RecordError | Refusal | PackError):
        print(
            json.dumps({"schema": "countwell.refusal/1", "refused": str(error), "exit_code": code}, ensure_ascii=False)
        )
    faults = error.faults if isinstance(error, PackError) else [error]
    print("\n".join(f"countwell: {fault}" for fault in faults), file=sys.stderr)
    return code
