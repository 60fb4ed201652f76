"""What schemathesis does not write by itself: messages of several parts, as STOW-RS takes them."""

from typing import Any

from schemathesis.transport.requests import REQUESTS_TRANSPORT
from schemathesis.transport.wsgi import WSGI_TRANSPORT

KIND = 'multipart/related; type="application/dicom"; boundary=made-up'


def _message(value: Any) -> bytes:
    """One part, of whatever was made up."""
    made = value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")
    head = b"--made-up\r\nContent-Type: application/dicom\r\n\r\n"
    return head + made + b"\r\n--made-up--\r\n"


@REQUESTS_TRANSPORT.serializer("multipart/related")
def to_a_server(context: Any, value: Any) -> dict[str, Any]:
    return {"data": _message(value), "headers": {"Content-Type": KIND}}


@WSGI_TRANSPORT.serializer("multipart/related")
def in_process(context: Any, value: Any) -> dict[str, Any]:
    return {"data": _message(value), "content_type": KIND}
