import gc
import threading
import time
import weakref

import numpy as np
import pytest

from dltk.data import arrayDatastore, hasdata, minibatchqueue, next, reset, shuffle, transform
from dltk.dlarray import extractdata

OPTIONS = {"MiniBatchSize": 2, "PreprocessingEnvironment": "background"}


def flat(lists):
    return [value for values in lists for value in values]


def numbers(n=10):
    return arrayDatastore(np.arange(float(n)))


def values(X):
    return np.ravel(extractdata(X)).tolist()


def threads():
    return [t for t in threading.enumerate() if t.name.startswith("minibatchqueue")]


class Recorder:
    """A MiniBatchFcn that notes its calls."""

    def __init__(self):
        self.calls = []
        self.called = threading.Condition()

    def __call__(self, X):
        with self.called:
            self.calls.append((X[0], threading.current_thread()))
            self.called.notify_all()
        return np.stack(X)

    def wait_for(self, count):
        with self.called:
            assert self.called.wait_for(lambda: len(self.calls) >= count, timeout=10)


def test_the_next_mini_batch_is_made_in_a_thread_while_this_one_is_used():
    recorder = Recorder()
    mbq = minibatchqueue(numbers(), MiniBatchFcn=recorder, **OPTIONS)
    assert values(next(mbq)) == [0, 1]
    recorder.wait_for(2)  # although nobody has asked for it
    assert recorder.calls[0][1] is threading.main_thread()
    assert recorder.calls[1][1] is not threading.main_thread()


def test_never_more_than_one_mini_batch_is_made_ahead():
    recorder = Recorder()
    mbq = minibatchqueue(numbers(), MiniBatchFcn=recorder, **OPTIONS)
    next(mbq)
    recorder.wait_for(2)
    time.sleep(0.05)
    assert [first for first, _ in recorder.calls] == [0, 2]


def test_an_exception_comes_out_of_the_next_that_it_belongs_to():
    def fail_in_the_second(X):
        if X[0] == 2:
            raise ZeroDivisionError("in the thread")
        return np.stack(X)

    mbq = minibatchqueue(numbers(), MiniBatchFcn=fail_in_the_second, **OPTIONS)
    assert values(next(mbq)) == [0, 1]
    assert hasdata(mbq)
    with pytest.raises(ZeroDivisionError, match="in the thread") as error:
        next(mbq)
    assert "MiniBatchFcn" in error.value.__notes__[0]
    assert values(next(mbq)) == [4, 5]


@pytest.mark.parametrize("again", [reset, shuffle])
def test_starting_again_forgets_what_was_made_ahead(again):
    mbq = minibatchqueue(
        numbers(), MiniBatchFcn=lambda X: (time.sleep(0.01), np.stack(X))[1], **OPTIONS
    )
    for _ in range(5):
        next(mbq)
        next(mbq)
        again(mbq)
    seen = flat(values(X) for X in mbq)
    assert sorted(seen) == list(range(10))
    if again is reset:
        assert seen == list(range(10))


def test_starting_again_forgets_a_failure_too():
    def fail_later(X):
        if X[0]:
            raise ZeroDivisionError
        return np.stack(X)

    mbq = minibatchqueue(numbers(), MiniBatchFcn=fail_later, **OPTIONS)
    for _ in range(3):
        assert values(next(mbq)) == [0, 1]
        reset(mbq)


def test_the_thread_ends_with_the_queue():
    others = set(threads())
    mbq = minibatchqueue(numbers(), **OPTIONS)
    next(mbq)
    [mine] = set(threads()) - others
    gone = weakref.ref(mbq)
    del mbq
    gc.collect()
    mine.join(timeout=10)
    assert gone() is None
    assert not mine.is_alive()


def test_one_thread_serves_all_epochs():
    others = set(threads())
    mbq = minibatchqueue(numbers(), **OPTIONS)
    for _ in range(3):
        shuffle(mbq)
        assert sum(len(values(X)) for X in mbq) == 10
    assert len(set(threads()) - others) == 1


def test_preparing_ahead_saves_time():
    def slow(X):
        time.sleep(0.02)
        return np.stack(X)

    def epoch(place):
        mbq = minibatchqueue(
            numbers(20), MiniBatchSize=2, MiniBatchFcn=slow, PreprocessingEnvironment=place
        )
        start = time.perf_counter()
        for _ in mbq:
            time.sleep(0.02)  # the computation
        return time.perf_counter() - start

    assert epoch("background") < 0.75 * epoch("serial")  # at best 11/20


def test_transforms_run_in_the_thread_too():
    seen = set()

    def note(data):
        seen.add(threading.current_thread())
        return data

    mbq = minibatchqueue(transform(numbers(), note), 1, **OPTIONS)
    assert flat(values(X) for X in mbq) == list(range(10))
    assert len(seen) == 2
