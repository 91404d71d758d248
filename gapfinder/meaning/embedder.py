"""An embedder turns texts into vectors whose cosine says how close their meanings are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from gapfinder.meaning.address import is_endpoint, parse_endpoint

Floats = npt.NDArray[np.float32]


class Embedder(Protocol):
    """What every embedder offers.

    Attributes:
        name: Says which model made a vector, so that vectors of different models are never mixed; holds no secret.
        dimensions: Length of its vectors; None as long as nothing was embedded.
    """

    name: str
    dimensions: int | None

    def embed(self, texts: Sequence[str]) -> Floats:
        """Vectors of the texts, one a row, each of length 1 (or all zeros).

        Raises:
            EmbedderError: It can't be reached, or its answer can't be trusted.
        """
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...


def open_embedder(spec: str) -> Embedder:
    """The embedder that a user names; nothing is asked of it yet, and nothing is ever downloaded.

    Args:
        spec: ``http(s)://host/v1#model`` of an endpoint that speaks the embeddings protocol of OpenAI, or a folder with
            an ONNX model (``model.onnx`` and ``tokenizer.json``) or a sentence-transformers model.

    Raises:
        UsageError: It names no embedder that there could be, or one that needs a package which is not installed.
    """
    if is_endpoint(spec):
        from gapfinder.meaning.endpoint import Endpoint  # noqa: PLC0415 - only what is named is loaded

        return Endpoint(parse_endpoint(spec))
    from gapfinder.meaning.local import open_folder  # noqa: PLC0415 - likewise

    return open_folder(Path(spec).expanduser())


def of_length_one(matrix: npt.NDArray[np.floating]) -> Floats:
    """Each row divided by its length; rows of zeros stay. Large and tiny numbers neither overflow nor vanish."""
    wide = matrix.astype(np.float64)
    largest = np.abs(wide).max(axis=1, keepdims=True, initial=0.0)
    wide /= np.where(largest > 0, largest, 1.0)
    length = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
    return (wide / np.where(length > 0, length, 1.0)).astype(np.float32)
