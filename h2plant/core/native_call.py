"""Kernels called by their address: the other module that reaches into Numba's private parts.

The loop calls each kernel of a kind through its address (``simulation.calls``). A kernel that stands outside this
package is called through an entry of its own: the bus that it gets knows how long it is, so that a wrong slot, or
whatever else the kernel raises, ends in a status and never in somebody else's memory.

Private parts of Numba, and why: ``overloads``, ``library.get_pointer_to_function``, ``library._shared_module``,
``fndesc.llvm_func_name`` (the address, without the code that Numba makes for calls from Python), ``context.call_conv``
and LLVM's builder (a call through an address, a check of an index), ``linalg.ensure_blas`` and ``arraymath._HAVE_BLAS``
(16 MB less). ``tests/unit/test_numba_parts.py`` says what of it a version of Numba lacks.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np

from h2plant.core.bus import N_SLOTS
from h2plant.core.jit import IS_JIT_DISABLED, is_kernel, is_outside, kernel, kernel_digest, leaf, mark, python_function
from h2plant.core.status import KERNEL_RAISED
from h2plant.core.user_code import CompileError


def intrinsic_parts() -> tuple[Any, Any, Any]:
    """Return what single instructions are made of (``core.instructions``): LLVM's and Numba's types, the decorator."""
    from llvmlite import ir
    from numba.core import types as numba_types
    from numba.extending import intrinsic

    return ir, numba_types, intrinsic


def _kernel_types(function_name: str, dtype: np.dtype[Any]) -> tuple[tuple[Any, ...], Any]:
    """Return the types of a kind's kernel: (arguments, result).

    Bus and property tables go as bare pointers: nothing to pass but an address, and no index from the end to
    look out for, which makes code that is smaller and sooner compiled.
    """
    from numba import from_dtype
    from numba import types as numba_types

    record, pointer, number = from_dtype(dtype), numba_types.CPointer(numba_types.float64), numba_types.float64
    if function_name == "begin":
        return (record, pointer), numba_types.int64
    if function_name == "content":
        return (record, pointer), numba_types.UniTuple(number, 5)
    return (record, pointer, pointer, number), numba_types.int64


if not IS_JIT_DISABLED:
    import operator

    from llvmlite import ir
    from numba.core import cgutils
    from numba.core import types as _types
    from numba.core.typing.templates import AbstractTemplate, infer_global, signature
    from numba.extending import intrinsic as _intrinsic
    from numba.extending import lower_builtin, models, register_model

    class CheckedBus(_types.Type):
        """A bus that knows how many slots it has; an index beyond them raises ``IndexError``."""

        def __init__(self) -> None:
            super().__init__("CheckedBus")

    _checked_bus = CheckedBus()

    @register_model(CheckedBus)
    class _CheckedBusModel(models.StructModel):
        """The first slot; the number of slots."""

        def __init__(self, manager: Any, of: Any) -> None:
            super().__init__(manager, of, [("slots", _types.CPointer(_types.float64)), ("n", _types.int64)])

    @infer_global(operator.getitem)
    class _Get(AbstractTemplate):
        def generic(self, args: Any, _kws: Any) -> Any:
            is_ours = isinstance(args[0], CheckedBus) and isinstance(args[1], _types.Integer)
            return signature(_types.float64, args[0], _types.int64) if is_ours else None

    @infer_global(operator.setitem)
    class _Set(AbstractTemplate):
        def generic(self, args: Any, _kws: Any) -> Any:
            is_ours = isinstance(args[0], CheckedBus) and isinstance(args[1], _types.Integer)
            return signature(_types.none, args[0], _types.int64, _types.float64) if is_ours else None

    def _slot(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        bus = cgutils.create_struct_proxy(sig.args[0])(context, builder, value=args[0])
        cgutils.do_boundscheck(context, builder, args[1], bus.n)
        return builder.gep(bus.slots, [args[1]])

    @lower_builtin(operator.getitem, CheckedBus, _types.int64)
    def _get_slot(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load(_slot(context, builder, sig, args))

    @lower_builtin(operator.setitem, CheckedBus, _types.int64, _types.float64)
    def _set_slot(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[2], _slot(context, builder, sig, args))
        return context.get_dummy_value()

    @_intrinsic
    def _checked(_context: Any, bus: Any, slot: Any) -> Any:
        """Return the bus with its length, which stands in one of its own slots."""

        def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            made = cgutils.create_struct_proxy(_checked_bus)(context, builder)
            is_array = isinstance(sig.args[0], _types.Array)
            made.slots = context.make_array(sig.args[0])(context, builder, args[0]).data if is_array else args[0]
            count = builder.load(builder.gep(made.slots, [args[1]]))
            made.n = builder.fptosi(count, ir.IntType(64))
            return made._getvalue()

        return _checked_bus(bus, _types.int64), code


_ENTRIES = {
    "content": """
