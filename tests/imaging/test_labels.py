"""Names in a picture: each can be read, and stands where its region is."""

from hypothesis import given
from hypothesis import strategies as st

from imaging.polygons import inside
from imaging.presenting.labels import Box, box_of, place_labels

FRAME = Box(0.0, 0.0, 360.0, 320.0)
HIP = {
    "femoral neck": [(200, 100), (230, 128), (180, 178), (155, 150), (200, 100)],
    "trochanter": [(230, 128), (310, 100), (300, 200), (180, 178), (230, 128)],
    "total hip": [(200, 100), (310, 100), (285, 290), (210, 290), (200, 100)],
    "neck axis": [(150, 80), (290, 220)],
    "neck width": [(225, 105), (170, 165)],
    "hip axis": [(95, 20), (290, 220)],
}


def test_names_of_a_hip_do_not_lie_on_each_other() -> None:
    labels = place_labels(list(HIP.items()), FRAME, 13.0)
    pairs = [(a.box, b.box) for i, a in enumerate(labels) for b in labels[:i]]
    assert [pair for pair in pairs if pair[0].shared_with(pair[1]) > 0] == []


def test_no_name_of_a_hip_stands_on_the_area_of_another() -> None:
    labels = dict(zip(HIP, place_labels(list(HIP.items()), FRAME, 13.0), strict=True))
    areas = {name: ring for name, ring in HIP.items() if ring[0] == ring[-1]}
    masks = {name: inside(ring, (320, 360)) for name, ring in areas.items()}
    for name, label in labels.items():
        box = label.box
        rows = slice(max(round(box.top), 0), round(box.bottom))
        under = {
            other: float(mask[rows, max(round(box.left), 0) : round(box.right)].mean())
            for other, mask in masks.items()
            if other not in (name, "total hip")
        }
        assert max(under.values()) < 0.3, (name, under)


def test_a_name_with_no_room_beside_its_area_stands_on_it() -> None:
    ring = [(2.0, 2.0), (358.0, 2.0), (358.0, 318.0), (2.0, 318.0), (2.0, 2.0)]
    (label,) = place_labels([("L1", ring)], FRAME, 13.0)
    assert label.leader is None
    assert 100 < label.x < 260
    assert 100 < label.y < 260


def test_a_name_stands_to_the_right_where_nothing_is_in_the_way() -> None:
    square = [(100.0, 100.0), (140.0, 100.0), (140.0, 140.0), (100.0, 140.0), (100.0, 100.0)]
    (label,) = place_labels([("L1", square)], FRAME, 13.0)
    assert label.anchor == "start"
    assert 140 < label.x < 150
    assert label.box.top < 120 < label.box.bottom
    assert label.leader is None


def test_a_long_name_at_the_right_edge_goes_to_the_left() -> None:
    (label,) = place_labels([("femoral head right", [(300.0, 50.0), (300.0, 90.0)])], FRAME, 13.0)
    assert label.anchor == "end"
    assert label.x < 300


def test_a_name_far_away_is_joined_to_its_region() -> None:
    # Nine names for one dot: they cannot all stand beside it.
    dot = [(180.0, 160.0)]
    labels = place_labels([(f"landmark {n}", dot) for n in range(9)], FRAME, 13.0)
    far = [one.leader for one in labels if one.leader]
    assert far
    assert all(end == (180.0, 160.0) for _, end in far)


@given(
    st.lists(
        st.lists(st.tuples(st.floats(20, 340), st.floats(20, 300)), min_size=1, max_size=5),
        min_size=1,
        max_size=4,
    )
)
def test_names_stay_in_the_picture_and_apart(outlines: list[list[tuple[float, float]]]) -> None:
    labels = place_labels([(f"L{at}", one) for at, one in enumerate(outlines)], FRAME, 13.0)
    for at, label in enumerate(labels):
        assert label.box.shared_with(FRAME) > 0.99 * label.box.area
        assert all(label.box.shared_with(other.box) == 0 for other in labels[:at])
        assert box_of(outlines[at]).left - 150 < label.x < box_of(outlines[at]).right + 150
