"""What the threads of one network share: a flag each, and a way to wait for it.

Every thread raises its flag to the number of the step whose partial sums it has
written, and waits until all flags are there. It spins for some microseconds, and then
sleeps between looks: where another process holds the core of the thread it waits for,
a sleeper's core is free for that thread, and a spinner's is not.
"""

from __future__ import annotations

import platform
import sys
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from synthetic.engines.compiler import inner
from synthetic.parity.kernel_vectors import word

IS_X86 = platform.machine().lower() in {"x86_64", "amd64", "i686", "x86"}
FLUSH_TO_ZERO = 0x8040  # results below the normal numbers are 0, and so are operands
SPINS = 3000
NAP_MICROSECONDS = 20
VOID, INT32, BYTE = ir.VoidType(), ir.IntType(32), ir.IntType(8)


def _address(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    data = context.make_array(signature.args[0])(context, builder, args[0]).data
    return builder.gep(data, [args[1]], inbounds=True)


@word
def look(_typing: Any, flags: Any, _index: Any) -> Any:
    """A flag; what was written before it was raised can be read after this."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _address(context, builder, signature, args)
        return builder.load_atomic(place, "acquire", 8)

    return types.int64(flags, types.intp), emit


@word
def raise_flag(_typing: Any, flags: Any, _index: Any, _value: Any) -> Any:
    """Set a flag, after all that was written before."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = _address(context, builder, signature, args)
        builder.store_atomic(args[2], place, "release", 8)
        return context.get_dummy_value()

    return types.none(flags, types.intp, types.int64), emit


@word
def pause(_typing: Any) -> Any:
    """Tell an x86 processor that this is a waiting loop."""

    def emit(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        if IS_X86:
            kind = ir.FunctionType(VOID, [])
            name = "llvm.x86.sse2.pause"
            builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [])
        return context.get_dummy_value()

    return types.none(), emit


@word
def nap(_typing: Any) -> Any:
    """Leave the core for some microseconds (POSIX; elsewhere go on spinning)."""

    def emit(context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        if sys.platform != "win32":
            kind = ir.FunctionType(INT32, [INT32])
            sleep = cgutils.get_or_insert_function(builder.module, kind, "usleep")
            builder.call(sleep, [INT32(NAP_MICROSECONDS)])
        return context.get_dummy_value()

    return types.none(), emit


@inner
def wait_for(flags: Any, index: Any, value: Any) -> None:
    """Return when the flag is at the value or above."""
    looks = 0
    while look(flags, index) < value:
        looks += 1
        if looks < SPINS:
            pause()
        else:
            nap()


def _control_register(builder: Any, name: str, place: Any) -> None:
    kind = ir.FunctionType(VOID, [BYTE.as_pointer()])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    builder.call(function, [builder.bitcast(place, BYTE.as_pointer())])


@word
def flush_denormals(_typing: Any) -> Any:
    """Flush them in this thread; returns the mode before. x86 only, elsewhere 0.

    A saturated network's gradients fall below 1e-38, and each operation on such a
    number costs a hundred.
    """

    def emit(_context: Any, builder: Any, _signature: Any, _args: Any) -> Any:
        if not IS_X86:
            return INT32(0)
        place = cgutils.alloca_once(builder, INT32)
        _control_register(builder, "llvm.x86.sse.stmxcsr", place)
        before = builder.load(place)
        builder.store(builder.or_(before, INT32(FLUSH_TO_ZERO)), place)
        _control_register(builder, "llvm.x86.sse.ldmxcsr", place)
        return before

    return types.int32(), emit


@word
def restore_mode(_typing: Any, _mode: Any) -> Any:
    """Undo `flush_denormals`."""

    def emit(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        if IS_X86:
            place = cgutils.alloca_once_value(builder, args[0])
            _control_register(builder, "llvm.x86.sse.ldmxcsr", place)
        return context.get_dummy_value()

    return types.none(types.int32), emit
