"""The only module that touches numba-cuda: device forms of kernels, views of a lane's memory, code.

A kernel of this package becomes a device function with every kernel that it calls, recursively; nothing is written
twice. In the simulator (``NUMBA_ENABLE_CUDASIM=1``) it becomes plain Python. Import this module late: it needs the
extra ``cuda`` (see ``h2plant.cuda.presence``).
"""

from __future__ import annotations

import functools
import operator
import types as python_types
from collections.abc import Callable, Iterable
from typing import Any, get_type_hints

import numpy as np
from numba import cuda
from numba.cuda import config

from h2plant.core.bus import ZERO
from h2plant.core.declare import Kind
from h2plant.core.jit import is_kernel, is_leaf, plain, python_function
from h2plant.core.status import FATAL, OK
from h2plant.core.user_code import CompileError
from h2plant.cuda import lanes, loop
from h2plant.cuda.lanes import TILE
from h2plant.simulation.program import FloatArray, IntArray

MAX_REGISTERS: int | None = None
"""Most registers of a thread, for trials: with fewer, more threads are at work and spill; None: no limit."""
driver: Any = cuda
"""numba-cuda, for ``h2plant.cuda.launch``."""
IS_SIMULATED = bool(config.ENABLE_CUDASIM)
DEFAULT_CAPABILITY = (9, 0)
"""Compute capability that code is made for where there is no device: H100, H200."""


def capability() -> tuple[int, int]:
    """Return the compute capability of the device, or the default where there is none."""
    if not IS_SIMULATED and cuda.is_available():
        major, minor = cuda.get_current_device().compute_capability
        return int(major), int(minor)
    return DEFAULT_CAPABILITY


