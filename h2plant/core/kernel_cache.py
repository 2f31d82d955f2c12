"""What a kernel is, and its compiled code on disk: one of the two modules that reach into Numba's private parts.

``mark`` makes a function a kernel; its identity, its digest and its form as plain Python go by the mark, wherever
its file lies. Numba's own cache does not notice an edit in another file. Compiled code is therefore kept under the
digest of everything that a kernel is made of: its own code, the values of the constants that it names, and the digests
of the kernels that it calls. An edit compiles anew what depends on it and nothing else, and copies of the package
share what is the same in them.

Private parts of Numba, and why: ``dispatcher._cache`` and ``caching.FunctionCache`` (Numba's own cache unpickles files
before anything in them is checked, and has its own idea of when they are stale), ``CompileResult._reduce`` and
``_rebuild`` (compiled code to bytes and back), ``targetoptions`` (flags are part of the digest), ``_numba_type_`` (a
Python function that compiled code takes for another), ``_compiler._compile_core`` (forms without wrappers),
``Compiler._compile_bytecode``, ``CPUCodeLibrary._optimize_final_module`` and what they hold (the same machine code in
every process), ``CPUCodegen._create_empty_module`` (shared kernels), ``CPUCodeLibrary._finalize_final_module``,
``_compiled_object`` and ``cpu_target`` (near machine code).
``tests/unit/test_numba_parts.py`` says what of it a version of Numba lacks.
"""

from __future__ import annotations

import functools
import hashlib
import inspect
import pickle
import re
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeGuard, TypeVar, cast

import numpy as np

from h2plant.core.cache_folder import cache_folder, keep, kept_files, prune, read_kept

_Function = TypeVar("_Function", bound=Callable[..., Any])

_UNWRAPPED = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_SUFFIX = ".nbc"  # of files of compiled code
_PYTHON = f"py{sys.version_info[0]}{sys.version_info[1]}{getattr(sys, 'abiflags', '')}"
_LIBRARIES = {"numpy", "numba", "llvmlite", "CoolProp"}
"""Beside Python's own: modules whose files no digest follows."""


def mark(function: _Function, form: Literal["kernel", "leaf", "shared"] = "kernel") -> _Function:
    """Mark a function as a kernel; a leaf is inlined where it is called, a shared one never."""
    function.__kernel__ = form  # type: ignore[attr-defined]
    return function


def python_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the Python function behind a kernel (or the function itself)."""
    return getattr(function, "py_func", function)


def is_kernel(value: object) -> TypeGuard[Callable[..., Any]]:
    """Tell whether a value is a kernel, compiled or not, of this package or of a user's file."""
    return hasattr(getattr(value, "py_func", value), "__kernel__")


def is_leaf(function: Callable[..., Any]) -> bool:
    """Tell whether a kernel is inlined where it is called."""
    return getattr(python_function(function), "__kernel__", "") == "leaf"


def is_shared(function: Callable[..., Any]) -> bool:
    """Tell whether there is one machine code of a kernel, which all that call it have in common."""
    return getattr(python_function(function), "__kernel__", "") == "shared"


def is_outside(function: Callable[..., Any]) -> bool:
    """Tell whether a function stands outside this package: in a user's file or in another package."""
    return python_function(function).__module__.partition(".")[0] != "h2plant"


# --- identity


def code_folder() -> Path | None:
    """Return the folder of what this version of the compiler made in this way; None where nothing can be kept."""
    import numba

    return cache_folder(f"code-{'near' if is_near() else 'settled'}-shared-numba-{numba.__version__}")


def _is_followed(module_name: str) -> bool:
    top = module_name.partition(".")[0]
    return bool(top) and top not in _LIBRARIES and top not in sys.stdlib_module_names


def module_digest(module_name: str) -> str:
    """Return the digest of a module's file; its name where it has none."""
    module = sys.modules.get(module_name)
    file = getattr(module, "__file__", None)
    digest: str | None = getattr(module, "__code_digest__", None)  # a user's file that came from another machine
    if digest is None and file is not None:
        digest = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    return digest or module_name


