"""The conformance statement names what is accepted, what is answered and what is limited."""

from pathlib import Path

import pytest

from imaging.intake.storage_classes import STORAGE_CLASSES, TRANSFER_SYNTAXES
from imaging.limits import LIMITS
from riskapp.exchange.receiving import RECEIVING, Outcome

PAGE = (Path(__file__).parents[2] / "docs" / "dicom-receiving.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("uid", [*STORAGE_CLASSES, *TRANSFER_SYNTAXES])
def test_every_class_and_syntax_stands_there(uid: str) -> None:
    assert f"| {uid} |" in PAGE


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_code_stands_there(outcome: Outcome) -> None:
    assert f"| {outcome.status:04X}" in PAGE


@pytest.mark.parametrize(
    "words",
    [
        f"{LIMITS.file_bytes // 2**20} MiB; {LIMITS.upload_bytes // 2**20:,} MiB",
        f"{LIMITS.files:,} files; {RECEIVING.request_bytes // 2**30} GiB",
        f"{RECEIVING.instances:,}; {RECEIVING.waiting_bytes // 2**30} GiB",
        f"{RECEIVING.associations}; {RECEIVING.connections}",
        f"{RECEIVING.pdu_bytes // 2**10} KiB; {RECEIVING.most_pdu_bytes // 2**20} MiB",
        f"{RECEIVING.association_s} s; {RECEIVING.idle_s} s; {RECEIVING.object_s // 60} min",
        f"{LIMITS.head_bytes // 2**20} MiB; {LIMITS.head_elements:,}",
        f"{RECEIVING.part_headers_bytes // 2**10} KiB; {RECEIVING.boundary_letters}",
        f"for {RECEIVING.quiet_s} seconds, or {RECEIVING.settle_s} seconds",
    ],
)
def test_every_limit_stands_there(words: str) -> None:
    assert words in PAGE
