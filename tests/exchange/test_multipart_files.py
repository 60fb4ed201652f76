"""Files are cut out of a multipart answer as they come, and no more than there may be."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.exchange.archive.answers import Declined, Silent
from riskapp.exchange.archive.limits import ARCHIVE_LIMITS
from riskapp.exchange.archive.multipart import save_files
from tests.exchange.archive_peers import BOUNDARY

KIND = f'multipart/related; type="application/dicom"; boundary="{BOUNDARY}"'
parts = st.lists(
    st.one_of(
        st.binary(max_size=60),
        # What begins like a boundary and is none.
        st.sampled_from([b"\r\n--", b"\r\n--" + BOUNDARY.encode()[:-1], BOUNDARY.encode()]),
    ),
    min_size=1,
    max_size=4,
)


@given(parts=parts, cut=st.integers(1, 40))
def test_files_are_cut_out_of_a_stream_wherever_it_is_cut(
    parts: list[bytes], cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    delimiter = b"--" + BOUNDARY.encode()
    body = b"".join(
        delimiter + b"\r\nContent-Type: application/dicom\r\n\r\n" + one + b"\r\n" for one in parts
    )
    body = b"said before\r\n" + body + delimiter + b"--\r\nsaid after"
    pieces = [body[at : at + cut] for at in range(0, len(body), cut)]
    folder = tmp_path_factory.mktemp("parts")
    came = [path.read_bytes() for path in save_files(KIND, pieces, folder)]
    assert came == parts


def test_a_stream_without_its_last_boundary_is_cut_short(tmp_path: Path) -> None:
    body = f"--{BOUNDARY}\r\n\r\nfile\r\n--{BOUNDARY}\r\n\r\nhalf a fi".encode()
    came: list[Path] = []
    with pytest.raises(Silent):
        came.extend(save_files(KIND, [body], tmp_path))
    assert [path.read_bytes() for path in came] == [b"file"]


@pytest.mark.parametrize("size", [10, 11])
def test_a_file_may_have_so_many_bytes_and_no_more(tmp_path: Path, size: int) -> None:
    limits = replace(ARCHIVE_LIMITS, instance_bytes=10)
    body = f"--{BOUNDARY}\r\n\r\n{'x' * size}\r\n--{BOUNDARY}--".encode()
    if size == 10:
        (one,) = save_files(KIND, [body], tmp_path, limits)
        assert one.stat().st_size == 10
    else:
        with pytest.raises(Declined):
            list(save_files(KIND, [body], tmp_path, limits))


@pytest.mark.parametrize("count", [2, 3])
def test_a_series_may_have_so_many_files_and_no_more(tmp_path: Path, count: int) -> None:
    limits = replace(ARCHIVE_LIMITS, instances=2)
    body = f"--{BOUNDARY}\r\n\r\nfile\r\n".encode() * count + f"--{BOUNDARY}--".encode()
    if count == 2:
        assert len(list(save_files(KIND, [body], tmp_path, limits))) == 2
    else:
        with pytest.raises(Declined):
            list(save_files(KIND, [body], tmp_path, limits))


def test_a_header_without_end_and_another_kind_of_part_are_refused(tmp_path: Path) -> None:
    for part in (b"x" * 9000, b"Content-Type: text/html\r\n\r\n<html>"):
        body = f"--{BOUNDARY}\r\n".encode() + part + f"\r\n--{BOUNDARY}--".encode()
        with pytest.raises(Declined):
            list(save_files(KIND, [body], tmp_path))
    with pytest.raises(Declined):
        list(save_files("multipart/related", [b"x"], tmp_path))
