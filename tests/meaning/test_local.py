from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest
import tokenizers
from onnx import TensorProto, helper, numpy_helper

from gapfinder.meaning.embedder import open_embedder
from gapfinder.meaning.finding import find_by_meaning
from gapfinder.meaning.local import OnnxModel
from indexer.errors import EmbedderError, UsageError
from tests.meaning.notes import store_with

ROOT = Path(__file__).parents[2]
WORDS = ["[PAD]", "[UNK]", "[CLS]", *"纸尿裤奶粉防晒霜怎么选"]
TABLE: npt.NDArray[np.float32] = np.random.default_rng(5).standard_normal((len(WORDS), 12)).astype(np.float32)


def model_folder(folder: Path, *, output: str = "last_hidden_state", nested: bool = False, nan: bool = False) -> Path:
    """A tiny model that really runs: each character has a vector."""
    folder.mkdir()
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token=WORDS[1]))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex("."), "isolated")
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A", special_tokens=[("[CLS]", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    table = np.full_like(TABLE, np.nan) if nan else TABLE
    nodes = [helper.make_node("Gather", ["table", "input_ids"], ["tokens"])]
    shape: list[str | int | None] = ["n", "t", 12]
    if output == "sentence_embedding":
        nodes.append(helper.make_node("ReduceMax", ["tokens"], [output], axes=[1], keepdims=0))
        shape = ["n", 12]
    else:
        nodes.append(helper.make_node("Identity", ["tokens"], [output]))
    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"]) for name in ("input_ids", "attention_mask")
    ]
    outputs = [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, [numpy_helper.from_array(table, "table")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    place = folder / "onnx" if nested else folder
    place.mkdir(exist_ok=True)
    onnx.save(model, place / "model.onnx")
    return folder


def tokens(text: str) -> npt.NDArray[np.float32]:
    return TABLE[[2, *(WORDS.index(letter) if letter in WORDS else 1 for letter in text)]]


def unit(rows: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    matrix = np.array(rows)
    lengths: npt.NDArray[np.float32] = np.linalg.norm(matrix, axis=1, keepdims=True)
    return matrix / lengths


TEXTS = ["纸尿裤", "奶粉怎么选", "霜", "没有的字"]


@pytest.mark.parametrize("nested", [False, True])
def test_the_mean_over_tokens_leaves_padding_out(tmp_path: Path, nested: bool) -> None:  # noqa: FBT001 - a parameter
    embedder = open_embedder(str(model_folder(tmp_path / "小模型", nested=nested)))
    found = embedder.embed(TEXTS)
    assert np.allclose(found, unit([tokens(text).mean(axis=0) for text in TEXTS]), atol=1e-6)
    assert found.dtype == np.float32
    assert embedder.dimensions == 12
    assert np.allclose(embedder.embed(TEXTS * 40)[-1], found[-1], atol=1e-6)
    assert embedder.embed([]).shape == (0, 12)


def test_the_folder_may_ask_for_the_first_token(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "m")
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        '{"pooling_mode_cls_token": true, "word_embedding_dimension": 12}'
    )
    assert np.allclose(open_embedder(str(folder)).embed(TEXTS), unit([TABLE[2]] * 4), atol=1e-6)


def test_a_model_may_give_the_vectors_of_texts_itself(tmp_path: Path) -> None:
    embedder = open_embedder(str(model_folder(tmp_path / "m", output="sentence_embedding")))
    assert np.allclose(embedder.embed(["纸尿裤"]), unit([tokens("纸尿裤").max(axis=0)]), atol=1e-6)


def test_its_name_follows_its_contents_and_hides_its_place(tmp_path: Path) -> None:
    one, same = model_folder(tmp_path / "m"), model_folder(tmp_path / "x")
    same.rename(tmp_path / "y")
    (tmp_path / "z").mkdir()
    (tmp_path / "y").rename(tmp_path / "z" / "m")
    first, second = open_embedder(str(one)), open_embedder(str(tmp_path / "z" / "m"))
    assert first.name == second.name
    assert first.name.startswith("onnx:m:")
    (one / "1_Pooling").mkdir()
    (one / "1_Pooling" / "config.json").write_text('{"pooling_mode_cls_token": true}')
    assert open_embedder(str(one)).name != first.name


def test_notes_are_found_by_a_local_model(tmp_path: Path) -> None:
    embedder = open_embedder(str(model_folder(tmp_path / "m")))
    with store_with("memory", tmp_path) as store, store.snapshot() as snapshot:
        found = find_by_meaning(store, snapshot, ["防晒霜"], embedder, most=1)
    assert found.note_id.to_pylist() == ["n0"]


def test_numbers_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    embedder = open_embedder(str(model_folder(tmp_path / "m", nan=True)))
    with pytest.raises(EmbedderError, match="no finite vector"):
        embedder.embed(TEXTS)


def test_a_model_of_something_else_is_said(tmp_path: Path) -> None:
    embedder = open_embedder(str(model_folder(tmp_path / "m")))
    assert isinstance(embedder, OnnxModel)
    embedder._inputs.append("attention")
    with pytest.raises((EmbedderError, KeyError)):
        embedder.embed(TEXTS)


def test_folders_without_a_model_are_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    damaged = model_folder(tmp_path / "damaged")
    (damaged / "model.onnx").write_bytes(b"no model")
    strange = model_folder(tmp_path / "strange")
    (strange / "1_Pooling").mkdir()
    (strange / "1_Pooling" / "config.json").write_text('{"pooling_mode_max_tokens": true}')
    spoiled = model_folder(tmp_path / "spoiled")
    (spoiled / "1_Pooling").mkdir()
    (spoiled / "1_Pooling" / "config.json").write_text("[")
    for name, sentence in (
        ("absent", "there is no folder"),
        ("empty", "holds no embedder"),
        ("damaged", "can't be read"),
        ("strange", "pools its tokens in a way"),
        ("spoiled", "is not what sentence-transformers writes"),
    ):
        with pytest.raises(UsageError, match=sentence):
            open_embedder(str(tmp_path / name))


def test_a_missing_package_is_named_with_its_command(tmp_path: Path) -> None:
    folder = tmp_path / "sentences"
    folder.mkdir()
    (folder / "modules.json").write_text("[]")
    with pytest.raises(UsageError, match="needs the package sentence_transformers") as raised:
        open_embedder(str(folder))
    assert raised.value.hint == "pip install sentence-transformers"


def test_without_the_runtime_the_command_names_it(tmp_path: Path) -> None:
    """In a process that can't import the package, as where it is not installed."""
    folder = model_folder(tmp_path / "m")
    program = f"""
import sys
sys.modules["onnxruntime"] = None
from gapfinder.meaning.embedder import open_embedder
from indexer.errors import UsageError
try:
    open_embedder({str(folder)!r})
except UsageError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "this embedder needs the package onnxruntime, which is not installed",
        "pip install onnxruntime tokenizers",
    ]


STAND_IN = """
import json, os
import numpy as np
class SentenceTransformer:
    def __init__(self, folder, **options):
        self.told = [folder, options, os.environ.get("HF_HUB_OFFLINE")]
    def encode(self, texts, **options):
        print(json.dumps(self.told))
        return np.array([[float(len(text)), 1.0] for text in texts], np.float32)
"""


def test_sentence_transformers_may_load_nothing_from_elsewhere(tmp_path: Path) -> None:
    """The package weighs some gigabytes, so what it is told is seen by a stand-in under its name."""
    folder, package = model_folder(tmp_path / "m"), tmp_path / "packages"
    (folder / "modules.json").write_text("[]")
    package.mkdir()
    (package / "sentence_transformers.py").write_text(STAND_IN)
    program = f"""
import json, sys
sys.path.insert(0, {str(package)!r})
from gapfinder.meaning.embedder import open_embedder
embedder = open_embedder({str(folder)!r})
print(json.dumps([embedder.embed(["abc", ""]).tolist(), embedder.name, embedder.dimensions]))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    told, (vectors, name, dimensions) = map(json.loads, done.stdout.splitlines())
    assert told == [str(folder), {"local_files_only": True, "device": "cpu"}, "1"]
    assert np.allclose(vectors, np.array([[3.0, 1.0], [0.0, 10**0.5]]) / 10**0.5)
    assert name.startswith("sentence-transformers:m:")
    assert dimensions == 2
