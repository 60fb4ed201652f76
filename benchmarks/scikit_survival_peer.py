"""The peer of ``benchmarks.judging``: run by an interpreter that has scikit-survival.

Reads a file of arrays, judges them once each, and prints times and values as JSON.
"""

import json
import sys
import time
from collections.abc import Callable

import numpy as np
from sksurv.metrics import brier_score, concordance_index_censored, cumulative_dynamic_auc
from sksurv.util import Surv


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
    sys.stdout.write(json.dumps({name: _timed(run) for name, run in runs.items()}))


def _timed(run: Callable[[], object]) -> dict[str, object]:
    begun = time.process_time()
    value = run()
    return {"seconds": time.process_time() - begun, "value": value}


if __name__ == "__main__":
    main()
