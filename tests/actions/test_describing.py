"""What answers is described as it is: what it was calibrated to, and under which hash."""

import subprocess

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.describing import EVIDENCE_CARD, models
from riskapp.risk import published


def test_the_evidence_engine_says_what_it_was_calibrated_to() -> None:
    stored = published.read("evidence/frax-2008")
    assert stored["calibrated_to"][0]["cases"] == 116 + 4 + 2
    shape = [row for row in stored["agreement"] if row["table"] == "later release"]
    assert sum(row["cells"] for row in shape) == 6
    for said in ("116 published results", "6 transcribed", "comparable with FRAX", "no validation"):
        assert said in EVIDENCE_CARD.replace("\n", " ")


def test_the_hash_of_the_evidence_is_that_of_its_data_files() -> None:
    evidence = models()[0]
    listed = subprocess.run(
        ["sh", "-c", "LC_ALL=C; export LC_ALL; sha256sum */*.json | sha256sum"],
        cwd=published.HERE,
        capture_output=True,
        check=True,
        text=True,
    )
    assert listed.stdout.split()[0] == evidence.sha256


@pytest.mark.django_db
def test_the_page_about_the_models_says_the_same(client: Client) -> None:
    client.force_login(User.objects.create_user("reader"))
    page = client.get("/models/").content.decode()
    assert "calibrated to 116 published results of FRAX UK 2008" in page
    assert models()[0].sha256[:16] in page
