"""Addresses that a site writes down for its peers."""

from urllib.parse import urlsplit

THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


def is_safe_address(address: str) -> bool:
    """Whether it is https, or http within this machine, and holds no user name or fragment."""
    try:
        parts = urlsplit(address)
        is_local = parts.hostname in THIS_MACHINE
        _ = parts.port
    except ValueError:
        return False
    plain = parts.username is None and parts.password is None and not parts.fragment
    return (
        plain
        and bool(parts.hostname)
        and (parts.scheme == "https" or (parts.scheme == "http" and is_local))
    )


def origin_of(address: str) -> str:
    """Scheme, host and port as they are written; blank of what is no plain address."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return "" if "@" in parts.netloc else f"{parts.scheme}://{parts.netloc}"
