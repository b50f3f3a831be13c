"""What the runs of all peers that compute with JAX share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import jax

from .workloads import Workload


class Run:
    """A model in training: ``carried`` is what an iteration hands to the next one."""

    models: ClassVar[Mapping[str, Any]]
    carried: Any
    last: Any = None

    @classmethod
    def offers(cls, workload: Workload) -> bool:
        """Whether there is a model for this workload."""
        return workload.model in cls.models

    def __init__(self, workload: Workload):
        self.workload = workload

    def step(self) -> Any:
        """One iteration; gives the loss, which may still be on its way."""
        raise NotImplementedError

    def wait(self) -> None:
        """Until all is computed."""
        jax.block_until_ready((self.carried, self.last))

    def loss(self) -> float:
        """The loss of the last iteration."""
        return float(self.last)
