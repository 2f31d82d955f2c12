"""What a run on a CUDA device needs, and what to say where it is missing."""

from __future__ import annotations

import importlib.util

from h2plant.plant.finding import Finding, PlantError

INSTEAD = "or run on the processor's cores: --backend threads"


def missing_part(needs_device: bool = True) -> Finding | None:
    """Return what stands in the way of code for the device, or of a run on it; None if nothing does.

    Parameters
    ----------
    needs_device
        Whether the code is to run; else it is compiled only, for which neither device nor driver is needed.
    """
    if importlib.util.find_spec("numba_cuda") is None:
        return Finding(
            "no-numba-cuda",
            "backend cuda",
            "the package numba-cuda is not installed",
            f"install it with `pip install 'h2plant[cuda]'`, {INSTEAD}",
        )
    from h2plant.cuda import jit

    if jit.IS_SIMULATED:
        return None
    problem = jit.compiler_problem()
    if problem:
        return Finding(
            "no-nvvm",
            "backend cuda",
            f"the compiler for CUDA devices (NVVM) cannot be loaded: {problem}",
            f"install it with `pip install 'h2plant[cuda]'`, {INSTEAD}",
        )
    problem = jit.device_problem() if needs_device else ""
    if problem:
        return Finding(
            "no-cuda-device",
            "backend cuda",
            f"no CUDA device can be used: {problem}",
            f"on a machine with an NVIDIA device, see to it that its driver is installed (`nvidia-smi`), {INSTEAD}",
        )
    return None


def require(needs_device: bool = True) -> None:
    """Raise ``PlantError`` if something is missing (see ``missing_part``)."""
    missing = missing_part(needs_device)
    if missing is not None:
        raise PlantError([missing])
