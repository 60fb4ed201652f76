"""What every call of the client needs; ``generate.py`` copies it into ``trabecula_client.py``."""

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterable, Mapping
from email.message import Message
from typing import IO, Any, Literal, NotRequired, TypedDict

TIMEOUT_S = 120.0
# Older messages may have been recorded and sent again (Standard Webhooks).
TOLERANCE_S = 300
UNCHANGED = 304


class Problem(Exception):
    """A refusal: RFC 9457 problem details.

    Attributes
    ----------
    status : int
    type : str
        Address that explains the kind, such as ``/api/problems/not-found/``.
    detail : str
        One sentence that a person can act on.
    errors : dict of str to str
        A sentence for each field that must be mended.
    headers : mapping
        ``Retry-After`` among them, where there is one.
    """

    def __init__(self, status: int, told: Mapping[str, Any], headers: Mapping[str, str]) -> None:
        self.status = status
        self.type = str(told.get("type", "about:blank"))
        self.detail = str(told.get("detail", ""))
        self.errors: dict[str, str] = dict(told.get("errors", {}))
        self.headers = headers
        super().__init__(f"{status} {self.detail}")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A key goes to the site that it is for, and to no other."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        return None


class Caller:
    """One site and one key.

    Attributes
    ----------
    headers : mapping
        Of the last answer: ``ETag``, ``Location``, ``Link``, ``Deprecation``.
    """

    def __init__(
        self, site: str, key: str, *, scheme: str = "Token", timeout_s: float = TIMEOUT_S
    ) -> None:
        self._site, self._authorization = site.rstrip("/"), f"{scheme} {key}"
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(_NoRedirects)
        self.headers: Mapping[str, str] = {}

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, str | None] | None = None,
        body: object = None,
        files: Iterable[tuple[str, bytes]] | None = None,
    ) -> Any:
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        url = f"{self._site}{path}" + (f"?{urllib.parse.urlencode(asked)}" if asked else "")
        sent = {name: value for name, value in (headers or {}).items() if value is not None}
        data: bytes | None = None
        if files is not None:
            data, sent["Content-Type"] = _form(body, files)
        elif body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(
            url, data, {"Authorization": self._authorization, **sent}, method=method
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                self.headers = dict(answer.headers.items())
                return _read(answer.read(), answer.headers.get_content_type())
        except urllib.error.HTTPError as refused:
            if refused.code == UNCHANGED:
                self.headers = dict(refused.headers.items())
                refused.close()
                return None
            with refused:
                told = _read(refused.read(), refused.headers.get_content_type())
            raise Problem(
                refused.code,
                told if isinstance(told, dict) else {},
                dict(refused.headers.items()),
            ) from None


def verify_webhook(
    secrets: Iterable[str],
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: float | None = None,
) -> Any:
    """Check that a message is from your site and new, and read it.

    Parameters
    ----------
    secrets : iterable of str
        ``whsec_...``; after renewing, the old one and the new one.
    body : bytes
        As it arrived: JSON that was read and written again is not the same.

    Raises
    ------
    ValueError
        If it is not signed by one of the secrets, or too old. Keep ``webhook-id`` and pass over
        what you have had: a message may come twice.
    """
    told = {name.lower(): value for name, value in headers.items()}
    id, timestamp = told.get("webhook-id", ""), told.get("webhook-timestamp", "")
    at = time.time() if now is None else now
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(at - int(timestamp)) > TOLERANCE_S:
        raise ValueError("The message is too old, or from the future.")
    signed = f"{id}.{timestamp}.".encode() + body
    given = [one[3:] for one in told.get("webhook-signature", "").split() if one.startswith("v1,")]
    for secret in secrets:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        if any(hmac.compare_digest(mine, one) for one in given):
            return json.loads(body)
    raise ValueError("The message is not signed by this site.")


def _part(value: object) -> str:
    """A part of an address, whatever it holds."""
    return urllib.parse.quote(str(value), safe="")


def _form(body: object, files: Iterable[tuple[str, bytes]]) -> tuple[bytes, str]:
    """multipart/form-data (RFC 7578); names of files are not sent, as nobody looks at them."""
    boundary = uuid.uuid4().hex
    fields = body if isinstance(body, dict) else {}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, content in files:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="file"\r\n'
        parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode())
        parts += [content, b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return b"".join(parts), f"multipart/form-data; boundary={boundary}"


def _read(body: bytes, media_type: str) -> Any:
    if not body:
        return None
    return json.loads(body) if media_type.endswith("json") else body
