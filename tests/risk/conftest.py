"""Populations as they will be once their bases are calibrated."""

from collections.abc import Callable, Iterator

import pytest

from riskapp.risk import evidence_sets, published


@pytest.fixture
def with_bases(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Lend the bases of the United Kingdom to populations for one test."""
    read = published.read

    def lend(*codes: str) -> None:
        def lent(name: str) -> dict[str, object]:
            stored = read(name)
            if not name.startswith("evidence/") or "baselines" not in stored:
                return stored
            bases = stored["baselines"]
            return stored | {"baselines": {**dict.fromkeys(codes, bases["gb"]), **bases}}

        monkeypatch.setattr(published, "read", lent)
        evidence_sets.evidence_set.cache_clear()

    yield lend
    evidence_sets.evidence_set.cache_clear()
