"""Functions that are compiled apart, each once, and called by address.

Numba links into every compiled function all that it calls, and optimises and writes out the whole again: a chain of calls
costs the square of its length. What is marked here is compiled alone. Its address stands behind the arrays of the pointer
that is its first argument, and whoever calls it reads it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from threading import Lock
from typing import Any

import numba
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic

from countwell.cohort.kept import kept
from countwell.cohort.pointer import LONG, WORDS, Pointer, PointerType, layout_of, never_changing
from countwell.cohort.shape import OPTIONS

_APART: dict[str, Apart] = {}
_ADDRESSES: dict[tuple[PointerType, ...], list[int]] = {}
_ONE_AT_A_TIME = Lock()


class Apart:
    """One function that is compiled apart: its text, the names of its arguments, and what it gives."""

    def __init__(self, function: Callable[..., Any], gives: Any, name: str) -> None:
        self.function, self.gives, self.name = function, gives, name
        self.arguments = function.__code__.co_varnames[: function.__code__.co_argcount]

    def address(self, pointers: Mapping[str, PointerType]) -> int:
        """Compiles it, or reads what an earlier process kept. pointers: the type of each argument that is a pointer."""
        signature = self.gives(*(pointers.get(name, types.int64) for name in self.arguments))
        with kept():
            made = njit(signature, cache=True, no_cpython_wrapper=True, **OPTIONS)(self.function)
        found = made.overloads[signature.args]
        return int(found.library.get_pointer_to_function(found.fndesc.llvm_func_name))


def apart(function: Callable[..., Any]) -> Any:
    """Compiled apart; it takes pointers and whole numbers, the walk first, and gives nothing."""
    return _apart(function, types.void)


def apart_for_a_number(function: Callable[..., Any]) -> Any:
    """The same of a function that gives a whole number."""
    return _apart(function, types.int64)


def _apart(function: Callable[..., Any], gives: Any) -> Any:
    if numba.config.DISABLE_JIT:
        return function
    one = Apart(function, gives, f"{function.__module__}.{function.__name__}")
    _APART[one.name] = one
    return _call(one.name, gives, one.arguments)


class Numbered:
    """Functions of the same arguments that give nothing, each compiled apart under its number among some names."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names
        self.all: dict[int, Callable[..., Any]] = {}

    def one(self, function: Callable[..., Any]) -> Any:
        """The function whose own name has that number. Raises ValueError for another name."""
        number = self.names.index(function.__name__)
        self.all[number] = function
        if not numba.config.DISABLE_JIT:
            _APART[_numbered(number)] = Apart(function, types.void, _numbered(number))
        return function

    @property
    def is_whole(self) -> bool:
        """Whether each name has its function: numbers are places in a row, and may have no gap."""
        return len(self.all) == len(self.names)

    def call(self, arguments: Sequence[str]) -> Any:
        """What calls one of them in compiled functions: its first argument is the walk, its second the number."""
        if numba.config.DISABLE_JIT:
            return lambda p, number, *others: self.all[number](p, *others)
        first, *others = arguments
        return _call(_numbered(0), types.void, (first, "number", *others), by_number=True)


def _numbered(number: int) -> str:
    return f"numbered {number:03}"


def _call(name: str, gives: Any, arguments: Sequence[str], *, by_number: bool = False) -> Any:
    """What stands for a function in compiled ones: a call of the address behind the arrays of its first argument."""

    def written(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        (pointer, *others), (walk, *given) = signature.args, values
        place = ir.Constant(LONG, len(pointer.layout) * WORDS + pointer.apart.index(name))
        if by_number:
            place, others, given = builder.add(place, given[0]), others[1:], given[1:]
        kinds, calling = [pointer, *others], context.call_conv
        address = never_changing(builder, builder.gep(builder.bitcast(walk, LONG.as_pointer()), [place]))
        function = builder.inttoptr(address, calling.get_function_type(gives, kinds).as_pointer())
        return calling.call_function(builder, function, gives, kinds, [walk, *given])[1]

    def call(_: Any, *given: Any) -> Any:
        return gives(*(each if isinstance(each, PointerType) else types.int64 for each in given)), written

    parameters = [Parameter(each, Parameter.POSITIONAL_OR_KEYWORD) for each in ("_", *arguments)]
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    return intrinsic(call)


def pointers_to(p: Any, **others: Any) -> list[Any]:
    """The walk, with the addresses of all that is compiled apart, and other named tuples of arrays, as compiled functions take
    them; where nothing is compiled (NUMBA_DISABLE_JIT), the tuples. others: by the names of arguments."""
    if numba.config.DISABLE_JIT:
        return [p, *others.values()]
    names = tuple(sorted(_APART))
    kinds = {"p": PointerType(layout_of(p), names), **{name: PointerType(layout_of(of)) for name, of in others.items()}}
    with _ONE_AT_A_TIME:
        key = tuple(kinds.values())
        if key not in _ADDRESSES:
            _ADDRESSES[key] = [_APART[name].address(kinds) for name in names]
    behind = np.array(_ADDRESSES[key], dtype=np.int64)
    return [Pointer(p, kinds["p"], behind), *(Pointer(of, kinds[name]) for name, of in others.items())]
