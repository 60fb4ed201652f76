"""The standard's features in a row, as they are told: identifier, aggregation, name, unit."""

from collections.abc import Mapping
from dataclasses import dataclass

from imaging.texture.aggregation import DIMENSION_TAG, HOW
from imaging.texture.catalogue import FAMILIES, Feature

DIRECTIONAL = ("cooccurrence", "run_length")
WITHOUT_AGGREGATION = ("local", "first_order", "histogram", "volume_histogram")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a short name of the standard stands for.

    Attributes
    ----------
    tag : str
        Short name with the aggregation, such as ``cm_joint_max_3D_avg``.
    aggregation : str
        IBSI's identifier of the aggregation; empty where there is none.
    """

    tag: str
    ibsi_id: str
    aggregation: str
    family: str
    name: str
    unit: str


def entries(intensity_unit: str = "1") -> Mapping[str, Entry]:
    """List every feature that is computed, by short name, in order."""
    listed = {}
    for family, content in FAMILIES.items():
        for ending, aggregation in _aggregations(family).items():
            for name, feature in content.features.items():
                tag = f"{feature.ibsi_name}_{ending}" if ending else feature.ibsi_name
                listed[tag] = Entry(
                    tag=tag,
                    ibsi_id=feature.ibsi_id,
                    aggregation=aggregation,
                    family=content.title,
                    name=name.replace("_", " "),
                    unit=unit_of(feature, intensity_unit),
                )
    return listed


def unit_of(feature: Feature, intensity_unit: str) -> str:
    """Give the unit (UCUM) of a feature of a picture whose values have one."""
    if feature.unit == "intensity":
        return intensity_unit
    if feature.unit == "intensity2":
        return intensity_unit if intensity_unit == "1" else f"{intensity_unit}2"
    return feature.unit


def _aggregations(family: str) -> dict[str, str]:
    if family in WITHOUT_AGGREGATION:
        return {"": ""}
    if family in DIRECTIONAL:
        return {how.tag: aggregation.value for aggregation, how in HOW.items()}
    return {tag: dimension.value for dimension, tag in DIMENSION_TAG.items()}
