"""The first difference between what a file holds and what the user hands over.

Networks, tables, structs and arrays must be alike: same names, kinds, sizes, labels, types.
Numbers, texts and lists are values that change in a training, so they may differ; so may what is
still open in what the user has (an empty average, an input size that is "auto").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .._labels import show
from ._encode import Node

Difference = tuple[str, str, str]  # place, what the file has, what was given

# Options of layers that a training may change
FREE = ("factors", "Description")


def first_difference(saved: Node, given: Node, path: str) -> Difference | None:
    """The first place where two nodes differ in kind."""
    return next(_differences(saved, given, path, False), None)


def _differences(saved: Node, given: Node, path: str, exact: bool) -> Iterator[Difference]:
    if _is_open(given) or (_is_open(saved) and not exact):
        return
    tags = [_tag(node) for node in (saved, given)]
    if tags[0] != tags[1]:
        if "external" not in tags and not _numbers(saved, given):
            yield path, _shown(saved), _shown(given)
        return
    if not isinstance(saved, (dict, list)):
        if exact and saved != given:
            yield path, _shown(saved), _shown(given)
        return
    tag = tags[0]
    a, b = (node if isinstance(node, list) else node[tag] for node in (saved, given))
    if tag in ("fixed", "list"):
        yield from _of_rows(a, b, path, exact, grows=tag == "list" and not exact)
    elif tag == "fields":
        yield from _of_fields(a, b, path, exact)
    elif tag == "parts":
        for name in a:
            yield from _differences(a[name], b[name], path, exact)
    elif tag in FACTS:
        if FACTS[tag](a) != FACTS[tag](b):
            yield path, _shown(saved), _shown(given)
    elif isinstance(a, (dict, list)):
        yield from _differences(a, b, path, exact or tag == "network")


def _of_rows(
    saved: Any, given: Any, path: str, exact: bool, *, grows: bool
) -> Iterator[Difference]:
    for i, (a, b) in enumerate(zip(saved, given, strict=False)):
        yield from _differences(a, b, f"{path}/{i}", exact)
    if len(saved) != len(given) and not grows:
        yield path, f"{len(saved)} parts", f"{len(given)} parts"


def _of_fields(saved: Any, given: Any, path: str, exact: bool) -> Iterator[Difference]:
    for number, name in enumerate(saved):
        if name not in given:
            other = [*given][number : number + 1]
            yield f"{path}/{name}", "there", f"not there (but {other[0]})" if other else "not there"
            return
        if not (exact and (name in FREE or name.endswith("Factor") or name.startswith("_"))):
            yield from _differences(saved[name], given[name], f"{path}/{name}", exact)
    for name in given:
        if name not in saved:
            yield f"{path}/{name}", "not there", "there"


def _is_open(node: Node) -> bool:
    return node is None or node in ([], "auto") or (_tag(node) == "table" and not _rows(node))


def _rows(node: Node) -> Any:
    return node["table"]["parts"]["names"]["fixed"]


def _tag(node: Node) -> str:
    if isinstance(node, dict):
        return next(iter(node))
    return "list" if isinstance(node, list) else type(node).__name__


def _numbers(*nodes: Node) -> bool:
    """Whether they are numbers of some type, such as a loss that was 0 before there was one."""
    return all(
        isinstance(node, (bool, int, float)) or _tag(node) in ("float", "scalar") for node in nodes
    )


def _array(content: Any) -> tuple[Any, ...]:
    """Number type, size and labels."""
    if "parts" in content:
        return (*_array(content["parts"]["data"]["array"]), content["parts"]["format"])
    return (content["type"], content["size"])


FACTS = {"array": _array, "dlarray": _array, "object": lambda content: content["class"]}


def _shown(node: Node) -> str:
    tag = _tag(node)
    if tag in ("array", "dlarray"):
        dtype, size, *labels = _array(node[tag])
        return f"{show(tuple(size), *labels)} {dtype} {tag}"
    if tag == "object":
        return f"a {node[tag]['class']}"
    if tag == "layer":
        return f"a {node[tag]['parts']['kind']}"
    if isinstance(node, dict):
        values = _values(node)
        return f"a {tag}" if values is None else str(values)
    return repr(node) if not isinstance(node, list) else f"a list of {len(node)}"


def _values(node: Node) -> Any:
    """Tuples of plain values as they are."""
    if isinstance(node, dict):
        parts = node["tuple"]["fixed"] if "tuple" in node else node.get("fixed")
        values = None if parts is None else [_values(part) for part in parts]
        return None if values is None or None in values else tuple(values)
    return None if isinstance(node, list) else node
