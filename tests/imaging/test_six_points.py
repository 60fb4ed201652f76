"""Six points in their order, and bodies that face one way."""

import pytest

from imaging.errors import UnsuitableScan
from imaging.regions.six_points import check_order, heights_of
from imaging.result import Region
from tests.imaging.vertebral_bodies import body


def corners(order: tuple[int, ...]) -> Region:
    polygon = body("L1", 20, 19, 21).polygon
    return Region(
        id="L1", label="L1", method="any", confidence=None, polygon=tuple(polygon[i] for i in order)
    )


@pytest.mark.parametrize(
    "order", [(0, 1, 2, 3), (1, 2, 3, 4, 5, 0), (0, 2, 1, 3, 4, 5), (0, 1, 2, 5, 4, 3)]
)
def test_points_in_another_order_are_refused(order: tuple[int, ...]) -> None:
    with pytest.raises(UnsuitableScan, match="in this order"):
        heights_of(corners(order), (1, 1))


def stacked(turn: dict[str, tuple[int, ...]]) -> list[Region]:
    """Draw T12 to L3 from head to foot, the corners of some in another order."""
    answer = []
    for at, name in enumerate(("T12", "L1", "L2", "L3")):
        polygon = tuple((column, row + 30 * at) for column, row in body(name, 20, 19, 21).polygon)
        order = turn.get(name, range(6))
        answer.append(
            Region(
                id=name,
                label=name,
                method="any",
                confidence=None,
                polygon=tuple(polygon[i] for i in order),
            )
        )
    return answer


FRONT_FOR_BACK = (2, 1, 0, 5, 4, 3)
UP_FOR_DOWN = (5, 4, 3, 2, 1, 0)
BOTH = (3, 4, 5, 0, 1, 2)


def test_corners_in_order_pass_in_any_order_of_the_bodies() -> None:
    check_order(stacked({}), (1, 1))
    check_order(stacked({})[::-1], (0.5, 3.0))
    check_order(stacked({})[:1], None)
    check_order(stacked(dict.fromkeys(("T12", "L1", "L2", "L3"), FRONT_FOR_BACK)), None)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (FRONT_FOR_BACK, "L1 face the other way"),
        (UP_FOR_DOWN, "upper corners of L1 lie towards the vertebra below"),
        (BOTH, "upper corners of L1 lie towards the vertebra below"),
    ],
)
def test_a_body_whose_corners_begin_elsewhere_is_refused(
    order: tuple[int, ...], words: str
) -> None:
    with pytest.raises(UnsuitableScan, match=words):
        check_order(stacked({"L1": order}), (1, 1))


def test_a_single_body_on_its_head_is_refused() -> None:
    with pytest.raises(UnsuitableScan, match="T12"):
        check_order(stacked({"T12": UP_FOR_DOWN})[:1], (1, 1))
