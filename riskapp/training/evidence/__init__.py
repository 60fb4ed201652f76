"""The published evidence: effects and bases brought together with published results."""
