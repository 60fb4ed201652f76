"""A modality worklist is asked as PS3.4 annex K has it, with pynetdicom as the peer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.events import Event

from riskapp.exchange.archive import worklist
from riskapp.exchange.archive.answers import Declined, Silent
from riskapp.exchange.archive.worklist import WORKLIST, planned
from riskapp.exchange.connection import UnusableConnection
from riskapp.exchange.connection_archive import Archive

pytestmark = pytest.mark.enable_socket
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 8)


def entry(**changes: Any) -> Dataset:
    step = Dataset()
    step.ScheduledProcedureStepStartDate = "20260305"
    step.Modality = "DX"
    step.ScheduledProcedureStepDescription = "DXA hip"
    row = Dataset()
    row.PatientID, row.PatientName, row.PatientBirthDate = "A-1", "Example^Ada", "19550601"
    row.PatientSex, row.AccessionNumber = "F", "ACC-7"
    row.RequestedProcedureDescription = "Bone density"
    row.ScheduledProcedureStepSequence = [step]
    for name, value in changes.items():
        setattr(row, name, value)
    return row


@pytest.fixture
def serve() -> Iterator[Callable[..., Archive]]:
    servers: list[Any] = []

    def start(*rows: Dataset, status: int = 0x0000, asked: list[Dataset] | None = None) -> Archive:
        def answer(event: Event) -> Iterator[tuple[int, Dataset | None]]:
            if asked is not None:
                asked.append(event.identifier)
            for row in rows:
                yield 0xFF00, row
            yield status, None

        entity = AE("RIS")
        entity.require_called_aet = True
        entity.add_supported_context(WORKLIST)
        server = entity.start_server(
            ("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, answer)]
        )
        assert server is not None
        servers.append(server)
        return Archive(
            name="ris",
            organisation="Clinic A",
            host="127.0.0.1",
            port=int(server.server_address[1]),
            called_ae_title="PACS",
            worklist_ae_title="RIS",
            wait_s=10,
        )

    yield start
    for one in servers:
        one.shutdown()


def test_what_is_planned_is_read(serve: Callable[..., Archive]) -> None:
    asked: list[Dataset] = []
    archive = serve(entry(), asked=asked)
    (found,) = planned(archive, FIRST, LAST)
    assert (found.accession_number, found.planned_on) == ("ACC-7", date(2026, 3, 5))
    assert (found.procedure, found.modality) == ("Bone density", "DX")
    assert (found.identity.identifier, found.identity.name) == ("A-1", "Example^Ada")
    (step,) = asked[0].ScheduledProcedureStepSequence
    assert step.ScheduledProcedureStepStartDate == "20260301-20260308"


def test_each_modality_of_the_entry_is_asked_for(serve: Callable[..., Archive]) -> None:
    asked: list[Dataset] = []
    archive = replace(serve(entry(), asked=asked), worklist_modalities=("CT", "DX"))
    assert len(planned(archive, FIRST, LAST)) == 2
    assert [one.ScheduledProcedureStepSequence[0].Modality for one in asked] == ["CT", "DX"]


def test_what_cannot_be_expected_is_left_out(serve: Callable[..., Archive]) -> None:
    dateless = Dataset()
    dateless.Modality = "DX"
    archive = serve(
        entry(AccessionNumber=""),
        entry(ScheduledProcedureStepSequence=[]),
        entry(ScheduledProcedureStepSequence=[dateless]),
    )
    assert planned(archive, FIRST, LAST) == ()


def test_a_refusal_and_too_much_are_told(
    serve: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Declined, match="A700"):
        planned(serve(status=0xA700), FIRST, LAST)
    archive = serve(*[entry()] * 3)
    monkeypatch.setattr(worklist, "MOST", 3)
    assert len(planned(archive, FIRST, LAST)) == 3
    monkeypatch.setattr(worklist, "MOST", 2)
    with pytest.raises(Declined, match="more than 2"):
        planned(archive, FIRST, LAST)


def test_another_name_is_not_answered(serve: Callable[..., Archive]) -> None:
    with pytest.raises(Silent):
        planned(replace(serve(), worklist_ae_title="OTHER"), FIRST, LAST)


@pytest.mark.parametrize("told", [{"worklist_ae_title": "RIS"}, {"commitment": True}])
def test_what_is_spoken_in_dimse_alone_needs_a_host(told: Any) -> None:
    with pytest.raises(UnusableConnection, match="needs host"):
        Archive(name="a", organisation="b", dicomweb_url="https://a.example", **told)
