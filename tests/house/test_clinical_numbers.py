"""Clinical numbers stand in packs and vocabulary alone: any other number in the code is structural, or listed here.

Structural without being listed: whole 0, 1, 2, 10 and 100 (as a limit, in `x < n`, only 0 and 1); positions and slices;
numbers compared with a length; keywords that lay text out (`indent=4`). What a file needs beyond that stands in ALLOWED,
with the reason.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation

import pytest

from house.source import dotted, modules

STRUCTURAL = frozenset({"0", "1", "2", "10", "100"})
STRUCTURAL_AS_LIMIT = frozenset({"0", "1"})
LAYOUT_KEYWORDS = frozenset(
    {
        "indent",
        "width",
        "maxsize",
        "maxsplit",
        "stacklevel",
        "ndigits",
        "min_width",
        "max_width",
        "max_length",
        "status",
    }
)
NUMBER_MAKERS = frozenset({"Decimal", "Fraction", "int", "float"})
DECIMAL_TEXT = re.compile(r"-?\d+\.\d+", re.ASCII)

# Data, pictures and invented patients: numbers are what these are made of.
EXEMPT = ("packs/", "vocabulary/", "paper/", "simulate/", "cohort/pictures/", "clinic/demo/")

# file: (the numbers, why they are not clinical)
ALLOWED: dict[str, tuple[Iterable[int], str]] = {
    "base/dates.py": (
        (1850, 2200, 7, 12, 14, 23, 24, 28, 30, 31, 59, 60, 365),
        "the calendar, and the size of a cache",
    ),
    "base/errors.py": ((3, 4, 5, 400, 422, 500, 503), "exit codes and HTTP statuses"),
    "cli/__init__.py": ((130,), "the exit code of an interrupted command"),
    "cli/import_.py": ((200,), "an HTTP status"),
    "cli/packs.py": ((4,), "an exit code"),
    "cli/serve.py": ((8000,), "a port"),
    "clinic/guard.py": ((403, 404), "HTTP statuses"),
    "clinic/letter_pdf.py": ((4,), "draws in the table of a letter"),
    "clinic/models/acts.py": ((11,), "the last place of the one table that ranks advice"),
    "clinic/models/patients.py": ((12,), "letters of a public id"),
    "clinic/pages/charts.py": ((15,), "letters of a reason"),
    "clinic/pages/home.py": ((200, 503), "HTTP statuses"),
    "clinic/pages/refusals.py": ((403, 500), "HTTP statuses"),
    "clinic/refused.py": ((403, 404, 409, 422, 503), "HTTP statuses"),
    "clinic/store/requested.py": ((7,), "days for which a copy can be taken"),
    "clinic/store/measured.py": ((31,), "days of the longest month"),
    "clinic/passwords.py": ((3, 4, 11, 15, 128), "letters of passwords and names, what their parts count"),
    "clinic/breached.py": ((40,), "hex digits of a hash"),
    "clinic/store/opening.py": ((200,), "a status, letters of a note"),
    "base/clock.py": ((5, 512), "an answer of Linux, bytes"),
    "clinic/store/clock.py": ((60,), "seconds by which two clocks may differ"),
    "clinic/store/typed.py": ((15, 20_000), "minutes, letters that are kept"),
    "clinic/frame.py": ((60,), "seconds of a minute"),
    "clinic/pages/accounts.py": ((204,), "an HTTP status"),
    "clinic/sent.py": ((18,), "digits of the longest number that both databases keep"),
    "clinic/secret.py": ((48, 384), "bytes of a key, rights of its file (0o600)"),
    "clinic/serving.py": ((16, 60), "requests at once, seconds between two looks at what is due"),
    "clinic/settings.py": (
        (5, 8, 10, 12, 15, 20, 24, 60, 200, 365, 587, 1024),
        "seconds, sizes, a port; letters of a password; tries",
    ),
    "clinic/store/backup.py": ((200, 384), "a status, letters of a note, rights of a file (0o600)"),
    "clinic/store/encrypted.py": ((384,), "rights of a file (0o600)"),
    "clinic/store/offline.py": ((200, 384, 448), "a status, rights of a file and a folder (0o600, 0o700)"),
    "clinic/store/health.py": ((3, 26, 1024), "bytes, hours"),
    "clinic/store/audit.py": ((64, 200, 2000, 0x436F756E74), "hex digits of a hash, a status, rows at a time, a lock"),
    "clinic/store/reminders.py": ((3,), "how often a letter is tried"),
    "clinic/store/looked.py": ((200,), "rows on a page"),
    "clinic/store/muted.py": ((15,), "letters of a reason"),
    "clinic/store/report.py": ((10, 12), "the steps in which counts are shown, December"),
    "clinic/store/scope.py": ((60,), "minutes for which a chart is open after break-glass"),
    "clinic/store/staff.py": ((15,), "bytes of a first password"),
    "clinic/store/hours.py": ((5,), "days of a working week"),
    "clinic/store/acted.py": ((30,), "seconds within which an act can be taken back"),
    "clinic/pages/held.py": ((3600,), "seconds of an hour"),
    "clinic/store/held.py": ((60,), "minutes of an hour"),
    "clinic/store/listed.py": ((24, 48, 60), "minutes of an hour, hours of a day, hours that are told as hours"),
    "clinic/pages/today.py": ((1000,), "thousandths of a bar"),
    "clinic/store/worklist.py": ((50,), "rows of a group on a page"),
    "engine/cases.py": ((2026, 3), "the day on which cases are played"),
    "engine/prove/units.py": (
        (3, 4, 5, 6, 9, 12, 14, 15, 32, 60, 212, 254, 1000, 45_359_237),
        "prefixes, and units by their definitions",
    ),
    "facts/readings.py": ((15,), "the size of a cache"),
    "questions/headlines.py": ((3,), "how many reasons a headline names"),
    "questions/missed.py": ((24, 3600), "hours of a day, seconds of an hour"),
    "exchange/limits.py": ((64, 200, 1024, 20_000, 50_000), "sizes of inputs"),
    "model/advice.py": (range(3, 12), "places in the worklist and alert tiers"),
    "pack/faults.py": ((20,), "how many words a hint lists"),
    "pack/strict.py": ((12, 2_000_000), "size and depth of a file"),
    "cql/written.py": ((8, 20, 120), "digits of a Decimal of CQL, the width of a line"),
    "cluster/status.py": ((384,), "rights of a file (0o600)"),
    "cohort/acts.py": ((3,), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/atoms.py": ((4, 1000000000000000), "a quotient is exact up to here; places of bits"),
    "cohort/bound.py": ((0, 3, 6), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/bound_rules.py": ((3,), "places of operators"),
    "cohort/came_to.py": ((3,), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/columns.py": (
        (4, 5, 8, 14, 16, 31, 32, 63, 64, 1000, 20000),
        "flags, widths of integers, places of event kinds, the size of a row group",
    ),
    "cohort/days.py": (
        (2, 3, 4, 5, 7, 9, 10, 12, 24, 28, 31, 153, 365, 400, 1460, 36524, 146097, 719468),
        "the civil calendar in day numbers",
    ),
    "cohort/dose_limits.py": ((6,), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/due_dates.py": ((5, 63), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/inputs.py": ((4, 6, 8, 16), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/incoming/fhir_moments.py": ((16,), "the size of a cache"),
    "cohort/incoming/fingerprints.py": ((14695981039346656037, 1099511628211), "a published hash"),
    "cohort/incoming/members.py": (
        (4, 63, 256),
        "bytes: how many there are, what they can be in a text, a place beyond all",
    ),
    "cohort/incoming/readings.py": ((62,), "the width of an integer"),
    "cohort/incoming/sorting.py": ((62,), "the width of an integer"),
    "cohort/integers.py": ((14, 1970, 1000000, 86400000000), "microseconds of a day, the epoch"),
    "cohort/joined.py": ((64,), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/kept.py": ((448,), "rights of a folder (0o700)"),
    "cohort/laboratory.py": ((0, 4), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/lapse.py": ((3,), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/life.py": ((3, 5, 6), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/manifest.py": ((8, 20), "sizes of integers and of a file"),
    "cohort/movement.py": ((31,), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/of_record.py": ((1000,), "the scale of stored values"),
    "cohort/passes.py": ((4096,), "patients at a time"),
    "cohort/pointer.py": ((4, 64), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/readings.py": ((15,), "the size of a cache"),
    "cohort/shape.py": (
        (3, 4, 5, 6, 7, 8, 9, 11, 12, 14, 15, 18, 21, 22, 23, 24, 63),
        "places of columns, bits and kinds of facts in the arrays of the pass",
    ),
    "cohort/sound.py": ((3,), "how many places a column has"),
    "cohort/spans.py": ((0, 1), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/symptoms.py": ((3, 4, 63), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/tables.py": ((3, 4, 5, 6, 8, 16, 64, 1970), "the epoch, widths of integers, places of columns"),
    "cohort/treatment.py": ((4,), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/vocabularies.py": ((8, 15, 16), "widths of integers, the size of a cache"),
    "cohort/walk.py": ((12, 22), "places of columns, bits and kinds of facts in the arrays of the pass"),
    "cohort/writing.py": ((448, 100000), "rights of a folder (0o700), patients in a part"),
    "cohort/zones.py": ((7, 12, 23, 31, 59, 64, 1970, 1000000, 86400000000), "the calendar, microseconds, sizes"),
}


def numbers_in(text: str) -> list[tuple[int, Decimal]]:
    """(line, number) of every number in a module that is not structural by its place or its smallness."""
    return list(_numbers(ast.parse(text), STRUCTURAL))


def _numbers(node: ast.AST, structural: frozenset[str]) -> Iterator[tuple[int, Decimal]]:
    value = _number(node)
    if value is not None and value.is_finite() and str(abs(value)) not in structural:
        yield node.lineno, value
    within = STRUCTURAL_AS_LIMIT if _orders(node) else structural if isinstance(node, ast.UnaryOp) else STRUCTURAL
    for child in _telling_children(node):
        yield from _numbers(child, within)


def _orders(node: ast.AST) -> bool:
    """Whether a node asks for more or less, so that a number in it is a limit."""
    return isinstance(node, ast.Compare) and any(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)


def _telling_children(node: ast.AST) -> Iterable[ast.AST]:
    """The parts of a node in which a number would mean something."""
    match node:
        case ast.Subscript(value=value, slice=ast.Slice() | ast.Constant() | ast.UnaryOp()):
            return (value,)
        case ast.keyword(arg=name) if name in LAYOUT_KEYWORDS:
            return ()
        case ast.Compare(left=ast.Call(func=ast.Name(id="len"))):
            return (node.left,)
        case _:
            return ast.iter_child_nodes(node)


def _number(node: ast.AST) -> Decimal | None:
    """The number that a node writes out: a literal, a text such as "3.0", or a text given to Decimal and its like."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return Decimal(str(value))
        case ast.Constant(value=str(text)) if DECIMAL_TEXT.fullmatch(text):
            return Decimal(text)
        case ast.Call(func=func, args=[ast.Constant(value=str(text))]) if (
            dotted(func).rpartition(".")[2] in NUMBER_MAKERS
        ):
            return None if DECIMAL_TEXT.fullmatch(text) else _read(text)
        case _:
            return None


