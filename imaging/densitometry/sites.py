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


def spine_region(levels: tuple[str, ...]) -> str:
    """Name a choice of vertebrae as densitometers do: L1-L4, L1-L2,L4, L1,L3-L4."""
    numbers = sorted(int(level[1:]) for level in levels)
    pieces: list[list[int]] = []
    for number in numbers:
        if pieces and number == pieces[-1][-1] + 1:
            pieces[-1].append(number)
        else:
            pieces.append([number])
    return ",".join(
        f"L{piece[0]}" if len(piece) == 1 else f"L{piece[0]}-L{piece[-1]}" for piece in pieces
    )
