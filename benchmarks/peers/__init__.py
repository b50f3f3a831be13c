"""The same training iteration written with dltk and with its peers, and what measures them.

`workloads` holds sizes, first values and data, as NumPy arrays; a file per peer turns them into a
model the way that peer's users write it. Every run has the methods of `run.Run`; those of dltk
and of hand-written JAX also have `values`, the parameters in the layout of `workloads`.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from .workloads import Workload

# name of a variant: the file that has it, the class in that file, the package that it needs
VARIANTS = {
    "dltk": ("dltk_runs", "Plain", "dltk"),
    "dltk laplacian": ("dltk_runs", "Laplacian", "dltk"),
    "dltk accelerated": ("dltk_runs", "Accelerated", "dltk"),
    "JAX one call": ("jax_runs", "OneCall", "jax"),
    "JAX two calls": ("jax_runs", "TwoCalls", "jax"),
    "Equinox": ("equinox_runs", "Equinox", "equinox"),
    "Flax NNX": ("nnx_runs", "NNX", "flax"),
    "Keras": ("keras_runs", "Keras", "keras"),
    "PyTorch": ("torch_runs", "Torch", "torch"),
}


def installed(variant: str) -> bool:
    """Whether the package that a variant needs is there."""
    return importlib.util.find_spec(VARIANTS[variant][2]) is not None


def offered(variant: str, workload: Workload) -> bool:
    """Whether a variant has a form of its own for a workload."""
    file, name, _ = VARIANTS[variant]
    return getattr(importlib.import_module(f".{file}", __name__), name).offers(workload)


def start(variant: str, workload: Workload) -> Any:
    """A run of a variant: the model with the workload's first values, before its first step."""
    file, name, _ = VARIANTS[variant]
    return getattr(importlib.import_module(f".{file}", __name__), name)(workload)
