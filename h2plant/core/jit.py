"""The only module that touches Numba's decorators, flags and on-disk cache.

Kernels are plain Python functions of scalars, records and flat arrays. ``kernel`` compiles them for the
CPU; ``plain`` gives the same function back as pure Python, with every kernel that it calls rebound
likewise, so that the baseline engine runs the very same physics without a compiler.

Numba's own cache does not notice an edit in another file. Compiled code is therefore kept under the digest of
everything that a kernel is made of: its own code, the values of the constants that it names, and the digests of
the kernels that it calls. An edit compiles anew what depends on it and nothing else, and copies of the package
share what is the same in them.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import inspect
import os
import pickle
import re
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard, TypeVar, cast

import numpy as np

from h2plant.core.cache_folder import cache_folder, keep, kept_files, prune, read_kept
from h2plant.core.error import UserError

_Function = TypeVar("_Function", bound=Callable[..., Any])

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
IS_JIT_DISABLED = os.environ.get("H2PLANT_DISABLE_JIT", "0").strip().lower() not in ("", "0", "false", "no")

# No 'nnan' or 'ninf': a look-up outside its range answers NaN, and that must survive until it is reported.
_FAST_MATH = {"contract", "arcp", "nsz", "reassoc"}
# Kernels never allocate, so counting references would be pure cost (up to 35 % of a look-up).
_FLAGS: dict[str, Any] = {"error_model": "numpy", "fastmath": _FAST_MATH, "nogil": True, "_nrt": False}
_UNWRAPPED = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_SUFFIX = ".nbc"  # of files of compiled code
_PYTHON = f"py{sys.version_info[0]}{sys.version_info[1]}{getattr(sys, 'abiflags', '')}"


def code_folder() -> Path | None:
    """Return the folder of what this version of the compiler made; None where nothing can be kept."""
    import numba

    return cache_folder(f"code-numba-{numba.__version__}")


def _is_of_package(value: object) -> bool:
    return str(getattr(value, "__module__", "")).split(".")[0] == "h2plant"


def _file_digest(module_name: str) -> str:
    return hashlib.sha256(Path(str(sys.modules[module_name].__file__)).read_bytes()).hexdigest()


def _value_digest(value: object, memo: dict[object, str]) -> str:
    """Return what tells whether a value that a kernel names is still the same."""
    if is_kernel(value):
        return kernel_digest(value, memo)
    if isinstance(value, types.ModuleType):
        return _file_digest(value.__name__) if value.__name__.split(".")[0] == "h2plant" else value.__name__
    if _is_of_package(value):  # a class, an intrinsic: whatever stands in its file
        return _file_digest(str(getattr(value, "__module__", "")))
    return repr(value) if isinstance(value, (bool, int, float, str, tuple, type(None))) else _full_name(value)


def _full_name(value: object) -> str:
    return f"{getattr(value, '__module__', type(value).__module__)}.{getattr(value, '__qualname__', type(value))}"


def _nested(constant: object) -> object:
    """Return a constant, or what a function within a function does: its own text would hold an address."""
    if not isinstance(constant, types.CodeType):
        return constant
    return constant.co_code.hex(), constant.co_names, [_nested(c) for c in constant.co_consts]


def kernel_digest(function: Callable[..., Any], _memo: dict[object, str] | None = None) -> str:
    """Return the digest of all that a kernel's machine code follows from, but for the types of its arguments."""
    memo = {} if _memo is None else _memo
    source = python_function(function)
    if source in memo:
        return memo[source]
    memo[source] = "itself"
    code = source.__code__
    constants = [_nested(c) for c in code.co_consts if c != source.__doc__]
    options = sorted(getattr(function, "targetoptions", {}).items(), key=lambda item: item[0])
    parts = [source.__module__, source.__qualname__, code.co_code.hex(), repr(constants), repr(code.co_varnames)]
    parts += [f"{name}={sorted(value) if isinstance(value, set) else value}" for name, value in options]
    for name in code.co_names:
        if name in source.__globals__:
            parts.append(f"{name}={_value_digest(source.__globals__[name], memo)}")
        else:
            parts.append(name)
    for cell in source.__closure__ or ():
        parts.append(_value_digest(cell.cell_contents, memo))
    if source.__module__.startswith(("h2plant.simulation", "h2plant.measure")):
        # what code names by position: ``Arrays``, ``Calls``
        names = ("h2plant.simulation.program", "h2plant.simulation.calls")
        parts += [_file_digest(name) for name in names if name in sys.modules]
    memo[source] = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return memo[source]


def kernel_size(function: Callable[..., Any], _seen: set[object] | None = None) -> int:
    """Return the bytes of Python code of a kernel and all that it calls: roughly, how long it takes to compile."""
    seen = set() if _seen is None else _seen
    source = python_function(function)
    if source in seen:
        return 0
    seen.add(source)
    called = (source.__globals__.get(name) for name in source.__code__.co_names)
    return len(source.__code__.co_code) + sum(kernel_size(value, seen) for value in called if is_kernel(value))


