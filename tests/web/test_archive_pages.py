"""The pages of the archive: find, choose, fetch, and results on their way back."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.carrying import fetch_next
from riskapp.actions.confirming import confirm
from riskapp.actions.delivering import deliver_next
from riskapp.models import Delivery, Fetch, Patient, Scan
from tests.actions.archived import Configure, altered, archive, archived_files, configure, jane
from tests.exchange.archive_peers import StubArchive
from tests.web import markup
from tests.web.scans import dicom_scan

__all__ = ["archive", "archived_files", "configure", "jane"]
pytestmark = pytest.mark.django_db
WORKER = "host-a:1:1"


@pytest.fixture
def here(jane: Patient, configure: Configure, archive: StubArchive) -> str:
    configure(dicomweb_url=archive.url, wait_s=2, returns=["sr", "pdf"])
    return f"/patients/{jane.id}/archive/"


def read(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    # The regions of a test are named by codes.
    assert markup.problems_of(markup.read(page), codes="/scans/" not in address) == []
    return page


def ct_of(found: str) -> str:
    return found.split('name="study" value="')[1].split('"')[0]


def test_a_study_is_found_fetched_and_then_stands_there_as_a_scan(
    pages: Client, here: str, jane: Patient
) -> None:
    assert "Asked for" not in read(pages, here)
    assert here in read(pages, f"/patients/{jane.id}/")
    found = read(pages, f"{here}?find=1&modality=CT")
    assert "2 Jan 2026" in found
    assert "not yet" in found
    sent = {"archive": "pacs", "study": ct_of(found)}
    asked = pages.post(f"{here}fetch/", sent, follow=True).content.decode()
    assert "It is being fetched" in asked
    assert "Waiting to be fetched" in asked
    waiting = read(pages, f"{here}status/")
    assert 'hx-trigger="every 2s"' in waiting
    assert fetch_next(WORKER)
    done = read(pages, f"{here}status/")
    scan = Scan.objects.get()
    assert f"/scans/{scan.id}/" in done
    assert "hx-trigger" not in done


def test_series_are_chosen_by_ticking_them(
    pages: Client, here: str, archive: StubArchive, archived_files: dict[str, list[bytes]]
) -> None:
    extra = {"SeriesInstanceUID": "2.25.5", "SOPInstanceUID": "2.25.6"}
    archive.keep(altered(archived_files["ct"][0], Modality="PR", **extra))
    study = ct_of(read(pages, f"{here}?find=1&modality=CT"))
    chosen = read(pages, f"{here}?archive=pacs&study={study}")
    assert "12 images" in chosen
    assert "cannot be measured or read here" in chosen
    series = next(
        one.split('"')[0]
        for one in chosen.split('name="series" value="')[1:]
        if "2.25.5" not in one
    )
    nothing = pages.post(f"{here}fetch/", {"study": study, "chosen": "1"}, follow=True)
    assert b"Tick at least one series" in nothing.content
    pages.post(f"{here}fetch/", {"study": study, "chosen": "1", "series": [series]})
    assert Fetch.objects.get().series == [series]


def test_an_archive_that_does_not_answer_is_told_in_plain_words(
    pages: Client, here: str, archive: StubArchive
) -> None:
    archive.trouble = "busy"
    told = read(pages, f"{here}?find=1")
    assert "busy" in told
    assert "Nothing was changed" in told
    study = read(pages, f"{here}?study=1.2.3")
    assert "Nothing was changed" in study
    refused = pages.post(f"{here}fetch/", {"study": "1.2.3"}, follow=True).content.decode()
    assert "busy" in refused


@pytest.mark.parametrize(
    "asked",
    [
        "first_day=x", "modality=PET", "body_part=NOSE", "page=0", "page=26",
        "first_day=2026-01-02&last_day=2026-01-01", "archive=another", "archive=%00",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told(pages: Client, here: str, asked: str) -> None:
    assert 'role="alert"' in read(pages, f"{here}?find=1&{asked}")


def test_pages_of_what_was_found_follow_each_other(
    pages: Client, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskapp.actions.archives.PER_PAGE", 1)
    first = read(pages, f"{here}?find=1&page=2")
    assert "page=1" in first


def test_a_study_that_is_not_the_patients_is_not_there(pages: Client, here: str) -> None:
    told = read(pages, f"{here}?study=1.2.3")
    assert "no such study of this patient" in told
    refused = pages.post(f"{here}fetch/", {"study": "1.2.3"}, follow=True).content.decode()
    assert "no such study of this patient" in refused
    assert not Fetch.objects.exists()


def test_without_an_archive_the_page_says_so_and_nothing_leads_there(
    pages: Client, jane: Patient, configure: Configure
) -> None:
    assert "No archive is connected" in read(pages, f"/patients/{jane.id}/archive/")
    assert "archive/" not in read(pages, f"/patients/{jane.id}/")
    configure(dicomweb_url="nonsense")
    assert "cannot be used" in read(pages, f"/patients/{jane.id}/archive/")


def test_a_stranger_finds_no_page(browser_of: Any, stranger: User, here: str) -> None:
    client = browser_of(stranger)
    assert client.get(here).status_code == 404
    assert client.get(f"{here}status/").status_code == 404
    assert client.post(f"{here}fetch/", {"study": "1.2"}).status_code == 404


def test_the_scan_says_how_far_its_results_are_on_their_way(
    pages: Client,
    here: str,
    owner: User,
    jane: Patient,
    archive: StubArchive,
    tmp_path: Path,
) -> None:
    (tmp_path / "dicom").mkdir()
    scan = dicom_scan(jane, owner, tmp_path / "dicom")
    scan.versions.update(confirmed_at=None, confirmed_by=None)
    page = f"/scans/{scan.id}/"
    assert "pacs" not in read(pages, page)
    confirm(by=owner, scan=scan, number=1)
    assert "On its way to pacs" in read(pages, page)
    archive.trouble, archive.troubles = "refuses", 1
    assert deliver_next(WORKER)
    assert "Not returned to pacs: The archive refused it" in read(pages, page)
    pages.post(f"{page}return/", {"archive": "pacs"})
    assert deliver_next(WORKER)
    assert "Returned to pacs, " in read(pages, page)
    again = pages.post(f"{page}return/", {"archive": "nowhere"}, follow=True).content.decode()
    assert "no such archive" in again
    assert Delivery.objects.count() == 1
