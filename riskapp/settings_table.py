"""Every setting that a site makes in its environment, in one table.

docs/settings.md is written from it; ``riskapp.site_settings`` reads them.
"""

from dataclasses import dataclass

# What Django makes has 50 letters; fewer than these can be tried out (OWASP ASVS 5, 11.5.1, asks
# for 128 bits: 22 letters of base64 at random, and more where a person chose them).
SHORTEST_SECRET, FEWEST_DIFFERENT = 40, 10
SHORTEST_TOKEN = 20


@dataclass(frozen=True, slots=True)
class Setting:
    """One name of the environment.

    Attributes
    ----------
    usual : str
        What holds where it is not set, in words.
    refused : str
        What stops the start, blank where nothing can.
    of_tests : bool
        For whoever works on the product; it changes nothing of what a site runs.
    """

    name: str
    means: str
    usual: str = ""
    refused: str = ""
    of_tests: bool = False


SETTINGS = (
    Setting(
        "TRABECULA_DATA_DIR",
        "Folder of everything that a site must keep: database, scans, keys.",
        "`var/` beside `manage.py`",
        "it cannot be made or written",
    ),
    Setting(
        "TRABECULA_SECRET_KEY",
        "The key that signs sessions, links and webhooks.",
        "made once, in `secret-key` of the data folder",
        f"it is shorter than {SHORTEST_SECRET} letters, has fewer than {FEWEST_DIFFERENT} "
        "different ones, or is an example; or its file may be read by other users",
    ),
    Setting(
        "TRABECULA_HOSTS",
        "Names under which the site is reached, with commas between them.",
        "`127.0.0.1,localhost,[::1]`",
        "it is `*` (or holds one) with TRABECULA_HTTPS=1, or holds a scheme or a path",
    ),
    Setting(
        "TRABECULA_HTTPS",
        "`1` where a proxy in front ends TLS and sends X-Forwarded-Proto: secure cookies, HSTS, "
        "redirects to https.",
        "`0`: one machine, no proxy",
        "it is neither `1` nor `0`, or it is `1` and TRABECULA_HOSTS is not set",
    ),
    Setting(
        "TRABECULA_PROXIES",
        "Addresses or networks of the proxies in front, whose X-Forwarded-For is believed, "
        "with commas between them.",
        "this machine with TRABECULA_HTTPS=1, else none",
        "one of them is no address and no network",
    ),
    Setting(
        "TRABECULA_IDLE_MINUTES",
        "After how many minutes in which nothing is done somebody has to sign in again.",
        "15",
        "it is no whole number from 1 to 60",
    ),
    Setting(
        "TRABECULA_SECOND_FACTOR",
        "`required`: whoever signs in by password needs a second factor; `required:` and roles "
        "with commas between them, as `required:administrator,statistician`: only they.",
        "`optional`",
        "it is neither, or names a role that there is not",
    ),
    Setting(
        "TRABECULA_PASSKEY_ORIGINS",
        "Where passkeys work, with commas between them, as `https://trabecula.example.org`; they "
        "are bound to the first one's host, and lost where that changes.",
        "`https://` and the first of TRABECULA_HOSTS with TRABECULA_HTTPS=1, else "
        "`http://localhost:8000`, with `serve --port` at that port",
        "one of them has a path, is no https (or http of localhost), or is not the first host or "
        "below it",
    ),
    Setting(
        "TRABECULA_FRAMED",
        "`1` where a record shows Trabecula within a frame (`framed_by` in connections.toml).",
        "`0`",
        "it is neither `1` nor `0`, or it is `1` without TRABECULA_HTTPS=1",
    ),
    Setting(
        "TRABECULA_CONNECTIONS",
        "File of the site's peers ([connections.md](connections.md)).",
        "`connections.toml` in the data folder",
    ),
    Setting(
        "TRABECULA_WEBHOOK_HOSTS",
        "Hosts of the site's own network that webhooks may call, with commas between them.",
        "none",
    ),
    Setting(
        "TRABECULA_DRAFT_LANGUAGES",
        "Languages of the patient's page that are offered although no speaker has reviewed them.",
        "none",
    ),
    Setting(
        "TRABECULA_TIME_ZONE",
        "Where the site stands, as `Europe/London`: by it a day begins and ends, and what is dated "
        "later lies in the future. The trail stays in UTC.",
        "`UTC`",
        "it is no name of the IANA time zone database",
    ),
    Setting(
        "TRABECULA_METRICS_TOKEN",
        "Whoever sends it in `Authorization: Bearer` may read `/metrics` from elsewhere than this "
        "machine.",
        "only this machine may",
        f"it has fewer than {SHORTEST_TOKEN} letters",
    ),
    Setting(
        "TRABECULA_DATABASE",
        "`postgresql://user@host/name` for PostgreSQL.",
        "SQLite in the data folder",
        "it is no such address, or the database cannot be reached",
    ),
    Setting(
        "TRABECULA_KEYS",
        "The keys that encrypt what is stored, themselves.",
        "read from TRABECULA_KEY_FILE",
        "they cannot be read",
    ),
    Setting(
        "TRABECULA_KEY_FILE",
        "File of the keys that encrypt what is stored.",
        "`keys.json` in the data folder, made at the first start",
        "it cannot be read, or may be read by other users",
    ),
    Setting(
        "TRABECULA_BACKUP_PASSPHRASE",
        "What seals a backup, for `manage.py backup` and `restore` alone ([backup.md](backup.md)).",
        "asked at the terminal",
        "it has fewer than 12 letters",
    ),
    Setting(
        "TRABECULA_BIND",
        "Where gunicorn listens when it is started by itself; `manage.py serve` has --host and "
        "--port.",
        "`127.0.0.1:8000`",
    ),
    Setting("TRABECULA_WEB_WORKERS", "Processes that answer, with four threads each.", "`2`"),
    Setting(
        "TRABECULA_RATES",
        "Rates instead of the usual ones, as `scores=1000/60,exports=off`: requests in seconds, by "
        "the names in [limits.md](limits.md).",
        "those in [limits.md](limits.md)",
        "a name is none of them, or a rate is no whole numbers",
    ),
    Setting(
        "TRABECULA_TRAIL_WITNESS",
        "File that the end of the trail is appended to besides, on another disk or machine.",
        "only `trail-heads` in the data folder",
    ),
    Setting(
        "TRABECULA_ERASURE_REGISTER",
        "File that every certificate of erasure is appended to besides, on another disk or machine "
        "than the data, so that a restored backup brings nobody back ([erasure.md](erasure.md)).",
        "only `erasures.jsonl` in the data folder",
    ),
    Setting(
        "TRABECULA_RETENTION",
        "How long things are kept, as `patients=10y,sessions=30d`, by the names in "
        "[retention.md](retention.md).",
        "the periods in [retention.md](retention.md), and no patient’s record goes by itself",
        "a name is none of them, or a period is beyond its bounds",
    ),
    Setting(
        "TRABECULA_LOG",
        "`json` for one JSON object a line, `text` for lines to read.",
        "`text`",
        "it is neither",
    ),
    Setting(
        "TRABECULA_TRACES",
        "Address of an OpenTelemetry collector that takes spans by OTLP over HTTP "
        "([operation.md](operation.md#traces)).",
        "nothing is traced",
        "it is no address of http or https, or the extra `tracing` is not installed",
    ),
    Setting("TRABECULA_DESCRIBE", "`1` writes documents that tests hold fresh.", of_tests=True),
    Setting("TRABECULA_PICTURES", "`1` photographs every page for docs/pages.", of_tests=True),
    Setting("TRABECULA_API_EXAMPLES", "Made-up requests for each address.", of_tests=True),
    Setting("TRABECULA_API_PATHS", "Only addresses that match it are tried.", of_tests=True),
    Setting("TRABECULA_TEST_DATABASE", "The database that tests use.", of_tests=True),
    Setting("TRABECULA_POSTGRES", "Folder of PostgreSQL's programs, for tests.", of_tests=True),
)


def setting_names() -> frozenset[str]:
    return frozenset(one.name for one in SETTINGS)


HEAD = """# Settings of a site

Written by `TRABECULA_DESCRIBE=1 pytest tests/operation/test_site_settings.py` from the table in
`riskapp/settings_table.py`. All are read from the environment. One that cannot be meant stops the
start with a sentence and exit status 1; so does a name beginning with `TRABECULA_` that nothing
reads, and the sentence names the one that was perhaps meant.

"""


def document() -> str:
    """docs/settings.md."""
    lines = [HEAD, "| setting | means | where it is not set | stops the start if |\n"]
    lines.append("| --- | --- | --- | --- |\n")
    of_site = [one for one in SETTINGS if not one.of_tests]
    lines += [f"| `{s.name}` | {s.means} | {s.usual} | {s.refused} |\n" for s in of_site]
    lines.append("\nFor whoever works on the product:\n\n| setting | means |\n| --- | --- |\n")
    lines += [f"| `{s.name}` | {s.means} |\n" for s in SETTINGS if s.of_tests]
    return "".join(lines)
