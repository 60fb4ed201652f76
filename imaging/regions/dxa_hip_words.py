"""How the regions of a hip are called, and how each was placed."""

from imaging.regions.dxa_hip_outline import BOX_MM

METHOD = "edges of shaft, neck and head on the local range of grey values"
LABELS = {
    "femoral_neck": "Femoral neck",
    "trochanter": "Trochanter",
    "intertrochanteric": "Intertrochanteric region",
    "total_hip": "Total hip",
    "femoral_head": "Femoral head",
    "femoral_axis": "Axis of the shaft",
    "neck_axis": "Axis of the neck",
    "neck_width": "Width of the neck",
    "hip_axis": "Hip axis, trochanter to inner pelvic brim",
}


def method_of_neck(*, head_seen: bool, hologic: bool) -> str:
    """Say which part of the neck was taken, and whose convention that is."""
    if hologic:
        return f"{METHOD}; {BOX_MM:g} mm of the neck, against the greater trochanter, as Hologic's"
    place = ", past the head" if head_seen else ""
    return f"{METHOD}; {BOX_MM:g} mm of the neck about its narrowest place{place}, as GE Lunar's"
