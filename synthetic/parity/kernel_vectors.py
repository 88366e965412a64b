"""Vector registers, atomics and the floating-point mode, as words of compiled code.

A loop that gathers rows by index is not vectorised by a compiler that has to prove that
they do not overlap. So the kernels say what they mean: `load` 64 bytes from a flat
array, `add`, `fma`, `store`. LLVM splits the 64 bytes into the registers there are (one
of AVX-512, two of AVX, four of NEON); the arithmetic is the same on all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.extending import intrinsic, register_model

BYTES = 64
"""The size of a vector, and of a cache line."""

INT32 = ir.IntType(32)


def word(emit: Callable[..., Any]) -> Any:
    """An instruction: compiled code is what the function's own function emits."""
    return intrinsic(emit)


def lanes_of(dtype: Any) -> int:
    """How many numbers of this type make a vector."""
    return BYTES // int(np.dtype(dtype).itemsize)


class Vector(types.Type):
    """64 bytes of `float32` or `float64` in registers."""

    def __init__(self, element: Any) -> None:
        self.element = element
        self.count = BYTES * 8 // element.bitwidth
        super().__init__(name=f"Vector({element})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):
    """A vector is one LLVM value."""

    def __init__(self, manager: Any, vector: Vector) -> None:
        element = manager.lookup(vector.element).get_value_type()
        super().__init__(manager, vector, ir.VectorType(element, vector.count))


def _address(context: Any, builder: Any, array: Any, value: Any, index: Any) -> Any:
    data = context.make_array(array)(context, builder, value).data
    return builder.gep(data, [index], inbounds=True)


def _vector_of(context: Any, array: Any) -> tuple[Vector, Any]:
    vector = Vector(array.dtype)
    return vector, context.get_value_type(vector)


@word
def load(_typing: Any, array: Any, _index: Any) -> Any:
    """The vector that begins at an element of a flat array."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = signature.args[0]
        _, kind = _vector_of(context, array)
        place = _address(context, builder, array, *args)
        place = builder.bitcast(place, kind.as_pointer())
        return builder.load(place, align=array.dtype.bitwidth // 8)

    return Vector(array.dtype)(array, types.intp), emit


@word
def store(_typing: Any, array: Any, _index: Any, vector: Any) -> Any:
    """Write the vector at an element of a flat array."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = signature.args[0]
        _, kind = _vector_of(context, array)
        place = _address(context, builder, array, args[0], args[1])
        place = builder.bitcast(place, kind.as_pointer())
        builder.store(args[2], place, align=array.dtype.bitwidth // 8)
        return context.get_dummy_value()

    return types.none(array, types.intp, vector), emit


def spread_value(builder: Any, scalar: Any, count: int) -> Any:
    """LLVM's idiom for one number in every lane."""
    kind = ir.VectorType(scalar.type, count)
    blank = ir.Constant(kind, ir.Undefined)
    one = builder.insert_element(blank, scalar, INT32(0))
    mask = ir.Constant(ir.VectorType(INT32, count), [0] * count)
    return builder.shuffle_vector(one, blank, mask)


@word
def spread(_typing: Any, array: Any, _index: Any) -> Any:
    """One element of a flat array in every lane."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = signature.args[0]
        vector, _ = _vector_of(context, array)
        place = _address(context, builder, array, *args)
        return spread_value(builder, builder.load(place), vector.count)

    return Vector(array.dtype)(array, types.intp), emit


@word
def width(_typing: Any, array: Any) -> Any:
    """How many of the array's numbers make a vector, a constant."""

    def emit(context: Any, _builder: Any, signature: Any, _args: Any) -> Any:
        count = Vector(signature.args[0].dtype).count
        return context.get_constant(types.intp, count)

    return types.intp(array), emit


@word
def zero_like(_typing: Any, array: Any) -> Any:
    """The vector of zeros of the array's type."""

    def emit(context: Any, _builder: Any, signature: Any, _args: Any) -> Any:
        _, kind = _vector_of(context, signature.args[0])
        return ir.Constant(kind, [0.0] * kind.count)

    return Vector(array.dtype)(array), emit


def _binary(name: str) -> Any:
    @word
    def operation(_typing: Any, a: Any, b: Any) -> Any:
        """One of the builder's own instructions."""

        def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return getattr(builder, name)(*args)

        return a(a, b), emit

    return operation


add, sub = _binary("fadd"), _binary("fsub")


@word
def negated(_typing: Any, a: Any) -> Any:
    """The vector with every sign turned."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.fneg(args[0])

    return a(a), emit


@word
def fma(_typing: Any, a: Any, _b: Any, _c: Any) -> Any:
    """A times b plus c, rounded once on every processor."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return fused(builder, *args)

    return a(a, a, a), emit


def fused(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """`fma` on LLVM values; llvmlite's own method knows scalars only."""
    kind = a.type
    element = "f32" if isinstance(kind.element, ir.FloatType) else "f64"
    name = f"llvm.fma.v{kind.count}{element}"
    function = cgutils.get_or_insert_function(
        builder.module, ir.FunctionType(kind, [kind] * 3), name
    )
    return builder.call(function, [a, b, c])


def positive(builder: Any, value: Any) -> Any:
    """Lane by lane, whether the value is above zero."""
    return builder.fcmp_ordered(
        ">", value, ir.Constant(value.type, [0.0] * value.type.count)
    )


@word
def where_positive(_typing: Any, a: Any, b: Any, _c: Any) -> Any:
    """B where a is above zero, else c."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.select(positive(builder, args[0]), args[1], args[2])

    return b(a, b, b), emit


@word
def total(_typing: Any, a: Any) -> Any:
    """The sum over lanes: halves are added until one number is left."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        value = args[0]
        while value.type.count > 1:
            half = value.type.count // 2
            low, high = (
                builder.shuffle_vector(
                    value,
                    value,
                    ir.Constant(
                        ir.VectorType(INT32, half), list(range(start, start + half))
                    ),
                )
                for start in (0, half)
            )
            value = builder.fadd(low, high)
        return builder.extract_element(value, INT32(0))

    return a.element(a), emit


@word
def count_ones(_typing: Any, bits: Any) -> Any:
    """The number of bits that are 1."""

    def emit(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return bits(bits), emit


@word
def pick(_typing: Any, array: Any, _index: Any) -> Any:
    """An element of a flat array; no index is negative, so none is wrapped around."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _address(context, builder, signature.args[0], *args)
        value = builder.load(place)
        return context.cast(
            builder, value, signature.args[0].dtype, signature.return_type
        )

    return types.intp(array, types.intp), emit
