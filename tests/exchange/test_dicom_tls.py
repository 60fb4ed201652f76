"""DICOM over TLS: whose certificate is known talks, anybody else is told what to mend."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pynetdicom import AE, evt

from riskapp.exchange.archive.answers import Silent
from riskapp.exchange.archive.dicomweb import WebArchive
from riskapp.exchange.archive.dimse import VERIFICATION, DimseArchive
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive
from riskapp.exchange.dimse.sockets import Reception, Server, server_tls
from tests.exchange.archive_peers import stub_archive
from tests.exchange.certificates import ELSEWHERE, Authority, Pair
from tests.exchange.dicom_listening import CT_1, FakeDesk, call, desk, listen, received_in

__all__ = ["desk", "listen", "received_in"]
pytestmark = [
    pytest.mark.enable_socket,
    # pynetdicom leaves the socket of a connection that was refused to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder, "hospital")


@pytest.fixture(scope="module")
def ours(authority: Authority) -> Pair:
    return authority.vouch_for("trabecula")


@pytest.fixture(scope="module")
def unknown(folder: Path) -> Pair:
    """Somebody of another authority."""
    return Authority(folder, "stranger").vouch_for("anybody")


@contextmanager
def archive(
    served: Pair | None, authority: Authority, *, asks_for_ours: bool = False
) -> Iterator[Archive]:
    """An archive that answers C-ECHO; gives how our entry of it begins."""
    entity = AE("PEER")
    entity.add_supported_context(VERIFICATION)
    trusted = authority.pair.certificate if asks_for_ours else ""
    context = server_tls(served.certificate, served.key, trusted) if served else None
    server: Any = entity.make_server(
        ("127.0.0.1", 0), ssl_context=context, evt_handlers=[(evt.EVT_C_ECHO, lambda _: 0x0000)],
        server_class=Server, request_handler=Reception,
    )  # fmt: skip
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Archive(
            name="pacs", organisation="Clinic A", host="127.0.0.1", called_ae_title="PEER",
            port=server.server_address[1], wait_s=3, tls=True, ca_file=authority.pair.certificate,
        )  # fmt: skip
    finally:
        server.stop_accepting()
        thread.join()


def refused(entry: Archive) -> str:
    with pytest.raises(Silent) as reason:
        DimseArchive(entry).ping()
    return str(reason.value)


class TestAsAClient:
    def test_a_known_certificate_is_talked_to(self, authority: Authority) -> None:
        with archive(authority.vouch_for("pacs"), authority) as entry:
            DimseArchive(entry).ping()

    def test_an_unknown_one_another_name_and_an_old_one_are_told_apart(
        self, authority: Authority, unknown: Pair
    ) -> None:
        for served, sentence in (
            (unknown, "not one that is trusted"),
            (authority.vouch_for("misnamed", ELSEWHERE), "for another name"),
            (authority.vouch_for("old", days_left=-1), "has ended"),
        ):
            with archive(served, authority) as entry:
                assert sentence in refused(entry)

    def test_an_archive_that_wants_our_certificate_gets_it_or_is_told_of(
        self, authority: Authority, ours: Pair, unknown: Pair
    ) -> None:
        served = authority.vouch_for("strict")
        with archive(served, authority, asks_for_ours=True) as entry:
            known = replace(entry, client_certificate=ours.certificate, client_key=ours.key)
            DimseArchive(known).ping()
            assert "wants a certificate of ours" in refused(entry)
            stranger = replace(
                entry, client_certificate=unknown.certificate, client_key=unknown.key
            )
            assert "wants a certificate of ours" in refused(stranger)

    def test_one_side_without_tls_is_told(self, authority: Authority) -> None:
        with archive(None, authority) as entry:
            assert "TLS" in refused(entry)
        with archive(authority.vouch_for("tls"), authority) as entry:
            assert "may expect TLS" in refused(replace(entry, tls=False))

    def test_a_file_that_is_no_certificate_is_named_before_anything_is_sent(
        self, authority: Authority, folder: Path
    ) -> None:
        with archive(authority.vouch_for("files"), authority) as entry:
            for file in (str(folder / "none.pem"), __file__):
                with pytest.raises(UnusableConnection, match="cannot be read"):
                    DimseArchive(replace(entry, ca_file=file)).ping()
                with pytest.raises(UnusableConnection, match="cannot be read"):
                    WebArchive(replace(entry, qido_url="https://127.0.0.1", ca_file=file))


class TestDicomweb:
    def test_a_known_certificate_is_asked_and_an_unknown_one_is_not(
        self, authority: Authority, unknown: Pair
    ) -> None:
        for served, sentence in (
            (authority.vouch_for("web"), ""),
            (unknown, "not one that is trusted"),
            (authority.vouch_for("web elsewhere", ELSEWHERE), "for another name"),
        ):
            tls = server_tls(served.certificate, served.key, "")
            with stub_archive(tls) as stub:
                client = WebArchive(stub.connection(ca_file=authority.pair.certificate))
                with closing(client):
                    if sentence:
                        with pytest.raises(Silent, match=sentence):
                            client.ping()
                    else:
                        client.ping()
                assert bool(stub.asked) == (not sentence)


class TestAsAListener:
    def test_who_shows_a_certificate_of_our_authority_sends(
        self, listen: Any, desk: FakeDesk, authority: Authority, ours: Pair, unknown: Pair
    ) -> None:
        sender = replace(
            CT_1, certificate=ours.certificate, key=ours.key, client_ca=authority.pair.certificate
        )
        port = listen(sender)
        assert self._gets_in(port, authority, authority.vouch_for("scanner"))
        assert not self._gets_in(port, authority, unknown)
        assert not self._gets_in(port, authority, None)
        peer = call(port)  # without TLS
        assert not peer.is_established

    def test_a_sender_does_not_trust_a_certificate_of_nobody(
        self, listen: Any, authority: Authority, unknown: Pair
    ) -> None:
        port = listen(replace(CT_1, certificate=unknown.certificate, key=unknown.key))
        assert not self._gets_in(port, authority, None)

    def test_less_than_tls_1_2_is_refused(
        self, listen: Any, authority: Authority, ours: Pair
    ) -> None:
        port = listen(replace(CT_1, certificate=ours.certificate, key=ours.key))
        old = ssl.create_default_context(cafile=authority.pair.certificate)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with closing(socket.create_connection(("127.0.0.1", port), 5)) as plain:
            with pytest.raises(ssl.SSLError):
                old.wrap_socket(plain, server_hostname="127.0.0.1")

    def _gets_in(self, port: int, authority: Authority, shown: Pair | None) -> bool:
        context = ssl.create_default_context(cafile=authority.pair.certificate)
        if shown is not None:
            context.load_cert_chain(shown.certificate, shown.key)
        peer = call(port, tls_args=(context, "127.0.0.1"))
        if peer.is_established:
            peer.release()
            return True
        return False
