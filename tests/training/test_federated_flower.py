"""The federation over Flower's own channel: a process for each site, on this machine."""

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("flwr", reason="Flower is installed for federations only")

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.training.federated import flower
from riskapp.training.federated.together import Federation
from riskapp.training.sums.learner import Learner
from tests.training.federations import NAMES, federation, plan
from tests.training.test_federated import PRECISION

SITE = """
import sys
from riskapp.training.federated.flower import join
from tests.training.federations import plan, sites_of
from pathlib import Path
name, address, engine, dies_after, root = sys.argv[1:]
site = next(each for each in sites_of(plan(engine)) if each.name == name)
if int(dies_after):
    true, asked = site.answer, []
    def answer(question):
        asked.append(question)
        if len(asked) > int(dies_after):
            raise SystemExit(1)
        return true(question)
    site.answer = answer
join(site, address, root=Path(root) if root else None)
"""


@pytest.fixture
def address():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def start(address):
    running = []

    def one(name, engine="cox", dies_after=0, root=""):
        command = [sys.executable, "-c", SITE, name, address, engine, str(dies_after), str(root)]
        running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        return running[-1]

    yield one
    for each in running:
        each.kill()
        each.wait()


def test_the_channel_brings_what_one_process_would_give(address, start):
    for name in NAMES:
        start(name)
    found = []

    def work(ask):
        together = Learner(plan().learning, Federation(plan(), ask).total, 3)
        found.append(together.cox("hip", together.describe(), PRECISION))

    flower.serve(plan(), address, work, joining_seconds=60)
    here = federation(plan())
    expected = here.cox("hip", here.describe(), PRECISION)
    assert found[0].coefficients.tolist() == expected.coefficients.tolist()


def test_certificates_keep_others_out(address, start, tmp_path):
    script = Path(__file__).parents[2] / "deploy" / "federation-certificates.sh"
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    for folder in (here, elsewhere):
        folder.mkdir()
        subprocess.run(["sh", script, "127.0.0.1"], cwd=folder, check=True)
    told = flower.Certificates(*(here / name for name in ("root.pem", "own.pem", "key.pem")))
    for name in NAMES[:2]:
        start(name, root=here / "root.pem")
    # One who trusts another root never gets in, and two of three are not enough.
    start(NAMES[2], root=elsewhere / "root.pem")

    def work(ask):
        Learner(plan().learning, Federation(plan(), ask).total, 3).describe()

    with pytest.raises(UnusableCohort, match="Only 2 of 3 sites"):
        flower.serve(plan(), address, work, certificates=told, joining_seconds=15)


def test_without_certificates_nobody_else_is_served(start):
    with pytest.raises(UnusableCohort, match="needs --certificates"):
        flower.serve(plan(), "0.0.0.0:1", lambda ask: None)


def test_a_site_that_drops_out_stops_the_training(address, start):
    for name in NAMES:
        start(name, dies_after=2 if name == "north" else 0)

    def work(ask):
        together = Learner(plan().learning, Federation(plan(), ask).total, 3)
        together.cox("hip", together.describe(), PRECISION)

    with pytest.raises(UnusableCohort, match="people would be others"):
        flower.serve(plan(), address, work, joining_seconds=60, patience_seconds=0.5)


def test_a_site_that_comes_back_is_asked_again(address, start):
    for name in NAMES:
        start(name, "xgboost", dies_after=5 if name == "north" else 0)
    agreed = plan("xgboost")
    found = []

    def work(ask):
        def asked(question):
            if question.number == 7:
                start("north", "xgboost")
                time.sleep(0.1)
            return ask(question)

        together = Learner(agreed.learning, Federation(agreed, asked).total, 3)
        found.append(together.trees("hip", together.describe(), (0, 0, 0)))

    flower.serve(agreed, address, work, joining_seconds=60, patience_seconds=30)
    here = federation(agreed)
    expected = here.trees("hip", here.describe(), (0, 0, 0))
    assert found[0].text == expected.text
