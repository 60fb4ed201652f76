"""A stored model is what its manifest says, or it is refused in a sentence."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from riskapp import modelstore
from riskapp.modelstore import folders

MANIFEST = {"model_id": "site-1", "engine": "cox", "trained_on": "cohort example"}
TEXTS = {"card.md": "# A card\n", "parameters.json": '{"a": 1}', "validation.json": "{}"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(folders, "_places", [tmp_path])
    folders.write(tmp_path, "site-1", MANIFEST, TEXTS)
    return tmp_path


def test_numbers_of_a_network_are_kept_as_bytes(place: Path) -> None:
    blobs = {"hip.safetensors": bytes(range(256))}
    folders.write(place, "net-1", MANIFEST | {"model_id": "net-1"}, TEXTS, blobs)
    model = modelstore.load("net-1")
    assert model.blobs == blobs
    assert "hip.safetensors" not in model.texts
    (place / "net-1" / "hip.safetensors").write_bytes(b"other")
    with pytest.raises(modelstore.UnknownModel, match="does not match its hash"):
        modelstore.load("net-1")


@pytest.mark.parametrize("other", [None, 3, 5, "4"])
def test_a_folder_of_another_form_is_refused(place: Path, other: object) -> None:
    path = place / "site-1" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) | {"format": other}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(modelstore.UnknownModel, match="another version of this program"):
        modelstore.load("site-1")


@pytest.mark.usefixtures("place")
def test_a_model_is_read_back_as_it_was_written() -> None:
    model = modelstore.load("site-1")
    assert model.card == "# A card\n"
    assert model.parameters == {"a": 1}
    assert len(model.sha256) == 64
    assert [each.model_id for each in modelstore.listed()] == ["site-1"]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_one_changed_byte_is_refused(place: Path, name: str) -> None:
    (place / "site-1" / name).write_text(TEXTS[name] + " ", encoding="utf-8")
    with pytest.raises(modelstore.UnknownModel, match=f"{name} does not match its hash"):
        modelstore.load("site-1")
    assert modelstore.listed() == ()


def test_a_lost_file_is_refused(place: Path) -> None:
    (place / "site-1" / "card.md").unlink()
    with pytest.raises(modelstore.UnknownModel, match=r"lacks its file card\.md"):
        modelstore.load("site-1")


@pytest.mark.parametrize("name", ["notes.txt", ".hidden", "hip.safetensors"])
def test_a_file_that_the_manifest_does_not_name_is_refused(place: Path, name: str) -> None:
    (place / "site-1" / name).write_text("", encoding="utf-8")
    with pytest.raises(modelstore.UnknownModel, match=f"{name} is not among its files"):
        modelstore.load("site-1")
    assert modelstore.listed() == ()
    (place / "site-1" / name).unlink()
    assert modelstore.load("site-1").model_id == "site-1"


def test_a_retired_model_says_why(place: Path) -> None:
    (place / "site-1" / folders.RETIRED).write_text("superseded by site-2.", encoding="utf-8")
    with pytest.raises(modelstore.UnknownModel, match=r"retired: superseded by site-2\."):
        modelstore.load("site-1")


def test_a_manifest_cannot_reach_out_of_its_folder(place: Path) -> None:
    path = place / "site-1" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"]["../elsewhere.json"] = "0" * 64
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(modelstore.UnknownModel, match="names a file elsewhere"):
        modelstore.load("site-1")


@pytest.mark.parametrize("model_id", ["../site-1", "SITE-1", "", "a/b", "no-such-model", "x" * 65])
def test_an_id_that_names_no_model_is_refused(place: Path, model_id: str) -> None:
    with pytest.raises(modelstore.UnknownModel, match="neither among the site's own nor among"):
        modelstore.load(model_id)


NO_DICTIONARY = json.dumps({"model_id": "site-1", "format": folders.FORMAT, "files": sorted(TEXTS)})


@pytest.mark.parametrize("written", ["{", "[" * 100_000, "[]", NO_DICTIONARY], ids=range(4))
def test_a_broken_manifest_is_a_sentence_not_a_traceback(place: Path, written: str) -> None:
    (place / "site-1" / "manifest.json").write_text(written, encoding="utf-8")
    with pytest.raises(modelstore.UnknownModel, match="cannot be read"):
        modelstore.load("site-1")


def test_a_model_is_never_changed_in_place(place: Path) -> None:
    with pytest.raises(modelstore.UnknownModel, match="never changed in place"):
        folders.write(place, "site-1", MANIFEST, TEXTS)


@pytest.mark.parametrize("model_id", ["../out", "a/b", "..", "_first", "sp ace", "m" * 65, ""])
def test_an_id_cannot_write_outside_the_store(place: Path, model_id: str) -> None:
    with pytest.raises(modelstore.UnknownModel, match="cannot be a model id"):
        folders.write(place, model_id, MANIFEST, TEXTS)


def test_an_unknown_engine_names_those_there_are() -> None:
    with pytest.raises(modelstore.UnknownModel, match="there are evidence"):
        modelstore.engine_named("oracle")


def test_a_model_of_another_engine_is_refused() -> None:
    with pytest.raises(modelstore.UnknownModel, match="belongs to the engine xgboost, not cox"):
        modelstore.engine_named("cox", "xgboost-simulated-3")


def test_an_engine_is_read_once_and_answers_without_the_libraries_that_fit() -> None:
    assert modelstore.engine_named("cox") is modelstore.engine_named("cox")
    asked = (
        "import sys; from riskapp import modelstore; modelstore.listed(); "
        "from riskapp.exchange.reading import read_profile; "
        "from riskapp.risk.estimate import EstimateOptions; "
        "ann = read_profile({'population': 'gb', 'age_years': 70, 'sex': 'female'}).profile; "
        "[modelstore.engine_named(name).estimate(ann, EstimateOptions()) "
        "for name in modelstore.ENGINES]; "
        "print([name for name in ('shap', 'xgboost', 'lightgbm', 'lifelines', 'pandas', 'torch') "
        "if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize("model_id", ["my_model", "Site-1.b", "m" * 64])
def test_an_id_may_hold_what_a_folder_name_may(place: Path, model_id: str) -> None:
    folders.write(place, model_id, MANIFEST | {"model_id": model_id}, TEXTS)
    assert modelstore.load(model_id).model_id == model_id


def test_naming_a_folder_of_models_loads_none_of_what_computes() -> None:
    program = (
        "import sys; from pathlib import Path; from riskapp.modelstore import look_also_in; "
        "look_also_in(Path('models')); "
        "sys.exit(bool({'numpy', 'riskapp.modelstore.engines'} & sys.modules.keys()))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
