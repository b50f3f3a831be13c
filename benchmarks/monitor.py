"""Cost of recording progress: microseconds a call, and whether a call waits for the device.

Prints for `recordMetrics` with values still on the device the median and the 99th percentile of
one call, beside the ways people write by hand; the same while the device computes; then which part
of a training of half a minute all showing takes, drawing included.
"""

import os
import statistics
import tempfile
import time

import jax
import jax.numpy as jnp

from dltk import (
    addpoints,
    animatedline,
    dlarray,
    recordMetrics,
    trainingProgressMonitor,
    updateInfo,
)

CALLS = 20000


def fresh(**options):
    """A monitor with three metrics."""
    return trainingProgressMonitor(
        Metrics=["Loss", "Accuracy", "Rate"], Info="Epoch", XLabel="Iteration", **options
    )


def timed(call, count=CALLS, pause=0.0):
    """Microseconds of each call of ``call(k)``; after a pause the processor has forgotten it."""
    times = []
    for k in range(1, count + 1):
        if pause:
            time.sleep(pause)
        start = time.perf_counter()
        call(k)
        times.append(1e6 * (time.perf_counter() - start))
    return times


def row(name, times):
    """A line of the table."""
    median, late = statistics.median(times), statistics.quantiles(times, n=100)[-1]
    print(f"  {name:46} {median:9.1f} {late:9.1f}")


def every_call():
    """All ways, values at hand on the device."""
    loss, accuracy = dlarray(jnp.float32(0.5)), dlarray(jnp.float32(0.9))
    hidden, kept = fresh(Visible=False), []
    print(f"  {'microseconds a call':46} {'median':>9} {'99 %':>9}")
    row("recordMetrics, 1 metric", timed(lambda k: recordMetrics(hidden, k, Loss=loss)))
    hidden = fresh(Visible=False)
    row(
        "recordMetrics, 3 metrics",
        timed(lambda k: recordMetrics(hidden, k, Loss=loss, Accuracy=accuracy, Rate=0.01)),
    )
    cold = fresh(Visible=False)
    row(
        "recordMetrics, 1 metric, 4 ms after the last",
        timed(lambda k: recordMetrics(cold, k, Loss=loss), 1000, pause=0.004),
    )
    row("updateInfo, 1 text", timed(lambda k: updateInfo(hidden, Epoch="1 of 10")))
    row("monitor.Stop", timed(lambda k: hidden.Stop))
    line = animatedline()
    row("addpoints", timed(lambda k: addpoints(line, k, loss)))
    row("a list: losses.append(float(loss))", timed(lambda k: kept.append(float(loss))))
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError:
        return
    with tempfile.TemporaryDirectory() as folder:
        writer = EventFileWriter(folder, max_queue_size=2 * CALLS)

        def write(k):
            value = Summary.Value(tag="Loss", simple_value=float(loss))
            writer.add_event(Event(step=k, summary=Summary(value=[value])))

        row("TensorBoard's writer: add_event(float(loss))", timed(write))
        writer.close()


def while_the_device_computes():
    """Many calls after a long computation has been sent off."""

    @jax.jit
    def long(x):
        return jax.lax.fori_loop(0, 20, lambda i, y: jnp.tanh(y @ x), x).mean()

    x = jnp.ones((1200, 1200)) / 1200
    long(x).block_until_ready()
    monitor = fresh(Visible=False)
    start = time.perf_counter()
    loss = dlarray(long(x))
    times = timed(lambda k: recordMetrics(monitor, k, Loss=loss), 2000)
    is_computing = not loss.is_ready()
    float(loss)
    total = 1e3 * (time.perf_counter() - start)
    row(f"recordMetrics, the loss computing for {total:.0f} ms", times)
    print(
        f"  the device was {'still computing' if is_computing else 'done'} after these 2000 calls"
    )


def share_of_a_training(seconds=30.0):
    """The part of a loop's time that is spent in calls of the monitor."""
    os.environ["DLTK_MONITOR"] = "file"
    with tempfile.TemporaryDirectory() as folder:
        monitor = fresh(file=f"{folder}/progress.png", log=f"{folder}/progress.csv")
        start = time.perf_counter()
        monitor.Stop  # noqa: B018  the first picture loads Matplotlib and fonts
        first = time.perf_counter() - start
        spent, iteration, loss = 0.0, 0, dlarray(jnp.float32(0.5))
        begin = time.perf_counter()
        while (now := time.perf_counter() - begin) < seconds:
            time.sleep(0.004)
            iteration += 1
            start = time.perf_counter()
            recordMetrics(monitor, iteration, Loss=loss, Accuracy=iteration % 7)
            monitor.Progress = 99 * now / seconds
            monitor.Stop  # noqa: B018
            spent += time.perf_counter() - start
        monitor.close()
    print(
        f"\n  first picture {first:.1f} s; then {iteration} iterations in {seconds:.0f} s, picture "
        f"and CSV kept up to date: {100 * spent / seconds:.1f} % of the time in the monitor"
    )


if __name__ == "__main__":
    every_call()
    while_the_device_computes()
    share_of_a_training()
