"""Trabecula: fracture risk from a bone scan and a clinical record."""

__version__ = "0.1.0"
