"""An app of somebody else's: pages of SMART's own JavaScript client, at an address of their own."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CLIENT = Path(__file__).parent / "vendor" / "fhirclient-2.6.3.pure.min.js"
PAGE = """<!DOCTYPE html><html lang="en"><head><title>Sample app</title>
<link rel="icon" href="data:,">
<script src="/client.js"></script></head><body><h1>Sample app</h1><p id="told"></p>
<script>{script}</script></body></html>"""


@contextmanager
def serving(pages: Mapping[str, str]) -> Iterator[str]:
    """Serve pages whose scripts stand by path; the mapping may be filled later."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            is_client = path == "/client.js"
            body = CLIENT.read_bytes() if is_client else _page(pages[path])
            self.send_response(200)
            kind = "text/javascript" if is_client else "text/html"
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _page(script: str) -> bytes:
    return PAGE.replace("{script}", script).encode()
