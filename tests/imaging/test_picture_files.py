"""PNG, JPEG and TIFF of every depth are read as a viewer shows them, and kept so."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageFile

from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.intake.pictures import read_picture
from imaging.keeping.stored_files import stored_picture

EIGHT = np.add.outer(2 * np.arange(40), np.arange(60)).astype(np.uint8)
SIXTEEN = (EIGHT.astype(np.uint16) + 1) * 251
Pixels = npt.NDArray[np.generic]


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    sink = BytesIO()
    picture.save(sink, format=kind, **options)
    return sink.getvalue()


def pixels_of(data: bytes) -> npt.NDArray[np.float32]:
    """Read what was sent and what is kept of it, which are the same."""
    read = read_picture(data).pixels
    np.testing.assert_array_equal(read, read_picture(stored_picture(data)).pixels)
    return read


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("values", [EIGHT, SIXTEEN], ids=["8 bits", "16 bits"])
def test_grey_of_either_depth_is_read_unchanged(kind: str, values: Pixels) -> None:
    np.testing.assert_array_equal(pixels_of(saved(Image.fromarray(values), kind)), values)


@pytest.mark.parametrize("dtype", [np.int32, np.float32])
def test_tiff_of_32_bits_is_read_unchanged(dtype: type[np.generic]) -> None:
    values = EIGHT.astype(dtype) * 1000
    np.testing.assert_array_equal(pixels_of(saved(Image.fromarray(values), "TIFF")), values)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_compressed_tiff_is_read(compression: str) -> None:
    data = saved(Image.fromarray(EIGHT), "TIFF", compression=compression)
    np.testing.assert_array_equal(pixels_of(data), EIGHT)


def test_big_endian_tiff_of_16_bits_is_read() -> None:
    entries = [(256, 60), (257, 40), (258, 16), (259, 1), (262, 1), (273, 122), (278, 40)]
    entries += [(277, 1), (279, 4800)]
    table = b"".join(
        tag.to_bytes(2, "big") + b"\x00\x04\x00\x00\x00\x01" + value.to_bytes(4, "big")
        for tag, value in sorted(entries)
    )
    data = b"MM\x00\x2a\x00\x00\x00\x08" + len(entries).to_bytes(2, "big") + table + bytes(4)
    data += SIXTEEN.astype(">u2").tobytes()
    np.testing.assert_array_equal(pixels_of(data), SIXTEEN)


@pytest.mark.parametrize(("turned", "quarters"), [(1, 0), (6, 1), (3, 2), (8, 3)])
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_a_picture_is_turned_as_its_tags_say(turned: int, quarters: int, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned  # Orientation, TIFF 6.0
    lying = Image.fromarray(np.rot90(EIGHT, quarters).copy())
    options: dict[str, object] = {"quality": 95} if kind == "JPEG" else {}
    assert np.abs(pixels_of(saved(lying, kind, exif=exif, **options)) - EIGHT).max() <= 3


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_shows_paper_and_not_what_lies_under_it(mode: str) -> None:
    alpha = np.full_like(EIGHT, 255)
    alpha[:, 30:] = 0
    picture = Image.fromarray(EIGHT).convert(mode)
    picture.putalpha(Image.fromarray(alpha))
    read = pixels_of(saved(picture))
    np.testing.assert_array_equal(read[:, :30], EIGHT[:, :30])
    assert (read[:, 30:] == 255).all()


def test_a_palette_is_looked_up() -> None:
    picture = Image.fromarray(EIGHT).convert("P")
    picture.putpalette([255 - value for value in range(256) for _ in range(3)])
    np.testing.assert_array_equal(pixels_of(saved(picture)), 255 - np.asarray(picture))


def test_black_and_white_and_cmyk_are_read() -> None:
    two = EIGHT > 60
    np.testing.assert_array_equal(pixels_of(saved(Image.fromarray(two))), 255 * two)
    read = pixels_of(saved(Image.fromarray(EIGHT).convert("CMYK"), "TIFF"))
    assert np.abs(read - EIGHT).max() <= 2


def test_a_stack_of_pages_is_refused_with_their_number() -> None:
    page = Image.fromarray(EIGHT)
    data = saved(page, "TIFF", save_all=True, append_images=[page, page])
    with pytest.raises(UnsuitableScan, match="stack of 3 pictures"):
        read_picture(data)


def test_a_photograph_with_a_small_copy_behind_it_is_one_picture() -> None:
    page = Image.fromarray(EIGHT)
    data = saved(page, "MPO", save_all=True, append_images=[page.resize((30, 20))], quality=95)
    assert np.abs(pixels_of(data) - EIGHT).max() <= 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_picture_cut_short_is_unreadable_whatever_another_library_asked_for(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    noise = np.random.default_rng(0).integers(0, 255, (300, 200), dtype=np.uint8)
    data = saved(Image.fromarray(noise), kind)
    for length in (100, len(data) // 2):
        with pytest.raises(UnreadableScan, match="damaged or cut short"):
            read_picture(data[:length])
    assert ImageFile.LOAD_TRUNCATED_IMAGES
