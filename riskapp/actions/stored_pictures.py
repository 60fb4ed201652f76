"""The pictures of one version as imaging knows them."""

from imaging.result import Picture
from riskapp.actions.stored_bytes import read_kept
from riskapp.models import MeasurementVersion


def pictures_of(version: MeasurementVersion, *, with_bytes: bool = False) -> list[Picture]:
    """Give them in order; their bytes are read from the disk only where asked for."""
    return [
        Picture(
            name=one.name,
            png=read_kept(one.sha256) if with_bytes else b"",
            width=one.width,
            height=one.height,
            slice_index=one.slice_index,
            title=one.title,
        )
        for one in version.pictures.all()
    ]