def _value_digest(value: object, memo: dict[object, str]) -> str:
    """Return what tells whether a value that a kernel names is still the same."""
    if is_kernel(value):
        return kernel_digest(value, memo)
    if isinstance(value, types.ModuleType):
        return module_digest(value.__name__) if _is_followed(value.__name__) else value.__name__
    if type(value) is tuple:
        return f"({', '.join(_value_digest(item, memo) for item in value)})"
    if isinstance(value, np.ndarray):  # a constant of compiled code, as numbers are
        return f"{value.dtype}{value.shape}{hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, bool | int | float | complex | str | tuple | np.generic | type(None)):
        return repr(value)
    module = str(getattr(value, "__module__", ""))
    if _is_followed(module):  # a class, an intrinsic: whatever stands in its file
        return module_digest(module)
    return _full_name(value)


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
    parts += ["shared"] if is_shared(source) else []
    for name in code.co_names:
        if name in source.__globals__:
            parts.append(f"{name}={_value_digest(source.__globals__[name], memo)}")
        else:
            parts.append(name)
    for cell in source.__closure__ or ():
        parts.append(_value_digest(cell.cell_contents, memo))
    if hasattr(function, "compiled_as"):  # another function, which compiled code takes for this one
        parts.append(kernel_digest(function.compiled_as, memo))
    if source.__module__.startswith(("h2plant.simulation", "h2plant.measure")):
        # what code names by position: ``Arrays``, ``Calls``
        names = ("h2plant.simulation.program", "h2plant.simulation.calls")
        parts += [module_digest(name) for name in names if name in sys.modules]
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


# --- machine code that several kernels call


class SharedForm(NamedTuple):
    """A compiled form of a shared kernel: where the kernel stands, and the types of its arguments."""

    module: str
    name: str
    arguments: tuple[Any, ...]

    def is_there(self, name: str) -> bool:
        """Tell whether machine code of that name is in this process; it is loaded or compiled if it can be."""
        kernel = getattr(sys.modules.get(self.module), self.name, None)
        if name not in _shared_forms and is_kernel(kernel) and is_shared(kernel):
            cast(Any, kernel).compile(self.arguments)
        return name in _shared_forms


_shared_forms: dict[str, SharedForm] = {}
"""Name in machine code -> form, of what is in this process."""
_kept_nowhere: set[str] = set()
"""Names of what cannot be kept in the cache folder; what calls it by its name is not kept either."""


def _shared_forms_of(library: Any) -> dict[str, SharedForm]:
    """Return the forms of shared kernels that the machine code of a library calls."""
    called = sorted(f.name for f in library._final_module.functions if f.is_declaration)
    return {name: _shared_forms[name] for name in called if name in _shared_forms}


def _is_in_a_circle(library: Any) -> bool:
    """Tell whether it has a kernel that is called by one that it calls itself: it cannot be loaded by itself."""
    return any(one.name.startswith(".numba.unresolved$") for one in library._final_module.global_variables)


# --- on disk


_digest_memo: dict[object, str] = {}


@functools.cache
def _cache_class() -> Any:
    """Return the class of Numba caches that keep a kernel under its digest.

    Numba's own unpickles files before anything in them is checked.
    """
    import llvmlite.binding as llvm
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
            """Return the file of a form; the digest is taken on first use, when all that the kernel names exists.

            None for what is typed into a prompt or a script: machine code is found by module and name, and there
            two functions may have both in common.
            """
            folder = code_folder()
            if self._py_func.__module__ == "__main__":
                return None
            if not self._stem:
                file = Path(self._py_func.__code__.co_filename).stem.replace(".", "_")
                name = self._py_func.__qualname__
                digest = kernel_digest(self._dispatcher, _digest_memo)
                self._stem = f"{file}.{re.sub('[<>]', '', name)}-{digest[:16]}"
            form = hashlib.sha256(repr(self._index_key(sig, codegen)).encode()).hexdigest()[:16]
            return folder / f"{self._stem}.{_PYTHON}.{form}{_SUFFIX}" if folder is not None else None

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            target_context.refresh()
            file = self._file(sig, target_context.codegen())
            content = read_kept(file) if file is not None else None
            if content is None:
                return None
            needed, reduced = pickle.loads(content)
            if not all(form.is_there(name) for name, form in needed.items()):  # by which its machine code calls them
                return None
            return self._noted(compiler.CompileResult._rebuild(target_context, *reduced))

        def save_overload(self, sig: Any, data: Any) -> None:
            file = self._file(sig, data.codegen)
            needed = _shared_forms_of(data.library)
            holds_addresses = data.lifted or data.library.has_dynamic_globals
            if holds_addresses or _is_in_a_circle(data.library) or not _kept_nowhere.isdisjoint(needed):
                _kept_nowhere.add(data.fndesc.llvm_func_name)
            elif file is not None:
                keep(file, dumps((needed, data._reduce())))
            self._noted(data)

        def _noted(self, made: Any) -> Any:
            """Return a compiled form; of a shared kernel others get nothing to inline, and call it by its name."""
            if is_shared(self._py_func):
                library = made.library
                library._shared_module = llvm.parse_assembly(str(library.codegen._create_empty_module(library.name)))
                form = SharedForm(self._py_func.__module__, self._py_func.__qualname__, tuple(made.signature.args))
                _shared_forms[made.fndesc.llvm_func_name] = form
            return made

    return KernelCache


def cached(dispatcher: Any) -> Any:
    """Return one of Numba's dispatchers, its compiled code kept in the cache folder from now on."""
    dispatcher._cache = _cache_class()(dispatcher)
    dispatcher._compiler.pipeline_class = functools.partial(_compiler_class(), dispatcher)
    _spare_wrappers(dispatcher._compiler)
    return dispatcher


