"""Values from JSON and arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from .._errors import FileError, OptionError
from .._ties import Tie
from ._encode import STORED, Node
from ._kinds import BY_TAG, Option, kind_of


class Decoder:
    """Makes values of nodes.

    Args:
        array: Gives an array of the file by its name.

    Attributes:
        objects: The objects of the user's that get a state, each with its state, in order.
    """

    def __init__(self, array: Callable[[str], np.ndarray]):
        self._stored = array
        self._ties: dict[int, Tie] = {}
        self.objects: list[tuple[Any, Any]] = []

    def value(self, node: Node, given: Any, path: str) -> Any:
        """The value of a node; ``given`` is what the user has in its place, or None."""
        if isinstance(given, Option):
            given = given.value
        if isinstance(node, list):
            return self._each(node, given, path)
        if not isinstance(node, dict):
            return node
        ((tag, content),) = node.items()
        plain = getattr(self, f"_{tag}", None) if tag in PLAIN else None
        if plain is not None:
            return plain(content, given, path)
        if tag not in BY_TAG:
            raise FileError(
                f'load: {path} is of a kind that this version does not know, "{tag}".',
                fix="Update dltk.",
            )
        kind = BY_TAG[tag]
        inner = kind.parts(given) if kind_of(given) is kind else None
        return kind.made(self.value(content, inner, path), given)

    def _each(self, nodes: list[Node], given: Any, path: str) -> list[Any]:
        known = (
            given if isinstance(given, list) and len(given) == len(nodes) else [None] * len(nodes)
        )
        pairs = enumerate(zip(nodes, known, strict=True))
        return [self.value(node, like, f"{path}/{i}") for i, (node, like) in pairs]

    def _fixed(self, nodes: list[Node], given: Any, path: str) -> list[Any]:
        return self._each(nodes, given, path)

    def _fields(self, nodes: dict[str, Node], given: Any, path: str) -> dict[str, Any]:
        known = given if isinstance(given, dict) else {}
        return {k: self.value(node, known.get(k), f"{path}/{k}") for k, node in nodes.items()}

    def _parts(self, nodes: dict[str, Node], given: Any, path: str) -> dict[str, Any]:
        known = given if isinstance(given, dict) else {}
        return {k: self.value(node, known.get(k), path) for k, node in nodes.items()}

    def _float(self, text: str, given: Any, path: str) -> float:
        return float(text)

    def _texts(self, content: Any, given: Any, path: str) -> np.ndarray:
        return np.array(content["items"], str).reshape(content["size"])

    def _scalar(self, node: Node, given: Any, path: str) -> Any:
        return self.value(node, None, path)[()]

    def _tie(self, number: int, given: Any, path: str) -> Tie:
        return self._ties.setdefault(number, Tie())

    def _array(self, content: Any, given: Any, path: str) -> np.ndarray:
        dtype, size = jnp.dtype(content["type"]), tuple(content["size"])
        array = self._stored(content["name"])
        if dtype.name not in STORED:
            array = array.view(dtype)
        if array.dtype != dtype or array.size != np.prod(size, dtype=int):
            raise FileError(
                f"load: {path} does not have the size that the file says; the file is damaged.",
                got={"array": f"{array.shape} {array.dtype}", "the file says": f"{size} {dtype}"},
                fix="Use an earlier file.",
            )
        return array.reshape(size)

    def _object(self, content: Any, given: Any, path: str) -> Any:
        kind = content["class"]
        if type(given).__name__ != kind:
            raise OptionError(
                f"load: {path} is the state of an object, a {kind}, which needs that object.",
                got={"given": "nothing" if given is None else f"a {type(given).__name__}"},
                fix=f"Hand it over, load(filename, {path}={path}), or name the variables that you "
                'want: load(filename, "net").',
            )
        self.objects.append((given, self.value(content["state"], None, path)))
        return given

    def _external(self, description: str, given: Any, path: str) -> Any:
        if given is None:
            raise OptionError(
                f"load: {path} is {description}, which a file cannot hold.",
                fix="Build the network as in the script that saved it, and hand it over: "
                "load(filename, net=net).",
            )
        return given


PLAIN = (
    "array",
    "external",
    "fields",
    "fixed",
    "float",
    "object",
    "parts",
    "scalar",
    "texts",
    "tie",
)
