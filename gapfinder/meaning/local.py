"""Embedders in a local folder: an ONNX model, or a sentence-transformers model. Nothing is ever downloaded.

Both need packages that the project itself does not: what is missing is said with the command that installs it.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np

from gapfinder.meaning.embedder import Embedder, Floats, of_length_one
from indexer.errors import EmbedderError, UsageError

_BATCH: Final = 64
_LONGEST: Final = 512  # tokens of a text that are read
_PIECE: Final = 1 << 20
_MODELS: Final = ("model.onnx", "onnx/model.onnx")
_POOLING: Final = Path("1_Pooling") / "config.json"
_TOKENS, _SENTENCES = 3, 2  # axes of an output by token, and of one by text


def open_folder(folder: Path) -> Embedder:
    """The model of a folder: sentence-transformers where the folder and the package are there, else ONNX.

    Raises:
        UsageError: There is no such folder, no model in it, or the package that reads it is missing.
    """
    if not folder.is_dir():
        raise UsageError(
            f"there is no folder {folder} with an embedder",
            hint="name a folder with model.onnx and tokenizer.json, or an endpoint like http://localhost:8080/v1#bge-m3",
        )
    model = next((folder / name for name in _MODELS if (folder / name).is_file()), None)
    is_onnx = model is not None and (folder / "tokenizer.json").is_file()
    is_sentences = (folder / "modules.json").is_file()
    if is_sentences and (not is_onnx or importlib.util.find_spec("sentence_transformers")):
        return SentenceModel(folder)
    if is_onnx and model is not None:
        return OnnxModel(folder, model)
    raise UsageError(
        f"the folder {folder} holds no embedder",
        hint="an ONNX model is model.onnx and tokenizer.json, one of sentence-transformers has a modules.json",
    )


class OnnxModel:
    """An ONNX model with its tokenizer.

    The vector of a text is the mean over its tokens (those that are no padding), or its first token where the folder
    says so (``1_Pooling/config.json``), or the model's own where it gives one a text.

    Args:
        folder: Where the tokenizer lies.
        model: The model's file.
    """

    def __init__(self, folder: Path, model: Path) -> None:
        runtime = _package("onnxruntime", "pip install onnxruntime tokenizers")
        tokenizers = _package("tokenizers", "pip install onnxruntime tokenizers")
        self.name = f"onnx:{folder.name}:{_digest([model, folder / 'tokenizer.json', folder / _POOLING])}"
        self.dimensions: int | None = None
        self._first_token = _pools_first_token(folder)
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = runtime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        except Exception as error:  # both packages raise bare exceptions of their own
            raise UsageError(f"the embedder in {folder} can't be read: {_line(error)}") from error
        self._tokenizer.enable_truncation(_LONGEST)
        self._tokenizer.enable_padding()
        self._inputs = [one.name for one in self._session.get_inputs()]
        self._outputs = [one.name for one in self._session.get_outputs()]

    def embed(self, texts: Sequence[str]) -> Floats:
        """Vectors of the texts, one a row, each of length 1 (or all zeros).

        Raises:
            EmbedderError: The model can't be run, or gives no finite vectors.
        """
        found = [self._batch(list(texts[start : start + _BATCH])) for start in range(0, len(texts), _BATCH)]
        return np.concatenate(found) if found else np.empty((0, self.dimensions or 0), np.float32)

    def close(self) -> None:
        """Nothing to give back."""

    def _batch(self, texts: list[str]) -> Floats:
        encoded = self._tokenizer.encode_batch(texts)
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        known = {
            "input_ids": np.array([one.ids for one in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.array([one.type_ids for one in encoded], np.int64),
        }
        try:
            answer = self._session.run(None, {name: known[name] for name in self._inputs})
        except Exception as error:  # the runtime raises bare exceptions of its own
            raise EmbedderError(f"the embedder {self.name} can't be run: {_line(error)}") from error
        vectors = self._pooled(dict(zip(self._outputs, answer, strict=True)), mask)
        return _checked(self, vectors, len(texts))

    def _pooled(self, answer: dict[str, Any], mask: Any) -> Any:
        for wanted in ("sentence_embedding", *self._outputs):
            if wanted in answer and np.ndim(answer[wanted]) == _SENTENCES and wanted == "sentence_embedding":
                return answer[wanted]
            if wanted in answer and np.ndim(answer[wanted]) == _TOKENS:
                tokens = np.asarray(answer[wanted], np.float64)
                if self._first_token:
                    return tokens[:, 0]
                weight = mask[:, :, None].astype(np.float64)
                return (tokens * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1.0)
        raise EmbedderError(f"the embedder {self.name} gives no vectors, neither of tokens nor of texts")


class SentenceModel:
    """A model of sentence-transformers.

    Args:
        folder: Where it lies.
    """

    def __init__(self, folder: Path) -> None:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when the package is loaded
        package = _package("sentence_transformers", "pip install sentence-transformers")
        self.name = f"sentence-transformers:{folder.name}:{_digest(sorted(folder.rglob('*')))}"
        self.dimensions: int | None = None
        try:
            self._model = package.SentenceTransformer(str(folder), local_files_only=True, device="cpu")
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise UsageError(f"the embedder in {folder} can't be read: {_line(error)}") from error

    def embed(self, texts: Sequence[str]) -> Floats:
        """Vectors of the texts, one a row, each of length 1 (or all zeros).

        Raises:
            EmbedderError: The model can't be run, or gives no finite vectors.
        """
        try:
            vectors = self._model.encode(list(texts), batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise EmbedderError(f"the embedder {self.name} can't be run: {_line(error)}") from error
        return _checked(self, np.asarray(vectors), len(texts))

    def close(self) -> None:
        """Nothing to give back."""


def _checked(embedder: OnnxModel | SentenceModel, vectors: Any, count: int) -> Floats:
    shape = np.shape(vectors)
    if len(shape) != _SENTENCES or shape[0] != count or not shape[1] or not np.isfinite(vectors).all():
        raise EmbedderError(f"the embedder {embedder.name} gives no finite vector for each text")
    embedder.dimensions = embedder.dimensions or int(shape[1])
    return of_length_one(np.asarray(vectors, np.float64))


def _package(name: str, install: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise UsageError(f"this embedder needs the package {name}, which is not installed", hint=install) from error


def _pools_first_token(folder: Path) -> bool:
    """Whether the folder says that a text's vector is that of its first token; the mean otherwise."""
    path = folder / _POOLING
    if not path.is_file():
        return False
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        chosen = {name for name, value in said.items() if name.startswith("pooling_mode_") and value is True}
    except (ValueError, AttributeError) as error:
        raise UsageError(f"{path} is not what sentence-transformers writes") from error
    if chosen - {"pooling_mode_cls_token", "pooling_mode_mean_tokens"} or len(chosen) > 1:
        raise UsageError(
            f"the embedder in {folder} pools its tokens in a way that is not known here",
            hint="pip install sentence-transformers reads every such folder",
        )
    return chosen == {"pooling_mode_cls_token"}


def _digest(paths: Sequence[Path]) -> str:
    """Says which files a model is made of: by their contents, so that an exchanged model is another one."""
    found = hashlib.blake2b(digest_size=6)
    for path in paths:
        if path.is_file():
            found.update(f"\0{path.name}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                while piece := file.read(_PIECE):
                    found.update(piece)
    return found.hexdigest()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
