"""The shipped nginx configuration, at the ports of a trial: with TLS and its own certificate."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path

from tests.kept import ROOT

NAME = "trabecula.example"


@contextmanager
def proxy(folder: Path, port: int, servers: Sequence[int]) -> Iterator[Path]:
    """Run nginx in front of web servers; gives the certificate that it shows."""
    certificate, key = folder / "tls.pem", folder / "tls.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-keyout", str(key)]
        + ["-addext", f"subjectAltName=DNS:{NAME},DNS:localhost", "-out", str(certificate)],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    running = subprocess.Popen(
        ["nginx", "-p", str(folder), "-c", str(_file(folder, port, servers))]
    )
    try:
        yield certificate
    finally:
        running.terminate()
        running.wait()


def _file(folder: Path, port: int, servers: Sequence[int]) -> Path:
    """The file that is shipped, within the least that nginx needs around it."""
    text, site = (
        (ROOT / "deploy" / name).read_text(encoding="utf-8")
        for name in ("nginx.conf", "nginx-site.conf")
    )
    changes = {
        "include /etc/nginx/trabecula/site.conf;": site,
        "127.0.0.1:8000": f"127.0.0.1:{servers[0]}",
        "127.0.0.1:8001": f"127.0.0.1:{servers[-1]}",
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80;": f"listen 127.0.0.1:{port + 1};",
        "/etc/nginx/tls/trabecula": str(folder / "tls"),
        "/var/log/nginx": str(folder),
    }
    for shipped, here in changes.items():
        assert shipped in text, shipped
        text = text.replace(shipped, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    path = folder / "nginx.conf"
    path.write_text(
        # As whoever tries it: its own workers may not write into a folder of root's.
        f"user {getuser()};\ndaemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/start.log;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\n{paths}{text}\n}}\n",
        encoding="utf-8",
    )
    return path
