"""Times of runs in rounds that interleave them, so that drifts of the machine spare the ratios."""

import statistics
import time


def times(runs, rounds, budget):
    """Milliseconds of each run in each round; a turn of a run takes about ``budget`` seconds."""
    counts = []
    for run in runs:
        run(), run()
        start = time.perf_counter()
        run()
        counts.append(max(1, round(budget / (time.perf_counter() - start))))
    table = [[] for _ in runs]
    for turn in range(rounds):
        for i in range(len(runs)):  # each after another one in the next round
            which = (turn + i if turn % 2 else turn - i) % len(runs)
            runs[which]()  # threads of the one before come to rest
            start = time.perf_counter()
            for _ in range(counts[which]):
                runs[which]()
            table[which].append((time.perf_counter() - start) / counts[which] * 1e3)
    return table


def ratio(ours, others):
    """Median of the ratios within a round."""
    return statistics.median(a / b for a, b in zip(ours, others, strict=True))