@functools.cache
def _cache_class() -> Any:
    """Return the class of Numba caches that keep a kernel under its digest.

    Numba's own unpickles files before anything in them is checked.
    """
    from numba.core import caching, compiler
    from numba.core.serialize import dumps

    class KernelCache(caching.FunctionCache):
        """Keeps a kernel's compiled forms: a file for each signature and processor."""

        def __init__(self, dispatcher: Any) -> None:
            self._dispatcher = dispatcher
            self._py_func = dispatcher.py_func
            self._stem = ""

        @property
        def cache_path(self) -> str:
            return str(code_folder())

        def _file(self, sig: Any, codegen: Any) -> Path | None:
            """Return the file of a form; the digest is taken on first use, when all that the kernel names exists."""
            folder = code_folder()
            if not self._stem:
                file, name = Path(self._py_func.__code__.co_filename).stem, self._py_func.__qualname__
                digest = kernel_digest(self._dispatcher, _digest_memo)
                self._stem = f"{file}.{re.sub('[<>]', '', name)}-{digest[:16]}"
            form = hashlib.sha256(repr(self._index_key(sig, codegen)).encode()).hexdigest()[:16]
            return folder / f"{self._stem}.{_PYTHON}.{form}{_SUFFIX}" if folder is not None else None

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            target_context.refresh()
            file = self._file(sig, target_context.codegen())
            content = read_kept(file) if file is not None else None
            return None if content is None else compiler.CompileResult._rebuild(target_context, *pickle.loads(content))

        def save_overload(self, sig: Any, data: Any) -> None:
            file = self._file(sig, data.codegen)
            if file is not None and not data.lifted and not data.library.has_dynamic_globals:  # these hold addresses
                keep(file, dumps(data._reduce()))

    return KernelCache


_digest_memo: dict[object, str] = {}


def compiled_form(function: Callable[..., Any], **extra: Any) -> Any:
    """Return a function compiled with this package's flags and ``extra`` ones, kept in the cache folder."""
    import numba

    dispatcher = numba.njit(**{**_FLAGS, **extra})(function)
    dispatcher._cache = _cache_class()(dispatcher)
    _spare_wrappers(dispatcher._compiler)
    return dispatcher


def _spare_wrappers(compiler: Any) -> None:
    """Let forms that take a bare pointer be compiled without the code that Python and C would call them by.

    Python has no such argument, so only compiled code calls them; kinds compile in about a tenth less time.
    """
    from numba import types as numba_types

    compile_form, options = compiler._compile_core, compiler.targetoptions

    def compile_core(arguments: tuple[Any, ...], return_type: Any) -> Any:
        is_inner = any(isinstance(argument, numba_types.CPointer) for argument in arguments)
        compiler.targetoptions = {**options, **_UNWRAPPED} if is_inner else options
        return compile_form(arguments, return_type)

    compiler._compile_core = compile_core


def kernel(function: _Function) -> _Function:
    """Compile a scalar function (``H2PLANT_DISABLE_JIT=1`` leaves it as it is)."""
    if IS_JIT_DISABLED:
        return function
    compiled = compiled_form(function)
    return with_front(function, compiled, compiled) if function.__defaults__ else compiled


def with_front(function: _Function, serial: Any, called: Callable[..., Any]) -> _Function:
    """Return a function that Python calls with all arguments in their places; compiled code takes it for ``serial``.

    Numba itself spends 40 us on a call from Python that leaves out an argument with a default.
    """
    code = function.__code__
    defaults = function.__defaults__ or ()

    @functools.wraps(function)
    def front(*arguments: Any, **named: Any) -> Any:
        missing = code.co_argcount - len(arguments)
        if named:
            bound = inspect.signature(function).bind(*arguments, **named)
            bound.apply_defaults()
            arguments = bound.args
        elif 0 < missing <= len(defaults):
            arguments += defaults[-missing:]
        return called(*arguments)

    forms: Any = front
    forms.py_func, forms.targetoptions, forms._numba_type_ = function, serial.targetoptions, serial._numba_type_
    return cast(_Function, forms)


def leaf(function: _Function) -> _Function:
    """Compile a small kernel that is always inlined by the code generator (up to 45 % faster look-ups)."""
    return function if IS_JIT_DISABLED else compiled_form(function, forceinline=True)


def batch_loop(function: _Function) -> _Function:
    """Compile a function that calls batch kernels (with reference counts of the arrays, unlike kernels)."""
    return function if IS_JIT_DISABLED else compiled_form(function, _nrt=True)


@functools.cache
def has_threads() -> bool:
    """Start the pool of threads and tell whether there is more than one.

    Threads that wait for work are told to sleep. OpenMP's own way is to spin: where other processes use the cores,
    a call of 5 us then takes 4 ms.
    """
    import numba

    before = os.environ.get("OMP_WAIT_POLICY")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when the pool's library is loaded
    try:
        return int(numba.get_num_threads()) > 1
    finally:
        if before is None:
            os.environ.pop("OMP_WAIT_POLICY", None)


