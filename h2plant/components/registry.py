"""The kinds that a plant can name: built in, in files of the plant, registered, and of installed packages.

Kinds belong to the plant: each has a ``Kinds`` of its own, so two plants in one process may each bring a ``my_stack``.
A package brings kinds by entry points of the group ``h2plant.kinds``, each named like its kind:
``my_stack = "my_package.my_stack:KIND"``; it is imported when a plant names the kind.
"""

from __future__ import annotations

import ast
import copyreg
import functools
import hashlib
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from h2plant.components import KIND_BY_NAME
from h2plant.components.declaration import declaration_faults
from h2plant.core.declare import Kind
from h2plant.core.kernel_cache import is_kernel, kernel_digest, module_digest, python_function
from h2plant.core.user_code import UserCode, UserCodeError, check_kernels, record_names

GROUP = "h2plant.kinds"
"""Group of the entry points by which packages bring kinds."""
FUNCTIONS = {
    "step": ("c", "bus", "props", "dt"),
    "emit": ("c", "bus", "props", "dt"),
    "begin": ("c", "props"),
    "content": ("c", "props"),
}
"""The kernels of a kind, each with what it takes."""

_registered: dict[str, Kind] = {}


@dataclass(frozen=True)
class Imported:
    """Where a kind from outside stands that Python imports; without a module it cannot be found again."""

    module: str
    name: str
    label: str
    digest: str


class Kinds(Mapping[str, Kind]):
    """Kinds by name, as a plant sees them.

    Parameters
    ----------
    of_files
        Kinds of the plant's own files; of all from outside they come first.
    """

    def __init__(self, of_files: Iterable[Kind] = ()) -> None:
        self.of_files = {kind.name: kind for kind in of_files}

    def __getitem__(self, name: str) -> Kind:
        """Return a kind; one of a package is imported.

        Raises
        ------
        KeyError
            There is none of that name.
        UserCodeError
            A package's kind cannot be imported, or is no kind.
        """
        for known in (KIND_BY_NAME, self.of_files, _registered):
            if name in known:
                return known[name]
        return _installed(name)

    def __contains__(self, name: object) -> bool:
        return name in KIND_BY_NAME or name in self.of_files or name in _registered or name in _entry_points()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*KIND_BY_NAME, *self.of_files, *_registered, *_entry_points()]))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def at_hand(self) -> tuple[Kind, ...]:
        """Return the kinds that need no import: all but those of installed packages."""
        return tuple({**_registered, **self.of_files, **KIND_BY_NAME}.values())

    def __reduce__(self) -> tuple[Any, ...]:
        return Kinds, (tuple(self.of_files.values()),)


def at_hand(kinds: Mapping[str, Kind]) -> tuple[Kind, ...]:
    """Return the kinds of a plant that need no import."""
    return kinds.at_hand() if isinstance(kinds, Kinds) else tuple(kinds.values())


def table_of(kinds: Iterable[Kind]) -> tuple[Kind, ...]:
    """Return the kinds that a program's components index: all built in, then those from outside that are used."""
    outside = dict.fromkeys(kind for kind in kinds if KIND_BY_NAME.get(kind.name) is not kind)
    return (*KIND_BY_NAME.values(), *outside)


def kinds() -> dict[str, Kind]:
    """Return all kinds by name: built in, registered, and of installed packages.

    Raises
    ------
    UserCodeError
        A kind of an installed package cannot be imported.
    """
    return dict(Kinds())


def register_kind(kind: Kind) -> Kind:
    """Make a kind known to this process, under its name.

    A kind of a file that a plant names under ``kinds:`` needs no registering, and reaches every process that runs the
    plant; one that is registered here reaches other processes only from a module that they can import.

    Parameters
    ----------
    kind
        The kind; one of the same name that was registered before gives way to it.

    Returns
    -------
    Kind
        The kind as registered; it knows where it came from.

    Raises
    ------
    UserCodeError
        It is no kind, its name is that of a built-in one, or its functions are no kernels.
    """
    file = _file_of(kind)
    require_kind(kind, file, 0)
    found = _imported(kind, "registered")
    _registered[kind.name] = found
    return found


@functools.cache
def _entry_points() -> Mapping[str, EntryPoint]:
    """Return the entry points of installed packages, but for those that take the name of a built-in kind."""
    return {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in KIND_BY_NAME}


