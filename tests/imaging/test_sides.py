"""A file that names both sides of the body is told, and which side it was is nobody's guess."""

import pytest

from imaging.kinds.recognising import laterality, sides_that_disagree

Tags = dict[str, object]


@pytest.mark.parametrize(
    ("tags", "side", "advice"),
    [
        ({"Laterality": "L", "SeriesDescription": "Left Hip"}, "left", ""),
        ({"Laterality": "L", "SeriesDescription": "Right Hip"}, "left", "left, its words right"),
        ({"Laterality": "L", "ImageLaterality": "R"}, "unknown", "left and right"),
        ({"ImageLaterality": "R", "ProtocolName": "left and right hip"}, "right", ""),
        ({"SeriesDescription": "Hip"}, "unknown", ""),
    ],
)
def test_sides_that_disagree_are_told(tags: Tags, side: str, advice: str) -> None:
    assert laterality(tags, "hip") == side
    told = [one.advice for one in sides_that_disagree(tags, "hip")]
    assert told == (
        [f"The tags of the file say {advice}: check which side was scanned."] * bool(advice)
    )


def test_words_for_a_side_mean_nothing_where_the_part_is_no_pair() -> None:
    tags: Tags = {"Laterality": "L", "SeriesDescription": "L spine, right arm beside it"}
    assert sides_that_disagree(tags, "lumbar_spine") == ()
