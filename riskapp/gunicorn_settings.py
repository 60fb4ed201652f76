"""How the web server runs, in one file: ``gunicorn -c python:riskapp.gunicorn_settings``.

Read by gunicorn's first process, which loads the product once for all workers. So HUP is no
upgrade: docs/operation.md tells what is.
"""

import ctypes
import os
import shutil
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import Any

wsgi_app = "riskapp.wsgi:application"
bind = os.environ.get("TRABECULA_BIND", "127.0.0.1:8000")
# Two for a small machine; a request holds Python's lock while it computes, so more workers and
# not more threads serve more people.
workers = int(os.environ.get("TRABECULA_WEB_WORKERS", "2"))
threads = 4
worker_class = "riskapp.serving_worker.ServingWorker"
# A worker that does not tell its parent for so long that it lives is killed; one request, of 1,000
# profiles with explanations, may take nearly as long.
timeout = 120
# An old worker may finish what it answers; as long as a proxy waits.
graceful_timeout = 60
keepalive = 5
# Connections one worker holds; more wait in the backlog of the kernel, then are refused.
worker_connections = 200
backlog = 256
# An address has at most 200 letters of ours and a query; a header at most a token of 8 kB.
limit_request_line = 4_094
limit_request_fields = 60
limit_request_field_size = 8_190
# The proxy's word on the scheme is taken by Django, and only with TRABECULA_HTTPS=1.
secure_scheme_headers: dict[str, str] = {}
forwarded_allow_ips = ""
logger_class = "riskapp.gunicorn_log.DiscreetLogger"
loglevel = "warning"
# Heartbeat files of workers: in memory, also where the root is read-only.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
M_ARENA_MAX, HEAPS = -8, 2  # malloc.h


def _folder_of_sums() -> Path:
    data = Path(os.environ.get("TRABECULA_DATA_DIR", Path(__file__).parents[1] / "var"))
    return data / "metrics" / f"{socket.gethostname()}-{os.getpid()}"


# Where sums of all workers meet (riskapp.metrics); of each first process its own, so that two
# that run at once during an upgrade do not mix.
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder_of_sums())
_folder_of_sums().mkdir(mode=0o700, parents=True, exist_ok=True)


def on_starting(server: Any) -> None:
    """Begin with no sums, and forget those of processes that are gone."""
    own = _folder_of_sums()
    for folder in own.parent.glob(f"{socket.gethostname()}-*"):
        number = folder.name.rpartition("-")[2]
        if folder == own or not Path(f"/proc/{number}").exists():
            shutil.rmtree(folder, ignore_errors=True)
    own.mkdir(mode=0o700, parents=True, exist_ok=True)


def when_ready(server: Any) -> None:
    """Load the product once, and fork all workers from that, also those that come later.

    It is listened already: whoever comes early waits. Loading leaves no thread and no connection
    to a database behind (``riskapp.wsgi``), as neither may be forked.
    """
    try:
        server.app.wsgi()
    except Exception:
        server.log.exception("The product could not be loaded")
        raise SystemExit(1) from None


def post_fork(server: Any, worker: Any) -> None:
    """Let the threads of a process share heaps, so that none keeps a large answer for itself.

    glibc would give each thread one of its own, up to eight for each core (malloc(3), mallopt(3)).
    """
    with suppress(AttributeError, OSError):  # another C library has none to share
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, HEAPS)


def post_worker_init(worker: Any) -> None:
    """Test all that answers beside the first answers, none of which leaves before its own engine
    has passed in this process (``riskapp.modelstore.self_test``)."""
    if "riskapp.wsgi" in sys.modules:  # the product, and not another application
        testing = import_module("riskapp.actions.self_testing").at_start
        Thread(target=testing, name="self-test", daemon=True).start()


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    shutil.rmtree(_folder_of_sums(), ignore_errors=True)
