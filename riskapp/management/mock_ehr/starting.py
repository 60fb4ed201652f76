"""The made-up hospital, put together and served on this machine."""

from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings

from riskapp.management.mock_ehr.hospital import Hospital
from riskapp.management.mock_ehr.permits import Client, Permits
from riskapp.management.mock_ehr.wire import MockEhr

PEOPLE = settings.BASE_DIR / "fixtures" / "fhir" / "mock-hospital"
HOST = "127.0.0.1"
NAME = "Mock hospital"
CONNECTIONS = f"""# Written once for the demo; change it or add to it: docs/connections.md.

# The made-up hospital, as any record is connected: docs/smart.md, docs/cds-hooks.md.
[[ehr]]
name = "{NAME}"
organisation = "{{organisation}}"
iss = "{{at}}/fhir"
client_id = "trabecula"
auth = "private_key_jwt"
framed_by = ["{{at}}"]
bulk_client_id = "trabecula-backend"    # python manage.py import_bulk "{NAME}"

[[cds_client]]
name = "{NAME}"
organisation = "{{organisation}}"
population = "gb"
issuer = "{{at}}/fhir"
jwks_url = "{{at}}/auth/jwks.json"
fhir_servers = ["{{at}}/fhir"]
smart_app = "{{trabecula}}/smart/launch"
"""


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """One thread for each request: while a chart waits for cards, their maker reads the record."""

    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: addresses hold codes."""


def mock_ehr(trabecula: str, *, signs: bool = True) -> MockEhr:
    """A hospital with its people, at which Trabecula and a sample app are registered.

    Parameters
    ----------
    trabecula : str
        Where Trabecula is, without a slash at the end.
    signs : bool
        Whether it has to sign its token requests, with the keys that it publishes.
    """
    keys = f"{trabecula}/oauth/jwks.json"
    clients = [
        Client(
            "trabecula",
            redirect_uri=f"{trabecula}/smart/callback/",
            jwks_uri=keys if signs else "",
        ),
        Client("sample-app"),
        Client("trabecula-backend", jwks_uri=keys, is_backend=True),
    ]
    return MockEhr(Hospital.from_folder(PEOPLE), Permits(clients), trabecula)


def connections_of(address: str, trabecula: str, organisation: str) -> str:
    """What Trabecula's list of connections says of a hospital at this address (TOML)."""
    return CONNECTIONS.format(at=address, trabecula=trabecula, organisation=organisation)


def server_of(ehr: MockEhr, port: int = 0) -> WSGIServer:
    """A server of this machine only; port 0 takes a free one.

    Raises
    ------
    OSError
        If the port is taken.
    """
    return make_server(HOST, port, ehr, ThreadingServer, QuietHandler)
