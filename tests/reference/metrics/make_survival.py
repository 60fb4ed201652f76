"""Values of scikit-survival and lifelines for people.csv, deaths counted as lost.

Run beside the file in an environment that has both: `python make_survival.py`. scikit-survival is
GPL-3 and no part of the product or of its tests.
"""

import csv
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from lifelines.utils import concordance_index
from sksurv.metrics import (
    brier_score,
    concordance_index_ipcw,
    cumulative_dynamic_auc,
    integrated_brier_score,
)
from sksurv.util import Surv

HORIZONS = np.array([2.0, 5.0, 8.0])
HERE = Path(__file__).parent


def values(rows: list[dict[str, str]], which: str) -> dict[str, object]:
    years = np.array([float(row["years"]) for row in rows])
    event = np.array([row["kind"] == "1" for row in rows])
    risks = np.array([[float(row[f"{which}_{h:g}"]) for h in HORIZONS] for row in rows])
    seen = Surv.from_arrays(event, years)
    auc, integrated = cumulative_dynamic_auc(seen, seen, risks, HORIZONS)
    cut = np.minimum(years, 5.0)
    return {
        "harrell": concordance_index(years, -risks[:, 1], event),
        "harrell_5": concordance_index(cut, -risks[:, 1], event & (years <= 5)),
        "uno": concordance_index_ipcw(seen, seen, risks[:, 1], tau=8.0)[0],
        "auc": auc.tolist(),
        "auc_integrated": float(integrated),
        "brier": brier_score(seen, seen, 1 - risks, HORIZONS)[1].tolist(),
        "brier_integrated": integrated_brier_score(seen, seen, 1 - risks, HORIZONS),
    }


def main() -> None:
    with (HERE / "people.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, object] = {
        "versions": {name: version(name) for name in ("scikit-survival", "lifelines", "numpy")},
        "horizons": HORIZONS.tolist(),
    }
    for ties in ("0", "1"):
        chosen = [row for row in rows if row["ties"] == ties]
        found[f"ties_{ties}"] = {which: values(chosen, which) for which in ("first", "second")}
    text = json.dumps(found, indent=1) + "\n"
    (HERE / "survival.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
