"""Pages of a site with people in it, beside an empty page that only asks who is signed in.

The site is made for it in a process of its own (``served_pages``).
"""

import json
import os
import subprocess
import sys
import tempfile

from benchmarks.timing import Comparison


def compare() -> list[Comparison]:
    with tempfile.TemporaryDirectory() as folder:
        site = {
            "DJANGO_SETTINGS_MODULE": "riskapp.settings",
            "TRABECULA_DATA_DIR": folder,
            "TRABECULA_HOSTS": "testserver",
        }
        command = [sys.executable, "-m", "benchmarks.served_pages"]
        told = subprocess.run(  # noqa: S603
            command, env=os.environ | site, stdout=subprocess.PIPE, check=True, text=True
        )
    return [Comparison(**one) for one in json.loads(told.stdout)]


if __name__ == "__main__":
    for one in compare():
        sys.stdout.write(f"{1000 * one.ours:6.1f} ms  {one.what}\n")
