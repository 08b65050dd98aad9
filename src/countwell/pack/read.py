"""Reads a pack file into a `Pack`, or refuses it with all its faults at once, each with file and line."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from countwell.base.errors import Fault, PackError
from countwell.model.pack import Extended, Pack
from countwell.pack import known
from countwell.pack.cases import cases
from countwell.pack.extend import extended
from countwell.pack.facts import facts
from countwell.pack.faults import Faults, meant
from countwell.pack.places import find
from countwell.pack.scope import Scope
from countwell.pack.sections import numbers, readings, sets, sources, statements
from countwell.pack.shape import Sheet, sheet
from countwell.pack.strict import Keys, Text, decoded, tree
from countwell.pack.tables import tables

EXTENDS = "\nextends:"


def read_pack(path: Path, *, cases: bool = True) -> Pack:
    """The pack in a file. Raises PackError with all its faults. A file that has not changed is read once.

    cases: whether its worked cases are read too; to answer for a patient they are not needed.
    """
    stamp = _stamp(path)
    base = _extended_by(path, *stamp)
    return _read(path, stamp, cases, base, _stamp(base) if base is not None else None)


def _stamp(path: Path) -> tuple[int, int]:
    """When a file was last written, and how long it is."""
    try:
        stat = path.stat()
    except OSError as error:
        raise PackError([Fault(f"{path}:1", "there is no such file.", "Check its name.")]) from error
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=100)
def _extended_by(path: Path, _changed: int, _size: int) -> Path | None:
    """The file of the pack that this one extends; None if it extends none, or cannot be read (which is told by reading it)."""
    text = decoded(path.read_bytes(), Faults(str(path))) or ""
    if EXTENDS not in f"\n{text}":
        return None
    root = tree(text, Faults(str(path)))
    extends = root.of.get("extends") if isinstance(root, Keys) else None
    name = extends.of.get("pack") if isinstance(extends, Keys) else None
    return find(name.text, beside=path.parent) if isinstance(name, Text) else None


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Nearly all that reading makes is kept: looking for what is not would take a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@lru_cache(maxsize=100)
@_nothing_collected()
def _read(
    path: Path, _stamp: tuple[int, int], cases: bool, base: Path | None, _of_base: tuple[int, int] | None
) -> Pack:
    text = _text(path)
    pack = read_text(text if cases else without_cases(text), str(path), base)
    if pack.name != path.stem:
        raise PackError(
            [Fault(f"{path}:1", f"the pack is called {pack.name}, its file {path.stem}.", "Make them equal.")]
        )
    return pack


def _text(path: Path) -> str:
    faults = Faults(str(path))
    text = decoded(path.read_bytes(), faults)
    faults.raise_if_any()
    return text or ""


def without_cases(text: str) -> str:
    """The text of a pack up to its section of cases, if that is its last."""
    before, found, after = text.partition("\ncases:\n")
    last = found and not any(line[:1].isalpha() for line in after.splitlines())
    return before + "\n" if last else text


def read_text(text: str, where: str, base: Path | None = None) -> Pack:
    """The pack that a text holds; `where` stands for the file in faults. Raises PackError with all of them.

    base: the file of the pack that it extends; a text that extends one and names no file of it is refused.
    """
    faults = Faults(where)
    root = tree(text, faults)
    if isinstance(root, Keys) and base is not None:
        root = _extended(root, base, faults)
    pack = _pack(sheet(root, "pack", "the pack", faults), where, base, faults) if root is not None else None
    faults.raise_if_any()
    assert pack is not None
    return pack


def _extended(own: Keys, base: Path, faults: Faults) -> Keys:
    """The whole pack, put together. A pack that extends one itself is not extended: its rules stand in two files already."""
    if _extended_by(base, *_stamp(base)) is not None:
        what, do = "extends another pack itself", "Extend a pack whose rules stand in its own file."
        faults.add(own.of["extends"].line, f"{base.stem} {what}.", do)
        faults.raise_if_any()
    root = tree(_text(base), Faults(str(base)))
    assert isinstance(root, Keys)
    return extended(own, root, read_pack(base), faults)


def _pack(page: Sheet, where: str, base: Path | None, faults: Faults) -> Pack:
    scope = _scope(page, faults)
    return Pack(
        name=page.text("pack"),
        kind=page.text("kind"),
        version=page.text("version"),
        status=page.text("status"),
        title=page.text("title"),
        conditions=_conditions(page, faults),
        layers=page.names("with"),
        reads=scope.reads,
        sources=scope.sources,
        readings=scope.readings,
        numbers=scope.numbers,
        facts=scope.facts,
        tables=tables(scope.tables, scope),
        statements=statements(page.entries("statements"), "statement", scope),
        gaps=statements(page.entries("gaps"), "gap", scope),
        cases=cases(page.entries("cases"), scope),
        path=where,
        extends=_extends(page, base, scope),
    )


def _extends(page: Sheet, base: Path | None, scope: Scope) -> Extended | None:
    node, faults = page.node("extends"), scope.faults
    if node is None:
        _refuse_changes(page, scope)
        return None
    what = sheet(node, "extends", "`extends`", faults)
    if base is None:
        faults.add(node.line, "the pack that it extends is not there.", "Name it: `extends: {pack: …, version: …}`.")
    return Extended(what.text("pack"), what.text("version"), str(base or ""))


def _conditions(page: Sheet, faults: Faults) -> tuple[str, ...]:
    applies = page.node("applies")
    if applies is None:
        if page.text("kind") == "protocol":
            faults.add(page.line, "a protocol has no `applies`.", "Say for which condition: `applies: {condition: …}`.")
        return ()
    what = sheet(applies, "applies", "`applies`", faults)
    names = what.names("condition")
    if "condition" in what and not names:
        faults.add(applies.line, "`applies` names no condition.", "Such as {condition: cidp}.")
    for name in set(names) - known.conditions():
        faults.add(applies.line, f"there is no condition `{name}`.", meant(name, known.conditions()))
    for name in {name for name in names if names.count(name) > 1}:
        faults.add(applies.line, f"the condition `{name}` stands twice.", "Take one out.")
    return names


def _refuse_changes(page: Sheet, scope: Scope) -> None:
    """What only a pack that extends another may say."""
    if "tell" in page:
        scope.faults.add(page.line_of("tell"), "`tell` stands where a pack extends another.", "Tell it in the rule.")
    for number in scope.numbers.values():
        if number.agreed:
            what = f"number `{number.name}`: `agreed` stands where another pack's number is changed."
            scope.faults.add(number.line, what, "Take it out.")


def _scope(page: Sheet, faults: Faults) -> Scope:
    """Everything that rules may name."""
    scope = Scope(
        faults,
        sources=sources(page.entries("sources"), faults),
        readings=readings(page.entries("readings"), faults),
        sets=sets(page.entries("sets"), faults),
        tables=page.entries("tables"),
        reads=page.names("reads"),
        fact_nodes=page.entries("facts"),
    )
    scope.numbers = numbers(page.entries("numbers"), scope)
    scope.facts = facts(scope)
    for name in scope.fact_nodes.keys() & scope.numbers.keys():
        faults.add(scope.numbers[name].line, f"`{name}` is a number and a fact.", "Rename one of them.")
    return scope
