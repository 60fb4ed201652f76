"""One real answer of each door of FHIR, shortened, for the description.

Written by ``tests/api/test_fhir_described.py``, which fails where they are no longer what is
answered.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("examples.json")


@cache
def examples() -> dict[str, Any]:
    """``read`` and ``search`` by kind; else operationId -> ``request`` and ``answer``."""
    read: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return read
