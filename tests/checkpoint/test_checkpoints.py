"""A folder of checkpoints: which files stay, which one is loaded."""

import numpy as np
import pytest

from dltk import (
    DltkWarning,
    FileError,
    OptionError,
    StateError,
    checkpoints,
    dlarray,
    hasdata,
    minibatchqueue,
    next,
    rand,
    recordMetrics,
    rng,
    shuffle,
    struct,
    trainingProgressMonitor,
)


def iterations(saved):
    return [int(path.stem.removeprefix("checkpoint_")) for path in saved.files]


def test_the_last_and_the_best_stay(tmp_path):
    saved = checkpoints(tmp_path, keep_last=2, keep_best=1)
    for iteration, loss in enumerate([3.0, 1.0, 2.0, float("nan"), 1.0, 5.0], 1):
        saved.save(iteration, metric=dlarray(np.float32(loss)), a=10 * iteration)
    assert iterations(saved) == [2, 5, 6]
    assert saved.load("best") == struct(iteration=2, a=20)
    assert saved.load() == struct(iteration=6, a=60)
    assert saved.load(5).a == 50
    accuracy = checkpoints(tmp_path / "other", keep_last=1, keep_best=2, best="largest")
    for iteration, value in enumerate([0.7, 0.9, 0.8, 0.6], 1):
        accuracy.save(iteration, metric=value, a=iteration)
    assert iterations(accuracy) == [2, 3, 4]


def test_the_last_is_the_one_written_last(tmp_path):
    """A second training in the same folder begins at 1 again."""
    for iteration in (500, 510, 1):
        checkpoints(tmp_path).save(iteration, a=iteration)
    assert checkpoints(tmp_path).load().iteration == 1
    assert iterations(checkpoints(tmp_path)) == [510, 1]


def test_without_a_checkpoint_there_is_none(tmp_path):
    assert checkpoints(tmp_path / "deep" / "new").load(net=1) is None


def test_random_numbers_go_on_unless_single_variables_are_loaded(tmp_path):
    rng(4)
    saved = checkpoints(tmp_path)
    saved.save(1, a=1)
    wanted = np.asarray(rand(1, 3))
    assert saved.load("last", "a") == struct(a=1)
    assert not np.array_equal(np.asarray(rand(1, 3)), wanted)
    saved.load()
    np.testing.assert_array_equal(np.asarray(rand(1, 3)), wanted)


def test_a_damaged_last_file_is_passed_over(tmp_path):
    saved = checkpoints(tmp_path)
    for iteration in (1, 2):
        saved.save(iteration, a=np.full(100, iteration))
    last = saved.files[-1]
    content = bytearray(last.read_bytes())
    content[-3] ^= 1
    last.write_bytes(content)
    with pytest.warns(DltkWarning, match=r"damaged.*before it is loaded, checkpoint_00000001"):
        assert saved.load().iteration == 1
    last.write_bytes(content[:20])
    with pytest.warns(DltkWarning, match="damaged.*passed over"):
        assert saved.load().iteration == 1
    saved.files[0].write_bytes(b"")
    with pytest.raises(FileError, match="damaged"):
        saved.load()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda s: s.save(1, rng=3), '"rng" is saved in every checkpoint already'),
        (lambda s: s.save(1.5, a=1), "iteration must be a whole number from 0 on"),
        (lambda s: s.save(1, a=1, metric=np.ones(2)), "metric must be a scalar"),
        (lambda s: s.load("best"), "no checkpoint with a metric"),
        (lambda s: s.load(7), r"no checkpoint of iteration 7[\s\S]*iterations: 3"),
        (lambda s: checkpoints(s.folder, keep_last=0), "keep_last must be a whole number from 1"),
        (lambda s: checkpoints(s.folder, best="lowest"), 'Use one of: "smallest", "largest"'),
    ],
)
def test_wrong_use_is_refused(call, text, tmp_path):
    saved = checkpoints(tmp_path)
    saved.save(3, a=1)
    with pytest.raises(OptionError, match=text):
        call(saved)


# What a checkpoint asks of queues and monitors


