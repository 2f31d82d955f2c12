"""The device's machine code, made where there is no device: what ptxas says of registers, stack and spills."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple


class Assembled(NamedTuple):
    """What ptxas said of a kernel and the functions that it calls.

    Bytes of stack are those of the kernel and of the deepest chain of calls, a thread; spills are summed over all
    functions, in bytes of the instructions that stand in the code; ``assembly_s`` is the time it took.
    """

    registers: int
    stack_bytes: int
    spill_store_bytes: int
    spill_load_bytes: int
    code_bytes: int
    assembly_s: float


def find_ptxas() -> Path | None:
    """Return the assembler: of the pip package nvidia-cuda-nvcc, or on the path; None where there is none."""
    spec = importlib.util.find_spec("nvidia")
    for folder in () if spec is None else spec.submodule_search_locations or ():
        for pattern in ("cuda_nvcc/bin/ptxas*", "cu*/bin/ptxas*"):
            found = sorted(Path(folder).glob(pattern))
            if found:
                return found[0]
    on_path = shutil.which("ptxas")
    return None if on_path is None else Path(on_path)


def assemble(ptx: str, ptxas: Path) -> Assembled:
    """Assemble PTX for the device that it names.

    Raises
    ------
    RuntimeError
        ptxas refuses it; holds what it said.
    """
    target = re.search(r"^\.target\s+(\w+)", ptx, re.M)
    with tempfile.TemporaryDirectory() as folder:
        source, code = Path(folder, "plant.ptx"), Path(folder, "plant.cubin")
        source.write_text(ptx, encoding="utf-8")
        began = time.perf_counter()
        command = [str(ptxas), f"-arch={target.group(1) if target else 'sm_90'}", "-v", "-o", str(code), str(source)]
        completed = subprocess.run(command, capture_output=True, text=True, check=False)
        took_s = time.perf_counter() - began
        if completed.returncode != 0:
            raise RuntimeError(f"ptxas: {completed.stderr[-2000:]}")
        code_bytes = code.stat().st_size

    def numbers(pattern: str) -> list[int]:
        return [int(n) for n in re.findall(pattern, completed.stderr)]

    return Assembled(
        max(numbers(r"Used (\d+) registers")),
        max(numbers(r"(\d+) bytes cumulative stack size") or [0]),
        sum(numbers(r"(\d+) bytes spill stores")),
        sum(numbers(r"(\d+) bytes spill loads")),
        code_bytes,
        took_s,
    )
