"""Fixtures of the tests of running a site."""

from tests.people import colleague, owner, patient, scan_folder, stranger

__all__ = ["colleague", "owner", "patient", "scan_folder", "stranger"]
