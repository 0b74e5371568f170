"""A corpus -> the project's own search over it, each paragraph as an article."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.reader.collect import Search
from bench.reader.corpus import Corpus
from index import Filters, Library
from index.ask.search import search
from index.encoder import export
from index.encoder.encode import ExportedEncoder
from index.store.revisions import Store


@contextmanager
def searching(corpus: Corpus, work: Path) -> Iterator[Search]:
    """Index the corpus in ``work``, or find the index there, and open its search."""
    folder, file = work / "store", work / "paragraphs.jsonl"
    if not file.exists():
        work.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8") as lines:
            for number, title in enumerate(corpus.titles):
                record = {"id": str(number), "title": title, "text": corpus.paragraphs[number]}
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    Library(folder).sync([file])
    rows = {(line.paragraph, line.text): row for row, line in enumerate(corpus.lines)}
    store = Store(folder)
    with store.reading() as revision:
        encoder = ExportedEncoder(export.folder_of(store.models, revision.encoder))

        def ask(question: str, k: int) -> list[tuple[int, float]]:
            hits = []
            for found in search(question, revision, encoder, Filters()):
                article, sentence = found.filed.article, found.candidate.sentence
                place = int(article.id.rpartition("#")[2])
                row = rows.get((place, article.text[sentence.start : sentence.end]))
                if row is not None:  # else the title
                    hits.append((row, found.candidate.score))
            return hits[:k]

        yield ask
