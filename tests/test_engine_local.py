"""The engine on this disk answers all that an engine must answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from encoders import WordEncoder
from engine_contract import WORLD, EngineContract, Piece, Publish

from index.errors import StoreMissingError
from index.records import Filters
from index.store.engine import Engine, embedding_key
from index.store.revisions import Store

ENCODER = WordEncoder()


class Publisher:
    """Files articles in a store, as a run of the index does."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def __call__(
        self,
        piece: Sequence[Piece],
        threshold: float | None = None,
        perhaps: float | None = None,
    ) -> Engine:
        """Make these the live articles."""
        if threshold is not None:
            self.store.set_threshold(threshold, perhaps)
        with self.store.writing() as catalog:
            for each in piece:
                if sentences := each.sentences:
                    keys = [embedding_key(ENCODER.name, text) for text in sentences]
                    catalog.keep(keys, ENCODER.encode(sentences))
            wanted = {each.article.id: each for each in piece}
            removed = []
            for filed in list(catalog.articles()):
                each = wanted.get(filed.article.id)
                if each is not None and each.article == filed.article:
                    del wanted[filed.article.id]
                else:
                    removed.append(filed)
            with catalog.writing():
                for filed in removed:
                    catalog.retire(filed)
                added = [
                    catalog.insert(each.article, each.file, each.spans, ENCODER.name)
                    for each in wanted.values()
                ]
                self.store.prepare(catalog, added, removed, ENCODER.name)
        return self.store


class TestLocalEngine(EngineContract):
    """SQLite, tantivy and FAISS in a folder."""

    @pytest.fixture
    def publish(self, tmp_path: Path) -> Iterator[Publish]:
        """A store in an empty folder."""
        store = Store(tmp_path / "index")
        yield Publisher(store)
        store.close()


def test_before_anything_was_published_there_is_nothing_to_read(tmp_path: Path) -> None:
    """An empty folder holds no revision."""
    store = Store(tmp_path / "index")
    assert store.revision() == 0
    with pytest.raises(StoreMissingError), store.reading():
        pass


def test_what_is_asked_on_this_machine_besides(tmp_path: Path) -> None:
    """The catalog, the files of the revision and their agreement can be proven."""
    store = Store(tmp_path / "index")
    publish = Publisher(store)
    publish(WORLD)
    with store.reading() as revision:
        assert list(revision.check_catalog()) == []
        assert list(revision.check_files()) == []
        assert list(revision.check_agreement()) == []
        for filed in revision.articles(Filters()):
            assert revision.differing(filed, filed.article.text) is None
            start, _ = revision.differing(filed, "?" + filed.article.text) or (-1, -1)
            assert start == 0
    store.close()