if IS_JIT_DISABLED:
    prange = range
else:
    from numba import prange  # noqa: F401  for batch kernels


class CompileError(UserError):
    """A user's function that Numba cannot compile: where, and in short why."""

    def __init__(self, file: str, line: int, what: str) -> None:
        self.file, self.line, self.what = file, line, what
        super().__init__(
            f"{file}:{line}: [cannot-compile] {what}\n  use numbers, `math`, `if`, loops and tuples only, or run with "
            "--engine baseline, which takes any Python"
        )


def compile_users(function: _Function) -> _Function:
    """Compile a function that a user wrote, and check indices in it: what it raises its caller can catch."""
    return function if IS_JIT_DISABLED else compiled_form(function, boundscheck=True)


def _compile_error(error: Exception, file: str, first_line: int) -> CompileError:
    """Return Numba's message in short, with the last line of the user's file that it names."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [int(n) for n in re.findall(rf'File "[^"]*{re.escape(Path(file).name)}", line (\d+)', text)]
    skipped = ("Failed in", "During:", "File", "Enable logging", "This error", "There are", "<source", "^", "- ", ">>>")
    said = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith(skipped)]
    what = next(
        (line for line in said if re.search(r"unsupported|[Cc]annot|Unknown|No |Untyped|not |Invalid", line)), ""
    )
    if "failed to unpack" in text or "have different types" in text:
        what = "the rule must return two numbers, (soec_w, pem_w)"
    return CompileError(file, lines[-1] if lines else first_line, what or (said[0] if said else type(error).__name__))


def python_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the Python function behind a kernel (or the function itself)."""
    return getattr(function, "py_func", function)


def is_kernel(value: object) -> TypeGuard[Callable[..., Any]]:
    """Tell whether a value is a kernel of this package, compiled or not."""
    function = getattr(value, "py_func", value)
    return isinstance(function, types.FunctionType) and function.__module__.split(".")[0] == "h2plant"


def plain(
    function: Callable[..., Any],
    replacements: Mapping[str, Callable[..., Any]],
    _memo: dict[Callable[..., Any], Callable[..., Any]] | None = None,
) -> Callable[..., Any]:
    """Return a kernel as pure Python, with all kernels that it calls rebound to pure Python, recursively.

    Parameters
    ----------
    function
        Kernel or Python function of this package.
    replacements
        Full name (``module.name``) of a kernel -> the function that stands in for it (property look-ups).
    """
    memo = {} if _memo is None else _memo
    source = python_function(function)
    if source in memo:
        return memo[source]
    stand_in = replacements.get(f"{source.__module__}.{source.__qualname__}")
    if stand_in is not None:
        memo[source] = stand_in
        return stand_in
    namespace = dict(source.__globals__)
    rebound = types.FunctionType(source.__code__, namespace, source.__name__, source.__defaults__, source.__closure__)
    memo[source] = rebound
    for name in source.__code__.co_names:
        value = source.__globals__.get(name)
        if is_kernel(value):
            namespace[name] = plain(value, replacements, memo)
    return rebound


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
    """
    from numba import types as numba_types
    from numba.core.errors import NumbaError

    _load_without_linear_algebra()
    arguments, result = _kernel_types(function_name, dtype)
    dispatcher = cast(Any, function)
    try:
        dispatcher.compile(arguments)
    except NumbaError as error:
        if not hasattr(dispatcher.py_func, "users_place"):
            raise
        raise _compile_error(error, *dispatcher.py_func.users_place) from None
    compiled = dispatcher.overloads[arguments]
    unliteral: Any = numba_types.unliteral
    if unliteral(compiled.signature.return_type) != result:
        raise TypeError(f"{function}: must return {result}, not {compiled.signature.return_type}")
    address = int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))
    # What came from the cache folder keeps its intermediate code for kernels that call it. Nothing calls the
    # kernel of a kind but through its address: 20 MB less for the reference plant.
    if hasattr(compiled.library, "_shared_module"):
        compiled.library._shared_module = None
    return address


def missing_from_cache(functions: Sequence[Callable[..., Any]]) -> list[bool]:
    """Tell of each kernel whether its code is missing or damaged in the cache folder, without loading it."""
    files: dict[str, list[Path]] = {}
    for file in kept_files(code_folder()):
        if file.name.endswith(_SUFFIX):
            files.setdefault(file.name.split(".")[1], []).append(file)
    digests = (kernel_digest(function, _digest_memo)[:16] for function in functions)
    names = [f"{python_function(f).__qualname__}-{digest}" for f, digest in zip(functions, digests, strict=True)]
    return [not any(read_kept(file) is not None for file in files.get(name, ())) for name in names]


def prune_cache(most_bytes: int = 1_000_000_000) -> None:
    """Remove the oldest code from the cache folder until it is below a size; what is needed is compiled anew."""
    prune(code_folder(), most_bytes)


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
            # kernels never raise: the status of the call says nothing
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
