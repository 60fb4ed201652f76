"""Fixtures of the tests that use the database."""

from tests.people import (
    colleague,
    confirmed_scan,
    measured_scan,
    model,
    model_folder,
    owner,
    patient,
    scan_folder,
    second_statistician,
    statistician,
    strange_statistician,
    stranger,
)

__all__ = [
    "colleague",
    "confirmed_scan",
    "measured_scan",
    "model",
    "model_folder",
    "owner",
    "patient",
    "scan_folder",
    "second_statistician",
    "statistician",
    "strange_statistician",
    "stranger",
]