@functools.cache
def _installed(name: str) -> Kind:
    entry = _entry_points()[name]
    package = entry.dist.name if entry.dist is not None else entry.module
    remedy = f"mend or remove the package '{package}'"
    try:
        kind = entry.load()
    except Exception as error:
        what = f"the kind '{name}' of the package '{package}' cannot be imported: {type(error).__name__}: {error}"
        raise UserCodeError("broken-package", what, remedy, entry.value) from None
    require_kind(kind, _file_of(kind) if isinstance(kind, Kind) else entry.value, 0)
    if kind.name != name:
        what = f"the package '{package}' calls its kind '{kind.name}' in the code and '{name}' among its entry points"
        raise UserCodeError("bad-kind", what, "give both the same name", entry.value)
    version = f" {entry.dist.version}" if entry.dist is not None else ""
    return _imported(kind, f"{package}{version}")


def _file_of(kind: object) -> str:
    code = getattr(python_function(kind.step), "__code__", None) if isinstance(kind, Kind) else None
    return "register_kind" if code is None else str(code.co_filename)


def _imported(kind: Kind, label: str) -> Kind:
    """Return a kind that knows where it stands; its digest follows the files of all its kernels."""
    kernels = [function for f in FUNCTIONS if (function := getattr(kind, f)) is not None]
    parts = {name: module_digest(name) for name in sorted(_modules(kernels))}
    declared = [repr(one) for one in (kind.fields, kind.ports, kind.role, kind.costs)]
    if any(name == digest for name, digest in parts.items()):  # a prompt: no file
        declared += [kernel_digest(kernel) for kernel in kernels]
    digest = hashlib.sha256("\n".join([*map(str, parts.items()), *declared]).encode()).hexdigest()
    module, name = _place(kind, python_function(kind.step).__module__)
    return replace(kind, source=Imported(module, name, label, digest))


def _place(kind: Kind, module: str) -> tuple[str, str]:
    """Return module and name under which a kind can be imported; empty where it cannot."""
    names = vars(sys.modules[module]) if module in sys.modules else {}
    found = next((name for name, value in names.items() if value is kind), "")
    return (module, found) if found and module != "__main__" else ("", "")


def _modules(functions: Iterable[Callable[..., Any]], seen: set[Any] | None = None) -> set[str]:
    """Return the modules outside this package in which some kernels stand and those that they call."""
    seen = set() if seen is None else seen
    names: set[str] = set()
    for function in functions:
        source = python_function(function)
        if source not in seen and source.__module__.partition(".")[0] != "h2plant":
            seen.add(source)
            called = (source.__globals__.get(name) for name in source.__code__.co_names)
            names |= {source.__module__, *_modules([value for value in called if is_kernel(value)], seen)}
    return names


# --- kinds of files


@functools.cache
def kind_of(code: UserCode) -> Kind:
    """Run a user's file and return the kind that it declares as ``KIND``.

    Raises
    ------
    UserCodeError
        The file stops with an error, declares no kind, one that is not sound, or a kernel that cannot be compiled.
    """
    check_kernels(code)
    module = code.module()
    line = _line_of(code, "KIND")
    if not hasattr(module, "KIND"):
        remedy = "end the file with 'KIND = Kind(name=..., ...)'; `h2plant init --kind my_kind` writes an example"
        raise UserCodeError("no-kind", "declares no kind", remedy, code.file, 1)
    require_kind(module.KIND, code.file, line)
    for one in code.modules():
        _require_marks(one)
    _require_names(module.KIND, code)
    return replace(module.KIND, source=code)


def _line_of(code: UserCode, name: str) -> int:
    for node in ast.parse(code.sources[0].text).body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node.lineno
    return 0


def require_kind(kind: object, file: str, line: int) -> None:
    """Raise ``UserCodeError`` unless what came from outside is a kind, sound and of a name of its own."""
    if not isinstance(kind, Kind):
        what = f"KIND is of type {type(kind).__name__}, wanted a Kind"
        raise UserCodeError("bad-kind", what, "write 'KIND = Kind(name=..., ...)'", file, line)
    if isinstance(kind.name, str) and kind.name in KIND_BY_NAME:
        what = f"the kind is called '{kind.name}', as a built-in one is"
        raise UserCodeError("name-taken", what, "give it a name of its own", file, line)
    for faulty in declaration_faults(kind):
        raise UserCodeError("bad-kind", f"in the kind '{kind.name}', {faulty}", "mend its declaration", file, line)
    if kind.step is None:
        raise UserCodeError("bad-kernel", f"the kind '{kind.name}' has no 'step'", "write one", file, line)
    for name, wanted in FUNCTIONS.items():
        function = getattr(kind, name)
        if function is not None and not is_kernel(function):
            what = f"'{name}' of the kind '{kind.name}' is no kernel"
            place = getattr(function, "__code__", None)
            at = (file, line) if place is None else (place.co_filename, place.co_firstlineno)
            raise UserCodeError("bad-kernel", what, "decorate it: '@kernel', from h2plant.core.jit", *at)
        if function is not None:
            _require_arguments(kind, name, wanted)


