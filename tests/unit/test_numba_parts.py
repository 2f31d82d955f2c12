"""What the project takes from inside Numba is there, and does what it is taken for; else this says what broke.

Each test stands for one thing that `core/kernel_cache.py` or `core/native_call.py` does with Numba's private parts.
"""

import inspect

import pytest

from h2plant.core.jit import IS_JIT_DISABLED, compiled_form, kernel, with_front

pytestmark = pytest.mark.skipif(IS_JIT_DISABLED, reason="Numba is not loaded")


def _need(owner: object, name: str, why: str) -> None:
    label = getattr(owner, "__name__", type(owner).__name__)
    assert hasattr(owner, name), f"Numba's {label} has no {name!r} any more, with which h2plant {why}"


@kernel
def _twice(x):
    return 2.0 * x


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("_cache", "puts its own cache in the place of Numba's (kernel_cache.cached)"),
        ("targetoptions", "takes the flags into a kernel's digest (kernel_cache.kernel_digest)"),
        ("_numba_type_", "lets a Python function stand for a compiled one (kernel_cache.with_front)"),
        ("_compiler", "leaves wrappers out of inner forms (kernel_cache._spare_wrappers)"),
        ("overloads", "finds the machine code of a signature (native_call.compile_kernel)"),
        ("py_func", "finds the Python function behind a kernel (kernel_cache.python_function)"),
    ],
)
def test_a_dispatcher_has_what_is_reached_for(name: str, why: str) -> None:
    _need(_twice, name, why)


def test_the_cache_of_numba_is_used_as_its_dispatcher_uses_it() -> None:
    from numba.core import caching, compiler, serialize

    for name in ("_index_key", "load_overload", "save_overload"):
        _need(caching.FunctionCache, name, "keeps code under its digest (kernel_cache)")
    _need(compiler.CompileResult, "_reduce", "writes compiled code (kernel_cache)")
    _need(compiler.CompileResult, "_rebuild", "reads compiled code (kernel_cache)")
    _need(serialize, "dumps", "writes compiled code (kernel_cache)")
    for name, arguments in (
        ("load_overload", ["self", "sig", "target_context"]),
        ("save_overload", ["self", "sig", "data"]),
    ):
        found = list(inspect.signature(getattr(caching.FunctionCache, name)).parameters)
        assert found == arguments, f"Numba calls its cache's {name} with {found}, not {arguments}: see kernel_cache"


def test_a_compiler_can_be_settled() -> None:
    from numba import types
    from numba.core import codegen, compiler, funcdesc
    from numba.core.bytecode import FunctionIdentity

    why = "makes machine code follow from the kernel alone (kernel_cache._compiler_class)"
    _need(compiler.Compiler, "_compile_bytecode", why)
    _need(codegen.CPUCodeLibrary, "_optimize_final_module", why)
    _need(codegen.CPUCodeLibrary, "_get_module_for_linking", why)
    _need(funcdesc, "default_mangler", why)
    _need(_twice._compiler, "pipeline_class", why)
    identity = FunctionIdentity.from_function(_twice.py_func)
    for name in ("unique_id", "unique_name"):
        _need(identity, name, why)
    signature = (types.float32,)
    _twice.compile(signature)
    for name in ("_final_module", "_shared_module"):
        _need(_twice.overloads[signature].library, name, why)


def test_a_kernel_can_be_shared() -> None:
    import llvmlite.binding as llvm
    from numba.core.registry import cpu_target

    why = "gives shared kernels one machine code (kernel_cache._compiler_class)"
    engine = cpu_target.target_context.codegen()
    _need(engine, "_create_empty_module", why)
    module = llvm.parse_assembly(f"{engine._create_empty_module('empty')}\ndeclare void @called()")
    module.get_function("called").add_function_attribute("nonlazybind")
    assert "nonlazybind" in str(module)


def test_machine_code_can_be_made_near() -> None:
    from numba import types
    from numba.core import codegen
    from numba.core.registry import cpu_target

    why = "makes machine code that reaches its constants by their distance (kernel_cache.is_near)"
    _need(codegen.CPUCodeLibrary, "_finalize_final_module", why)
    signature = (types.float32,)
    _twice.compile(signature)
    for name in ("_compiled", "_compiled_object"):
        _need(_twice.overloads[signature].library, name, why)
    assert "_toplevel_target_context" in vars(cpu_target), f"Numba keeps its engine elsewhere, with which h2plant {why}"
    assert len(cpu_target.target_context.codegen().magic_tuple()) == 3


def test_machine_code_has_an_address() -> None:
    from numba import types

    signature = (types.float64,)
    _twice.compile(signature)
    made = _twice.overloads[signature]
    for name in ("_compile_core", "targetoptions"):
        _need(_twice._compiler, name, "leaves wrappers out of inner forms (kernel_cache._spare_wrappers)")
    _need(made.fndesc, "llvm_func_name", "finds a kernel's machine code (native_call.compile_kernel)")
    _need(made.library, "get_pointer_to_function", "asks for a kernel's address (native_call.compile_kernel)")
    _need(made.library, "has_dynamic_globals", "keeps no code with addresses in it (kernel_cache)")
    assert made.library.get_pointer_to_function(made.fndesc.llvm_func_name) > 0


def test_a_call_through_an_address_has_its_convention() -> None:
    from numba.core import callconv, cgutils
    from numba.core.base import BaseContext

    for name in ("get_function_type", "call_function", "return_user_exc"):
        _need(callconv.CPUCallConv, name, "calls kernels by address (native_call)")
    for name in ("make_array", "get_value_type", "cast", "get_dummy_value"):
        _need(BaseContext, name, "calls kernels by address (native_call)")
    for name in ("create_struct_proxy", "do_boundscheck"):
        _need(cgutils, name, "checks the slots of a kernel from outside (native_call)")


def test_linear_algebra_can_be_left_out() -> None:
    from numba.np import arraymath, linalg

    _need(linalg, "ensure_blas", "leaves 16 MB of SciPy out (native_call._load_without_linear_algebra)")
    _need(arraymath, "_HAVE_BLAS", "leaves 16 MB of SciPy out (native_call._load_without_linear_algebra)")


def test_a_function_stands_for_another_in_compiled_code() -> None:
    def plus(x, more=1.0):
        return x + more

    compiled = compiled_form(plus)
    front = with_front(plus, compiled, compiled)

    @kernel
    def calls_it(x):
        return front(x, 2.0)

    assert calls_it(1.0) == 3.0
    assert front(1.0) == 2.0
