"""Functions that are compiled apart, each once, and called by address.

Numba links into every compiled function all that it calls, and optimises and writes out the whole again: a chain of calls
costs the square of its length. What is marked here is compiled alone. Its address stands behind the arrays of the pointer
that is its first argument, and whoever calls it reads it there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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

    def __init__(self, function: Callable[..., Any], gives: Any) -> None:
        self.function, self.gives = function, gives
        self.arguments = function.__code__.co_varnames[: function.__code__.co_argcount]
        self.name = f"{function.__module__}.{function.__name__}"

    def address(self, pointers: Mapping[str, PointerType]) -> int:
        """Compiles it, or reads what an earlier process kept. pointers: the type of each argument that is a pointer."""
        signature = self.gives(*(pointers.get(name, types.int64) for name in self.arguments))
        with kept():
            found = njit(signature, cache=True, no_cpython_wrapper=True, **OPTIONS)(self.function).overloads[
                signature.args
            ]
        return int(found.library.get_pointer_to_function(found.fndesc.llvm_func_name))

    def called(self) -> Any:
        """What stands for it in compiled functions: a call of the address behind the arrays of its first argument."""

        def call(_: Any, *given: Any) -> Any:
            kinds = [each if isinstance(each, PointerType) else types.int64 for each in given]
            return self.gives(*kinds), self._written

        call.__signature__ = _signature(("_", *self.arguments))  # type: ignore[attr-defined]
        return intrinsic(call)

    def _written(self, context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer, called = signature.args[0], context.call_conv
        kind = called.get_function_type(signature.return_type, signature.args)
        place = len(pointer.layout) * WORDS + pointer.apart.index(self.name)
        words = builder.bitcast(values[0], LONG.as_pointer())
        address = never_changing(builder, builder.gep(words, [ir.Constant(LONG, place)]))
        _, result = called.call_function(
            builder, builder.inttoptr(address, kind.as_pointer()), signature.return_type, signature.args, values
        )
        return result


def _signature(names: Iterable[str]) -> Signature:
    return Signature([Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names])


def apart(function: Callable[..., Any]) -> Any:
    """Compiled apart; it takes pointers and whole numbers, the walk first, and gives nothing."""
    return _apart(function, types.void)


def apart_for_a_number(function: Callable[..., Any]) -> Any:
    """The same of a function that gives a whole number."""
    return _apart(function, types.int64)


def _apart(function: Callable[..., Any], gives: Any) -> Any:
    if numba.config.DISABLE_JIT:
        return function
    one = Apart(function, gives)
    _APART[one.name] = one
    return one.called()


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
