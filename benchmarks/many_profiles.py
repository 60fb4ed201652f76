"""A million complete profiles, without interval: ours, a plain loop and bare numpy."""

import tracemalloc

import numpy as np

from benchmarks.plain import PlainPerson, bare_numpy
from benchmarks.timing import Comparison, medians
from riskapp.risk.evidence_sets import evidence_set
from riskapp.risk.hazards import Factors
from riskapp.risk.many import incidence_of_many
from riskapp.risk.populations import population
from riskapp.risk.profile import FACTORS

PEOPLE = 1_000_000
LOOPED = 2_000  # the plain loop takes as many; its time is scaled
SEED = 1
AGREEMENT = 1e-12
ROUNDS = 3


def made_up(n: int) -> Factors:
    """People of every kind, without regard to how common they are."""
    rng = np.random.default_rng(SEED)
    return Factors(
        age_years=rng.uniform(40, 90, n),
        female=rng.integers(0, 2, n).astype(float),
        bmi_kg_m2=rng.uniform(16, 45, n),
        femoral_neck_t_score=rng.normal(-1.2, 1.1, n),
        **{name: (rng.random(n) < 0.15).astype(float) for name in FACTORS},
    )


def compare() -> list[Comparison]:
    people, parameters = population("gb"), evidence_set("frax-2008", "gb").parameters
    rows = made_up(PEOPLE)
    few = Factors(**{name: getattr(rows, name)[:LOOPED] for name in Factors.__dataclass_fields__})

    def ours() -> np.ndarray:
        return incidence_of_many(rows, people, parameters)

    def loop() -> np.ndarray:
        found = []
        for index in range(LOOPED):
            sex = "female" if few.female[index] else "male"
            person = PlainPerson(people, parameters, sex, float(few.age_years[index]))
            factors = {name: float(getattr(few, name)[index]) for name in FACTORS}
            found.append(
                person.probabilities(
                    float(few.femoral_neck_t_score[index]), float(few.bmi_kg_m2[index]), factors
                )
            )
        return np.array(found).T

    def bare() -> np.ndarray:
        return bare_numpy(rows, people, parameters)

    answered = ours()[:, -1]
    apart = {
        "loop": float(np.abs(answered[:, :LOOPED] - loop()).max()),
        "bare": float(np.abs(answered - bare()).max()),
    }
    if max(apart.values()) > AGREEMENT:
        raise ArithmeticError(f"The peers disagree: {apart}.")
    tracemalloc.start()
    ours()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    note = f"equal to {max(apart.values()):.0e}; ours holds at most {peak / 2**20:.0f} MiB"
    seconds, looped, plain = medians(ours, loop, bare, rounds=ROUNDS)
    what = f"{PEOPLE:,} complete profiles"
    peer = f"plain Python loop (timed on {LOOPED:,}, scaled)"
    return [
        Comparison(what, seconds, peer, looped * PEOPLE / LOOPED, note),
        Comparison(what, seconds, "bare numpy, all rows at once", plain, note),
    ]
