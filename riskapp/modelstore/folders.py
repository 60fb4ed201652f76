"""Model folders on disk: a manifest with the SHA-256 of every file beside it."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riskapp.risk.errors import UnknownModel

MANIFEST, CARD, PARAMETERS, VALIDATION = (
    "manifest.json",
    "card.md",
    "parameters.json",
    "validation.json",
)
# Written into a folder to withdraw its model: one sentence that says why. The manifest and all
# it vouches for stay as they are, so that an old estimate can still be traced.
RETIRED = "RETIRED"
# Raised when what lies in a folder changes its meaning; folders of another form are refused.
FORMAT = 4
# Everything else in a folder is text: numbers of networks only are not.
BINARY_SUFFIX = ".safetensors"
# A model id becomes a folder name: nothing that could climb out of the store.
MODEL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

SHIPPED_MODELS = Path(__file__).parent
_places: list[Path] = [SHIPPED_MODELS]


def look_also_in(place: Path) -> None:
    """Add a site's own folder of models to those that ship with the product."""
    if place not in _places:
        _places.append(place)


@dataclass(frozen=True, slots=True)
class StoredModel:
    """One model as it lies on disk, its files checked against its manifest.

    Attributes
    ----------
    sha256 : str
        Of the manifest, which holds the hash of every other file: it names the model exactly.
    texts : dict of str to str
        File name -> content.
    blobs : dict of str to bytes
        The same of files that are no text.
    """

    model_id: str
    engine: str
    trained_on: str
    card: str
    sha256: str
    manifest: Mapping[str, Any]
    texts: Mapping[str, str]
    blobs: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.texts[PARAMETERS])
        return parsed

    @property
    def validation(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.texts[VALIDATION])
        return parsed


def load(model_id: str) -> StoredModel:
    """Read one model, refusing it unless every file is what its manifest says.

    Raises
    ------
    UnknownModel
        If no folder has this id, the model was retired, a file does not match its hash, or there
        is one more.
    """
    folder = _folder(model_id)
    if (folder / RETIRED).exists():
        reason = (folder / RETIRED).read_text(encoding="utf-8", errors="replace").strip()
        raise UnknownModel(f"Model {model_id} was retired: {reason}")
    manifest_text = (folder / MANIFEST).read_bytes()
    try:
        manifest = json.loads(manifest_text)
        hashes: dict[str, str] = manifest["files"]
        if manifest["model_id"] != model_id:
            raise UnknownModel(f"Model {model_id} lies in a folder that belongs to another model.")
        if manifest.get("format") != FORMAT:
            raise UnknownModel(
                f"Model {model_id} was stored by another version of this program; train it again."
            )
        _refuse_more(folder, hashes)
        contents = {name: _checked(folder, name, expected) for name, expected in hashes.items()}
        texts = {name: each.decode() for name, each in contents.items() if not _is_binary(name)}
        return StoredModel(
            model_id=model_id,
            engine=manifest["engine"],
            trained_on=manifest["trained_on"],
            card=texts[CARD],
            sha256=hashlib.sha256(manifest_text).hexdigest(),
            manifest=manifest,
            texts=texts,
            blobs={name: each for name, each in contents.items() if _is_binary(name)},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnknownModel(f"The manifest of model {model_id} cannot be read.") from error


def listed() -> tuple[StoredModel, ...]:
    """Return every model that can be loaded now, in the order of their ids.

    A folder that was retired or tampered with is left out here; ``refused`` says why.
    """
    found = [each for each in map(_tried, _ids()) if isinstance(each, StoredModel)]
    return tuple(sorted(found, key=lambda model: model.model_id))


def refused() -> tuple[str, ...]:
    """Why each folder of a model that is not ``listed`` is not, in a sentence."""
    return tuple(str(each) for each in map(_tried, _ids()) if isinstance(each, UnknownModel))


def _ids() -> list[str]:
    return [path.parent.name for place in _places for path in sorted(place.glob(f"*/{MANIFEST}"))]


def _tried(model_id: str) -> StoredModel | UnknownModel:
    try:
        return load(model_id)
    except UnknownModel as why:
        return why


def write(
    place: Path,
    model_id: str,
    manifest: Mapping[str, Any],
    texts: Mapping[str, str],
    blobs: Mapping[str, bytes] | None = None,
) -> None:
    """Write a new model folder; an existing one is never changed in place.

    Raises
    ------
    UnknownModel
        If the id cannot name a folder, or the folder exists.
    """
    refuse_taken(place, model_id)
    folder = place / model_id
    folder.mkdir(parents=True)
    contents = {name: text.encode() for name, text in texts.items()} | dict(blobs or {})
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    whole = json.dumps({**manifest, "format": FORMAT, "files": hashes}, indent=1) + "\n"
    (folder / MANIFEST).write_text(whole, encoding="utf-8")


def _is_binary(name: str) -> bool:
    return name.endswith(BINARY_SUFFIX)


def refuse_unnameable(model_id: str) -> None:
    """Refuse an id that cannot name a folder.

    Raises
    ------
    UnknownModel
        With a sentence that says what can.
    """
    if not MODEL_ID.fullmatch(model_id):
        raise UnknownModel(
            f"{model_id!r} cannot be a model id: use up to 64 letters, digits, dots, hyphens "
            "and underscores, a letter or digit first."
        )


def refuse_taken(place: Path, model_id: str) -> None:
    """Refuse an id that cannot name a new model, before time is spent on fitting it.

    Raises
    ------
    UnknownModel
        If the id cannot name a folder, or a model has it already.
    """
    refuse_unnameable(model_id)
    if any((each / model_id).exists() for each in (place, *_places)):
        raise UnknownModel(
            f"Model {model_id} exists and is never changed in place; choose another id."
        )


def _folder(model_id: str) -> Path:
    if MODEL_ID.fullmatch(model_id):
        for place in _places:
            if (place / model_id / MANIFEST).is_file():
                return place / model_id
    raise UnknownModel(
        f"No stored model is called {model_id!r}, neither among the site's own nor among those "
        "that ship; commands find one that was trained into another folder with --models."
    )


def _refuse_more(folder: Path, named: Collection[str]) -> None:
    """A folder holds what its manifest names, nothing beside it."""
    more = {path.name for path in folder.iterdir()} - {MANIFEST, RETIRED, *named}
    if more:
        raise UnknownModel(
            f"Model {folder.name} was changed after it was stored: {min(more)} is not among its "
            "files."
        )


def _checked(folder: Path, name: str, expected: str) -> bytes:
    # A name in the manifest must stay inside the folder it vouches for.
    if Path(name).name != name:
        raise UnknownModel(f"The manifest of model {folder.name} names a file elsewhere.")
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise UnknownModel(f"Model {folder.name} lacks its file {name}.") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise UnknownModel(
            f"Model {folder.name} was changed after it was stored: {name} does not match its hash."
        )
    return content
