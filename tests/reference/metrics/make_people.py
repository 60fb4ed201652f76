"""Draw the people of people.csv: nobody real. `python make_people.py` beside the file.

Times of the first half are rounded, so that events, deaths, losses and predictions tie.
"""

import csv
from pathlib import Path

import numpy as np

PEOPLE = 400
HORIZONS = (2, 5, 8)


def main() -> None:
    rng = np.random.default_rng(20261121)
    risk = rng.normal(0, 0.8, PEOPLE)
    event = rng.exponential(1 / (0.05 * np.exp(risk)))
    death = rng.exponential(1 / (0.04 * np.exp(0.5 * risk)))
    lost = rng.uniform(0, 16, PEOPLE)
    years = np.minimum(np.minimum(event, death), lost)
    kind = np.select([years == event, years == death], [1, 2], 0)
    rounded = np.arange(PEOPLE) < PEOPLE // 2
    years = np.where(rounded, np.ceil(2 * years) / 2, np.round(years, 6))
    first = risk + rng.normal(0, 0.3, PEOPLE)
    second = 1.4 * risk + rng.normal(0, 0.6, PEOPLE)
    with Path(__file__).with_name("people.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        names = [f"{which}_{horizon}" for which in ("first", "second") for horizon in HORIZONS]
        out.writerow(["ties", "years", "kind", "weight", *names])
        for i in range(PEOPLE):
            digits = 2 if rounded[i] else 10
            shares = [
                round(1 - np.exp(-level * horizon * np.exp(score[i])), digits)
                for level, score in ((0.06, first), (0.05, second))
                for horizon in HORIZONS
            ]
            shares = [min(max(share, 0.01), 0.99) for share in shares]
            weight = 1 + i % 3
            out.writerow([int(rounded[i]), f"{years[i]:.6f}", kind[i], weight, *shares])


if __name__ == "__main__":
    main()
