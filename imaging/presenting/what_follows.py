"""What follows from a finding for the regions it names: a few words beside picture and table."""

from imaging.result import Finding, Severity

NOT_MEASURED = "not measured"
NOT_IN_MEANS = "left out of the means"
CHECK_OUTLINE = "check the outline"
FOLLOWS = {
    "attenuation_too_uncertain": "attenuation not given",
    "deformed_left_out_of_means": NOT_IN_MEANS,
    "deformity_near_a_limit": "check the six points",
    "dense_bone": NOT_MEASURED,
    "density_not_possible": "density not given",
    "disc_missed": "check the lines",
    "height_not_judged": "look for a fracture by eye",
    "l1_deformed": "use a neighbour",
    "level_differs": "compare with the neighbours",
    "level_stands_out": NOT_IN_MEANS,
    "level_unknown": "name the level",
    "low_confidence": CHECK_OUTLINE,
    "metal": NOT_MEASURED,
    "metal_near": "look before using it",
    "metal_or_implant": "leave it out",
    "network_disagrees": CHECK_OUTLINE,
    "patchy_bone": "use the median",
    "region_too_small": "not measured: draw it larger",
    "saturation": "texture less sure",
    "short_vertebra": "look for a fracture",
    "uneven_bone": NOT_IN_MEANS,
    "vertebrae_left_out": "left out of the spine’s mean",
    "vertebra_not_graded": "not graded",
    "vertebra_not_measured": NOT_MEASURED,
    "vertebral_deformity": "look for a fracture",
}
BY_SEVERITY = {Severity.STOP: "not usable", Severity.WARNING: "look at it", Severity.INFO: ""}


def what_follows(finding: Finding) -> str:
    """Say it in a few words that go on after the name of a region."""
    return FOLLOWS.get(finding.code, BY_SEVERITY[finding.severity])
