"""What can be read off a function's code: the names it looks up, what it imports and writes."""

from __future__ import annotations

import dis
from collections.abc import Iterable, Iterator
from types import CodeType

# Code that uses one of these may look up any attribute of what it gets.
LOOKUPS = frozenset(
    ["getattr", "setattr", "delattr", "hasattr", "vars", "__dict__", "attrgetter", "methodcaller"]
).union(["asdict", "astuple", "fields", "replace", "copy", "deepcopy"])
POWERS = frozenset(["pow", "power"])
IN_PLACE = frozenset(["sort", "partition", "put", "resize", "__iadd__", "__imul__", "__isub__"])


class CodeFacts:
    """Facts about a function's code, the code of functions nested in it included.

    Attributes:
        global_names: Names looked up in the module or among the built-ins.
        stored: Globals that it assigns or deletes.
        imports: Modules that it imports while it runs ("" for a relative import).
        names: Every attribute and global name, and every string constant: what the code may look up
            in an object or module.
        looks_up: Whether it may look up names that it computes.
        powers: Whether it raises something to a power.
        in_place: Whether it has an operation that changes a NumPy array in place.
        catches: Whether it has an ``except`` clause or something that may work like one.
    """

    __slots__ = (
        "catches",
        "code",
        "global_names",
        "imports",
        "in_place",
        "looks_up",
        "names",
        "powers",
        "stored",
    )

    def __init__(self, code: CodeType):
        self.code = code  # kept, so that its id stays its own
        read: dict[str, None] = {}
        stored: dict[str, None] = {}
        imports: dict[str, None] = {}
        names: set[str] = set()
        operators: set[str] = set()
        self.catches = self.looks_up = False
        for part in _nested(code):
            names.update(part.co_names)
            names.update(_words(part.co_consts))
            before: list[object] = [None, None]
            for step in dis.get_instructions(part):
                if "GLOBAL" in step.opname or step.opname == "LOAD_NAME":
                    read[step.argval] = None
                    if not step.opname.startswith("LOAD"):
                        stored[step.argval] = None
                elif step.opname == "IMPORT_NAME":
                    imports["" if before[-2] else step.argval] = None
                elif step.opname == "BINARY_OP":
                    operators.add(step.argrepr)
                elif step.opname == "PUSH_EXC_INFO":
                    self.catches = True
                elif step.opname == "MATCH_CLASS":  # reads attributes that the class lists
                    self.looks_up = True
                before = [before[-1], step.argval]
        self.global_names = tuple(name for name in read if name[0] != "@")  # "@": put in by pytest
        self.stored = tuple(stored)
        self.imports = tuple(imports)
        self.names = frozenset(names)
        self.looks_up |= not names.isdisjoint(LOOKUPS)
        self.powers = not (operators.isdisjoint(("**", "**=")) and names.isdisjoint(POWERS))
        self.in_place = any(o.endswith("=") for o in operators) or not names.isdisjoint(IN_PLACE)


def _words(constants: Iterable[object]) -> Iterator[str]:
    """Strings among constants, those in tuples too (attribute names of patterns)."""
    for constant in constants:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, (tuple, frozenset)):
            yield from _words(constant)


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


_known: dict[int, CodeFacts] = {}
_MOST = 16384


def facts(code: CodeType) -> CodeFacts:
    """The facts of a code object (by identity: to hash code takes as long as to run some).

    >>> sorted(facts((lambda x: max(x, limit) ** 2).__code__).global_names)
    ['limit', 'max']
    """
    found = _known.get(id(code))
    if found is None:
        if len(_known) >= _MOST:
            _known.clear()
        found = _known[id(code)] = CodeFacts(code)
    return found
