"""Programs of others, where this machine has them."""

import shutil
from typing import Any

import pytest

# Of the system: pynetdicom brings programs of the same names.
PLACES = "/usr/local/bin:/usr/bin:/usr/sbin:/usr/local/sbin"


def of_system(program: str) -> str | None:
    return shutil.which(program, path=PLACES)


def needs(program: str) -> Any:
    return pytest.mark.skipif(
        of_system(program) is None, reason=f"{program} is not installed on this machine"
    )
