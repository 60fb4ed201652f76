"""An engine of the product that fails its self-test, for one test."""

from collections.abc import Iterator

import pytest

from riskapp.modelstore import self_test
from riskapp.risk.estimate import Engine

FAILS = "golden estimate 1 (gb, female, 72, hip) should be 0.0502000 and is 0.0499000"
SAID = f"The engine evidence is not served: {FAILS}."


@pytest.fixture
def failing_evidence(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The evidence set frax-2008 is damaged; meta-2025 and all learned engines are whole."""
    whole = self_test.difference

    def difference(engine: Engine, kept: dict[str, object]) -> str:
        is_damaged = engine.model_id.startswith("evidence-frax-2008")
        return FAILS if is_damaged else whole(engine, kept)

    monkeypatch.setattr(self_test, "difference", difference)
    self_test.forget()
    yield
    monkeypatch.undo()
    self_test.forget()
