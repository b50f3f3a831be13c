"""`save` and `load`: variables by name, in one file."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .._errors import OptionError, nearest
from .._numbers import describe
from .._struct import struct
from . import _network  # noqa: F401  (its kinds)
from ._compare import first_difference
from ._decode import Decoder
from ._encode import Encoder
from ._file import SavedFile, path_of, write


def save(
    filename: str | os.PathLike[str],
    /,
    *values: struct | Mapping[str, Any],
    **variables: Any,
) -> None:
    """Save variables: networks, parameters, states of solvers, numbers, texts, whole loops.

    The file appears under its name only when it is complete, so whatever happens while it is
    written, the file that was there before stays as it was. Its format is safetensors: arrays under
    readable names (``net/Learnables/conv_1/Weights``), no pickle, so a file of a stranger is safe
    to load. Arrays keep number type, size and labels to the last bit.

    Of objects with a state, such as a `minibatchqueue` or a `trainingProgressMonitor`, the state is
    saved: order and position, the history of the metrics. Objects of your own need the methods
    ``get_state()``, which returns values of the kinds above, and ``set_state(state)``.

    Args:
        filename: Name of the file; ``.safetensors`` is added if it is missing.
        *values: A struct or dict whose fields are saved as variables.
        **variables: Values by name, ``save("net", net=net, epoch=epoch)``.

    Raises:
        OptionError: A value that cannot be saved, such as a function; nothing is written.

    Example:
        >>> import tempfile
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer
        >>> net = dlnetwork([featureInputLayer(4), fullyConnectedLayer(3)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(f"{folder}/net", net=net, epoch=7)
        ...     S = load(f"{folder}/net")
        >>> S.epoch, S.net.Learnables["fc", "Weights"].shape
        (7, (3, 4))

    Source:
        https://www.mathworks.com/help/matlab/ref/save.html
    """
    write_variables(path_of(filename, "save"), named(values, variables))


def named(values: Sequence[Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """All variables of a call of `save`."""
    given: dict[str, Any] = {}
    for value in values:
        if not isinstance(value, (struct, Mapping)):
            raise OptionError(
                f"save: {describe(value)} comes without the name of a variable.",
                fix='Names are those of arguments: save("net", net=net, velocity=velocity).',
            )
        given |= vars(value) if isinstance(value, struct) else value
    twice = given.keys() & variables.keys()
    if twice or not (given or variables):
        what = f'"{min(twice)}" is given twice' if twice else "there is nothing to save"
        raise OptionError(f"save: {what}.", fix='Write save("net", net=net, epoch=epoch).')
    return {**given, **variables}


def write_variables(path: Path, variables: Mapping[str, Any], **late: Callable[[], Any]) -> None:
    """Save variables under a path; ``late`` ones are asked for when the others are encoded."""
    encoder = Encoder()
    nodes = {name: encoder.node(value, name) for name, value in variables.items()}
    nodes |= {name: encoder.node(value(), name) for name, value in late.items()}
    write(path, nodes, encoder.arrays)


def load(filename: str | os.PathLike[str], *names: str, **given: Any) -> struct:
    """Load what `save` saved.

    With keyword arguments the file is compared with what you have: ``load("run", net=net)`` refuses
    a file with another network and says where the first difference is. Objects with a state (a
    `minibatchqueue`, a `trainingProgressMonitor`) must be handed over in this way; they are set to
    what they were. So must networks with layers or functions of your own, which no file can hold.
    Nothing changes if there is an error.

    Args:
        filename: Name of the file; ``.safetensors`` is added if it is missing.
        *names: Names of the variables to load; without names, all.
        **given: What you have, by the names of the variables.

    Returns:
        A struct with the variables.

    Raises:
        FileNotFoundError: There is no such file.
        FileError: The file is damaged, was written by something else or by a newer version.
        OptionError: A name that is not in the file, something that differs from what you handed
            over, or an object or class that you need to hand over.

    Example:
        >>> import tempfile
        >>> from dltk import struct
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save(f"{folder}/run", iteration=120, losses=[0.5, 0.25])
        ...     load(f"{folder}/run", "losses")
        struct(losses=[0.5, 0.25])

    Source:
        https://www.mathworks.com/help/matlab/ref/load.html
    """
    return read_variables(SavedFile(path_of(filename, "load")), names, given)


def read_variables(file: SavedFile, names: Any, given: Mapping[str, Any]) -> struct:
    """Variables of an open file, compared with what the user has."""
    for name in (*names, *given):
        if not isinstance(name, str):
            raise OptionError(
                f"load: the name of a variable is {describe(name)}.",
                fix='To compare with what you have write load("net", net=net).',
            )
        if name not in file.variables:
            raise OptionError(
                f'load: there is no variable "{name}" in the file.',
                fix=nearest(name, file.variables),
            )
    chosen = dict.fromkeys([*names, *given]) if names else file.variables
    for name, value in given.items():
        _check_alike(name, file.variables[name], value)
    decoder = Decoder(file.array)
    made = {name: decoder.value(file.variables[name], given.get(name), name) for name in chosen}
    for thing, state in decoder.objects:
        thing.set_state(state)
    return struct(made)


def _check_alike(name: str, node: Any, value: Any) -> None:
    difference = first_difference(node, Encoder(states=False).node(value, name), name)
    if difference:
        place, saved, has = difference
        raise OptionError(
            f"load: the saved {name} is not like the one that you handed over.",
            got={"first difference": place, "saved": saved, "given": has},
            fix=f"Make {name} as it was when it was saved, or leave {name}= out to take what was "
            "saved.",
        )
