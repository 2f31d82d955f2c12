"""Code of a user: files that a plant names, read, checked and run in one place.

A file's source is read together with those of the user's own files beside it that it imports. This makes its digest,
and travels to other processes and machines. It is run as a module of a name of its own, so that two plants may each
bring a ``my_stack.py``, and an edit never meets what was compiled before it. Reading runs nothing; ``UserCode.module``
does.
"""

from __future__ import annotations

import ast
import builtins
import functools
import hashlib
import json
import linecache
import sys
import threading
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from h2plant.core.error import UserError
from h2plant.core.regular_file import FileError, read_regular
from h2plant.core.status import KERNEL_RAISED

BUILT_INS = {"range", "len", "min", "max", "abs", "float", "int", "bool"}
"""What a kernel may call beside kernels and ``math``."""
_FORBIDDEN: dict[type[ast.AST], str] = {
    ast.Try: "try",
    ast.Raise: "raise",
    ast.Assert: "assert",
    ast.With: "with",
    ast.ListComp: "a list",
    ast.List: "a list",
    ast.DictComp: "a dictionary",
    ast.Dict: "a dictionary",
    ast.SetComp: "a set",
    ast.Set: "a set",
    ast.GeneratorExp: "a generator",
    ast.Yield: "a generator",
    ast.Lambda: "a function within a function",
    ast.FunctionDef: "a function within a function",
    ast.ClassDef: "a class",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Delete: "del",
    ast.JoinedStr: "a text",
    ast.Import: "an import",
    ast.ImportFrom: "an import",
}


class UserCodeError(UserError):
    """What is wrong with a file of a user: id, what, remedy, file and line."""

    def __init__(self, id: str, what: str, remedy: str, file: str, line: int = 0) -> None:
        self.id, self.what, self.remedy, self.file, self.line = id, what, remedy, file, line
        place = f"{file}:{line}: " if line else f"{file}: " if file else ""
        super().__init__(f"{place}[{id}] {what}\n  {remedy}")


class CompileError(UserCodeError):
    """A user's function that Numba cannot compile: where, and in short why."""

    def __init__(self, file: str, line: int, what: str) -> None:
        remedy = (
            "use numbers, `math`, `if`, loops and tuples only, or run with --engine baseline, which takes any Python"
        )
        super().__init__("cannot-compile", what, remedy, file, line)


@dataclass(frozen=True)
class Source:
    """A file of a user: the name under which others import it, its path, its text."""

    name: str
    file: str
    text: str


@dataclass(frozen=True)
class UserCode:
    """A file of a user with those beside it that it imports; it can be sent anywhere and run there.

    ``sources`` has the file itself first.
    """

    sources: tuple[Source, ...]

    @property
    def file(self) -> str:
        """Path of the file, where it was read."""
        return self.sources[0].file

    @property
    def label(self) -> str:
        """The file's name."""
        return Path(self.file).name

    @property
    def digest(self) -> str:
        """SHA-256 of all the text; of one file alone, that of the file."""
        if len(self.sources) == 1:
            return hashlib.sha256(self.sources[0].text.encode()).hexdigest()
        parts = [f"{s.name}:{hashlib.sha256(s.text.encode()).hexdigest()}" for s in self.sources]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def has_run(self) -> bool:
        """Whether it has run in this process already: then there is nothing left to allow."""
        return _package_name(self) in sys.modules

    def module(self) -> types.ModuleType:
        """Run the file, once in this process, and return its module.

        Raises
        ------
        UserCodeError
            It stops with an error.
        """
        return _run(self)

    def modules(self) -> list[types.ModuleType]:
        """Return the modules of all the files that were run, the file's own first."""
        self.module()
        names = (f"{_package_name(self)}.{source.name}" for source in self.sources)
        return [sys.modules[name] for name in names if name in sys.modules]


def codes_to_json(codes: Mapping[str, UserCode]) -> str:
    """Return user's code by name as text, to be kept with results."""
    return json.dumps({name: [asdict(source) for source in code.sources] for name, code in codes.items()}, indent=1)


def codes_from_json(text: str) -> dict[str, UserCode]:
    """Return what ``codes_to_json`` wrote; ValueError if the text is something else."""
    try:
        content = json.loads(text)
        return {
            name: UserCode(tuple(Source(str(s["name"]), str(s["file"]), str(s["text"])) for s in sources))
            for name, sources in content.items()
            if sources
        }
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"is no code of a user ({error})") from None


_permission = threading.Event()


def allow_code() -> None:
    """Allow this process to run the code that plants of results folders and of the dashboard name.

    A plant that the user names himself may always run the code that it names.
    """
    _permission.set()


def is_code_allowed() -> bool:
    """Tell whether ``allow_code`` was called."""
    return _permission.is_set()


class UserFunction(NamedTuple):
    """A function in a user's file."""

    code: UserCode
    name: str

    @property
    def digest(self) -> str:
        """What tells whether it is still the same."""
        return f"{self.code.digest}:{self.name}"


