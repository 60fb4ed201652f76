"""What answers is described as it is: what it was calibrated to, and under which hash."""

import subprocess

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.describing import models
from riskapp.risk import published


def test_the_evidence_engine_says_what_it_was_calibrated_to() -> None:
    stored = published.read("evidence/frax-2008")
    card = models()[0].card.replace("\n", " ")
    for one in stored["calibrated_to"]:
        assert f"{one['cases']:,} results: {one['source']}" in card
    assert f"bases of {len(stored['baselines'])} populations" in card
    for said in ("comparable with FRAX", "no validation"):
        assert said in card


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
    assert "calibrated to published and collected results of FRAX" in page
    assert models()[0].sha256[:16] in page
