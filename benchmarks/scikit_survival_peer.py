"""The peer of ``benchmarks.judging``: run by an interpreter that has scikit-survival.

Reads a file of arrays, judges them, and prints times and values as JSON.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
from sksurv.metrics import brier_score, concordance_index_censored, cumulative_dynamic_auc
from sksurv.util import Surv

# Concordance takes a quarter of a minute.
ROUNDS = {"auc": 5, "brier": 5, "concordance": 1}


def main() -> None:
    stored = np.load(sys.argv[1])
    seen = Surv.from_arrays(stored["event"], stored["years"])
    shares, horizons = stored["shares"], stored["horizons"]
    risk = shares[:, -1]
    runs: dict[str, Callable[[], object]] = {
        "auc": lambda: cumulative_dynamic_auc(seen, seen, shares, horizons)[0].tolist(),
        "brier": lambda: brier_score(seen, seen, 1 - shares, horizons)[1].tolist(),
        "concordance": lambda: concordance_index_censored(stored["event"], stored["years"], risk)[
            0
        ],
    }
    sys.stdout.write(json.dumps({name: _timed(run, ROUNDS[name]) for name, run in runs.items()}))


def _timed(run: Callable[[], object], rounds: int) -> dict[str, object]:
    seconds = []
    for _ in range(rounds):
        begun = time.process_time()
        value = run()
        seconds.append(time.process_time() - begun)
    return {"seconds": statistics.median(seconds), "value": value}


if __name__ == "__main__":
    main()
