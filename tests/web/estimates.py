"""An estimate made by hand, in the shape that other programs get; its numbers fit together."""

from typing import Any


def contribution(field: str, value: object, points: float, hip_points: float) -> dict[str, Any]:
    return {
        "field": field,
        "value": value,
        "unit": "1",
        "log_hazard": {"hip": points / 5, "other_major_osteoporotic": points / 10},
        "probability": {"major_osteoporotic": points / 100, "hip": hip_points / 100},
        "wording": f"{field} goes with risk.",
        "source": "Somebody 2001",
    }


def estimate(**changes: Any) -> dict[str, Any]:
    """Baseline 13.8 + 4.9 + 3.3 - 0.4 = 21.6 percent of major, 3.0 + 1.5 + 1.6 - 0.2 of hip."""
    made: dict[str, Any] = {
        "engine": "evidence",
        "model_id": "evidence-by-hand",
        "evidence_set": "frax-2008",
        "population": "gb",
        "trained_on": "published",
        "outcomes": {
            "major_osteoporotic": {
                "probability_10y": 0.216,
                "interval_95": [0.174, 0.266],
                "interval_95_model": [0.189, 0.246],
                "interval_95_unknown": [0.185, 0.257],
                "curve": [[year, 0.0216 * year] for year in range(1, 11)],
            },
            "hip": {
                "probability_10y": 0.059,
                "interval_95": [0.040, 0.087],
                "interval_95_model": [0.045, 0.080],
                "interval_95_unknown": [0.050, 0.070],
                "curve": [[year, 0.0059 * year] for year in range(1, 11)],
            },
        },
        "explanation": {
            "baseline": {"major_osteoporotic": 0.138, "hip": 0.030},
            "baseline_log_hazard": {"hip": -5.0, "other_major_osteoporotic": -4.0},
            "baseline_means": "Women of 72 with nothing else known",
            "contributions": [
                contribution("current_smoker", False, -0.4, -0.2),
                contribution("prior_fragility_fracture", True, 4.9, 1.5),
                contribution("femoral_neck_t_score", -2.2, 3.3, 1.6),
            ],
        },
        "unknown": ["parent_hip_fracture"],
        "warnings": ["A warning."],
        "would_help_most": [{"field": "parent_hip_fracture", "expected_interval_width": 0.074}],
    }
    return made | changes
