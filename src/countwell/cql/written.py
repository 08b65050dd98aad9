"""How CQL is put on paper: names, texts, comments, definitions. Knows nothing of packs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from decimal import Decimal

WIDTH = 120
LONG = 100
# A Decimal of CQL has so many digits before and after its point.
BEFORE_POINT, AFTER_POINT = 20, 8
LOWEST = f"-{'9' * BEFORE_POINT}.{'9' * AFTER_POINT}"
SMALLEST = Decimal(1).scaleb(-AFTER_POINT)
_CLOSED = str.maketrans({"\\": r"\\", "'": r"\'", '"': r"\""})


def quoted(name: str) -> str:
    """A name as CQL reads it: in double quotes."""
    return f'"{name.translate(_CLOSED)}"'


def text(word: str) -> str:
    """A text as CQL reads it: in single quotes."""
    return f"'{word.translate(_CLOSED)}'"


def texts(words: Iterable[str]) -> str:
    """A list of texts, in order of the alphabet."""
    return "{" + ", ".join(text(word) for word in sorted(words)) + "}"


def is_exact(number: Decimal) -> bool:
    """Whether CQL has all the places of a number."""
    return number == number.quantize(SMALLEST)


def text_lines(words: Iterable[str]) -> str:
    """A long list of texts over several lines."""
    lines = [""]
    for each in (text(word) for word in sorted(words)):
        if len(lines[-1]) + len(each) > LONG:
            lines.append("")
        lines[-1] += f"{each}, "
    return "{\n" + textwrap.indent("\n".join(line.rstrip() for line in lines).removesuffix(","), "  ") + "\n}"


def decimal(number: Decimal) -> str:
    """A number with its point, so that no engine takes it for an integer."""
    written = format(number, "f")
    return written if "." in written else f"{written}.0"


def comment(says: str, *, hanging: str = "") -> str:
    """Lines of comment. A line break in what is said cannot end it early."""
    plain = re.sub(r"\s+", " ", says).strip()
    return textwrap.fill(plain, WIDTH, initial_indent="// ", subsequent_indent=f"// {hanging}", break_long_words=False)


def define(name: str, expression: str) -> str:
    """One definition: on a line of its own if it fits."""
    line = f"define {quoted(name)}: {expression}"
    if len(line) <= WIDTH and "\n" not in line:
        return line
    return f"define {quoted(name)}:\n{textwrap.indent(expression, '  ')}"


def case(*whens: tuple[str, str], otherwise: str = "null") -> str:
    """The first of these whose condition is true, else `otherwise`."""
    lines = [textwrap.indent(f"when {condition} then {value}", "  ") for condition, value in whens]
    return "\n".join(["case", *lines, textwrap.indent(f"else {otherwise}", "  "), "end"])


def joined(parts: Sequence[str], word: str) -> str:
    """Conditions joined by `and` or `or`, in brackets if there are several; each on its line if they are long."""
    if len(parts) == 1:
        return parts[0]
    line = f"({f' {word} '.join(parts)})"
    if len(line) < LONG and "\n" not in line:
        return line
    lines = (part if not number else f"{word} {part}" for number, part in enumerate(parts))
    return "(\n" + textwrap.indent("\n".join(lines), "  ") + "\n)"
