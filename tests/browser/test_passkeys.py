"""A passkey from its setting up to its removal, in Chromium with a device of its own making."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, CDPSession, expect

from tests.browser.conftest import PASSWORD, Walker
from tests.browser.serving import Site

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
MAKE = f"""
from riskapp.actions.registering import register_clinician
register_clinician(username="pat", password={PASSWORD!r}, organisation="Browser clinic")
"""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def authenticator(context: BrowserContext, walker: Walker) -> Iterator[tuple[CDPSession, str]]:
    """Chromium's virtual authenticator (W3C Web Authentication Level 2, section 11)."""
    chromium = context.new_cdp_session(walker.page)
    chromium.send("WebAuthn.enable")
    made = chromium.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    yield chromium, made["authenticatorId"]
    chromium.detach()


def test_a_passkey_is_set_up_signs_in_alone_and_after_the_password_and_is_removed(
    site: Site, walker: Walker, authenticator: tuple[CDPSession, str]
) -> None:
    site.do(MAKE)
    page, at = walker.page, site.address.replace("127.0.0.1", "localhost")
    walker.sign_in("pat", at)
    page.goto(f"{at}/account/passkeys/new/")
    expect(page.get_by_text("This browser cannot set up passkeys")).to_be_hidden()
    walker.look("passkey-new")
    page.get_by_label("A name for it").fill("My laptop")
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{at}/account/")
    expect(page.get_by_label("Name of passkey 1")).to_have_value("My laptop")
    walker.look("account-with-passkey")
    walker.sign_out()
    # Alone: the device knows who it is, and made sure of it.
    walker.look("sign-in-with-passkey")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(f"{at}/")
    page.goto(f"{at}/account/")
    expect(page.get_by_role("cell", name="Passkey", exact=True).first).to_be_visible()
    walker.sign_out()
    # After the password.
    page.get_by_label("User name").fill("pat")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/sign-in/second/")
    walker.look("second-with-passkey")
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url(f"{at}/")
    # A device that holds one already says so, and whoever stops it is told.
    page.goto(f"{at}/account/passkeys/new/")
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_text("This device holds a passkey of yours already.")).to_be_visible()
    page.goto(f"{at}/account/")
    page.get_by_role("button", name="Remove the passkey My laptop").click()
    expect(page.get_by_text("That passkey lets nobody in any more.")).to_be_visible()


def test_a_device_that_does_not_make_sure_who_holds_it_signs_nobody_in_alone(
    site: Site, walker: Walker, authenticator: tuple[CDPSession, str]
) -> None:
    chromium, id = authenticator
    at = site.address.replace("127.0.0.1", "localhost")
    walker.page.goto(f"{at}/sign-in/")
    chromium.send("WebAuthn.setUserVerified", {"authenticatorId": id, "isUserVerified": False})
    walker.page.get_by_role("button", name="Use a passkey instead").click()
    expect(walker.page.get_by_text("Nothing was done")).to_be_visible()


def test_without_script_there_is_no_button_that_does_nothing(
    site: Site, context: BrowserContext
) -> None:
    browser = context.browser
    assert browser is not None
    plain = browser.new_context(java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"{site.address.replace('127.0.0.1', 'localhost')}/sign-in/")
    expect(page.get_by_role("button")).to_have_count(1)
    plain.close()