if not IS_SIMULATED:
    from llvmlite import ir
    from numba.cuda import cgutils, types
    from numba.cuda.codegen import CUDACodeLibrary
    from numba.cuda.compiler import compile_cuda
    from numba.cuda.cudadecl import registry as declarations
    from numba.cuda.cudaimpl import registry as lowerings
    from numba.cuda.dispatcher import CUDADispatcher
    from numba.cuda.extending import intrinsic, models, register_model
    from numba.cuda.typing.templates import AbstractTemplate, AttributeTemplate, signature

    _GLOBAL = 1  # NVVM's number of the device's main memory among address spaces

    class WordsType(types.Type):
        """A lane's words from some place on: a pointer to the first."""

    class TableType(types.Type):
        """Numbers that are only read, side by side: a pointer to the first."""

    class RecordType(types.Type):
        """A record of a lane: pointers to its own numbers and to those that all lanes share."""

        def __init__(
            self, kind_name: str, dtype: np.dtype[Any], constants: frozenset[str], dropped: frozenset[str]
        ) -> None:
            self.names = dtype.names or ()
            self.numbers = frozenset(lanes.numbers(dtype))
            self.constants = constants
            self.dropped = dropped
            super().__init__(f"Record({kind_name}{', whole' if not dropped else ''})")

    class BusType(types.Type):
        """A lane's bus: pointers to its words and to the places of slots among them."""

    words_type, table_type, bus_type = WordsType("Words"), TableType("Table"), BusType("Bus")
    _number = types.CPointer(types.float64)

    @register_model(WordsType)
    @register_model(TableType)
    class _PointerModel(models.PrimitiveModel):
        """A bare pointer to a number."""

        def __init__(self, manager: Any, of: Any) -> None:
            super().__init__(manager, of, ir.DoubleType().as_pointer())

    @register_model(RecordType)
    class _RecordModel(models.StructModel):
        """Own numbers; shared words; first constant; distance between constants, in words."""

        def __init__(self, manager: Any, of: Any) -> None:
            members = [("own", _number), ("shared", _number), ("constants", _number), ("stride", types.int64)]
            super().__init__(manager, of, members)

    @register_model(BusType)
    class _BusModel(models.StructModel):
        """The lane's words; the word of each slot, which all lanes share."""

        def __init__(self, manager: Any, of: Any) -> None:
            super().__init__(manager, of, [("words", _number), ("places", types.CPointer(types.int32))])

    def _place(builder: Any, pointer: Any, index: Any) -> Any:
        """Return the address of a word, in the device's main memory."""
        at = builder.gep(pointer, [index])
        return builder.addrspacecast(at, at.type.pointee.as_pointer(_GLOBAL))

    def _load(builder: Any, pointer: Any, index: Any, is_never_written: bool = False) -> Any:
        loaded = builder.load(_place(builder, pointer, index))
        if is_never_written:
            loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    def _word(k: int) -> Any:
        return ir.Constant(ir.IntType(64), k)

    @declarations.register_global(operator.getitem)
    class _Get(AbstractTemplate):
        def generic(self, args: Any, _kws: Any) -> Any:
            if isinstance(args[0], (WordsType, TableType, BusType)) and isinstance(args[1], types.Integer):
                return signature(types.float64, args[0], types.int64)
            return None

    @declarations.register_global(operator.setitem)
    class _Set(AbstractTemplate):
        def generic(self, args: Any, _kws: Any) -> Any:
            if isinstance(args[0], (WordsType, BusType)) and isinstance(args[1], types.Integer):
                return signature(types.none, args[0], types.int64, types.float64)
            return None

    @lowerings.lower(operator.getitem, WordsType, types.int64)
    def _get_word(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _load(builder, args[0], builder.mul(args[1], _word(TILE)))

    @lowerings.lower(operator.getitem, TableType, types.int64)
    def _get_entry(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return _load(builder, args[0], args[1], True)

    @lowerings.lower(operator.setitem, WordsType, types.int64, types.float64)
    def _set_word(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        builder.store(args[2], _place(builder, args[0], builder.mul(args[1], _word(TILE))))
        return context.get_dummy_value()

    def _bus_place(context: Any, builder: Any, sig: Any, args: Any) -> tuple[Any, Any]:
        """Return the lane's words, and the place of a slot among them as 32 bits."""
        bus = cgutils.create_struct_proxy(sig.args[0])(context, builder, value=args[0])
        return bus.words, _load(builder, bus.places, args[1], True)

    @lowerings.lower(operator.getitem, BusType, types.int64)
    def _get_slot(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        words, place = _bus_place(context, builder, sig, args)
        zero = ir.Constant(place.type, ZERO)  # no branch: so loads of a stream are under way together
        place = builder.select(builder.icmp_signed("<", place, zero), zero, place)
        index = builder.mul(place, ir.Constant(place.type, TILE))
        return _load(builder, words, builder.sext(index, ir.IntType(64)))

    @lowerings.lower(operator.setitem, BusType, types.int64, types.float64)
    def _set_slot(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        words, place = _bus_place(context, builder, sig, args)
        value = args[2]
        has_word = builder.icmp_signed("!=", place, ir.Constant(place.type, lanes.NO_WORD))
        with builder.if_then(has_word):
            index = builder.mul(place, ir.Constant(place.type, TILE))
            builder.store(value, _place(builder, words, builder.sext(index, ir.IntType(64))))
        exponent = ir.Constant(ir.IntType(64), 0x7FF0000000000000)
        bits = builder.and_(builder.bitcast(value, exponent.type), exponent)
        is_not_finite = builder.icmp_unsigned("==", bits, exponent)
        is_flow = builder.fcmp_unordered("!=", value, ir.Constant(value.type, 0.0))
        with builder.if_then(builder.select(has_word, is_not_finite, is_flow), likely=False):
            not_finite, flow = (ir.Constant(value.type, k) for k in (lanes.NOT_A_NUMBER, lanes.UNEXPECTED_FLOW))
            builder.store(builder.select(has_word, not_finite, flow), _place(builder, words, _word(lanes.MARK * TILE)))
        return context.get_dummy_value()

    @declarations.register_attr
    class _Fields(AttributeTemplate):
        key = RecordType

        def generic_resolve(self, record: Any, name: str) -> Any:
            if name in record.names:
                return types.float64 if name in record.numbers else types.int64
            return None

    @lowerings.lower_getattr_generic(RecordType)
    def _get_field(context: Any, builder: Any, record: Any, value: Any, name: str) -> Any:
        view = cgutils.create_struct_proxy(record)(context, builder, value=value)
        k = _word(record.names.index(name))
        if name not in record.numbers:
            shared = builder.bitcast(view.shared, ir.IntType(64).as_pointer())
            return _load(builder, shared, k, True)
        if name in record.constants:
            return _load(builder, view.constants, builder.mul(k, view.stride), True)
        return _load(builder, view.own, builder.mul(k, _word(TILE)))

    @lowerings.lower_setattr_generic(RecordType)
    def _set_field(context: Any, builder: Any, sig: Any, args: Any, name: str) -> None:
        record, given = sig.args
        if name in record.dropped:
            return
        view = cgutils.create_struct_proxy(record)(context, builder, value=args[0])
        number = context.cast(builder, args[1], given, types.float64)
        builder.store(number, _place(builder, view.own, _word(record.names.index(name) * TILE)))

    def _pointer_into(result: Any, offset_stride: int) -> Any:
        """Return an intrinsic that points into an array of numbers, from some index on."""

        def define(_context: Any, array: Any, first: Any) -> Any:
            def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
                data = context.make_array(sig.args[0])(context, builder, args[0]).data
                return builder.gep(data, [builder.mul(args[1], _word(offset_stride))])

            return result(array, types.int64), code

        return intrinsic(define)

    words_at: Any = _pointer_into(words_type, 1)
    table_at: Any = _pointer_into(table_type, 1)

    def _bus_at(_context: Any, words: Any, places: Any) -> Any:
        """Point to a lane's bus."""

        def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            made = cgutils.create_struct_proxy(bus_type)(context, builder)
            made.words = args[0]
            made.places = context.make_array(sig.args[1])(context, builder, args[1]).data
            return made._getvalue()

        return bus_type(words, places), code

    bus_at: Any = intrinsic(_bus_at)

    def record_view(kind_name: str, dtype: np.dtype[Any], constants: frozenset[str], dropped: frozenset[str]) -> Any:
        """Return the intrinsic ``view(lane memory, shared memory, record, stride)`` of a kind's records."""
        record_type = RecordType(kind_name, dtype, constants, dropped)

        @intrinsic
        def view(_context: Any, memory: Any, shared: Any, record: Any, stride: Any) -> Any:
            """Point to a record."""

            def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
                made = cgutils.create_struct_proxy(record_type)(context, builder)
                made.own = builder.gep(args[0], [builder.mul(args[2], _word(TILE))])
                made.shared = builder.gep(args[1], [args[2]])
                is_shared = builder.icmp_signed("==", args[3], _word(lanes.SHARED_STRIDE))
                made.constants = builder.select(is_shared, made.shared, made.own)
                made.stride = args[3]
                return made._getvalue()

            return record_type(memory, shared, types.int64, types.int64), code

        return view

    class _Library(CUDACodeLibrary):
        """Code of a device function: names each function that it needs once.

        numba-cuda's own list has a function once for each way that leads to it: hundreds of times for a step.
        """

        @property
        def modules(self) -> list[Any]:
            found: dict[int, Any] = {}
            waiting = [self]
            while waiting:
                library = waiting.pop()
                if id(library) not in found:
                    found[id(library)] = library
                    waiting += library._linking_libraries
            return [library._module for library in found.values()]

    class _DeviceFunction(CUDADispatcher):
        """A device function, compiled also where there is no device."""

        def compile_device(self, args: Any, return_type: Any = None) -> Any:
            if args not in self.overloads:
                result = compile_cuda(
                    self.py_func,
                    return_type,
                    args,
                    forceinline=self.targetoptions["forceinline"],
                    nvvm_options={"opt": 3, "fastmath": False},
                    cc=capability(),
                )
                result.library.__class__ = _Library
                if self.targetoptions["is_called"]:
                    result.library.get_function(result.fndesc.llvm_func_name).attributes.add("noinline")
                self.overloads[args] = result
                result.target_context.insert_user_function(result.entry_point, result.fndesc, [result.library])
            return self.overloads[args]

    def _device_function(function: Callable[..., Any], is_inlined: bool, is_called: bool) -> Any:
        options = {"device": True, "forceinline": is_inlined, "is_called": is_called, "inline": "never"}
        return _DeviceFunction(function, targetoptions={**options, "opt": True, "debug": False, "lineinfo": False})

else:
    words_at = lanes.Words
    bus_at = lanes.BusWords
    record_view = lanes.make_view

    def table_at(array: Any, first: int) -> Any:
        """Return numbers that are only read, from some index on."""
        return array[first:]


_device_forms: dict[Callable[..., Any], Any] = {}


def device_form(function: Callable[..., Any]) -> Any:
    """Return a kernel as a device function, with all kernels that it calls; plain Python in the simulator."""
    if IS_SIMULATED:
        return plain(function, {}, _device_forms)
    source = python_function(function)
    if source not in _device_forms:
        namespace = dict(source.__globals__)
        rebound = python_types.FunctionType(
            source.__code__, namespace, source.__name__, source.__defaults__, source.__closure__
        )
        rebound.__module__, rebound.__qualname__ = source.__module__, source.__qualname__
        # As on the processor: a leaf is inlined, a kernel is a function of its own. With all inlined, code is 1.4 times
        # as long, which the small instruction caches feel, and takes almost three times as long to assemble.
        _device_forms[source] = _device_function(rebound, is_leaf(source), not is_leaf(source))
        for name in source.__code__.co_names:
            value = source.__globals__.get(name)
            if is_kernel(value):
                namespace[name] = device_form(value)
    return _device_forms[source]


def chain(kinds: Iterable[tuple[int, Kind]], function_name: str, dropped: lanes.Dropped) -> Any:
    """Return the function that calls a kernel of a kind, chosen by the kind's index.

    Parameters
    ----------
    kinds
        (index, kind) of those that have the kernel.
    function_name
        ``step`` or ``emit``.
    dropped
        Fields by kind that are not kept (``lanes.Dropped``).

    Returns
    -------
    ``call(kind, lane memory, shared memory, record, stride, bus, props, dt) -> status``
    """

    def none(kind: int, memory: Any, shared: Any, record: int, stride: int, bus: Any, props: Any, dt: float) -> int:
        return FATAL

    found = none if IS_SIMULATED else _device_function(none, True, False)
    for index, kind in kinds:
        fields = lanes.dropped_of(kind, dropped)
        view = record_view(kind.name, kind.dtype, lanes.constant_fields(kind), fields)
        try:
            found = _link(index, device_form(getattr(kind, function_name)), view, found)
        except Exception as error:
            if kind.source is None:
                raise
            code = python_function(getattr(kind, function_name)).__code__
            what = f"the kind '{kind.name}' cannot run on a device ({_first_line(error)}); run with --backend threads"
            raise CompileError(code.co_filename, code.co_firstlineno, what) from None
    return found


def _link(index: int, step: Any, view: Any, rest: Any) -> Any:
    def link(kind: int, memory: Any, shared: Any, record: int, stride: int, bus: Any, props: Any, dt: float) -> int:
        if kind == index:
            return step(view(memory, shared, record, stride), bus, props, dt)
        return rest(kind, memory, shared, record, stride, bus, props, dt)

    if IS_SIMULATED:
        return link
    compiled = _device_function(link, True, False)
    integer = types.int64  # compiled from the last to the first: the compiler would else go down all at once
    compiled.compile_device((integer, words_type, table_type, integer, integer, bus_type, table_type, types.float64))
    return compiled


@functools.cache
def advance_kernel(kinds: tuple[tuple[int, Kind], ...], dropped: lanes.Dropped = frozenset()) -> Any:
    """Return the kernel that runs the plants of a launch for some steps, for plants of some kinds.

    Parameters
    ----------
    kinds
        (index, kind) of each, in rising order.
    dropped
        Fields by kind that are not kept (``lanes.Dropped``).

    Returns
    -------
    ``kernel(shared, own, series_base, outcome, n_slots, n_memory, first_step, n_steps, dt, steps_per_log)``, one
    thread for each row of ``outcome``. ``own`` holds the words of all lanes (see ``lanes``), ``series_base`` where a
    lane's set of series starts, ``outcome`` (n_lanes, 3) what became of it: steps done, status, component.
    """
    call_step = chain(kinds, "step", dropped)
    call_emit = chain([(k, kind) for k, kind in kinds if kind.emit is not None], "emit", dropped)
    advance_lane = device_form(loop.advance_lane)

    def run_lane(shared, own, t, base, outcome, n_slots, n_memory, first_step, n_steps, dt, steps_per_log):
        n_summed = shared.summed_slots.size
        n_words = n_slots + n_memory + 2 * n_summed
        first = t // TILE * TILE * n_words + t % TILE
        bus = bus_at(words_at(own, first), shared.places)
        memory = words_at(own, first + n_slots * TILE)
        sums = words_at(own, first + (n_slots + n_memory) * TILE)
        totals = words_at(own, first + (n_slots + n_memory + n_summed) * TILE)
        done, code, component = advance_lane(
            call_step, call_emit, shared, table_at(shared.memory, 0), table_at(shared.props, 0),
            bus, memory, sums, totals, base, first_step, n_steps, dt, steps_per_log,
        )  # fmt: skip
        outcome[t, lanes.DONE] += done
        outcome[t, lanes.CODE] = code
        outcome[t, lanes.COMPONENT] = component

    run = run_lane if IS_SIMULATED else _device_function(run_lane, False, False)

    def advance_plants(shared, own, series_base, outcome, n_slots, n_memory, first_step, n_steps, dt, steps_per_log):
        t = cuda.grid(1)
        if t < outcome.shape[0] and outcome[t, lanes.CODE] == OK:
            run(shared, own, t, series_base[t], outcome, n_slots, n_memory, first_step, n_steps, dt, steps_per_log)

    return (
        cuda.jit(advance_plants) if IS_SIMULATED else cuda.jit(advance_plants, lto=False, max_registers=MAX_REGISTERS)
    )


def argument_types() -> Any:
    """Return the types of the arguments of the kernel, for compiling it without a device."""
    of_type = {str(FloatArray): types.float64, str(IntArray): types.int64, str(lanes.ShortArray): types.int32}
    members = [
        types.Array(of_type[str(kind)], 2 if name == "copies" else 1, "C")
        for name, kind in get_type_hints(lanes.Shared).items()
    ]
    integer, number = types.int64, types.float64
    outcome = types.Array(integer, 2, "C")
    arrays = (types.NamedTuple(members, lanes.Shared), number[::1], integer[::1], outcome)
    return types.void(*arrays, integer, integer, integer, integer, number, integer)


def compile_ptx(
    kinds: tuple[tuple[int, Kind], ...],
    compute_capability: tuple[int, int] | None = None,
    dropped: lanes.Dropped = frozenset(),
) -> str:
    """Return the PTX of the kernel for plants of some kinds; needs NVVM, but neither device nor driver."""
    kernel = advance_kernel(kinds, dropped)
    wanted = capability() if compute_capability is None else compute_capability
    ptx, _ = cuda.compile(kernel.py_func, argument_types(), device=False, abi="numba", cc=wanted, output="ptx")
    return str(ptx)


def compiler_problem() -> str:
    """Return why NVVM, which compiles for the device, cannot be loaded; nothing if it can."""
    from numba.cuda.cudadrv import nvvm

    try:
        nvvm.NVVM()
    except Exception as error:  # whatever the loader of libraries raises
        return _first_line(error)
    return ""


def device_problem() -> str:
    """Return why no device can be used; nothing if one can."""
    if cuda.is_available() and len(cuda.gpus) > 0:
        return ""
    error = cuda.cuda_error()
    return _first_line(error) if error else "the driver is there but shows no device"


def _first_line(error: object) -> str:
    lines = [line.strip().rstrip(".") for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