def _require_arguments(kind: Kind, name: str, wanted: tuple[str, ...]) -> None:
    code = python_function(getattr(kind, name)).__code__
    if code.co_argcount != len(wanted):
        what = f"'{name}' of the kind '{kind.name}' takes {code.co_argcount} arguments, wanted {len(wanted)}"
        remedy = f"write 'def {code.co_name}({', '.join(wanted)})'"
        raise UserCodeError("bad-kernel", what, remedy, code.co_filename, code.co_firstlineno)


def _require_names(kind: Kind, code: UserCode) -> None:
    """Raise ``UserCodeError`` where a kernel of a kind names what the kind does not declare, or writes what is not its.

    A parameter is the plant's, a port in the record is the number of a slot, and the slots of a port are its writer's.
    """
    known = kind.dtype.names or ()
    parameters = {field.name for field in kind.parameters}
    read_only = {port.name for port in kind.ports if not port.is_writer}
    for function in (python_function(f) for name in FUNCTIONS if (f := getattr(kind, name)) is not None):
        if function.__code__.co_filename != code.file:
            continue
        for name, use, line in record_names(code, function.__name__):
            what = remedy = ""
            if name not in known:
                near = get_close_matches(name, known, 3) or known
                what, remedy = f"names '{name}', which the kind does not declare", f"it has {', '.join(near)}"
            elif use == "field" and name in parameters:
                what, remedy = f"writes to the parameter '{name}'", "declare a 'memory' or 'state' for what changes"
            elif use == "field" and not any(field.name == name for field in kind.fields):
                what = f"writes to '{name}', which is the number of a slot"
                remedy = f"write to the slot: 'bus[c.{name.removeprefix('n_')}] = ...'"
            elif use == "slot" and name in read_only:
                what, remedy = f"writes to the port '{name}', which another component writes", "only read it"
            if what:
                raise UserCodeError("bad-kernel", f"the kernel '{function.__name__}' {what}", remedy, code.file, line)


def _require_marks(module: Any) -> None:
    """Raise ``UserCodeError`` where a kernel of a user's module calls a function that is no kernel."""
    for kernel in [value for value in vars(module).values() if is_kernel(value)]:
        source = python_function(kernel)
        if source.__module__ != module.__name__:
            continue
        for name in source.__code__.co_names:
            value = source.__globals__.get(name)
            if callable(value) and hasattr(value, "__code__") and not is_kernel(value):
                what = f"the kernel '{source.__name__}' calls '{name}', which is no kernel"
                code = source.__code__
                remedy = f"decorate '{name}' with '@kernel', from h2plant.core.jit"
                raise UserCodeError("bad-kernel", what, remedy, code.co_filename, code.co_firstlineno)


# --- kinds that travel to other processes


def _reduce(kind: Kind) -> tuple[Any, ...]:
    """Return what a kind is made of in another process: built in, its name; else its source."""
    source = kind.source
    if KIND_BY_NAME.get(kind.name) is kind:
        return _built_in, (kind.name,)
    if isinstance(source, UserCode):
        return kind_of, (source,)
    if isinstance(source, Imported) and source.module:
        return _imported_there, (source,)
    raise UserCodeError(
        "cannot-travel",
        f"the kind '{kind.name}' is known to this process alone",
        "write it into a file, and name that under 'kinds:' in the plant",
        _file_of(kind),
    )


copyreg.pickle(Kind, _reduce)


def _built_in(name: str) -> Kind:
    return KIND_BY_NAME[name]


@functools.cache
def _imported_there(source: Imported) -> Kind:
    """Return a kind that another process imported, from the same files."""
    try:
        kind = getattr(importlib.import_module(source.module), source.name)
    except (ImportError, AttributeError) as error:
        what = f"{source.label}: '{source.module}' cannot be imported here ({error})"
        raise UserCodeError("broken-package", what, "install it here too", source.module) from None
    found = _imported(kind, source.label)
    assert isinstance(found.source, Imported)
    if found.source.digest != source.digest:
        what = f"{source.label}: '{source.module}' is another here than where the study was started"
        raise UserCodeError("other-version", what, "install the same here", source.module)
    return found


def label_of(kind: Kind) -> str:
    """Return where a kind comes from: 'built in', a file's name, a package with its version, 'registered'."""
    return "built in" if kind.source is None else kind.source.label
