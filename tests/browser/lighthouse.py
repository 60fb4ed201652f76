"""What Lighthouse says of the main pages, as a table in docs/pages.md: `make lighthouse`.

Not a part of the tests: it needs Node.js and a package that is fetched when it is first asked for.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.browser.serving import PASSWORD, REAL_SETTINGS, ROOT, USERNAME, filled_site

# The last one that runs on Node.js 20; 13 asks for 22.
PACKAGE = "lighthouse@12.8.2"
PLACE = ROOT / "var" / "lighthouse"
TABLE = ROOT / "docs" / "pages.md"
BEGIN, END = "<!-- lighthouse -->", "<!-- /lighthouse -->"
CATEGORIES = {"accessibility": 1.0, "best-practices": 1.0, "performance": 0.95}
CHROME = "--headless=new --no-sandbox --disable-background-networking"
# Who is not signed in sees these.
UNNAMED = frozenset({"sign_in", "shared"})


def main() -> None:
    program = _installed()
    with tempfile.TemporaryDirectory() as folder, filled_site(Path(folder), REAL_SETTINGS) as site:
        cookie = _signed_in(site.address)
        chosen = sys.argv[1:] or sorted(site.pages)
        rows = {}
        for name in chosen:
            known = "" if name in UNNAMED else cookie
            rows[name] = _judged(program, site.address + site.pages[name], known, Path(folder))
            print(name, *(f"{value:.0f}" for value in rows[name].values()), flush=True)  # noqa: T201
    if not sys.argv[1:]:
        _write(rows)
    low = [name for name, row in rows.items() if _is_low(row)]
    if low:
        sys.exit(f"Below what is asked: {', '.join(low)}")


def _is_low(row: Mapping[str, float]) -> bool:
    return any(row[one] < 100 * least for one, least in CATEGORIES.items())


def _installed() -> Path:
    program = PLACE / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        npm = shutil.which("npm") or sys.exit("Lighthouse needs Node.js and npm.")
        PLACE.mkdir(parents=True, exist_ok=True)
        quiet = ["--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--loglevel=error"]
        subprocess.run([npm, "install", *quiet, PACKAGE], cwd=PLACE, check=True)
    return program


def _signed_in(address: str) -> str:
    """The session's cookie, as the form of the sign-in page gives it."""
    jar = HTTPCookieProcessor()
    browser = build_opener(jar)
    page = browser.open(f"{address}/sign-in/").read().decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    sent = f"csrfmiddlewaretoken={token}&username={USERNAME}&password={PASSWORD}"
    browser.open(Request(f"{address}/sign-in/", sent.encode()))  # noqa: S310
    return "; ".join(f"{one.name}={one.value}" for one in jar.cookiejar)


def _judged(program: Path, address: str, cookie: str, folder: Path) -> dict[str, float]:
    told = folder / "told.json"
    headers = folder / "headers.json"
    headers.write_text(json.dumps({"Cookie": cookie} if cookie else {}), encoding="utf-8")
    subprocess.run(
        [program, address, "--quiet", "--output=json", f"--output-path={told}"]
        + [f"--only-categories={','.join(CATEGORIES)}", f"--extra-headers={headers}"]
        # Like most who sit at a desk; the phone's simulated slow processor is not a clinic's.
        + [
            "--preset=desktop",
            "--chrome-flags=--headless=new --no-sandbox --disable-background-networking",
        ],
        env=os.environ | {"CHROME_PATH": shutil.which("chromium") or ""},
        check=True,
    )
    whole = json.loads(told.read_text(encoding="utf-8"))
    row = {name: 100 * (whole["categories"][name]["score"] or 0) for name in CATEGORIES}
    paint = whole["audits"]["largest-contentful-paint"]["numericValue"]
    shift = whole["audits"]["cumulative-layout-shift"]["numericValue"]
    if _is_low(row):
        scored = {key: one["score"] for key, one in whole["audits"].items()}
        weak = {key: one for key, one in scored.items() if one is not None and one < 0.9}
        print(weak)  # noqa: T201
    return row | {"paint_ms": paint, "shift_thousandths": 1000 * shift}


def _write(rows: Mapping[str, Mapping[str, float]]) -> None:
    lines = [
        BEGIN,
        "| page | accessibility | best practices | performance | largest paint, s | layout shift |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in rows.items():
        scores = " | ".join(f"{row[one]:.0f}" for one in CATEGORIES)
        shift = row["shift_thousandths"] / 1000
        paint = f"{row['paint_ms'] / 1000:.1f}"
        lines.append(f"| {name.replace('_', ' ')} | {scores} | {paint} | {shift:.3f} |")
    text = TABLE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    TABLE.write_text(before + "\n".join([*lines, END]) + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
