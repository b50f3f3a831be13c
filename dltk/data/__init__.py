"""Data for training loops: datastores, mini-batch queues, labels, sequences, sample data."""

from ._array_datastore import arrayDatastore
from ._categorical import categorical
from ._categories import (
    addcats,
    categories,
    cellstr,
    countcats,
    iscategory,
    isundefined,
    mergecats,
    removecats,
    renamecats,
    reordercats,
)
from ._combine import combine
from ._digits import digitTest4DArrayData, digitTrain4DArrayData
from ._minibatchqueue import minibatchqueue
from ._mnist import processImagesMNIST, processLabelsMNIST
from ._onehot import onehotdecode, onehotencode
from ._padsequences import padsequences
from ._transform import transform
from ._verbs import (
    hasdata,
    next,
    numobservations,
    partition,
    preview,
    read,
    readall,
    reset,
    shuffle,
    subset,
)

__all__ = [
    "addcats",
    "arrayDatastore",
    "categorical",
    "categories",
    "cellstr",
    "combine",
    "countcats",
    "digitTest4DArrayData",
    "digitTrain4DArrayData",
    "hasdata",
    "iscategory",
    "isundefined",
    "mergecats",
    "minibatchqueue",
    "next",
    "numobservations",
    "onehotdecode",
    "onehotencode",
    "padsequences",
    "partition",
    "preview",
    "processImagesMNIST",
    "processLabelsMNIST",
    "read",
    "readall",
    "removecats",
    "renamecats",
    "reordercats",
    "reset",
    "shuffle",
    "subset",
    "transform",
]
