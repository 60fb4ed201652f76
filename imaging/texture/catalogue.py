"""Texture features by name: the standard's identifier, unit and where the formula is written."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

# Zwanenburg et al. 2020, Radiology 295:328-338, doi 10.1148/radiol.2020191145; manual
# arXiv:1612.07003. Every feature takes its formula from the section of its identifier.
IBSI = "IBSI reference manual, arXiv:1612.07003"
# A number without unit, in bits, in the picture's own intensity (HU, grey levels) or its square.
Unit = Literal["1", "bit", "intensity", "intensity2"]


class Feature(NamedTuple):
    ibsi_id: str
    unit: Unit
    # The standard's short name, which tables of reference values use.
    ibsi_name: str


class Family(NamedTuple):
    """Features that are computed together; ``ibsi_id`` is their chapter of the manual."""

    title: str
    ibsi_id: str
    features: Mapping[str, Feature]


LOCAL_INTENSITY = {
    "local_peak": Feature("VJGA", "intensity", "loc_peak_loc"),
    "global_peak": Feature("0F91", "intensity", "loc_peak_glob"),
}
FIRST_ORDER = {
    "mean": Feature("Q4LE", "intensity", "stat_mean"),
    "variance": Feature("ECT3", "intensity2", "stat_var"),
    "skewness": Feature("KE2A", "1", "stat_skew"),
    "excess_kurtosis": Feature("IPH6", "1", "stat_kurt"),
    "median": Feature("Y12H", "intensity", "stat_median"),
    "minimum": Feature("1GSF", "intensity", "stat_min"),
    "percentile_10": Feature("QG58", "intensity", "stat_p10"),
    "percentile_90": Feature("8DWT", "intensity", "stat_p90"),
    "maximum": Feature("84IY", "intensity", "stat_max"),
    "interquartile_range": Feature("SALO", "intensity", "stat_iqr"),
    "range": Feature("2OJQ", "intensity", "stat_range"),
    "mean_absolute_deviation": Feature("4FUA", "intensity", "stat_mad"),
    "robust_mean_absolute_deviation": Feature("1128", "intensity", "stat_rmad"),
    "median_absolute_deviation": Feature("N72L", "intensity", "stat_medad"),
    "coefficient_of_variation": Feature("7TET", "1", "stat_cov"),
    "quartile_coefficient_of_dispersion": Feature("9S40", "1", "stat_qcod"),
    "energy": Feature("N8CA", "intensity2", "stat_energy"),
    "root_mean_square": Feature("5ZWQ", "intensity", "stat_rms"),
}
HISTOGRAM = {
    "mean": Feature("X6K6", "1", "ih_mean"),
    "variance": Feature("CH89", "1", "ih_var"),
    "skewness": Feature("88K1", "1", "ih_skew"),
    "excess_kurtosis": Feature("C3I7", "1", "ih_kurt"),
    "median": Feature("WIFQ", "1", "ih_median"),
    "minimum": Feature("1PR8", "1", "ih_min"),
    "percentile_10": Feature("GPMT", "1", "ih_p10"),
    "percentile_90": Feature("OZ0C", "1", "ih_p90"),
    "maximum": Feature("3NCY", "1", "ih_max"),
    "mode": Feature("AMMC", "1", "ih_mode"),
    "interquartile_range": Feature("WR0O", "1", "ih_iqr"),
    "range": Feature("5Z3W", "1", "ih_range"),
    "mean_absolute_deviation": Feature("D2ZX", "1", "ih_mad"),
    "robust_mean_absolute_deviation": Feature("WRZB", "1", "ih_rmad"),
    "median_absolute_deviation": Feature("4RNL", "1", "ih_medad"),
    "coefficient_of_variation": Feature("CWYJ", "1", "ih_cov"),
    "quartile_coefficient_of_dispersion": Feature("SLWD", "1", "ih_qcod"),
    "entropy": Feature("TLU2", "bit", "ih_entropy"),
    "uniformity": Feature("BJ5W", "1", "ih_uniformity"),
    "maximum_gradient": Feature("12CE", "1", "ih_max_grad"),
    "maximum_gradient_level": Feature("8E6O", "1", "ih_max_grad_g"),
    "minimum_gradient": Feature("VQB3", "1", "ih_min_grad"),
    "minimum_gradient_level": Feature("RHQZ", "1", "ih_min_grad_g"),
}
VOLUME_HISTOGRAM = {
    "volume_at_10_percent_intensity": Feature("BC2M", "1", "ivh_v10"),
    "volume_at_90_percent_intensity": Feature("BC2M", "1", "ivh_v90"),
    "intensity_at_10_percent_volume": Feature("GBPN", "intensity", "ivh_i10"),
    "intensity_at_90_percent_volume": Feature("GBPN", "intensity", "ivh_i90"),
    "volume_difference_10_90": Feature("DDTU", "1", "ivh_diff_v10_v90"),
    "intensity_difference_10_90": Feature("CNV2", "intensity", "ivh_diff_i10_i90"),
}
COOCCURRENCE = {
    "joint_maximum": Feature("GYBY", "1", "cm_joint_max"),
    "joint_average": Feature("60VM", "1", "cm_joint_avg"),
    "joint_variance": Feature("UR99", "1", "cm_joint_var"),
    "joint_entropy": Feature("TU9B", "bit", "cm_joint_entr"),
    "difference_average": Feature("TF7R", "1", "cm_diff_avg"),
    "difference_variance": Feature("D3YU", "1", "cm_diff_var"),
    "difference_entropy": Feature("NTRS", "bit", "cm_diff_entr"),
    "sum_average": Feature("ZGXS", "1", "cm_sum_avg"),
    "sum_variance": Feature("OEEB", "1", "cm_sum_var"),
    "sum_entropy": Feature("P6QZ", "bit", "cm_sum_entr"),
    "angular_second_moment": Feature("8ZQL", "1", "cm_energy"),
    "contrast": Feature("ACUI", "1", "cm_contrast"),
    "dissimilarity": Feature("8S9J", "1", "cm_dissimilarity"),
    "inverse_difference": Feature("IB1Z", "1", "cm_inv_diff"),
    "normalised_inverse_difference": Feature("NDRX", "1", "cm_inv_diff_norm"),
    "inverse_difference_moment": Feature("WF0Z", "1", "cm_inv_diff_mom"),
    "normalised_inverse_difference_moment": Feature("1QCO", "1", "cm_inv_diff_mom_norm"),
    "inverse_variance": Feature("E8JP", "1", "cm_inv_var"),
    "correlation": Feature("NI2N", "1", "cm_corr"),
    "autocorrelation": Feature("QWB0", "1", "cm_auto_corr"),
    "cluster_tendency": Feature("DG8W", "1", "cm_clust_tend"),
    "cluster_shade": Feature("7NFM", "1", "cm_clust_shade"),
    "cluster_prominence": Feature("AE86", "1", "cm_clust_prom"),
    "information_correlation_1": Feature("R8DG", "1", "cm_info_corr1"),
    "information_correlation_2": Feature("JN9H", "1", "cm_info_corr2"),
}
RUN_LENGTH = {
    "short_run_emphasis": Feature("22OV", "1", "rlm_sre"),
    "long_run_emphasis": Feature("W4KF", "1", "rlm_lre"),
    "low_level_emphasis": Feature("V3SW", "1", "rlm_lgre"),
    "high_level_emphasis": Feature("G3QZ", "1", "rlm_hgre"),
    "short_run_low_level_emphasis": Feature("HTZT", "1", "rlm_srlge"),
    "short_run_high_level_emphasis": Feature("GD3A", "1", "rlm_srhge"),
    "long_run_low_level_emphasis": Feature("IVPO", "1", "rlm_lrlge"),
    "long_run_high_level_emphasis": Feature("3KUM", "1", "rlm_lrhge"),
    "level_non_uniformity": Feature("R5YN", "1", "rlm_glnu"),
    "normalised_level_non_uniformity": Feature("OVBL", "1", "rlm_glnu_norm"),
    "run_length_non_uniformity": Feature("W92Y", "1", "rlm_rlnu"),
    "normalised_run_length_non_uniformity": Feature("IC23", "1", "rlm_rlnu_norm"),
    "run_percentage": Feature("9ZK5", "1", "rlm_r_perc"),
    "level_variance": Feature("8CE5", "1", "rlm_gl_var"),
    "run_length_variance": Feature("SXLW", "1", "rlm_rl_var"),
    "run_entropy": Feature("HJ9O", "bit", "rlm_rl_entr"),
}
SIZE_ZONE = {
    "small_zone_emphasis": Feature("5QRC", "1", "szm_sze"),
    "large_zone_emphasis": Feature("48P8", "1", "szm_lze"),
    "low_level_emphasis": Feature("XMSY", "1", "szm_lgze"),
    "high_level_emphasis": Feature("5GN9", "1", "szm_hgze"),
    "small_zone_low_level_emphasis": Feature("5RAI", "1", "szm_szlge"),
    "small_zone_high_level_emphasis": Feature("HW1V", "1", "szm_szhge"),
    "large_zone_low_level_emphasis": Feature("YH51", "1", "szm_lzlge"),
    "large_zone_high_level_emphasis": Feature("J17V", "1", "szm_lzhge"),
    "level_non_uniformity": Feature("JNSA", "1", "szm_glnu"),
    "normalised_level_non_uniformity": Feature("Y1RO", "1", "szm_glnu_norm"),
    "zone_size_non_uniformity": Feature("4JP3", "1", "szm_zsnu"),
    "normalised_zone_size_non_uniformity": Feature("VB3A", "1", "szm_zsnu_norm"),
    "zone_percentage": Feature("P30P", "1", "szm_z_perc"),
    "level_variance": Feature("BYLV", "1", "szm_gl_var"),
    "zone_size_variance": Feature("3NSA", "1", "szm_zs_var"),
    "zone_size_entropy": Feature("GU8N", "bit", "szm_zs_entr"),
}
DISTANCE_ZONE = {
    "small_distance_emphasis": Feature("0GBI", "1", "dzm_sde"),
    "large_distance_emphasis": Feature("MB4I", "1", "dzm_lde"),
    "low_level_emphasis": Feature("S1RA", "1", "dzm_lgze"),
    "high_level_emphasis": Feature("K26C", "1", "dzm_hgze"),
    "small_distance_low_level_emphasis": Feature("RUVG", "1", "dzm_sdlge"),
    "small_distance_high_level_emphasis": Feature("DKNJ", "1", "dzm_sdhge"),
    "large_distance_low_level_emphasis": Feature("A7WM", "1", "dzm_ldlge"),
    "large_distance_high_level_emphasis": Feature("KLTH", "1", "dzm_ldhge"),
    "level_non_uniformity": Feature("VFT7", "1", "dzm_glnu"),
    "normalised_level_non_uniformity": Feature("7HP3", "1", "dzm_glnu_norm"),
    "zone_distance_non_uniformity": Feature("V294", "1", "dzm_zdnu"),
    "normalised_zone_distance_non_uniformity": Feature("IATH", "1", "dzm_zdnu_norm"),
    "zone_percentage": Feature("VIWW", "1", "dzm_z_perc"),
    "level_variance": Feature("QK93", "1", "dzm_gl_var"),
    "zone_distance_variance": Feature("7WT1", "1", "dzm_zd_var"),
    "zone_distance_entropy": Feature("GBDU", "bit", "dzm_zd_entr"),
}
TONE_DIFFERENCE = {
    "coarseness": Feature("QCDE", "1", "ngt_coarseness"),
    "contrast": Feature("65HE", "1", "ngt_contrast"),
    "busyness": Feature("NQ30", "1", "ngt_busyness"),
    "complexity": Feature("HDEZ", "1", "ngt_complexity"),
    "strength": Feature("1X9X", "1", "ngt_strength"),
}
DEPENDENCE = {
    "low_dependence_emphasis": Feature("SODN", "1", "ngl_lde"),
    "high_dependence_emphasis": Feature("IMOQ", "1", "ngl_hde"),
    "low_level_emphasis": Feature("TL9H", "1", "ngl_lgce"),
    "high_level_emphasis": Feature("OAE7", "1", "ngl_hgce"),
    "low_dependence_low_level_emphasis": Feature("EQ3F", "1", "ngl_ldlge"),
    "low_dependence_high_level_emphasis": Feature("JA6D", "1", "ngl_ldhge"),
    "high_dependence_low_level_emphasis": Feature("NBZI", "1", "ngl_hdlge"),
    "high_dependence_high_level_emphasis": Feature("9QMG", "1", "ngl_hdhge"),
    "level_non_uniformity": Feature("FP8K", "1", "ngl_glnu"),
    "normalised_level_non_uniformity": Feature("5SPA", "1", "ngl_glnu_norm"),
    "dependence_count_non_uniformity": Feature("Z87G", "1", "ngl_dcnu"),
    "normalised_dependence_count_non_uniformity": Feature("OKJI", "1", "ngl_dcnu_norm"),
    "dependence_count_percentage": Feature("6XV8", "1", "ngl_dc_perc"),
    "level_variance": Feature("1PFV", "1", "ngl_gl_var"),
    "dependence_count_variance": Feature("DNX2", "1", "ngl_dc_var"),
    "dependence_count_entropy": Feature("FCBV", "bit", "ngl_dc_entr"),
    "dependence_count_energy": Feature("CAS9", "1", "ngl_dc_energy"),
}

# In the order in which they are told.
FAMILIES = {
    "local": Family("Local intensity", "9ST6", LOCAL_INTENSITY),
    "first_order": Family("Intensity-based statistics", "UHIW", FIRST_ORDER),
    "histogram": Family("Intensity histogram", "ZVCW", HISTOGRAM),
    "volume_histogram": Family("Intensity-volume histogram", "P88C", VOLUME_HISTOGRAM),
    "cooccurrence": Family("Grey level co-occurrence", "LFYI", COOCCURRENCE),
    "run_length": Family("Grey level run length", "TP0I", RUN_LENGTH),
    "size_zone": Family("Grey level size zone", "9SAK", SIZE_ZONE),
    "distance_zone": Family("Grey level distance zone", "VMDZ", DISTANCE_ZONE),
    "tone_difference": Family("Neighbourhood grey tone difference", "IPET", TONE_DIFFERENCE),
    "dependence": Family("Neighbouring grey level dependence", "REK0", DEPENDENCE),
}
