"""A PostgreSQL of a soak's own, that can be killed and stopped; on a socket and on no network."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from tests.soak.site import below

UNPRIVILEGED = "nobody"
OPTIONS = "-c listen_addresses= -c max_connections=60"


def programs() -> Path | None:
    """The folder of ``initdb`` and the others; None where this machine has none."""
    if named := os.environ.get("TRABECULA_POSTGRES"):
        return Path(named)
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


class Postgres:
    """One server in a folder; everything that it acknowledges is on the disk (``fsync`` is on)."""

    def __init__(self, folder: Path) -> None:
        found = programs()
        if found is None:
            raise SystemExit("PostgreSQL is not here; name its programs with TRABECULA_POSTGRES.")
        self._programs, self._folder = found, folder
        self._user = UNPRIVILEGED if os.geteuid() == 0 else None
        folder.mkdir(parents=True)
        if self._user:
            shutil.chown(folder, self._user)
            for above in folder.parents:
                if not above.stat().st_mode & 0o001:
                    above.chmod(above.stat().st_mode | 0o011)
        data = str(folder / "data")
        self._run("initdb", "-D", data, "-U", "soak", "-A", "trust", "-E", "UTF8")
        self.start()
        self._run("createdb", "-h", str(folder), "-U", "soak", "soak")
        self.address = f"postgresql://soak@/soak?host={folder}"

    def start(self) -> None:
        options = f"-k {self._folder} {OPTIONS}"
        data, log = str(self._folder / "data"), str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")

    def stop(self, how: str = "immediate") -> None:
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", how, "-w", "stop")

    def kill(self) -> None:
        """Kill the server without a word, with all that it started; then start it again."""
        pid = self.pid
        gone = [pid, *(one.pid for one in below(pid))]
        for one in gone:
            try:
                os.kill(one, signal.SIGKILL)
            except ProcessLookupError:
                pass
        while any(Path(f"/proc/{one}/exe").exists() and _lives(one) for one in gone):
            time.sleep(0.05)
        # Who started it may not have been told yet that it ended, so that its number seems in use.
        for lock in ("data/postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._folder / lock).unlink(missing_ok=True)
        self.start()

    @property
    def pid(self) -> int:
        told = (self._folder / "data" / "postmaster.pid").read_text(encoding="utf-8")
        return int(told.splitlines()[0])

    def _run(self, program: str, *arguments: str) -> None:
        # Its output is not piped: a pipe would stay open as long as the server.
        subprocess.run(
            [self._programs / program, *arguments],
            user=self._user, cwd=self._folder, env={"LC_ALL": "C", "PATH": os.environ["PATH"]},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
