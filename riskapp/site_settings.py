"""How each setting of a site's environment is read.

One that cannot be meant stops the start with one sentence; nothing here imports Django or a model,
so that it can be read before they are.
"""

import difflib
import ipaddress
import re
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from riskapp import tracing
from riskapp.exchange.connection_identity_provider import ROLES
from riskapp.settings_table import (
    FEWEST_DIFFERENT,
    SHORTEST_SECRET,
    SHORTEST_TOKEN,
    setting_names,
)

PREFIX = "TRABECULA_"


class BadSetting(Exception):
    """What the site must mend before anything starts, as one sentence."""


def checked(environ: Mapping[str, str]) -> None:
    """Refuse names that nothing reads, and switches that are neither on nor off.

    Raises
    ------
    BadSetting
    """
    for name in environ:
        if name.startswith(PREFIX) and name not in setting_names():
            near = difflib.get_close_matches(name, setting_names(), n=1)
            meant = f"; {near[0]} was perhaps meant" if near else ""
            raise BadSetting(f"There is no setting {name}{meant}. docs/settings.md lists them all.")


def switch(environ: Mapping[str, str], name: str) -> bool:
    """Whether a switch is on.

    Raises
    ------
    BadSetting
    """
    value = environ.get(name, "0")
    if value not in ("0", "1"):
        raise BadSetting(f"{name} is 1 or 0, not {value!r}.")
    return value == "1"


def choice(environ: Mapping[str, str], name: str, offered: tuple[str, ...]) -> str:
    """One of a few words; the first is the usual one.

    Raises
    ------
    BadSetting
    """
    value = environ.get(name, offered[0])
    if value not in offered:
        raise BadSetting(f"{name} is {' or '.join(offered)}, not {value!r}.")
    return value


def whole(environ: Mapping[str, str], name: str, usual: int, *, least: int, most: int) -> int:
    """A whole number, both ends included.

    Raises
    ------
    BadSetting
    """
    given = environ.get(name, str(usual))
    if not re.fullmatch(r"[0-9]{1,9}", given) or not least <= int(given) <= most:
        raise BadSetting(f"{name} is a whole number from {least} to {most}.")
    return int(given)


def time_zone(environ: Mapping[str, str]) -> str:
    """The zone in which the site's days begin and end, by its name in the IANA database.

    Raises
    ------
    BadSetting
    """
    value = environ.get("TRABECULA_TIME_ZONE", "UTC")
    try:
        ZoneInfo(value)
    except (OSError, KeyError, ValueError) as unknown:
        raise BadSetting(
            "TRABECULA_TIME_ZONE is a name such as Europe/London or Pacific/Auckland, "
            f"not {value!r}."
        ) from unknown
    return value


def second_factor_of(environ: Mapping[str, str]) -> frozenset[str]:
    """Roles whose people need a second factor; none where it is optional.

    Raises
    ------
    BadSetting
    """
    word, _, listed = environ.get("TRABECULA_SECOND_FACTOR", "optional").partition(":")
    named = frozenset(_listed(listed))
    if word == "optional" and not listed:
        return frozenset()
    if word != "required" or not named <= set(ROLES):
        raise BadSetting(
            "TRABECULA_SECOND_FACTOR is optional, required, or required: with roles behind it: "
            f"{', '.join(ROLES)}."
        )
    return named or frozenset(ROLES)


def hosts(environ: Mapping[str, str], *, https: bool) -> list[str]:
    """Names under which the site is reached.

    Raises
    ------
    BadSetting
    """
    given = environ.get("TRABECULA_HOSTS")
    if given is None and https:
        raise BadSetting(
            "TRABECULA_HTTPS=1 needs TRABECULA_HOSTS, the names under which the site is reached."
        )
    named = _listed("127.0.0.1,localhost,[::1]" if given is None else given)
    if not named:
        raise BadSetting("TRABECULA_HOSTS is empty; name at least one host.")
    for host in named:
        if https and "*" in host:
            raise BadSetting(
                f"TRABECULA_HOSTS holds {host!r}: with TRABECULA_HTTPS=1 every host is named, as "
                "links that leave the site are made from it."
            )
        if "/" in host or re.search(r"\s", host):
            raise BadSetting(f"TRABECULA_HOSTS holds {host!r}; a host has no scheme and no path.")
    return named


