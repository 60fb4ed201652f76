"""A command whose reader has left goes on with its work."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = "population,age_years,sex,body_mass_index\n" + "gb,70,female,25\n" * 3


def test_a_table_is_written_although_nobody_reads_the_words(tmp_path: Path) -> None:
    source, output = tmp_path / "people.csv", tmp_path / "scored.csv"
    source.write_text(TABLE + "gb,70,female,25\n", encoding="utf-8")
    reads, writes = os.pipe()
    os.close(reads)
    try:
        ran = subprocess.run(
            [sys.executable, "-u", "manage.py", "score", str(source), str(output), "--no-interval"],
            cwd=ROOT, stdout=writes, stderr=subprocess.PIPE, check=False, text=True,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        )  # fmt: skip
    finally:
        os.close(writes)
    assert ran.returncode == 0, ran.stderr
    assert len(output.read_text(encoding="utf-8").splitlines()) == 5
