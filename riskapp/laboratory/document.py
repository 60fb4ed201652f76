"""The document of an evaluation as text: JSON that any program reads."""

import json
import math
from collections.abc import Mapping
from typing import Any

# More digits than any figure here deserves, and the same on every machine.
DIGITS = 10


def as_json(document: Mapping[str, Any]) -> str:
    """JSON; what is no finite number is null."""
    return json.dumps(plain(document), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Numbers rounded, what is not finite as None, tuples as lists."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value
