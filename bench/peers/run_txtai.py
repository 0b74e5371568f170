"""txtai: hybrid search of its own, dense vectors in FAISS and BM25, joined by a convex sum."""

import os
from pathlib import Path

from protocol import TOP, Ask, Retrieved, run, sentences


def index(source: Path, folder: Path) -> None:
    from txtai import Embeddings

    embeddings = Embeddings(
        path=os.environ["PEERS_MODEL"],
        method="sentence-transformers",
        content=True,
        hybrid=True,
        backend="faiss",
    )
    embeddings.index((id_, text, None) for id_, text in sentences(source))
    embeddings.save(str(folder / "index"))


def opened(folder: Path) -> Ask:
    from txtai import Embeddings

    embeddings = Embeddings()
    embeddings.load(str(folder / "index"))

    def ask(question: str) -> Retrieved:
        rows = embeddings.search(question, TOP)
        return [row["id"] for row in rows], {"hybrid": rows[0]["score"] if rows else 0.0}

    return ask


run(index, opened)
