"""`make check-fhir`: fetch R4's own definitions once, and hold everything that leaves against them.

Not a part of the tests where they are not there: it needs Node.js and two packages that are fetched
when they are first asked for.
"""

import sys

import pytest

from tests.fhir.validating import fetch_definitions

if __name__ == "__main__":
    fetch_definitions()
    sys.exit(pytest.main(["-q", "-k", "definitions_of_r4", "tests/exchange", "tests/api"]))
