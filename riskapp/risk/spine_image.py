"""When an image of the spine is worth having: a vertebral fracture that nobody felt counts too."""

from riskapp.risk.bone_density import Site
from riskapp.risk.profile import FractureSite, RiskProfile, Sex

# International Society for Clinical Densitometry, 2019 official positions, adults: vertebral
# imaging is indicated at a T-score below -1.0 with any one of these (recalled, to be confirmed):
# women of 70 and men of 80 or more, height loss above 4 cm, a vertebral fracture that was told and
# not documented, or glucocorticoids of 5 mg prednisone or more daily for 3 months or more. Height
# loss is no field and is said beside it.
SOURCE = (
    "International Society for Clinical Densitometry, official positions 2019 "
    "(recalled, to be confirmed)"
)
BELOW_T_SCORE = -1.0
FROM_AGE_YEARS = {Sex.FEMALE: 70, Sex.MALE: 80}


def reasons_for_image(profile: RiskProfile) -> tuple[str, ...]:
    """Why an image of the spine is indicated; none where it is not, or the fracture is known."""
    if profile.prior_fracture_site == FractureSite.VERTEBRA:
        return ()
    known = [score for site in Site if (score := profile.t_score(site)) is not None]
    if not known or min(known) >= BELOW_T_SCORE:
        return ()
    found = []
    if profile.age_years >= FROM_AGE_YEARS[profile.sex]:
        found.append(f"age {FROM_AGE_YEARS[profile.sex]} or more")
    if profile.glucocorticoids:
        found.append("glucocorticoids")
    return ("a T-score below \u22121.0", *found) if found else ()