@functools.cache
def is_near() -> bool:
    """Tell whether machine code reaches its constants and functions by their distance; asked before any is made.

    Numba supposes that they may lie anywhere and loads an address of eight bytes for each: a tenth of the instructions
    of large kernels, 2 to 4 % of the loop's time. With llvmlite's own memory manager what belongs together lies side by
    side; it is chosen here, unless somebody compiled with Numba before.
    """
    import llvmlite.binding as llvm
    from numba.core import config
    from numba.core.registry import cpu_target

    settings: Any = config
    triple = llvm.get_process_triple()
    if not (triple.startswith("x86_64-") and "-linux-" in triple and hasattr(config, "USE_LLVMLITE_MEMORY_MANAGER")):
        return False
    if settings.USE_LLVMLITE_MEMORY_MANAGER is None and "_toplevel_target_context" not in vars(cpu_target):
        settings.USE_LLVMLITE_MEMORY_MANAGER = True
    return bool(settings.USE_LLVMLITE_MEMORY_MANAGER)


def near_environment() -> dict[str, str]:
    """Return what makes a process of this package's own place machine code as this one does, in the same folder."""
    import llvmlite.binding as llvm

    is_settled = is_near() or llvm.get_process_triple().startswith("x86_64-")
    return {"NUMBA_USE_LLVMLITE_MEMORY_MANAGER": str(int(is_near()))} if is_settled else {}


@functools.cache
def _near_machine() -> Any:
    """Return what makes machine code for this processor that is near."""
    import llvmlite.binding as llvm
    from numba.core import config
    from numba.core.registry import cpu_target

    settings: Any = config
    cpu, features = cpu_target.target_context.codegen().magic_tuple()[1:]
    target = llvm.Target.from_triple(llvm.get_process_triple())
    return target.create_target_machine(cpu, features, int(settings.OPT), reloc="pic", codemodel="small", jit=True)


@functools.cache
def _compiler_class() -> Any:
    """Return the compiler that makes the same machine code of a kernel in whatever process, order and company.

    Kernels may be contracted and regrouped (``jit._FAST_MATH``), so how a kernel was inlined shows in the last digit of
    its results. As Numba does it, that depends on three things, each of which is settled here: names are counted
    through a process (here they follow from the digest); a kernel that is called is inlined as it stands in memory
    where it was compiled just before, and as it was written where it comes from the cache folder (here always as
    written); and what is left of it as a function is shared with all code loaded before (here it is the caller's).
    """
    import llvmlite.binding as llvm
    from numba.core import compiler
    from numba.core.funcdesc import default_mangler

    class KernelCompiler(compiler.Compiler):
        def __init__(self, dispatcher: Any, *arguments: Any) -> None:
            super().__init__(*arguments)
            self._dispatcher = dispatcher

        def _compile_bytecode(self) -> Any:
            state = self.state
            identity = state.func_id
            given = kernel_digest(self._dispatcher, _digest_memo) + repr(state.args)
            identity.unique_id = hashlib.sha256(given.encode()).hexdigest()[:16]
            identity.unique_name = f"{identity.func_qualname}${identity.unique_id}"
            state.targetctx.mangler = _short_name
            state.library = state.targetctx.codegen().create_library(identity.func_qualname)
            state.library.enable_object_caching()
            _settle(state.library)
            return super()._compile_bytecode()

    def _short_name(name: str, _types: Any, *, abi_tags: Any = (), uid: Any = None) -> str:
        """Return a function's name in machine code; Numba's has types by number and flags in the order of a set."""
        del abi_tags
        return str(default_mangler(name, (), uid=uid))

    def _settle(library: Any) -> None:
        optimize, finish = library._optimize_final_module, library._finalize_final_module

        def optimize_and_settle() -> None:
            optimize()
            made = library._final_module
            written = llvm.parse_bitcode(made.as_bitcode())
            for function in written.functions:
                if not function.is_declaration and function.linkage == llvm.Linkage.external:
                    function.linkage = llvm.Linkage.linkonce_odr
            library._shared_module = written
            for function in made.functions:
                if not function.is_declaration and function.linkage == llvm.Linkage.linkonce_odr:
                    function.linkage = llvm.Linkage.internal

        def finish_near() -> None:
            for function in library._final_module.functions:
                if function.is_declaration and function.name in _shared_forms:  # by its address: it may lie anywhere
                    function.add_function_attribute("nonlazybind")
            made = bytes(_near_machine().emit_object(library._final_module))
            library._compiled_object = made  # which the engine takes, and then forgets
            finish()
            library._compiled_object, library._compiled = made, True

        library._optimize_final_module = optimize_and_settle
        if is_near():
            library._finalize_final_module = finish_near

    return KernelCompiler


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