def entry(c, props):
    try:
        return kernel(c, props)
    except Exception:  # whatever a user's kernel raises; compiled code knows nothing narrower
        return NAN, NAN, NAN, NAN, NAN
""",
    "begin": """
def entry(c, props):
    try:
        return kernel(c, props)
    except Exception:  # whatever a user's kernel raises; compiled code knows nothing narrower
        return KERNEL_RAISED
""",
    "step": """
def entry(c, bus, props, dt):
    try:
        return kernel(c, checked(bus, N_SLOTS), props, dt)
    except Exception:  # whatever a user's kernel raises; compiled code knows nothing narrower
        return KERNEL_RAISED
""",
}
_ENTRIES["emit"] = _ENTRIES["step"]


def entry_of(function: Callable[..., Any], function_name: str) -> Callable[..., Any]:
    """Return what the loop calls for a kind's kernel: the kernel; from outside this package, its entry."""
    return _entry(function, function_name) if is_outside(function) and is_kernel(function) else function


@functools.cache
def _entry(function: Callable[..., Any], function_name: str) -> Callable[..., Any]:
    source = python_function(function)
    namespace: dict[str, Any] = {
        "__name__": source.__module__,
        "kernel": function,
        "checked": _checked,
        "N_SLOTS": N_SLOTS,  # named, so that the digest follows it
        "KERNEL_RAISED": KERNEL_RAISED,
        "NAN": float("nan"),
    }
    exec(compile(_ENTRIES[function_name], f"entry_of_{Path(source.__code__.co_filename).stem}", "exec"), namespace)
    entry = mark(namespace["entry"])
    # code is found by this name: that of two kernels which differ in anything is not the same
    entry.__qualname__ = f"{function_name}_{kernel_digest(function)[:16]}"
    return kernel(cast(Callable[..., Any], entry))


def _users_place(function: Callable[..., Any]) -> tuple[str, int] | None:
    """Return file and line of a function that a user wrote; None for this package's."""
    source = python_function(function)
    place: tuple[str, int] | None = getattr(source, "users_place", None)
    if place is None and is_outside(source):
        place = source.__code__.co_filename, source.__code__.co_firstlineno
    return place


def _files(function: Callable[..., Any], seen: set[Any]) -> dict[str, str]:
    """Return the user's files in which a kernel stands and those that it calls: name -> path."""
    source = python_function(function)
    if source in seen or not (is_outside(source) or hasattr(source, "users_place")):
        return {}
    seen.add(source)
    name = source.__code__.co_filename
    files = {Path(name).name: name} if is_outside(source) else {}
    for value in [source.__globals__.get(name) for name in source.__code__.co_names]:
        if is_kernel(value):
            files |= _files(value, seen)
    return files


def _compile_error(error: Exception, function: Callable[..., Any], file: str, first_line: int) -> CompileError:
    """Return Numba's message in short, with the last line of the user's files that it names."""
    if isinstance(error, KeyError):
        return CompileError(file, first_line, f"the kind has no field or port {error}")
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    if match := re.search(r"opcode \((\w+)\).* (\S.*) \((\d+)\)", text):
        what = f"what Python calls {match[1]} cannot be compiled"
        if match[1].startswith("IMPORT"):
            what = "a function of a rule or a kind cannot import: import at the top of the file"
        return CompileError(file, int(match[3]), what)
    files = {**_files(function, set()), Path(file).name: file}
    places = [(files.get(Path(name).name), int(n)) for name, n in re.findall(r'File "([^"]*)", line (\d+)', text)]
    place = next(((name, line) for name, line in reversed(places) if name is not None), (file, first_line))
    skipped = ("Failed in", "During:", "File", "Enable logging", "This error", "There are", "<source", "^", "- ", ">>>")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith(skipped)]
    what = next(
        (line for line in lines if re.search(r"unsupported|[Cc]annot|Unknown|No |Untyped|not |Invalid", line)), ""
    )
    if hasattr(function, "users_place") and ("failed to unpack" in text or "have different types" in text):
        what = "a rule that does not take 'request_w' must return two numbers, (soec_w, pem_w)"
    return CompileError(*place, what or (lines[0] if lines else type(error).__name__))


@functools.cache
def _load_without_linear_algebra() -> None:
    """Load Numba's array functions without SciPy's linear algebra: 16 MB of memory less.

    Numba loads it only to know whether it is there. Kernels use none of it; what does (``np.dot``, ``np.convolve``)
    loads it itself when it is compiled.
    """
    if "numba.np.arraymath" in sys.modules:
        return
    from numba.np import linalg

    ask = linalg.ensure_blas
    linalg.ensure_blas = lambda: None
    try:
        from numba.np import arraymath
    finally:
        linalg.ensure_blas = ask
    arraymath.ensure_blas = ask  # type: ignore[attr-defined]
    arraymath._HAVE_BLAS = importlib.util.find_spec("scipy") is not None


