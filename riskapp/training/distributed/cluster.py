"""Workers to compute on: those at an address, or some on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from riskapp.cohorts.follow_up import UnusableCohort

LOCAL = "local"
LOCAL_WORKERS = 2
ONLY_HERE = "127.0.0.1:0"
NOT_INSTALLED = (
    "Working on several machines needs the package dask, which is not installed here: "
    "pip install 'trabecula[scale]'."
)


@contextmanager
def connected(
    address: str, *, workers: int = LOCAL_WORKERS, memory: str = "2GiB", wait_seconds: float = 20.0
) -> Iterator[Any]:
    """Connect to workers.

    Parameters
    ----------
    address : str
        Of a Dask scheduler, such as tcp://10.0.0.1:8786; "local" starts workers on this machine,
        which nobody else can reach.
    workers : int
        How many to start here.
    memory : str
        Limit of each that is started here; beyond six tenths of it, parts move to disk.
    wait_seconds : float
        How long to look for a scheduler at an address.

    Yields
    ------
    distributed.Client

    Raises
    ------
    UnusableCohort
        If Dask is not installed or nobody answers at the address.
    """
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise UnusableCohort(NOT_INSTALLED) from error
    if address == LOCAL:
        with (
            LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                memory_limit=memory,
                host="127.0.0.1",
                # Its pages too: left out, they would be shown to everybody, at a fixed port.
                dashboard_address=ONLY_HERE,
                worker_dashboard_address=ONLY_HERE,
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=wait_seconds)
    except OSError as error:
        raise UnusableCohort(f"No Dask scheduler answers at {address}.") from error
    with client:
        yield client
