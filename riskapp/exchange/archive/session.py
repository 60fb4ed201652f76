"""HTTP towards an archive: no redirects, no proxies of the environment, no answer without end."""

from collections.abc import Iterator
from typing import Any

import requests
from requests.auth import AuthBase

from riskapp.exchange import peer_http
from riskapp.exchange.addresses import origin_of
from riskapp.exchange.archive.answers import Declined, Silent
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.archive.trouble import BROKE_OFF, trust_of, why_not_reached
from riskapp.exchange.connection_archive import Archive

TOO_SLOW = "The archive answers too slowly."
SENT_ON = "The archive sends on to another address, which is not followed."
STRANGE = "The archive names an address that this site has not configured."
TOO_MUCH = "The archive’s answer does not end where it should."


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class GuardedSession(requests.Session):
    """Requests to one archive, each answer within time and size.

    Raises
    ------
    UnusableConnection
        If a secret or a certificate of its entry cannot be read.
    """

    def __init__(self, archive: Archive) -> None:
        super().__init__()
        origins = {origin_of(one) for one in (archive.qido, archive.wado, archive.stow) if one}
        limits = peer_http.AnswerLimits(
            connect_s=ARCHIVE_LIMITS.connect_s,
            silence_s=archive.wait_s,
            whole_s=ARCHIVE_LIMITS.question_s,
            most_bytes=ARCHIVE_LIMITS.answer_bytes,
        )
        peer_http.bind(self, origins, limits)
        self.headers["Accept-Encoding"] = "identity"  # a packed answer may be any size
        if archive.ca_file or archive.client_certificate:
            trust_of(archive)  # says at once which file cannot be read
        self.verify = archive.ca_file or True
        if archive.client_certificate:
            self.cert = (archive.client_certificate, archive.client_key)
        if archive.secret is not None and archive.auth == "basic":
            self.auth = (archive.user, archive.secret.read())
        elif archive.secret is not None:
            self.auth = _Bearer(archive.secret.read())

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """Send as asked, but read no further than is good.

        Raises
        ------
        Silent, Declined
        """
        request.headers.pop("Host", None)  # dicomweb-client leaves out the port
        is_stream = options.pop("stream", False)
        options |= {"stream": True}
        try:
            response = super().send(request, **options)
        except peer_http.NO_ADDRESS as error:
            raise Declined(STRANGE) from error
        except peer_http.SentOn as error:
            raise Declined(SENT_ON) from error
        except requests.RequestException as error:
            raise Silent(why_not_reached(error)) from error
        if not is_stream:
            most, seconds = ARCHIVE_LIMITS.answer_bytes, ARCHIVE_LIMITS.question_s
            with response:
                # Where requests keeps what it has read itself.
                response._content = b"".join(pieces(response, most, seconds))
        return response


def pieces(response: requests.Response, most_bytes: int, seconds: float) -> Iterator[bytes]:
    """Give an answer's bytes as they come.

    Raises
    ------
    Silent
        If it breaks off, or takes longer than that.
    Declined
        If it is longer than that.
    """
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise Declined("The archive packed its answer although it was asked not to.")
    try:
        yield from peer_http.pieces(response, most_bytes, seconds)
    except peer_http.TooMuch as error:
        raise Declined(TOO_MUCH) from error
    except peer_http.TooSlow as error:
        raise Silent(TOO_SLOW) from error
    except peer_http.BrokeOff as error:
        raise Silent(BROKE_OFF) from error
