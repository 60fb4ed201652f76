"""Fixtures of the tests that use the database."""

from tests.people import (
    colleague,
    measured_scan,
    model_folder,
    owner,
    patient,
    scan_folder,
    stranger,
)

__all__ = [
    "colleague",
    "measured_scan",
    "model_folder",
    "owner",
    "patient",
    "scan_folder",
    "stranger",
]
