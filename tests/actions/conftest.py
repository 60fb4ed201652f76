"""Fixtures of the tests that use the database."""

from tests.people import (
    colleague,
    confirmed_scan,
    measured_scan,
    owner,
    patient,
    scan_folder,
    stranger,
)

__all__ = [
    "colleague",
    "confirmed_scan",
    "measured_scan",
    "owner",
    "patient",
    "scan_folder",
    "stranger",
]
