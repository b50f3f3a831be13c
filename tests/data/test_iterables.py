"""Python's own sources of data in a mini-batch queue."""

import sys
import types

import numpy as np
import pytest

from dltk import (
    OptionError,
    StateError,
    checkpoints,
    combine,
    hasdata,
    iterable_datastore,
    minibatchqueue,
    next,
    partition,
    rng,
    shuffle,
    struct,
    transform,
)


class Squares:
    """What PyTorch calls a map-style Dataset."""

    def __len__(self):
        return 7

    def __getitem__(self, index):
        if index >= len(self):
            raise IndexError
        return np.full((2, 1), index), index**2


class Stream:
    """What PyTorch calls an IterableDataset."""

    def __iter__(self):
        return ((np.full((2, 1), k), k**2) for k in range(7))


def generator():
    yield from Stream()


SOURCES = {
    "sequence": Squares,
    "iterable": Stream,
    "function": lambda: generator,
    "generator": generator,
    "dicts": lambda: [{"X": np.full((2, 1), k), "T": k**2} for k in range(7)].__iter__(),
}


def walked(mbq):
    return [(np.asarray(X)[0].tolist(), np.asarray(T)[0].tolist()) for X, T in mbq]


WANTED = [([0, 1, 2], [0, 1, 4]), ([3, 4, 5], [9, 16, 25]), ([6], [36])]


@pytest.mark.parametrize("preprocessing", ["serial", "background"])
@pytest.mark.parametrize("name", SOURCES)
def test_any_source_gives_mini_batches(name, preprocessing):
    mbq = minibatchqueue(
        SOURCES[name](),
        MiniBatchSize=3,
        MiniBatchFormat="CB",
        PreprocessingEnvironment=preprocessing,
    )
    assert walked(mbq) == WANTED
    if name in ("generator", "dicts"):
        mbq.reset()
        with pytest.raises(StateError, match=r"walked through once[\s\S]*without the parentheses"):
            hasdata(mbq)
    else:
        mbq.reset()
        assert walked(mbq) == WANTED


def test_sequences_are_shuffled_and_divided():
    rng(0)
    mbq = minibatchqueue(Squares(), MiniBatchSize=7, MiniBatchFormat="CB")
    shuffle(mbq)
    X, T = (np.asarray(a)[0] for a in next(mbq))
    assert sorted(X) == list(range(7)) != X.tolist()
    np.testing.assert_array_equal(T, X**2)
    part = partition(minibatchqueue(Squares(), MiniBatchFormat="CB"), 2, 2)
    assert np.asarray(next(part)[0])[0].tolist() == [4, 5, 6]
    with pytest.raises(OptionError, match=r"lacks numobservations and subset[\s\S]*Dataset"):
        shuffle(minibatchqueue(Stream()))


def test_sources_combine_and_transform():
    ds = combine(iterable_datastore(range(3)), iterable_datastore(lambda: iter("abc")))
    assert [ds.read() for _ in range(3)] == [(0, "a"), (1, "b"), (2, "c")]
    doubled = transform(iterable_datastore(range(4)), lambda k: 2 * k)
    mbq = minibatchqueue(doubled, MiniBatchSize=4, MiniBatchFormat="CB")
    assert np.asarray(next(mbq)).tolist() == [[0, 2, 4, 6]]


@pytest.mark.parametrize("name", ["sequence", "iterable", "function"])
def test_a_source_goes_on_from_a_checkpoint(name, tmp_path):
    def queue():
        return minibatchqueue(SOURCES[name](), MiniBatchSize=3, MiniBatchFormat="CB")

    mbq = queue()
    next(mbq)
    assert hasdata(mbq)
    saved = checkpoints(tmp_path)
    saved.save(1, mbq=mbq)
    other = queue()
    saved.load(mbq=other)
    assert walked(other) == WANTED[1:]


def test_a_dataloader_is_refused_in_words():
    loader = types.SimpleNamespace(batch_size=4, dataset=Squares(), __iter__=None)
    with pytest.raises(OptionError, match=r"DataLoader gives mini-batches[\s\S]*loader.dataset"):
        iterable_datastore(loader)
    with pytest.raises(OptionError, match=r"is no source of observ[\s\S]*returns a generator"):
        iterable_datastore(3)
    with pytest.raises(OptionError, match=r"function returned a NoneType[\s\S]*write yield"):
        minibatchqueue(lambda: None)
    with pytest.raises(OptionError, match="expected a datastore, got a struct"):
        minibatchqueue(struct(a=1))
    with pytest.raises(OptionError, match="the datastore is empty"):
        minibatchqueue(lambda: iter(()))


def test_pytorchs_datasets_as_they_are():
    torch = pytest.importorskip("torch")
    data = pytest.importorskip("torch.utils.data")
    X, T = torch.arange(12.0).reshape(6, 2), torch.arange(6)
    mbq = minibatchqueue(data.TensorDataset(X, T), MiniBatchSize=4, MiniBatchFormat=["BC", "CB"])
    got, targets = next(mbq)
    np.testing.assert_array_equal(np.asarray(got), X[:4].numpy().T)
    assert np.asarray(targets).tolist() == [[0, 1, 2, 3]]
    with pytest.raises(OptionError, match="DataLoader"):
        minibatchqueue(data.DataLoader(data.TensorDataset(X, T), batch_size=2))
    assert "torch" in sys.modules
