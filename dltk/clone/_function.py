"""`cloneFunction`: a section of a network as a function that makes clones of it.

A dlnetwork is a value: it holds its parameters, and two values cannot hold one parameter. So
"shared" means two sections of *one* network. The network keeps a shared parameter once, in the
original's row of Learnables (`_ties`): gradients of all uses add up there, and an update moves that
one value. In functions of the user's own the same holds for several uses of one network's value.

The files: `_nodes` (names), `_section` (the cut, and what must not cross it), `_copies` (layers
anew), `_build` and `_evaluate` (what becomes of them), `_clones` (the function that is returned).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import OptionError
from .._struct import items, struct
from ..dlnetwork import dlnetwork
from ..functions._options import word
from ._clones import WHO, CloneFunction
from ._copies import Treatment
from ._nodes import Node, find_all
from ._section import section


def cloneFunction(
    net: dlnetwork,
    inputNodes: Any,
    outputNodes: Any,
    parameters: Treatment = "learnable",
) -> CloneFunction:
    """A function that makes clones of a part of a network, for use in larger models.

    The part is defined by its cut: all layers on the way from the input nodes to the output nodes.
    A node is named like a layer (meaning its output), "layer/port" or "layer/Parameter"; the name
    of an input layer means the data fed to it. Names may be written with ``_`` for ``.``, ``[`` and
    ``]``.

    Args:
        net: The network; it is referred to, never changed.
        inputNodes: One node or a list: where the function's arguments come in, in this order.
            Every node through which data crosses into the part must be listed. A learnable
            parameter may be listed too: the call then supplies another one.
        outputNodes: One node, or several: a list, or a record (dict or struct) of names and nodes.
        parameters: What becomes of the parameters:

            * "learnable": each clone has its own, which train; they start from the values that
              ``net`` has at the time of the call.
            * "constant": each clone has its own, which stay; they are rows of State. The layers run
              as in `predict` in training too (batch normalization, dropout). Gradients pass through
              to the arguments.
            * "shared": the clone uses those of the original. Training moves both; gradients of all
              uses add up. Statistics of batch normalization are shared, hidden states are not.

    Returns:
        A function with three uses. Each call copies anew:

        * ``clone = f()`` is a dlnetwork with the input nodes as inputs. Its arguments are values of
          parameters among the input nodes, None for data: ``f(None, W)``. Not for "shared".
        * ``net2, node = f(net2, "node1", ..., Name="clone")`` puts a clone into a larger network,
          its inputs connected to these nodes: the new network, and the name of the clone's output
          in it (for a list or record of nodes a tuple or struct of names). Layers are called
          "clone.fc1" and so on. Parameters among the input nodes take a value, or None for one that
          `initialize` draws anew. With "shared", ``net2`` must hold the original.
        * ``Y = f.forward(net, X1, ...)`` and ``f.predict(net, X1, ...)``, for "shared" only:
          the part as a function of the data, with the parameters of ``net``, so that ``net`` can be
          trained through any number of uses; ``nargout=2`` adds the new state of ``net``.

    Raises:
        OptionError: A node that does not exist; data that crosses into the part elsewhere (the
            message lists the nodes); an input node on which no output depends, or that depends on
            the part itself.
        StateError: A "constant" clone of a network that is not initialized.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer, reluLayer
        >>> net = dlnetwork([featureInputLayer(4), fullyConnectedLayer(3), reluLayer()])
        >>> frozen = cloneFunction(net, "input", "relu", "constant")()
        >>> len(frozen.Learnables), frozen.State.Parameter.tolist()
        (0, ['Weights', 'Bias'])
        >>> net, twin = cloneFunction(net, "fc", "relu", "shared")(net, "fc", Name="twin")
        >>> twin
        'twin.relu'

    Source:
        CNTK's CloneFunction, https://learn.microsoft.com/en-us/cognitive-toolkit/clonefunction
    """
    if not isinstance(net, dlnetwork):
        raise OptionError(
            f"{WHO}: the first argument must be a dlnetwork, not a {type(net).__name__}.",
            fix=f'Call it as {WHO}(net, "input", "fc1").',
        )
    mode = word(WHO, "parameters", parameters, ["learnable", "constant", "shared"])
    graph = net._graph
    inputs = find_all(WHO, graph, inputNodes)
    record = isinstance(outputNodes, (Mapping, struct))
    members = tuple(name for name, _ in items(outputNodes)) if record else None
    named = [node for _, node in items(outputNodes)] if record else outputNodes
    ends = tuple(_as_output(net, node) for node in find_all(WHO, graph, named))
    if not ends:
        raise OptionError(
            f"{WHO}: outputNodes names no node.",
            fix='Give a node such as "fc1", or a record such as {"z": "fc1"}.',
        )
    several = members if record else None if isinstance(outputNodes, str) else ()
    return CloneFunction(net, section(WHO, graph, inputs, ends), several, mode)


def _as_output(net: dlnetwork, node: Node) -> Node:
    layer = net._graph.layer(node.layer)
    if node.kind == "input" and layer.is_input:
        return Node("output", node.layer, layer.outputs[0], node.name)
    if node.kind != "output":
        raise OptionError(
            f'{WHO}: "{node.name}" is no output of a layer.',
            fix="outputNodes are layers, or outputs of layers.",
        )
    return node
