"""Many arrays under names, given to compiled functions as one pointer.

A tuple of fifty arrays is copied at every call, and takes minutes to compile. Here a function gets the address of a list of
addresses; `p.labs` reads the one it names. Numba's documented extension interface, without counting of references: whoever
calls keeps the arrays alive.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, lower_getattr_generic, register_model, typeof_impl, unbox
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import from_dtype
from numpy.typing import NDArray

WORDS = 4  # of each array: its address and up to three lengths
LONG = ir.IntType(64)
Layout = tuple[tuple[str, str, int, bool], ...]
NOTHING_BEHIND = np.empty(0, dtype=np.int64)


class PointerType(types.Type):  # type: ignore[misc]
    """The type of a pointer: names, types and dimensions of its arrays, and the functions whose addresses stand behind them."""

    def __init__(self, layout: Layout, apart: tuple[str, ...] = ()) -> None:
        self.layout, self.apart = layout, apart
        super().__init__(name=f"Pointer({layout}, {apart})")

    def place(self, name: str) -> int | None:
        """The place of an array, None if there is none of that name."""
        return next((n for n, (known, *_) in enumerate(self.layout) if known == name), None)

    def array(self, place: int) -> Any:
        """The type of the array at a place."""
        _, dtype, dimensions, read_only = self.layout[place]
        return types.Array(from_dtype(np.dtype(dtype)), dimensions, "C", readonly=read_only)


class Pointer:
    """The arrays of a named tuple as one pointer. Holds them as long as it lives; each is C-contiguous."""

    def __init__(self, arrays: Any, kind: PointerType, behind: NDArray[np.int64] = NOTHING_BEHIND) -> None:
        self.arrays, self.type = arrays, kind
        rows = [(array.ctypes.data, *array.shape, *[0] * (WORDS - 1 - array.ndim)) for array in arrays]
        self.words = np.concatenate([np.array(rows, dtype=np.int64).reshape(-1), behind])
        self.address = self.words.ctypes.data


def layout_of(arrays: Any) -> Layout:
    """Of each array of a named tuple its name, type, dimensions, and whether it is read-only."""
    return tuple(
        (name, array.dtype.str, array.ndim, not array.flags.writeable) for name, array in arrays._asdict().items()
    )


register_model(PointerType)(models.OpaqueModel)


@typeof_impl.register(Pointer)  # type: ignore[untyped-decorator]
def _type_of(pointer: Pointer, _: Any) -> Any:
    return pointer.type


@unbox(PointerType)  # type: ignore[untyped-decorator]
def _unboxed(_: Any, pointer: Any, c: Any) -> NativeValue:
    address = c.pyapi.object_getattr_string(pointer, "address")
    native = c.pyapi.long_as_voidptr(address)
    c.pyapi.decref(address)
    return NativeValue(native)


@infer_getattr
class _Arrays(AttributeTemplate):  # type: ignore[misc]
    key = PointerType

    def generic_resolve(self, pointer: PointerType, name: str) -> Any:
        place = pointer.place(name)
        return None if place is None else pointer.array(place)


def never_changing(builder: Any, place: Any) -> Any:
    """Reads a word behind a pointer; it is the same each time, and need not be read again after something was written."""
    loaded = builder.load(place)
    loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
    return loaded


@lower_getattr_generic(PointerType)  # type: ignore[untyped-decorator]
def _array_at(context: Any, builder: Any, pointer: PointerType, value: Any, name: str) -> Any:
    """The array of that name: its address and lengths are read, its strides follow from them."""
    place = pointer.place(name)
    assert place is not None
    kind = pointer.array(place)
    words = builder.bitcast(value, LONG.as_pointer())

    def word(n: int) -> Any:
        return never_changing(builder, builder.gep(words, [ir.Constant(LONG, place * WORDS + n)]))

    array = make_array(kind)(context, builder)
    item = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    shape = [word(1 + dimension) for dimension in range(kind.ndim)]
    strides = [ir.Constant(LONG, item)]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    data = builder.inttoptr(word(0), context.get_data_type(kind.dtype).as_pointer())
    populate_array(array, data=data, shape=shape, strides=strides, itemsize=ir.Constant(LONG, item), meminfo=None)
    return array._getvalue()  # noqa: SLF001 - numba's own name for it
