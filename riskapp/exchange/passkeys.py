"""Passkeys as browsers speak of them: what is asked, and what of an answer is believed.

Source: W3C Web Authentication Level 2, sections 7.1 and 7.2, whose checks ``webauthn`` makes. It
takes 0.1 s to import, which a server's start need not wait for.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

NAME = "Trabecula"
CHALLENGE_BYTES, HANDLE_BYTES = 32, 32
# Without a statement of the maker, which is not asked for, an answer has some 2,000 letters.
LONGEST_ANSWER, LONGEST_ID = 16_384, 1_400
TIMEOUT_MS = 300_000


class NotBelieved(ValueError):
    """An answer that does not prove what was asked; its words say why, for the trail."""


class CounterWentBack(NotBelieved):
    """A device says that it signed less often than before: there may be two of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser is asked, as JSON, and what must be remembered until it answers.

    Attributes
    ----------
    challenge : str
        What the answer must sign.
    handle : str
        What a new passkey calls its account; blank where none is made.
    """

    options: str
    challenge: str
    handle: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey: its id and public key in base64 for addresses."""

    credential_id: str
    public_key: str
    sign_count: int


def new_handle() -> str:
    return _text_of(secrets.token_bytes(HANDLE_BYTES))


def ask_to_make(
    origins: tuple[str, ...], *, handle: str, name: str, shown_as: str, known: Iterable[str]
) -> Asked:
    """Ask for a new one, on a device that holds none of the ``known``."""
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    options = webauthn.generate_registration_options(
        rp_id=_bound_to(origins),
        rp_name=NAME,
        user_id=_bytes_of(handle),
        user_name=name,
        user_display_name=shown_as,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return Asked(webauthn.options_to_json(options), _text_of(challenge), handle)


def ask_for(origins: tuple[str, ...], *, known: Iterable[str], verified: bool) -> Asked:
    """Ask for one of the ``known``, or for any of this site where there are none.

    ``verified`` asks the device to make sure who holds it, by a PIN, a finger or a face.
    """
    import webauthn
    from webauthn.helpers.structs import UserVerificationRequirement

    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    wish = UserVerificationRequirement
    options = webauthn.generate_authentication_options(
        rp_id=_bound_to(origins),
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=_descriptors(known),
        user_verification=wish.REQUIRED if verified else wish.DISCOURAGED,
    )
    return Asked(webauthn.options_to_json(options), _text_of(challenge))


def made(origins: tuple[str, ...], answer: str, challenge: str) -> Made:
    """The passkey that was made.

    Raises
    ------
    NotBelieved
    """
    import webauthn

    told = _read(answer)
    try:
        found = webauthn.verify_registration_response(
            credential=told,
            expected_challenge=_bytes_of(challenge),
            expected_rp_id=_bound_to(origins),
            expected_origin=list(origins),
        )
    # A stranger's bytes in CBOR, ASN.1 and JSON: whatever a parser says of them, they are refused.
    except Exception as refusal:
        raise NotBelieved(type(refusal).__name__) from refusal
    return Made(
        _text_of(found.credential_id),
        _text_of(found.credential_public_key),
        found.sign_count,
    )


def credential_of(answer: str) -> tuple[str, str]:
    """Which passkey an answer says it is of, and whose (blank where it does not say).

    Raises
    ------
    NotBelieved
    """
    told = _read(answer)
    response = told.get("response")
    handle = response.get("userHandle") if isinstance(response, dict) else None
    id = told.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID or "\x00" in id:
        raise NotBelieved("no id")
    return id, handle.rstrip("=") if isinstance(handle, str) else ""


def signed(
    origins: tuple[str, ...],
    answer: str,
    challenge: str,
    *,
    public_key: str,
    sign_count: int,
    verified: bool,
) -> int:
    """How often the device signed by now, if this answer is signed by this passkey, just for us.

    Raises
    ------
    NotBelieved
        CounterWentBack where all is right but the count.
    """
    import webauthn

    told = _read(answer)
    try:
        found = webauthn.verify_authentication_response(
            credential=told,
            expected_challenge=_bytes_of(challenge),
            expected_rp_id=_bound_to(origins),
            expected_origin=list(origins),
            credential_public_key=_bytes_of(public_key),
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
    except Exception as refusal:  # as above
        raise NotBelieved(type(refusal).__name__) from refusal
    # Section 7.2, step 21; compared here, so that what is signed and what is counted differ.
    if (found.new_sign_count or sign_count) and found.new_sign_count <= sign_count:
        raise CounterWentBack("sign count")
    return found.new_sign_count


def _bound_to(origins: tuple[str, ...]) -> str:
    return urlsplit(origins[0]).hostname or ""


def _descriptors(known: Iterable[str]) -> "list[PublicKeyCredentialDescriptor]":
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=_bytes_of(one)) for one in known]


def _bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(f"{text}===")  # more than is missing does no harm


def _text_of(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _read(answer: str) -> dict[str, object]:
    if len(answer) > LONGEST_ANSWER:
        raise NotBelieved("too long")
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError) as refusal:
        raise NotBelieved("no JSON") from refusal
    if not isinstance(told, dict):
        raise NotBelieved("no JSON object")
    return told
