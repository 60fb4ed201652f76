"""Two workers write the file that one process writes, byte for byte."""

import os
import signal

import pytest
from django.core.management import call_command

pytest.importorskip("distributed", reason="Dask is installed with the extra scale")

from riskapp.management.commands import score as command
from riskapp.training.distributed.cluster import connected

HEADER = "id,population,age_years,sex,body_mass_index,femoral_neck_t_score\n"


def people(path, rows):
    with path.open("w") as sink:
        sink.write(HEADER)
        for i in range(rows):
            told = "not a number" if i % 97 == 5 else "" if i % 7 == 3 else f"{-1 - i % 3}"
            sink.write(
                f"{i},gb,{50 + i % 40},{'female' if i % 2 else 'male'},{20 + i % 10},{told}\n"
            )


def test_the_same_bytes_though_a_worker_is_lost(tmp_path, monkeypatch):
    source = tmp_path / "people.csv"
    people(source, 700)
    monkeypatch.setattr(command, "ROWS", 100)
    alone, together = tmp_path / "alone.csv", tmp_path / "together.csv"
    call_command("score", str(source), str(alone), "--no-interval")
    true, killed = command.answered_in_order, []

    def interrupted(client, *told):
        for number, answers in enumerate(true(client, *told)):
            if number == 1:
                killed.append(next(iter(client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)
            yield answers

    monkeypatch.setattr(command, "answered_in_order", interrupted)
    monkeypatch.setattr(command, "connected", lambda address: connected(address, memory="1GiB"))
    call_command("score", str(source), str(together), "--no-interval", "--dask", "local")
    assert killed
    assert together.read_bytes() == alone.read_bytes()