def passkey_origins(
    environ: Mapping[str, str], named: Sequence[str], *, https: bool
) -> tuple[str, ...]:
    """Origins at which passkeys work; the first one's host is what they are bound to (RP ID).

    None where the site is reached by an address only, which passkeys cannot be bound to.

    Raises
    ------
    BadSetting
    """
    usual = [f"https://{named[0].lstrip('.')}"] if https else ["http://localhost:8000"]
    given = environ.get("TRABECULA_PASSKEY_ORIGINS")
    origins = usual if given is None else _listed(given)
    parts = [urlsplit(one) for one in origins]
    for origin, part in zip(origins, parts, strict=True):
        is_local = part.scheme == "http" and part.hostname == "localhost"
        if origin != f"{part.scheme}://{part.netloc}" or not (is_local or part.scheme == "https"):
            raise BadSetting(
                f"TRABECULA_PASSKEY_ORIGINS holds {origin!r}; it looks like "
                "https://trabecula.example.org, without a path."
            )
    bound_to = (parts[0].hostname or "") if parts else ""
    if given is None and _is_address(bound_to):
        return ()
    for part in parts:
        host = part.hostname or ""
        if _is_address(host) or not (host == bound_to or host.endswith(f".{bound_to}")):
            raise BadSetting(
                f"TRABECULA_PASSKEY_ORIGINS holds {host!r}; all of them are names, the first one's "
                "or below it."
            )
    return tuple(origins)


def proxies(
    environ: Mapping[str, str], *, https: bool
) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Networks of the proxies in front.

    Raises
    ------
    BadSetting
    """
    named = _listed(environ.get("TRABECULA_PROXIES", "127.0.0.0/8,::1" if https else ""))
    try:
        return tuple(ipaddress.ip_network(one) for one in named)
    except ValueError:
        raise BadSetting(
            "TRABECULA_PROXIES holds addresses or networks such as 10.0.0.0/8, with commas between."
        ) from None


def weak_secret(key: str) -> str:
    """What is wrong with a signing key, blank if nothing is."""
    if key.startswith("django-insecure-") or "change" in key.lower():
        return "is an example"
    if len(key) < SHORTEST_SECRET:
        return f"has fewer than {SHORTEST_SECRET} letters"
    if len(set(key)) < FEWEST_DIFFERENT:
        return f"has fewer than {FEWEST_DIFFERENT} different letters"
    return ""


def secret_of_environment(environ: Mapping[str, str]) -> str:
    """The signing key if the environment holds one.

    Raises
    ------
    BadSetting
    """
    key = environ.get("TRABECULA_SECRET_KEY", "")
    if key and (wrong := weak_secret(key)):
        raise BadSetting(
            f"TRABECULA_SECRET_KEY {wrong}; leave it out, and one is made in the data folder."
        )
    return key


def token(environ: Mapping[str, str], name: str) -> str:
    """A secret that another program sends, blank where there is none.

    Raises
    ------
    BadSetting
    """
    value = environ.get(name, "")
    if value and len(value) < SHORTEST_TOKEN:
        raise BadSetting(f"{name} has fewer than {SHORTEST_TOKEN} letters; take a longer one.")
    return value


def traces(environ: Mapping[str, str]) -> str:
    """Where spans are sent, blank where nothing is traced.

    Raises
    ------
    BadSetting
    """
    value = environ.get("TRABECULA_TRACES", "")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        is_address = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address or parts.username is not None or parts.query or parts.fragment:
        raise BadSetting(
            "TRABECULA_TRACES is the address of a collector, such as "
            "http://127.0.0.1:4318/v1/traces."
        )
    if not tracing.is_installed():
        raise BadSetting("TRABECULA_TRACES needs the extra: pip install 'trabecula[tracing]'.")
    return value


def private_file(path: Path) -> Path:
    """A file of secrets that only its owner may read.

    Raises
    ------
    BadSetting
    """
    try:
        mode = path.stat().st_mode
        path.open("rb").close()
    except OSError:
        raise BadSetting(f"The file {path} cannot be read; give this user the right to.") from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadSetting(f"The file {path} may be read by other users; run: chmod 600 {path}")
    return path


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return not host
    return True


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
