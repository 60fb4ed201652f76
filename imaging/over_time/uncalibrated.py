"""Numbers of a display picture at two visits: what another window or curve of grey does to them.

A display image of a densitometer has no absolute grey: an export with another window multiplies
it, another curve bends it. Neither is a change of bone.
"""

from math import hypot

from imaging.densitometry.precision import Precision
from imaging.result import Measurement

# Coefficients of variation from the same regions of real pictures (a spine and a hip of one maker,
# tried here) with grey times 0.75 to 1, an offset of 20, and curves with an exponent of 0.9 to 1.1:
# the largest change seen. Straight lines alone move the first four by at most 0.05 %.
BY_GREY_SCALE = {
    "lumbar_texture_score": 0.0005,
    "fractal_dimension": 0.001,
    "glcm_correlation": 0.002,
    "variogram_slope": 0.009,
    "glcm_inverse_difference_moment": 0.016,
    "glcm_joint_entropy": 0.024,
}
CALIBRATED = {"ct"}  # by modality
SOURCE = (
    "the spread of this number when its region is moved a little in these very pictures, and what "
    "another window or a curve of grey with an exponent of 0.9 to 1.1 moves it by; lying down "
    "again on another day adds to it and has not been studied"
)


def is_by_grey(number: Measurement, modality: str) -> bool:
    """Whether another window alone would change a number by more than is known of it.

    Of the numbers of a picture's texture only those of ``BY_GREY_SCALE`` are left.
    """
    if modality in CALIBRATED or number.stability is None:
        return False
    return number.name not in BY_GREY_SCALE


def with_grey_scale(name: str, stability: float) -> Precision:
    """Give the repeatability of a number of a display picture in which regions may move a little.

    Parameters
    ----------
    stability : float
        Coefficient of variation when the region moves.
    """
    cv = hypot(stability, BY_GREY_SCALE[name])
    return Precision(SOURCE, cv=cv, whose="its stability in these pictures and in other windows")
