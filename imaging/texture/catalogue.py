"""Texture features by name: the standard's identifier, unit and where the formula is written."""

from typing import Literal, NamedTuple

# Zwanenburg et al. 2020, Radiology 295:328-338, doi 10.1148/radiol.2020191145; manual
# arXiv:1612.07003. Every feature takes its formula from the section of its identifier.
IBSI = "IBSI reference manual, arXiv:1612.07003"


class Feature(NamedTuple):
    ibsi_id: str
    family: Literal["first_order", "cooccurrence"]
    # Units on a display image; "grey2" would be no unit, so squares are "1" too.
    unit: str
    ibsi_name: str


FIRST_ORDER = {
    "mean": Feature("Q4LE", "first_order", "1", "stat_mean"),
    "variance": Feature("ECT3", "first_order", "1", "stat_var"),
    "skewness": Feature("KE2A", "first_order", "1", "stat_skew"),
    "excess_kurtosis": Feature("IPH6", "first_order", "1", "stat_kurt"),
    "median": Feature("Y12H", "first_order", "1", "stat_median"),
    "minimum": Feature("1GSF", "first_order", "1", "stat_min"),
    "percentile_10": Feature("QG58", "first_order", "1", "stat_p10"),
    "percentile_90": Feature("8DWT", "first_order", "1", "stat_p90"),
    "maximum": Feature("84IY", "first_order", "1", "stat_max"),
    "interquartile_range": Feature("SALO", "first_order", "1", "stat_iqr"),
    "range": Feature("2OJQ", "first_order", "1", "stat_range"),
    "mean_absolute_deviation": Feature("4FUA", "first_order", "1", "stat_mad"),
    "robust_mean_absolute_deviation": Feature("1128", "first_order", "1", "stat_rmad"),
    "median_absolute_deviation": Feature("N72L", "first_order", "1", "stat_medad"),
    "coefficient_of_variation": Feature("7TET", "first_order", "1", "stat_cov"),
    "quartile_coefficient_of_dispersion": Feature("9S40", "first_order", "1", "stat_qcod"),
    "energy": Feature("N8CA", "first_order", "1", "stat_energy"),
    "root_mean_square": Feature("5ZWQ", "first_order", "1", "stat_rms"),
}

COOCCURRENCE = {
    "joint_maximum": Feature("GYBY", "cooccurrence", "1", "cm_joint_max"),
    "joint_average": Feature("60VM", "cooccurrence", "1", "cm_joint_avg"),
    "joint_variance": Feature("UR99", "cooccurrence", "1", "cm_joint_var"),
    "joint_entropy": Feature("TU9B", "cooccurrence", "bit", "cm_joint_entr"),
    "difference_average": Feature("TF7R", "cooccurrence", "1", "cm_diff_avg"),
    "difference_variance": Feature("D3YU", "cooccurrence", "1", "cm_diff_var"),
    "difference_entropy": Feature("NTRS", "cooccurrence", "bit", "cm_diff_entr"),
    "sum_average": Feature("ZGXS", "cooccurrence", "1", "cm_sum_avg"),
    "sum_variance": Feature("OEEB", "cooccurrence", "1", "cm_sum_var"),
    "sum_entropy": Feature("P6QZ", "cooccurrence", "bit", "cm_sum_entr"),
    "angular_second_moment": Feature("8ZQL", "cooccurrence", "1", "cm_energy"),
    "contrast": Feature("ACUI", "cooccurrence", "1", "cm_contrast"),
    "dissimilarity": Feature("8S9J", "cooccurrence", "1", "cm_dissimilarity"),
    "inverse_difference": Feature("IB1Z", "cooccurrence", "1", "cm_inv_diff"),
    "normalised_inverse_difference": Feature("NDRX", "cooccurrence", "1", "cm_inv_diff_norm"),
    "inverse_difference_moment": Feature("WF0Z", "cooccurrence", "1", "cm_inv_diff_mom"),
    "normalised_inverse_difference_moment": Feature(
        "1QCO", "cooccurrence", "1", "cm_inv_diff_mom_norm"
    ),
    "inverse_variance": Feature("E8JP", "cooccurrence", "1", "cm_inv_var"),
    "correlation": Feature("NI2N", "cooccurrence", "1", "cm_corr"),
    "autocorrelation": Feature("QWB0", "cooccurrence", "1", "cm_auto_corr"),
    "cluster_tendency": Feature("DG8W", "cooccurrence", "1", "cm_clust_tend"),
    "cluster_shade": Feature("7NFM", "cooccurrence", "1", "cm_clust_shade"),
    "cluster_prominence": Feature("AE86", "cooccurrence", "1", "cm_clust_prom"),
    "information_correlation_1": Feature("R8DG", "cooccurrence", "1", "cm_info_corr1"),
    "information_correlation_2": Feature("JN9H", "cooccurrence", "1", "cm_info_corr2"),
}
