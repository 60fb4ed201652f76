"""What the simulator assumes beyond the evidence engine, each number with where it comes from.

The model cards print this table, so a reader sees which numbers were published and which were
made up to have something to learn from.
"""

from typing import NamedTuple

SCHOUSBOE = "Schousboe 2016, JBMR, PMC4795988: TBS, men of 65 and over, beside FRAX, BMD and VFx"
JANG = "Jang 2019, Radiology 291:360, doi:10.1148/radiol.2019181648"


class Assumption(NamedTuple):
    """One number of the simulator.

    Attributes
    ----------
    mark : str
        "seen" in the publication, or "assumption": chosen here, published nowhere.
    """

    value: float
    unit: str
    meaning: str
    mark: str
    source: str


ASSUMPTIONS: dict[str, Assumption] = {
    "youngest": Assumption(40, "a", "Ages are even from", "assumption", "study design"),
    "oldest": Assumption(90, "a", "to", "assumption", "study design"),
    "share_women": Assumption(0.5, "1", "Share of women", "assumption", "study design"),
    "shortest_follow_up": Assumption(
        6, "a", "People leave the study evenly from", "assumption", "study design"
    ),
    "longest_follow_up": Assumption(
        14,
        "a",
        "to (cut at 10 years, so half are followed to the end)",
        "assumption",
        "study design",
    ),
    "hu_at_65": Assumption(
        148,
        "HU",
        "Mean L1 attenuation at 65 and T-score -1",
        "assumption",
        f"from the mean past 90, 89 HU, back by 2.5 HU a year, at the mean T-score: {JANG}",
    ),
    "hu_per_decade": Assumption(
        -11,
        "HU/10 a",
        "Change with age beside the T-score",
        "assumption",
        f"with the T-score's own fall about the 2.5 HU a year of {JANG}",
    ),
    "hu_before_menopause": Assumption(
        10,
        "HU/10 a",
        "Women's excess for each decade before 52",
        "assumption",
        f"that women start higher is in {JANG}; the size is not",
    ),
    "hu_per_t_score": Assumption(
        17.5,
        "HU",
        "Change per unit of T-score",
        "assumption",
        "a partial correlation of about 0.45",
    ),
    "hu_sd": Assumption(
        36.6,
        "HU",
        "Spread that age, sex and T-score leave",
        "assumption",
        f"total spread of 38 to 44 HU: {JANG}",
    ),
    "texture_at_65": Assumption(
        0.955,
        "1",
        "Mean lumbar texture score at 65 and T-score -1",
        "assumption",
        "the first scans measured here, real and synthetic, gave 0.93 to 0.97",
    ),
    "texture_per_decade": Assumption(
        -0.0025, "1/10 a", "Change with age beside the T-score", "assumption", "none known"
    ),
    "texture_per_t_score": Assumption(
        0.004, "1", "Change per unit of T-score", "assumption", "a partial correlation of about 0.3"
    ),
    "texture_sd": Assumption(
        0.012,
        "1",
        "Spread that age, sex and T-score leave",
        "assumption",
        "of a size that keeps most people between 0.92 and 0.99; none known",
    ),
    "texture_and_hu": Assumption(
        0.3, "1", "Correlation of what is left of the two", "assumption", "none known"
    ),
    "texture_hip": Assumption(
        1.20,
        "hazard ratio",
        "Hip fracture, per SD lower texture score",
        "assumption",
        f"that our texture carries what another texture did: {SCHOUSBOE} (seen)",
    ),
    "texture_other": Assumption(
        1.27,
        "hazard ratio",
        "Other major fracture, per SD lower texture score",
        "assumption",
        f"that our texture carries what another texture did for all major: {SCHOUSBOE} (seen)",
    ),
    "hu_hip": Assumption(
        1.15,
        "hazard ratio",
        "Hip fracture, per SD lower L1 attenuation",
        "assumption",
        "beside the T-score; no adjusted figure at hand",
    ),
    "hu_other": Assumption(
        1.30,
        "hazard ratio",
        "Other major fracture, per SD lower L1 attenuation",
        "assumption",
        "beside the T-score; no adjusted figure at hand",
    ),
}


def assumed(name: str) -> float:
    """Value of one assumption."""
    return ASSUMPTIONS[name].value
