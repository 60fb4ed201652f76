"""How numbers are written down: text that a reviewer can read and compare."""

import json
from typing import Any

# Significant digits kept: more than any prediction can show, and the same on every machine.
DIGITS = 12


def as_json(value: Any) -> str:
    """Write JSON with one key to a line and lists of numbers on one."""
    return _written(_rounded(value), 0) + "\n"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value


def _written(value: Any, depth: int) -> str:
    if not isinstance(value, dict) or not value:
        return json.dumps(value)
    indent = " " * (depth + 1)
    lines = [f"{indent}{json.dumps(str(k))}: {_written(v, depth + 1)}" for k, v in value.items()]
    return "{\n" + ",\n".join(lines) + "\n" + " " * depth + "}"
