"""What a site sets: each setting in the table, and each that cannot be meant a sentence."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from riskapp import settings_table, site_settings
from riskapp.rates import rates
from riskapp.site_settings import BadSetting
from tests.kept import ROOT

PAGE = ROOT / "docs" / "settings.md"
NAME = re.compile(r"\bTRABECULA_[A-Z_]*[A-Z]\b")
LOOKED_IN = ("riskapp", "imaging", "tests", "benchmarks", "deploy", "manage.py", "Makefile")
# What the tests of the table make up.
MADE_UP = {"TRABECULA_HTPS", "TRABECULA_DEBUG", "TRABECULA_X"}
LONG = "0123456789" * 4


def _files() -> Iterator[Path]:
    for name in LOOKED_IN:
        found = ROOT / name
        for path in found.rglob("*") if found.is_dir() else [found]:
            if path.suffix in {".py", ".sh", ".yaml", ".conf", ".service", ""} and path.is_file():
                yield path


def test_each_setting_that_is_used_is_in_the_table() -> None:
    table = ROOT / "riskapp" / "settings_table.py"
    used = {
        name
        for path in _files()
        if path != table
        for name in NAME.findall(path.read_text(encoding="utf-8", errors="ignore"))
    }
    assert used - MADE_UP <= settings_table.setting_names()


def test_the_page_of_settings_is_fresh() -> None:
    if os.environ.get("TRABECULA_DESCRIBE"):
        PAGE.write_text(settings_table.document(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == settings_table.document()


def _hosts(environ: dict[str, str]) -> object:
    return site_settings.hosts(environ, https=environ.get("TRABECULA_HTTPS") == "1")


def _log(environ: dict[str, str]) -> object:
    return site_settings.choice(environ, "TRABECULA_LOG", ("text", "json"))


def _https(environ: dict[str, str]) -> object:
    return site_settings.switch(environ, "TRABECULA_HTTPS")


def _proxies(environ: dict[str, str]) -> object:
    return site_settings.proxies(environ, https=False)


def _token(environ: dict[str, str]) -> object:
    return site_settings.token(environ, "TRABECULA_METRICS_TOKEN")


_traces = site_settings.traces
_zone = site_settings.time_zone
_factor = site_settings.second_factor_of


def _passkeys(environ: dict[str, str]) -> object:
    return site_settings.passkey_origins(environ, ["a.example"], https=True)


def _idle(environ: dict[str, str]) -> object:
    return site_settings.whole(environ, "TRABECULA_IDLE_MINUTES", 15, least=1, most=60)


# What reads it, what is taken, what is refused, and what the sentence says.
BOTH_SIDES: list[tuple[Callable[[dict[str, str]], object], str, str, str]] = [
    (site_settings.checked, "TRABECULA_HTTPS=1", "TRABECULA_HTPS=1", "TRABECULA_HTTPS was perhaps"),
    (site_settings.checked, "PATH=x", "TRABECULA_DEBUG=1", "no setting TRABECULA_DEBUG"),
    (_idle, "TRABECULA_IDLE_MINUTES=60", "TRABECULA_IDLE_MINUTES=61", "from 1 to 60"),
    (_idle, "TRABECULA_IDLE_MINUTES=1", "TRABECULA_IDLE_MINUTES=0", "from 1 to 60"),
    (
        _factor,
        "TRABECULA_SECOND_FACTOR=required:auditor",
        "TRABECULA_SECOND_FACTOR=yes",
        "optional",
    ),
    (
        _factor,
        "TRABECULA_SECOND_FACTOR=optional",
        "TRABECULA_SECOND_FACTOR=required:boss",
        "auditor",
    ),
    (
        _passkeys,
        "TRABECULA_PASSKEY_ORIGINS=https://a.example,https://b.a.example:8443",
        "TRABECULA_PASSKEY_ORIGINS=https://a.example,https://ba.example",
        "the first one's or below it",
    ),
    (
        _passkeys,
        "TRABECULA_PASSKEY_ORIGINS=http://localhost:8000",
        "TRABECULA_PASSKEY_ORIGINS=http://a.example",
        "looks like",
    ),
    (
        _passkeys,
        "TRABECULA_PASSKEY_ORIGINS=",
        "TRABECULA_PASSKEY_ORIGINS=https://a.example/",
        "without a path",
    ),
    (_passkeys, "PATH=x", "TRABECULA_PASSKEY_ORIGINS=https://192.0.2.7", "names"),
    (_https, "TRABECULA_HTTPS=0", "TRABECULA_HTTPS=yes", "is 1 or 0"),
    (_hosts, "TRABECULA_HOSTS=a.example", "TRABECULA_HOSTS=", "is empty"),
    (_hosts, "TRABECULA_HOSTS=*", "TRABECULA_HOSTS=* TRABECULA_HTTPS=1", "every host is named"),
    (_hosts, "TRABECULA_HOSTS=a.example", "TRABECULA_HOSTS=https://a.example", "no scheme"),
    (_hosts, "TRABECULA_HOSTS=a TRABECULA_HTTPS=1", "TRABECULA_HTTPS=1", "needs TRABECULA_HOSTS"),
    (_log, "TRABECULA_LOG=json", "TRABECULA_LOG=xml", "text or json"),
    (_proxies, "TRABECULA_PROXIES=10.0.0.0/8,::1", "TRABECULA_PROXIES=proxy", "networks"),
    (rates, "TRABECULA_RATES=scores=10/60,exports=off", "TRABECULA_RATES=scores=10", "looks like"),
    (rates, "TRABECULA_RATES=scores=1/1", "TRABECULA_RATES=scores=0/1", "looks like"),
    (rates, "TRABECULA_RATES=scores=off", "TRABECULA_RATES=socres=off", "the names are"),
    (_token, f"TRABECULA_METRICS_TOKEN={'x' * 20}", f"TRABECULA_METRICS_TOKEN={'x' * 19}", "fewer"),
    (_zone, "PATH=x", "TRABECULA_TIME_ZONE=", "such as Europe/London"),
    (_zone, "TRABECULA_TIME_ZONE=Pacific/Auckland", "TRABECULA_TIME_ZONE=Europe", "such as"),
    (_zone, "TRABECULA_TIME_ZONE=UTC", "TRABECULA_TIME_ZONE=../../etc/passwd", "such as"),
    (_traces, "PATH=x", "TRABECULA_TRACES=collector:4318", "address of a collector"),
    (_traces, "TRABECULA_TRACES=http://[::1]:4318/v1", "TRABECULA_TRACES=http://[", "collector"),
    (_traces, "TRABECULA_TRACES=https://c.example/", "TRABECULA_TRACES=https://a@c/", "collector"),
    (
        _traces,
        "TRABECULA_TRACES=https://c.example/",
        "TRABECULA_TRACES=https://c/?k=1",
        "collector",
    ),
    (
        site_settings.secret_of_environment,
        f"TRABECULA_SECRET_KEY={LONG}",
        f"TRABECULA_SECRET_KEY={LONG[:-1]}",
        "fewer than 40 letters",
    ),
    (
        site_settings.secret_of_environment,
        f"TRABECULA_SECRET_KEY={LONG}",
        f"TRABECULA_SECRET_KEY={'012345678' * 5}",
        "fewer than 10 different",
    ),
    (
        site_settings.secret_of_environment,
        "PATH=x",
        f"TRABECULA_SECRET_KEY=django-insecure-{LONG}",
        "is an example",
    ),
]


@pytest.mark.parametrize(("read", "taken", "refused", "sentence"), BOTH_SIDES)
def test_what_can_be_meant_is_taken_and_the_rest_is_a_sentence(
    read: Callable[[dict[str, str]], object], taken: str, refused: str, sentence: str
) -> None:
    read(_environ(taken))
    with pytest.raises(BadSetting, match=re.escape(sentence)) as told:
        read(_environ(refused))
    assert str(told.value).count("\n") == 0


def _environ(text: str) -> dict[str, str]:
    return {name: value for name, _, value in (one.partition("=") for one in text.split(" "))}


def test_a_file_of_secrets_is_read_only_where_nobody_else_can(tmp_path: Path) -> None:
    kept = tmp_path / "key"
    with pytest.raises(BadSetting, match="cannot be read"):
        site_settings.private_file(kept)
    kept.touch(mode=0o600)
    assert site_settings.private_file(kept) == kept
    kept.chmod(0o640)
    with pytest.raises(BadSetting, match="chmod 600"):
        site_settings.private_file(kept)


def _manage(tmp_path: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TRABECULA_")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=kept | {"TRABECULA_DATA_DIR": str(tmp_path)} | settings,
        capture_output=True,
        text=True,
    )


def test_a_setting_that_cannot_be_meant_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    told = _manage(tmp_path, "check", TRABECULA_HTTPS="1", TRABECULA_HOSTS="*")
    assert told.returncode == 1
    assert told.stderr.startswith("TRABECULA_HOSTS holds '*'")
    assert told.stderr.count("\n") == 1


def test_a_key_that_others_may_read_stops_the_start(tmp_path: Path) -> None:
    key = tmp_path / "secret-key"
    key.write_text(LONG, encoding="utf-8")
    key.chmod(0o644)
    told = _manage(tmp_path, "check")
    assert (told.returncode, told.stderr) == (
        1,
        f"The file {key} may be read by other users; run: chmod 600 {key}\n",
    )


def test_a_database_that_cannot_be_opened_stops_a_worker_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "trabecula.sqlite3").write_bytes(b"no database" * 100)
    told = _manage(tmp_path, "work", "--until-idle")
    assert told.returncode == 1
    assert told.stderr.startswith("The database ")
    assert told.stderr.count("\n") == 1


def test_a_site_behind_https_passes_the_checks_for_deployment(tmp_path: Path) -> None:
    arguments = ("check", "--deploy", "--fail-level", "WARNING")
    told = _manage(tmp_path, *arguments, TRABECULA_HTTPS="1", TRABECULA_HOSTS="a.example")
    assert told.returncode == 0, told.stderr
    assert _manage(tmp_path, *arguments).returncode == 1  # without TLS there is much to warn of


def test_passkeys_are_bound_to_the_first_name_and_to_no_address() -> None:
    of = site_settings.passkey_origins
    assert of({}, ["a.example", "b.example"], https=True) == ("https://a.example",)
    assert of({}, ["192.0.2.7"], https=True) == ()
    assert of({}, ["127.0.0.1", "localhost"], https=False) == ("http://localhost:8000",)
