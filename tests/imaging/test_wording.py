"""Sentences about one region or several."""

import pytest

from imaging.wording import about


@pytest.mark.parametrize(
    ("regions", "begins"),
    [
        (["L1"], "L1 holds"),
        (["L1", "L2"], "L1 and L2 hold"),
        (["L1", "L2", "L5"], "L1, L2 and L5 hold"),
        (["femoral_neck_left"], "Left femoral neck holds"),
    ],
)
def test_the_verb_follows_the_number_of_regions(regions: list[str], begins: str) -> None:
    assert about(regions, "holds", "hold") == begins
