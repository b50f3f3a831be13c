"""Data for training loops: datastores, mini-batch queues, labels, sequences, sample data.

**Writing your own datastore.** Any object with these methods works in `minibatchqueue`, `combine`
and `transform`; nothing needs to be inherited:

* ``hasdata()``: whether anything is left to read;
* ``read()``: the next observation as a tuple of its variables, such as ``(X, T)``, or a list of
  such tuples. A single array is an observation of one variable;
* ``reset()``: back to the first observation.

Two more methods let it be shuffled, divided and combined with others in step:

* ``numobservations()``: how many there are;
* ``subset(indices)``: a new datastore with some of them, by Python's numbers from 0, in that order.

Instead of ``subset`` there may be ``shuffle()``, which returns a shuffled datastore (or
nothing, if it works in place), and ``partition(n, index)``, which returns part ``index`` (from 1)
of ``n``.

Without a class: a list of observations, something with ``len`` and subscripts, or a function that
returns a generator will do (`iterable_datastore`). For checkpoints, a datastore that can only be
read in order is read again up to its position, unless it has ``get_state()`` and
``set_state(state)``.
"""

from ._array_datastore import arrayDatastore
from ._augmented_datastore import augmentedImageDatastore
from ._augmenter import augment, imageDataAugmenter
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
from ._file_datastore import fileDatastore
from ._image_datastore import imageDatastore, readimage
from ._iterable import iterable_datastore
from ._minibatchqueue import minibatchqueue
from ._mnist import processImagesMNIST, processLabelsMNIST
from ._onehot import onehotdecode, onehotencode
from ._padsequences import padsequences
from ._questions import isPartitionable, isShuffleable, isSubsettable
from ._split_labels import countEachLabel, splitEachLabel
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
    "augment",
    "augmentedImageDatastore",
    "categorical",
    "categories",
    "cellstr",
    "combine",
    "countEachLabel",
    "countcats",
    "digitTest4DArrayData",
    "digitTrain4DArrayData",
    "fileDatastore",
    "hasdata",
    "imageDataAugmenter",
    "imageDatastore",
    "isPartitionable",
    "isShuffleable",
    "isSubsettable",
    "iscategory",
    "isundefined",
    "iterable_datastore",
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
    "readimage",
    "removecats",
    "renamecats",
    "reordercats",
    "reset",
    "shuffle",
    "splitEachLabel",
    "subset",
    "transform",
]