def queue(**options):
    return minibatchqueue(np.arange(10.0), MiniBatchSize=3, **options)


@pytest.mark.parametrize("preprocessing", ["serial", "background"])
@pytest.mark.parametrize("taken", [0, 1, 4])
def test_a_queue_goes_on_in_its_order(preprocessing, taken, tmp_path):
    mbq = queue(PreprocessingEnvironment=preprocessing)
    shuffle(mbq)
    for _ in range(taken):
        next(mbq)
    saved = checkpoints(tmp_path)
    saved.save(1, mbq=mbq)
    rest = [np.asarray(X) for X in mbq]
    other = queue(PreprocessingEnvironment=preprocessing)
    saved.load(mbq=other)
    again = [np.asarray(X) for X in other]
    assert len(again) == len(rest) == 4 - taken
    for a, b in zip(again, rest, strict=True):
        np.testing.assert_array_equal(a, b)
    other.reset()
    np.testing.assert_array_equal(np.asarray(next(other)).ravel(), [0, 1, 2])


class Countdown:
    """A datastore of a user's own that can only be read in order."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.left = 7

    def hasdata(self):
        return self.left > 0

    def read(self):
        self.left -= 1
        return float(self.left)


class Shuffling(Countdown):
    def shuffle(self):
        return None


def test_a_datastore_that_cannot_skip_is_read_again(tmp_path):
    mbq = minibatchqueue(Countdown(), MiniBatchSize=2, PartialMiniBatch="discard")
    next(mbq)
    assert hasdata(mbq)  # which looks at the next mini-batch
    saved = checkpoints(tmp_path)
    saved.save(1, mbq=mbq)
    other = minibatchqueue(Countdown(), MiniBatchSize=2, PartialMiniBatch="discard")
    saved.load(mbq=other)
    assert [np.asarray(X).ravel().tolist() for X in other] == [[4, 3], [2, 1]]


def test_a_datastore_that_shuffles_itself_must_know_its_order(tmp_path):
    with pytest.raises(StateError, match=r"Shuffling shuffles itself[\s\S]*get_state"):
        checkpoints(tmp_path).save(1, mbq=minibatchqueue(Shuffling()))


def test_another_queue_is_refused(tmp_path):
    saved = checkpoints(tmp_path)
    saved.save(1, mbq=queue())
    with pytest.raises(StateError, match=r"MiniBatchSize\n  saved: 3\n  this queue: 128"):
        saved.load(mbq=minibatchqueue(np.arange(10.0)))
    with pytest.raises(OptionError, match=r"mbq is the state of an object, a minibatchqueue"):
        saved.load()


def test_a_monitor_goes_on_with_its_history_and_its_time(tmp_path):
    monitor = trainingProgressMonitor(Metrics=["Loss", "Accuracy"], Info="Epoch", Visible=False)
    recordMetrics(monitor, 1, Loss=dlarray(np.float32(0.1)))
    recordMetrics(monitor, 2, Loss=0.5, Accuracy=90)
    monitor.updateInfo(Epoch="1 of 3")
    monitor.Progress, monitor.Status = 30, "Running"
    monitor._data.started -= 100
    saved = checkpoints(tmp_path)
    saved.save(2, monitor=monitor)
    other = trainingProgressMonitor(Metrics=["Loss", "Accuracy"], Info="Epoch", Visible=False)
    saved.load(monitor=other)
    np.testing.assert_array_equal(other.MetricData.Loss, [[1, np.float32(0.1)], [2, 0.5]])
    np.testing.assert_array_equal(other.MetricData.Accuracy, [[2, 90]])
    assert (other.InfoData.Epoch.tolist(), other.Progress, other.Status) == (
        ["1 of 3"],
        30,
        "Running",
    )
    assert 100 <= other._data.elapsed < 130
    assert other._data.began == monitor._data.began
    with pytest.raises(OptionError, match="steps must be finite and increase"):
        recordMetrics(other, 2, Loss=1)
    with pytest.raises(StateError, match=r"metrics of the saved[\s\S]*this monitor: Error"):
        saved.load(monitor=trainingProgressMonitor(Metrics="Error", Info="Epoch", Visible=False))