def compile_kernel(function: Callable[..., Any], function_name: str, dtype: np.dtype[Any]) -> int:
    """Compile a kind's ``step``, ``emit``, ``begin`` or ``content``, or load it; returns its address.

    Parameters
    ----------
    function
        The kernel.
    function_name
        Which of the four it is.
    dtype
        Layout of the kind's records.

    Raises
    ------
    CompileError
        A kernel of a user's file cannot be compiled; one of this package's raises what Numba does.
    """
    from numba import types as numba_types

    _load_without_linear_algebra()
    arguments, result = _kernel_types(function_name, dtype)
    dispatcher = cast(Any, entry_of(function, function_name))
    place = _users_place(function)
    if place is not None:
        _forget_bare_forms()
    try:
        dispatcher.compile(arguments)
    except Exception as error:
        if place is None or isinstance(error, MemoryError):
            raise  # of a user's code anything may come: a field that no record has, an import, what Numba never met
        raise _compile_error(error, python_function(function), *place) from None
    compiled = dispatcher.overloads[arguments]
    unliteral: Any = numba_types.unliteral
    returned = unliteral(compiled.signature.return_type)
    if returned != result:
        if place is None:
            raise TypeError(f"{function}: must return {result}, not {returned}")
        wanted = "five numbers" if function_name == "content" else "a status: a whole number, such as OK"
        raise CompileError(*place, f"'{function_name}' must return {wanted} in every case, not {returned}")
    address = int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))
    # What came from the cache folder keeps its intermediate code for kernels that call it. Hardly anything calls the
    # kernel of a kind but through its address: 20 MB less for the reference plant.
    if hasattr(compiled.library, "_shared_module"):
        compiled.library._shared_module = None
        _bare_forms.append((dispatcher, arguments))
    return address


_bare_forms: list[tuple[Any, Any]] = []
_kept_forms: list[Any] = []


def _forget_bare_forms() -> None:
    """Let kernels of kinds be loaded again, with their intermediate code, where one of a user's file calls them.

    The forms without it go on being called through their addresses, so they are kept.
    """
    while _bare_forms:
        dispatcher, arguments = _bare_forms.pop()
        form = dispatcher.overloads.pop(arguments, None)
        if form is not None:
            _kept_forms.append(form)


def _make_call(function_name: str) -> Callable[..., Any]:
    """Return the function that calls a kind's kernel by its address, from compiled code."""
    if IS_JIT_DISABLED:
        return lambda function, _memory, record, *others: function(record, *others)
    from numba import types as numba_types
    from numba.extending import intrinsic

    # all records are passed as their address, whatever their layout
    argument_types, result_type = _kernel_types(function_name, np.dtype([("any", "f8")]))

    def build(given: tuple[Any, ...]) -> Any:
        def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            def data(k: int) -> Any:
                return context.make_array(signature.args[k])(context, builder, arguments[k]).data

            record = builder.gep(data(1), [arguments[2]])
            passed = [builder.bitcast(record, context.get_value_type(argument_types[0]))]
            passed += [
                data(k) if isinstance(signature.args[k], numba_types.Array) else arguments[k]
                for k in range(3, len(signature.args))
            ]
            convention = context.call_conv
            function_type = convention.get_function_type(result_type, argument_types)
            callee = builder.inttoptr(arguments[0], function_type.as_pointer())
            # kernels never raise (those from outside have an entry): the status says nothing
            return convention.call_function(builder, callee, result_type, argument_types, passed)[1]

        return result_type(*given), code

    call: Any
    if function_name in ("begin", "content"):

        @intrinsic
        def call_without_bus(_context: Any, address: Any, memory: Any, first: Any, props: Any) -> Any:
            """Call the kernel with the record that starts at ``memory[first]``."""
            return build((address, memory, first, props))

        call = call_without_bus

        def by_address(address: int, memory: Any, first: int, props: Any) -> Any:
            """Call the kernel with the record that starts at ``memory[first]``."""
            return call(address, memory, first, props)

        return leaf(by_address)

    @intrinsic
    def call_with_bus(_context: Any, address: Any, memory: Any, first: Any, bus: Any, props: Any, dt: Any) -> Any:
        """Call the kernel with the record that starts at ``memory[first]``."""
        return build((address, memory, first, bus, props, dt))

    call = call_with_bus

    def with_bus_by_address(address: int, memory: Any, first: int, bus: Any, props: Any, dt: float) -> Any:
        """Call the kernel with the record that starts at ``memory[first]``."""
        return call(address, memory, first, bus, props, dt)

    return leaf(with_bus_by_address)


call_kernel: Callable[..., int] = _make_call("step")
"""``call_kernel(address, memory, first, bus, props, dt)``: a step or emit, with the record at ``memory[first]``."""
call_begin: Callable[..., int] = _make_call("begin")
"""``call_begin(address, memory, first, props)``."""
call_content: Callable[..., tuple[float, float, float, float, float]] = _make_call("content")
"""``call_content(address, memory, first, props)``."""
