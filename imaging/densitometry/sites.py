"""Which printed region is which site of the record."""

# Sites as the record names them, by the region of a report without its side.
SITES = {
    "femoral_neck": "femoral_neck",
    "total_hip": "total_hip",
    "trochanter": "trochanter",
    "radius_33": "one_third_radius",
}
SIDES = ("left", "right", "mean")


def site_of_region(region: str) -> str:
    """Name the site of a region, e.g. ``femoral_neck_left`` -> ``femoral_neck``.

    Any choice of two or more vertebrae of L1-L4 is the lumbar spine; a single vertebra is none.
    """
    bone, side = without_side(region)
    if region == "lumbar_spine" or region.startswith("L") and ("-" in region or "," in region):
        return "lumbar_spine"
    return SITES.get(bone, "") if side in (None, *SIDES) else ""


def without_side(region: str) -> tuple[str, str | None]:
    """Take a region's side off: ``total_hip_left`` -> (``total_hip``, ``left``)."""
    bone, _, side = region.rpartition("_")
    return (bone, side) if side in SIDES else (region, None)