def _read(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def unlisted_numbers(name: str, text: str) -> list[str]:
    """The numbers of a module that nothing allows, as sentences."""
    allowed = {Decimal(number) for number in ALLOWED.get(name, ((), ""))[0]}
    return [
        f"{name}:{line}: {value} looks clinical: put it in a pack or the vocabulary, or in ALLOWED"
        for line, value in numbers_in(text)
        if abs(value) not in allowed
    ]


def test_no_clinical_number_stands_in_the_code():
    checked = {name: text for name, text in modules().items() if not name.startswith(EXEMPT)}
    faults = [fault for name, text in checked.items() for fault in unlisted_numbers(name, text)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "planted",
    [
        "def stops(wbc):\n    return wbc <= 3.0",
        "STOP = Decimal('3')",
        "limit = decimal.Decimal(value='4000') if False else Fraction('7/2') or Decimal('3.5')",
        "NUMBERS = {'wbc_stop': '2.0'}",
        "def start(weight):\n    return weight * 25 // 10",
        "def due(last, weeks=13):\n    return last + weeks",
        "if -3 < change: pass",
        "def low(platelets):\n    return platelets < 100",
        "if alt > 2: pass",
        "if row[age > 65]: pass",
    ],
)
def test_a_planted_threshold_is_found(planted):
    assert unlisted_numbers("engine/decide.py", planted) != []


@pytest.mark.parametrize(
    "innocent",
    [
        "first, rest = parts[0], parts[3:7]",
        "last = parts[-5]",
        "if len(parts) > 3: pass",
        "text = json.dumps(answer, indent=4)",
        "half = low + (high - low) / 2",
        "flag = True",
        "if change < 0 or count == 2: pass",
        "INFINITY = Decimal('Infinity')",
        "version = '0.1.0'",
        "zero = Decimal('0')",
    ],
)
def test_structure_is_not_a_threshold(innocent):
    assert unlisted_numbers("engine/decide.py", innocent) == []


def test_what_is_allowed_in_one_file_is_not_allowed_in_another():
    assert unlisted_numbers("base/dates.py", "year = 12 * months") == []
    assert unlisted_numbers("engine/decide.py", "year = 12 * months") != []