def read_code(file: Path) -> UserCode:
    """Read a file of a user and those beside it that it imports; runs nothing.

    Raises
    ------
    UserCodeError
        There is no such file, or one of them is not Python.
    """
    found: dict[str, Source] = {}
    waiting = [file]
    while waiting:
        path = waiting.pop()
        if path.stem in found:
            continue
        found[path.stem] = source = _read(path)
        beside = (path.with_name(f"{name}.py") for name in sorted(_imported(_parsed(source))))
        waiting += [other for other in beside if other.stem not in found and other.is_file()]
    return UserCode(tuple(found.values()))


def _read(file: Path) -> Source:
    try:
        return Source(file.stem, str(file), read_regular(file).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UserCodeError(
            "bad-python", f"is not UTF-8 text ({error.reason})", "save it as UTF-8", str(file)
        ) from None
    except FileError as error:
        raise UserCodeError(error.id, error.what, error.remedy, str(file)) from None


def _parsed(source: Source) -> ast.Module:
    try:
        return ast.parse(source.text, filename=source.file)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 0
        what = f"is not Python: {getattr(error, 'msg', None) or error}"
        raise UserCodeError("bad-python", what, "mend the file", source.file, line) from None
    except (MemoryError, RecursionError):  # so Python's parser says that it gave up
        what = "is nested too deeply, or has an expression too long, for Python to read"
        raise UserCodeError("bad-python", what, "split it into shorter expressions", source.file) from None


def _imported(tree: ast.Module) -> set[str]:
    """Return the names of the modules that a file imports, as they would stand beside it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.ImportFrom):  # from . import helpers
            names.update(alias.name for alias in node.names)
    return {name for name in names if name.isidentifier() and name != "h2plant"}


# --- running


def _package_name(code: UserCode) -> str:
    return f"h2plant_code_{code.digest[:16]}"


_running = threading.RLock()


@functools.cache
def _run(code: UserCode) -> types.ModuleType:
    with _running:
        package = types.ModuleType(_package_name(code))
        package.__path__ = []
        known = {source.name: source for source in code.sources}
        for name in known:  # what an earlier try left
            sys.modules.pop(f"{package.__name__}.{name}", None)
        sys.modules[package.__name__] = package
        try:
            return _run_file(code, package, known, code.sources[0])
        except UserCodeError:
            raise
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            file, line = place_of(error, [source.file for source in code.sources]) or (code.file, 0)
            what = f"stops while it is read: {type(error).__name__}: {error}"
            raise UserCodeError("bad-python", what, _remedy(error), file, line) from None


def _remedy(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return "put the module beside the file, or install it"
    return "mend the file"


def _run_file(
    code: UserCode, package: types.ModuleType, known: Mapping[str, Source], source: Source
) -> types.ModuleType:
    name = f"{package.__name__}.{source.name}"
    if name in sys.modules:
        return sys.modules[name]
    module = types.ModuleType(name)
    module.__file__, module.__package__ = source.file, package.__name__
    vars(module)["__code_digest__"] = code.digest
    vars(module)["__builtins__"] = {**vars(builtins), "__import__": _importer(code, package, known)}
    sys.modules[name] = module
    setattr(package, source.name, module)
    lines = source.text.splitlines(keepends=True)
    linecache.cache[source.file] = (len(source.text), None, lines, source.file)  # it may not lie here
    try:
        exec(compile(source.text, source.file, "exec"), vars(module))
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _importer(code: UserCode, package: types.ModuleType, known: Mapping[str, Source]) -> Callable[..., Any]:
    """Return what ``import`` does in the files: those beside the file come first, each as a module of this code."""

    def imports(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Any = (),
        level: int = 0,
    ) -> Any:
        if level == 1 and not name:
            for wanted in fromlist:
                if wanted in known:
                    _run_file(code, package, known, known[wanted])
            return package
        if name in known and level < 2:
            return _run_file(code, package, known, known[name])
        return builtins.__import__(name, globals, locals, fromlist, level)

    return imports


def place_of(error: BaseException, files: list[str]) -> tuple[str, int] | None:
    """Return file and line where an error left one of some files; None if it never was in one."""
    found = None
    traceback = error.__traceback__
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name in files:
            found = name, traceback.tb_lineno
        traceback = traceback.tb_next
    return found


def guarded(kernel: Callable[..., Any], function_name: str, errors: list[str]) -> Callable[..., Any]:
    """Return a kernel from outside as plain Python runs it: what it raises becomes a status, and stands in ``errors``.

    A negative slot, which Python would count from the end, is an error as any other beyond the bus.
    """
    nothing: Any = (float("nan"),) * 5 if function_name == "content" else KERNEL_RAISED

    def call(c: Any, *others: Any) -> Any:
        try:
            if function_name in ("step", "emit"):
                bus, *rest = others
                answer = kernel(c, _CheckedBus(bus), *rest)
            else:
                answer = kernel(c, *others)
            return _checked_answer(answer, function_name)
        except Exception as error:
            code = kernel.__code__
            file, line = place_of(error, [code.co_filename]) or (code.co_filename, code.co_firstlineno)
            errors.append(f"{file}:{line}: {type(error).__name__}: {error}")
            return nothing

    return call


def _checked_answer(answer: Any, function_name: str) -> Any:
    """Return what a kernel returned; ``TypeError`` where compiled code would not take it."""
    if function_name == "content":
        if not isinstance(answer, tuple) or len(answer) != 5:
            raise TypeError(f"'content' must return five numbers, not {answer!r:.60}")
    elif not isinstance(answer, int | np.integer):
        raise TypeError(f"'{function_name}' must return a status, a whole number such as OK, not {answer!r:.60}")
    return answer


class _CheckedBus:
    """A bus without slots before its first."""

    __slots__ = ("_bus",)

    def __init__(self, bus: Any) -> None:
        self._bus = bus

    def __getitem__(self, slot: int) -> float:
        if slot < 0:
            raise IndexError(f"slot {slot} of a bus of {len(self._bus)}")
        value: float = self._bus[slot]
        return value

    def __setitem__(self, slot: int, value: float) -> None:
        if slot < 0:
            raise IndexError(f"slot {slot} of a bus of {len(self._bus)}")
        self._bus[slot] = value


# --- what kernels may say


def kernel_violations(tree: ast.Module) -> Iterator[tuple[int, str, str]]:
    """Yield (line, function, what) for all that some back end lacks in the kernels of a file.

    Kernels run as plain Python, compiled, and on a device: floats, ``math``, tuples, record fields, other kernels.
    """
    local = {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
    imported = {a.asname or a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names}
    for function in tree.body:
        if isinstance(function, ast.FunctionDef) and is_marked(function):
            for node, what in _violations(function, local | imported):
                yield getattr(node, "lineno", function.lineno), function.name, what


def is_marked(node: ast.FunctionDef) -> bool:
    """Tell whether a function in a syntax tree is decorated as a kernel."""
    return any(isinstance(d, ast.Name) and d.id in ("kernel", "leaf") for d in node.decorator_list)


def _violations(function: ast.FunctionDef, known: set[str]) -> Iterator[tuple[ast.AST, str]]:
    arguments = function.args
    if arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
        yield function, "other than plain arguments"
    given = {argument.arg for argument in arguments.args}  # kernels may be handed kernels
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    for node in (node for statement in body for node in ast.walk(statement)):
        if type(node) in _FORBIDDEN:
            yield node, _FORBIDDEN[type(node)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            yield node, "a text"
        elif isinstance(node, ast.Call):
            if node.keywords:
                yield node, "a keyword argument"
            called = node.func
            if isinstance(called, ast.Name) and called.id not in BUILT_INS | known | given:
                yield node, f"a call of {called.id}"
            elif isinstance(called, ast.Attribute) and not (
                isinstance(called.value, ast.Name) and called.value.id == "math"
            ):
                yield node, f"a call of {ast.unparse(called)}"


def record_names(code: UserCode, function: str) -> Iterator[tuple[str, str, int]]:
    """Yield (name, use, line) of what a function of a user's file takes from its record.

    The use is 'field' where it writes to that field, 'slot' where it writes to the bus there, '' where it reads.
    """
    for node in _parsed(code.sources[0]).body:
        if isinstance(node, ast.FunctionDef) and node.name == function and node.args.args:
            record, *others = (argument.arg for argument in node.args.args)
            written = {
                id(part)
                for one in ast.walk(node)
                if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store)
                if isinstance(one.value, ast.Name) and one.value.id in others[:1]
                for part in ast.walk(one.slice)
            }
            for one in ast.walk(node):
                if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == record:
                    use = "field" if isinstance(one.ctx, ast.Store) else "slot" if id(one) in written else ""
                    yield one.attr, use, one.lineno


def names_read(code: UserCode) -> set[str] | None:
    """Return the names of which something in a user's files takes notice, beside their declaration.

    They are the attributes that kernels take of a record, and texts that stand more than once: roles and costs name
    fields so. None where a record is handed to a function of another package, which may read any of it.
    """
    trees = [_parsed(source) for source in code.sources]
    functions = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    local = {function.name for function in functions}
    found: set[str] = set()
    for function in (f for f in functions if is_marked(f) and f.args.args):
        record = function.args.args[0].arg
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Call) and _hands_on(node, record, local):
                return None
    texts = [n.value for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return found | {text for text in texts if isinstance(text, str) and texts.count(text) > 1}


def _hands_on(call: ast.Call, record: str, local: set[str]) -> bool:
    is_local = isinstance(call.func, ast.Name) and call.func.id in local
    return not is_local and any(isinstance(given, ast.Name) and given.id == record for given in call.args)


def check_kernels(code: UserCode) -> None:
    """Check the kernels of a user's files.

    Raises
    ------
    UserCodeError
        The first thing that kernels cannot hold.
    """
    for source in code.sources:
        for line, function, what in kernel_violations(_parsed(source)):
            raise UserCodeError(
                "bad-kernel",
                f"the kernel '{function}' has {what}",
                "kernels take numbers, `math`, `if`, loops, tuples, their record, and kernels imported by name",
                source.file,
                line,
            )
