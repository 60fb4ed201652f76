"""The channel: Flower's server and clients carry questions and answers, and nothing else.

Flower is not part of the base installation and is imported when somebody serves or joins. What
travels is ours (``messages``), so another channel is another file like this one.
"""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.risk.errors import RiskError
from riskapp.training.federated.messages import (
    Answer,
    Question,
    UnreadableMessage,
    answer_from,
    question_from,
)
from riskapp.training.federated.plan import Plan
from riskapp.training.federated.site import Site
from riskapp.training.federated.together import Ask, SiteLost

NOT_INSTALLED = (
    "Training together needs the package flwr, which is not installed here; "
    "docs/federated.md says how."
)
CLOSED = "the connection to a site was closed"


@dataclass(frozen=True)
class Certificates:
    """Files in PEM form; a federation beyond one machine needs them.

    Attributes
    ----------
    root, own, key : Path
        Of the authority, of the server, and the server's private key.
    """

    root: Path
    own: Path
    key: Path

    def read(self) -> tuple[bytes, bytes, bytes]:
        """Contents, in the order that the channel wants."""
        return self.root.read_bytes(), self.own.read_bytes(), self.key.read_bytes()


def serve(
    plan: Plan,
    address: str,
    work: Callable[[Ask], None],
    *,
    certificates: Certificates | None = None,
    joining_seconds: float = 3600.0,
    patience_seconds: float = 120.0,
) -> None:
    """Wait for all sites of a plan, do the work, and let them go.

    Parameters
    ----------
    address : str
        Host and port to listen at.
    work : callable
        Is given the means to ask.
    joining_seconds, patience_seconds : float
        How long to wait for all sites to join at first, and later for one to come back or answer.

    Raises
    ------
    UnusableCohort
        If Flower is not installed, others could listen, or the work cannot be done with all sites.
    """
    if certificates is None and _beyond(address):
        raise UnusableCohort("A server that other machines reach needs --certificates.")
    flower = _flower("flwr.server")
    manager = flower.SimpleClientManager()
    failed: list[RiskError] = []
    begun: list[int] = []

    def ask(question: Question) -> list[Answer]:
        number = len(plan.sites)
        if not manager.wait_for(number, patience_seconds if begun else joining_seconds):
            raise SiteLost(f"Only {manager.num_available()} of {number} sites are there.")
        begun.append(question.number)
        # A copy: sites come and go on other threads.
        there = list(manager.all().copy().values())
        message = question.to_bytes()
        pool = ThreadPoolExecutor(number)
        try:
            waiting = [pool.submit(_ask_one, client, message) for client in there]
            return [each.result(patience_seconds) for each in waiting]
        except TookTooLong as error:
            raise SiteLost("A site took too long.") from error
        finally:
            # A site that hangs must not hold the others.
            pool.shutdown(wait=False, cancel_futures=True)

    def fit(num_rounds: int, timeout: float | None) -> tuple[Any, float]:
        try:
            work(ask)
        except RiskError as error:
            failed.append(error)
        return flower.History(), 0.0

    server = flower.Server(client_manager=manager)
    server.fit = fit
    flower.start_server(
        server_address=address,
        server=server,
        config=flower.ServerConfig(num_rounds=1),
        certificates=None if certificates is None else certificates.read(),
    )
    if failed:
        raise failed[0]


def join(site: Site, address: str, *, root: Path | None = None, tries: int = 20) -> None:
    """Connect to the server and answer until it lets go.

    Parameters
    ----------
    root : Path, optional
        Certificate of the authority that the server is known by; without, nothing is encrypted,
        and the server has to be on this machine.

    Raises
    ------
    UnusableCohort
        If Flower is not installed, the server is not there, or is elsewhere and not encrypted.
    """
    if root is None and _beyond(address):
        raise UnusableCohort("A server on another machine is joined with --root, a certificate.")
    flower, types = _flower("flwr.client"), _flower("flwr.common")
    one_at_a_time = threading.Lock()

    def fit(client: Any, instructions: Any) -> Any:
        with one_at_a_time:
            told = _answered(site, instructions.parameters.tensors)
        return types.FitRes(
            status=types.Status(code=types.Code.OK, message=""),
            parameters=types.Parameters(tensors=[told], tensor_type="trabecula"),
            num_examples=1,
            metrics={},
        )

    # The channel looks for the method in the class.
    client = type("SiteClient", (flower.Client,), {"fit": fit})()
    try:
        flower.start_client(
            server_address=address,
            client=client,
            root_certificates=None if root is None else root.read_bytes(),
            insecure=root is None,
            max_retries=tries,
        )
    except _flower("grpc").RpcError as error:
        raise UnusableCohort(f"No server answers at {address}.") from error


def _beyond(address: str) -> bool:
    """Whether an address is of more than this machine."""
    host = address.rpartition(":")[0].strip("[]")
    return host not in ("127.0.0.1", "::1", "localhost")


def _answered(site: Site, tensors: list[bytes]) -> bytes:
    try:
        return site.answer(question_from(b"".join(tensors))).to_bytes()
    except UnreadableMessage as error:
        return site.refusal(0, str(error)).to_bytes()


def _ask_one(client: Any, message: bytes) -> Answer:
    types = _flower("flwr.common")
    bridge = _flower("flwr.server.superlink.fleet.grpc_bidi.grpc_bridge")
    instructions = types.FitIns(types.Parameters([message], "trabecula"), {})
    try:
        found = client.fit(instructions, timeout=None, group_id=None)
        return answer_from(b"".join(found.parameters.tensors))
    except bridge.GrpcBridgeClosed as error:
        raise SiteLost(f"In the middle of a round {CLOSED}.") from error
    except UnreadableMessage as error:
        raise UnusableCohort(str(error)) from error


def _flower(module: str) -> Any:
    # The package would report its use to its makers; a hospital's machines do not.
    os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
    from importlib import import_module

    # Before it is imported, and after, as it sets its own level then.
    _quiet()
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise UnusableCohort(NOT_INSTALLED) from error
    finally:
        _quiet()


def _quiet() -> None:
    """Flower tells of every message, twice; what a person needs to know the command says."""
    for name in ("flwr", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
