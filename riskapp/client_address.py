"""Where a request comes from: a proxy is believed only where the site names it."""

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# What one household or one machine is usually given; whoever has one has all of its addresses.
OF_ONE_CALLER = {4: 32, 6: 64}
# As much as a person recognises in a list, and no more.
SHOWN = {4: 24, 6: 48}


def address_of(request: HttpRequest) -> str:
    """The caller's address; blank where there is none.

    ``X-Forwarded-For`` is read from its end, and only as far as each hop is a proxy that
    TRABECULA_PROXIES names: what stands before that may be made up.
    """
    address = _plain(request.META.get("REMOTE_ADDR", ""))
    for hop in reversed(request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        told = _plain(hop)
        if not told or not _is_trusted(address):
            break
        address = told
    return address


def caller_of(request: HttpRequest) -> str:
    """What is counted as one caller: an IPv4 address, or 64 bits of an IPv6 one."""
    return _network(address_of(request), OF_ONE_CALLER)


def shortened(address: str) -> str:
    """An address as it is shown and kept: its network, not the machine."""
    return _network(address, SHOWN)


def _network(address: str, bits: dict[int, int]) -> str:
    if not address:
        return ""
    length = bits[ip_address(address).version]
    return str(ip_network(f"{address}/{length}", strict=False)).removesuffix("/32")


def _plain(text: str) -> str:
    """The address as it is compared; blank where it is none, as behind a socket file."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address).partition("%")[0]


def _is_trusted(address: str) -> bool:
    if not address:  # a socket file, which only a proxy on this machine can open
        return bool(settings.PROXIES)
    parsed = ip_address(address)
    return any(parsed in network for network in settings.PROXIES)
