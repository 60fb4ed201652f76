"""Loops over many numbers, compiled by numba where they are first used and kept on disk."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function, **options: Any) -> Function:
    """Compile a function with numba's options, and keep what was compiled for the next process.

    Where there is no place to keep it, as in a read-only installation without a home, it is
    compiled again in every process.
    """
    try:
        return cast(Function, numba.njit(cache=True, **options)(function))
    except RuntimeError:  # numba found no folder that it may write into
        return cast(Function, numba.njit(**options)(function))
