"""Fixtures of the tests that use the database."""

from tests.people import colleague, measured_scan, owner, patient, scan_folder, stranger

__all__ = ["colleague", "measured_scan", "owner", "patient", "scan_folder", "stranger"]
