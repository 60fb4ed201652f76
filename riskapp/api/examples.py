"""One real request and its answers for each operation of the description.

Recorded by ``tests/api/test_examples.py``, which fails where they are no longer what is answered.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("examples.json")


@cache
def examples() -> dict[str, dict[str, Any]]:
    """operationId -> ``request`` (where it has a body) and ``responses`` by status."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
