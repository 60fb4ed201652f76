"""Why an archive could not be talked with: one sentence for each thing that a site can mend."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive

NO_ANSWER = "The archive does not answer."
NOT_DICOM = (
    "The archive takes the connection and does not answer: the port may be another program’s, or "
    "it may expect TLS."
)
UNKNOWN_HOST = "The archive’s name is not known in the network of this server."
BROKE_OFF = "The connection to the archive broke off."
UNTRUSTED = "The archive’s certificate is not one that is trusted here."
OTHER_NAME = "The archive’s certificate was made out for another name than it is called by."
OUT_OF_DATE = "The archive’s certificate has ended, or is not valid yet."
NO_TLS = "No TLS can be agreed on with the archive: it may speak without, or want our certificate."
WANTS_OURS = "The archive wants a certificate of ours that it trusts (client_certificate)."
UNUSABLE_FILES = "The certificates of this archive’s entry cannot be read: {reason}."
BUSY = "The archive takes no more connections at the moment."
UNKNOWN_CALLED = "The archive is not called {called} (called_ae_title)."
UNKNOWN_CALLING = (
    "The archive does not know us by the name {calling} (ae_title), which has to be entered there."
)
REJECTED = "The archive refuses to talk with us; its administrator can see why."
# Results of verifying a certificate, from OpenSSL's x509_vfy.h.
SENTENCES = {9: OUT_OF_DATE, 10: OUT_OF_DATE, 62: OTHER_NAME, 64: OTHER_NAME}
# Of an A-ASSOCIATE-RJ, source and reason: PS3.8 table 9-21.
REJECTIONS = {
    (1, 3): UNKNOWN_CALLING,
    (1, 7): UNKNOWN_CALLED,
    (3, 1): BUSY,
    (3, 2): BUSY,
}


def why_not_reached(error: BaseException | None) -> str:
    """Say what was wrong with a connection, by the error at its root."""
    for one in _chain(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return SENTENCES.get(one.verify_code, UNTRUSTED)
        if isinstance(one, ssl.SSLError):
            told = one.reason or ""  # an alert of the server's about a certificate is about ours
            ours = "ALERT" in told and ("CERTIFICATE" in told or "UNKNOWN_CA" in told)
            return WANTS_OURS if ours else NO_TLS
        if isinstance(one, socket.gaierror):
            return UNKNOWN_HOST
    return NO_ANSWER


def why_rejected(source: int | None, reason: int | None, archive: Archive) -> str:
    sentence = REJECTIONS.get((source or 0, reason or 0), REJECTED)
    return sentence.format(called=archive.called_ae_title, calling=archive.ae_title)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and those beneath it; requests and urllib3 keep them in three places."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, *one.args]


class RememberingTls(ssl.SSLContext):
    """Trust as an archive's entry has it; ``failure`` is why TLS with it broke.

    pynetdicom tells nobody why a connection was not made.
    """

    failure: ssl.SSLError | None = None


class _Remembering(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        with self._remembered():
            super().do_handshake(block)

    def recv(self, *size: Any) -> bytes:
        with self._remembered():  # by TLS 1.3, who is not let in hears of it here
            return super().recv(*size)

    def shutdown(self, how: int) -> None:
        with suppress(OSError):  # pynetdicom would leave open what its peer has closed
            super().shutdown(how)

    @contextmanager
    def _remembered(self) -> Iterator[None]:
        try:
            yield
        except ssl.SSLError as error:
            if isinstance(self.context, RememberingTls):
                self.context.failure = error
            raise


def trust_of(archive: Archive) -> RememberingTls:
    """TLS towards an archive (PS3.15 annex B).

    Raises
    ------
    UnusableConnection
        If a certificate of its entry cannot be read.
    """
    context = RememberingTls(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _Remembering
    try:
        if archive.ca_file:
            context.load_verify_locations(archive.ca_file)
        else:
            context.load_default_certs()
        if archive.client_certificate:
            context.load_cert_chain(archive.client_certificate, archive.client_key)
    except OSError as error:
        reason = error.strerror or "they are no certificate and key in PEM"
        raise UnusableConnection(UNUSABLE_FILES.format(reason=reason)) from error
    return context
