"""Where a request comes from, behind proxies that are believed and those that are not."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.test import RequestFactory

from riskapp.client_address import address_of, caller_of, shortened

PROXY, CALLER, MADE_UP = "10.0.0.2", "203.0.113.9", "198.51.100.1"


@pytest.mark.parametrize(
    ("remote", "forwarded", "told"),
    [
        (CALLER, "", CALLER),
        (CALLER, MADE_UP, CALLER),
        (PROXY, CALLER, CALLER),
        (PROXY, f"{MADE_UP}, {CALLER}", CALLER),
        (PROXY, f"{MADE_UP}, {CALLER}, 10.9.9.9", CALLER),
        (PROXY, "", PROXY),
        (PROXY, "unknown", PROXY),
        (PROXY, f"{CALLER}, <script>", PROXY),
        ("::ffff:10.0.0.2", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6"),
    ],
)
def test_a_hop_counts_where_a_trusted_proxy_names_it(
    settings: Any, remote: str, forwarded: str, told: str
) -> None:
    settings.PROXIES = (ip_network("10.0.0.0/8"),)
    asked = RequestFactory().get("/", REMOTE_ADDR=remote, HTTP_X_FORWARDED_FOR=forwarded)
    assert address_of(asked) == told


def test_a_socket_file_is_believed_where_the_site_says_so(settings: Any) -> None:
    asked = RequestFactory().get("/", REMOTE_ADDR="", HTTP_X_FORWARDED_FOR=CALLER)
    assert address_of(asked) == ""
    settings.PROXIES = (ip_network("10.0.0.0/8"),)
    assert address_of(asked) == CALLER


def test_addresses_are_counted_by_household_and_shown_by_network() -> None:
    asked = RequestFactory().get("/", REMOTE_ADDR="2001:db8:1:2:3:4:5:6")
    assert caller_of(asked) == "2001:db8:1:2::/64"
    assert shortened("2001:db8:1:2:3:4:5:6") == "2001:db8:1::/48"
    assert shortened(CALLER) == "203.0.113.0/24"
    assert shortened("") == ""
