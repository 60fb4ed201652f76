"""One height by plain numbers is that by arrays."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from riskapp.risk.straight_lines import height_at

NUMBERS = st.floats(-1e3, 1e3)


@given(st.dictionaries(NUMBERS, NUMBERS, min_size=1, max_size=6), st.data())
def test_it_is_what_numpy_gives(by_knot: dict[float, float], data: st.DataObject) -> None:
    knots = sorted(by_knot)
    heights = [by_knot[knot] for knot in knots]
    x = data.draw(NUMBERS | st.sampled_from(knots))
    expected = np.interp(x, knots, heights)
    # Between knots a denormal distance apart numpy mends what overflows.
    if all(b - a > 1e-9 for a, b in zip(knots, knots[1:], strict=False)):
        assert height_at(x, knots, heights) == expected
