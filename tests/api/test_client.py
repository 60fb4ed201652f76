"""The client in docs is fresh, typed, and does what its page shows against a real server."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from riskapp.actions import queueing
from riskapp.actions.measuring import measure_next
from riskapp.actions.registering import issue_token
from riskapp.exchange.standard_webhooks import headers, shown
from riskapp.models import Patient
from tests.api.test_versions import BASELINE, WRITE
from tests.drawn import spine_file

HERE = settings.BASE_DIR / "docs/client"
CLIENT = HERE / "trabecula_client.py"


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def shown_example() -> str:
    page = (HERE / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    return str(code)


def test_the_client_is_fresh() -> None:
    described = json.loads(BASELINE.read_text(encoding="utf-8"))
    written = loaded(HERE / "generate.py").client(described)
    run = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(CLIENT), "-"]
    fresh = subprocess.run(run, input=written, capture_output=True, text=True, check=True).stdout
    if WRITE:
        CLIENT.write_text(fresh, encoding="utf-8")
    assert CLIENT.read_text(encoding="utf-8") == fresh, "Run: make describe-api"


def test_the_client_and_its_example_are_typed(tmp_path: Path) -> None:
    example = tmp_path / "example.py"
    example.write_text(shown_example(), encoding="utf-8")
    run = [sys.executable, "-m", "mypy", "--strict", "--config-file=", str(CLIENT), str(example)]
    done = subprocess.run(run, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.django_db(transaction=True)
def test_the_example_does_what_its_page_says(
    live_server: Any,
    owner: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    client = loaded(CLIENT)
    monkeypatch.chdir(tmp_path)
    told: dict[str, Any] = {}
    exec(compile(shown_example(), "README.md", "exec"), told)
    # The worker measures while the client waits.
    monkeypatch.setattr(told["time"], "sleep", lambda _: measure_next(queueing.this_process()))
    scan = tmp_path / "spine.dcm"
    scan.write_bytes(spine_file(7))
    told["example"](live_server.url, issue_token(by=owner, label="client"), scan)
    said = capsys.readouterr().out
    assert "412 This was changed since you read it" in said
    assert re.match(r"\d+\.\d %", said)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert Patient.objects.get().name == "Anna M Example"
    with pytest.raises(client.Problem) as refused:
        client.Client(live_server.url, "wrong").list_models()
    assert (refused.value.status, refused.value.type) == (401, "/api/problems/not-signed-in/")


@pytest.mark.django_db(transaction=True)
def test_what_is_held_is_not_sent_again_and_parts_of_addresses_are_quoted(
    live_server: Any, patient: Patient, owner: User
) -> None:
    client = loaded(CLIENT)
    ours = client.Client(live_server.url, issue_token(by=owner, label="client"))
    assert ours.read_patient(str(patient.id))["name"] == patient.name
    assert ours.read_patient(str(patient.id), if_none_match=ours.headers["ETag"]) is None
    with pytest.raises(client.Problem) as refused:
        ours.read_patient("../models")
    assert refused.value.status == 404


NOW, SECRET = 1_700_000_000, b"s" * 32
BODY = b'{"type":"webhook.test","data":{}}'


@pytest.mark.parametrize(
    ("at", "body", "secrets", "is_ours"),
    [
        (NOW, BODY, [shown(SECRET)], True),
        (NOW, BODY, [shown(b"o" * 32), shown(SECRET)], True),
        (NOW + 300, BODY, [shown(SECRET)], True),
        (NOW + 301, BODY, [shown(SECRET)], False),
        (NOW - 301, BODY, [shown(SECRET)], False),
        (NOW, BODY + b" ", [shown(SECRET)], False),
        (NOW, BODY, [shown(b"o" * 32)], False),
        (NOW, BODY, [], False),
    ],
)
def test_a_message_is_believed_where_the_site_signed_it_now(
    at: int, body: bytes, secrets: list[str], is_ours: bool
) -> None:
    client = loaded(CLIENT)
    sent = {name.title(): value for name, value in headers([SECRET], "1", NOW, BODY).items()}
    if is_ours:
        assert client.verify_webhook(secrets, sent, body, now=at)["type"] == "webhook.test"
    else:
        with pytest.raises(ValueError, match="message"):
            client.verify_webhook(secrets, sent, body, now=at)
