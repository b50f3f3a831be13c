"""Training iterations of dltk beside hand-written JAX, Equinox, Flax NNX, Keras and PyTorch.

All train the same models from the same first values on the same data, with Adam, in float32; the
folder `peers` has their code. For all of them memory is kept between calls, as `import dltk` sets
it (``DLTK_KEEP_MEMORY=off`` leaves it alone). Prints a table for each workload and, at the end,
which goals were reached. Peers that are not installed are left out: ``pip install
"dltk-jax[bench]"`` brings all but PyTorch.

    python benchmarks/peers.py                                  all, about five minutes
    python benchmarks/peers.py --workloads mlp cnn --peers nnx  less than one each
    python benchmarks/peers.py --quick --json numbers.json
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time

import jax
from peers import VARIANTS, installed, offered
from peers.goals import ONE, TWO, goals
from peers.measure import Result, measure
from peers.workloads import TABLE, workload

import dltk  # before JAX starts its threads

PEERS = {"equinox": "Equinox", "nnx": "Flax NNX", "keras": "Keras", "torch": "PyTorch"}


def show(result: Result) -> None:
    print(f"\n{result.title}")
    print(f"  {'':18}{'ms':>10}{'to one call':>13}{'to two':>9}{'first call':>12}{'Python':>10}")
    for variant in result.ms:
        print(
            f"  {variant:18}{result.median(variant):10.3f}"
            f"{result.ratio(variant, ONE):13.3f}{result.ratio(variant, TWO):9.3f}"
            f"{result.first[variant]:10.2f} s{result.python[variant]:7.0f} us"
        )
    dlfeval, by_hand = result.tracing.values()
    print(
        f"  tracing: dlfeval {dlfeval:.3f} s, jax.value_and_grad {by_hand:.3f} s, "
        f"ratio {dlfeval / by_hand:.2f}",
        flush=True,
    )


def summary(result: Result) -> dict[str, object]:
    medians = {variant: result.median(variant) for variant in result.ms}
    ratios = {
        base: {variant: result.ratio(variant, base) for variant in result.ms} for base in (ONE, TWO)
    }
    return {**dataclasses.asdict(result), "median": medians, "ratio": ratios}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workloads", nargs="+", choices=TABLE, default=list(TABLE))
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS))
    parser.add_argument("--quick", action="store_true", help="few short rounds: does it run?")
    parser.add_argument("--json", metavar="FILE", help="write all numbers there")
    options = parser.parse_args()
    begin = time.perf_counter()
    left_out = {PEERS[name] for name in set(PEERS) - set(options.peers)}
    wanted = [v for v in VARIANTS if v not in left_out and installed(v)]
    missing = [v for v in VARIANTS if v not in left_out and not installed(v)]
    print(
        f"dltk {dltk.__version__}, JAX {jax.__version__} on {jax.devices()[0].device_kind}", end=""
    )
    print(f"; not installed: {', '.join(missing)}" if missing else "")
    rounds, turn = (3, 0.05) if options.quick else (9, 0.25)
    results = []
    for name in options.workloads:
        variants = [v for v in wanted if offered(v, workload(name, "shallow"))]
        results.append(measure(name, variants, rounds, turn))
        show(results[-1])
    found = list(goals(results))
    print(f"\nGoals: {sum(g.reached for g in found)} of {len(found)} reached")
    print(*found, sep="\n")
    print(f"{time.perf_counter() - begin:.0f} s")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({r.name: summary(r) for r in results}, file, indent=1)


if __name__ == "__main__":
    main()
