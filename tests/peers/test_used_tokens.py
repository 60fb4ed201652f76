"""A token of a record system counts once, whichever process of the web server it comes to."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.api.cds import people
from tests.api.cds.record_system import RecordSystem
from tests.peers.site import new_site

pytestmark = pytest.mark.enable_socket
PROCESSES, CALLS = 2, 8


def status(url: str, token: str, body: bytes) -> int:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urlopen(Request(url, body, headers), timeout=60) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def test_a_token_counts_once_for_two_processes(tmp_path: Path) -> None:
    """Processes share nothing but the database, as those before and after a restart do."""
    system = RecordSystem()
    site = new_site(tmp_path, system.entry())
    body = json.dumps(system.request("patient-view", prefetch={"patient": people.patient()}))
    with site.web(PROCESSES) as address, ThreadPoolExecutor(CALLS) as threads:
        url = f"{address}/cds-services/fracture-risk-patient-view"
        token = system.token(url)
        told = [threads.submit(status, url, token, body.encode()) for _ in range(CALLS)]
        assert sorted(one.result() for one in told) == [200, *[401] * (CALLS - 1)]
