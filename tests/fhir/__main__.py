"""`make check-fhir`: fetch R4's own definitions once, and hold everything that leaves against them.

Not a part of the tests where they are not there: it needs Node.js and two packages that are fetched
when they are first asked for.
"""

import subprocess
import sys
from collections import Counter

from tests.exchange.test_fhir_sound import every_resource, people_made_up
from tests.fhir.validating import by_definitions, fetch_definitions

if __name__ == "__main__":
    fetch_definitions()
    resources = [*every_resource(), *people_made_up(100)]
    problems = by_definitions(resources)
    counts = Counter(one["resourceType"] for one in resources)
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    print(*problems, f"{len(problems)} problems by R4's own definitions in {told}.", sep="\n")  # noqa: T201
    doors = ["tests/api/test_fhir_doors.py", "tests/api/test_fhir_assess.py"]
    named = [sys.executable, "-m", "pytest", "-q", "-k", "declared or everything_comes", *doors]
    sys.exit(bool(problems) or subprocess.run(named).returncode)
