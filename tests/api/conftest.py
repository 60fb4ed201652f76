"""Fixtures of the tests that use the database."""

from tests.people import colleague, owner, patient, scan_folder, stranger

__all__ = ["colleague", "owner", "patient", "scan_folder", "stranger"]
