"""A model knows its own table again under any name, and nothing else, and keeps no row."""

from dataclasses import replace

import numpy as np

from riskapp.cohorts.cohort import Cohort
from riskapp.cohorts.fingerprint import BITS_PER_ROW, FEWEST_ROWS, fingerprint, share_seen
from tests.training.made import made_cohort

OWN = made_cohort(800, seed=1)
OTHERS = made_cohort(800, seed=2)
EVERYBODY = np.arange(800)


def joined(first: Cohort, second: Cohort) -> Cohort:
    both = {
        name: replace(
            each,
            event=np.concatenate([each.event, second.follow_up[name].event]),
            years=np.concatenate([each.years, second.follow_up[name].years]),
        )
        for name, each in first.follow_up.items()
    }
    return replace(
        first,
        profiles=first.profiles + second.profiles,
        people=np.concatenate([first.people, second.people]),
        follow_up=both,
    )


def test_the_same_table_is_known_in_any_order_and_under_any_name() -> None:
    kept = fingerprint(OWN)
    shuffled = OWN.part(np.random.default_rng(3).permutation(EVERYBODY))
    renamed = replace(shuffled, trained_on="cohort other", people=shuffled.people[::-1])
    assert share_seen(kept, renamed) == 1


def test_strangers_are_not_known() -> None:
    kept = fingerprint(OWN)
    assert share_seen(kept, OTHERS) == 0
    assert share_seen(None, OWN) == 0


def test_a_part_and_a_mixture_are_known_by_their_share() -> None:
    kept = fingerprint(OWN)
    assert share_seen(kept, OWN.part(EVERYBODY[:300])) > 0.95
    half = joined(OWN.part(EVERYBODY[:300]), OTHERS.part(EVERYBODY[:300]))
    assert abs(share_seen(kept, half) - 0.5) < 0.12


def test_a_known_row_is_found_by_chance_half_of_the_time() -> None:
    kept = fingerprint(OWN)
    assert kept is not None
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(kept["map"]), dtype=np.uint8))
    assert bits.size == round(BITS_PER_ROW * 800 / 8) * 8
    assert 0.45 < bits.mean() < 0.55


def test_a_small_table_leaves_no_trace_and_one_of_like_rows_no_map() -> None:
    assert fingerprint(OWN.part(EVERYBODY[: FEWEST_ROWS - 1])) is None
    assert fingerprint(OWN.part(EVERYBODY[:FEWEST_ROWS])) is not None
    alike = fingerprint(OWN.part(np.repeat(EVERYBODY[:10], 20)))
    assert alike is not None
    assert alike["map"] is None
