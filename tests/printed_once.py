"""Reports whose sheets are laid out once, which takes most of the time of printing them."""

from collections.abc import Iterator
from typing import Any

import pytest

from riskapp.exchange import printing


@pytest.fixture(scope="module")
def sheets_laid_out_once() -> Iterator[None]:
    """Lay out a sheet once for all reports of a module that hold it; each file is written anew."""
    fitted, shared = printing._fitted, printing._shared()
    kept: dict[tuple[str, str], Any] = {}

    def once(part: printing.Part, _: dict[str, Any]) -> Any:
        sheet = part.html(0), part.css
        if sheet not in kept:
            kept[sheet] = fitted(part, shared)
        return kept[sheet]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "_fitted", once)
        yield
