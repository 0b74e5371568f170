"""Haystack: BM25 and embedding retrievers in memory, joined by reciprocal rank fusion.

The store is kept on disk the way it offers, `save_to_disk`.
"""

import os
from pathlib import Path

from protocol import TOP, Ask, Retrieved, run, sentences


def index(source: Path, folder: Path) -> None:
    from haystack import Document, Pipeline
    from haystack.components.writers import DocumentWriter
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
    )

    store = InMemoryDocumentStore(embedding_similarity_function="cosine")
    pipeline = Pipeline()
    model = os.environ["PEERS_MODEL"]
    pipeline.add_component("embedder", SentenceTransformersDocumentEmbedder(model=model))
    pipeline.add_component("writer", DocumentWriter(store))
    pipeline.connect("embedder", "writer")
    documents = [Document(id=id_, content=text) for id_, text in sentences(source)]
    pipeline.run({"embedder": {"documents": documents}})
    store.save_to_disk(str(folder / "store.json"))


def opened(folder: Path) -> Ask:
    from haystack import Pipeline
    from haystack.components.joiners import DocumentJoiner
    from haystack.components.retrievers.in_memory import (
        InMemoryBM25Retriever,
        InMemoryEmbeddingRetriever,
    )
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersTextEmbedder,
    )

    store = InMemoryDocumentStore.load_from_disk(str(folder / "store.json"))
    pipeline = Pipeline()
    embedder = SentenceTransformersTextEmbedder(model=os.environ["PEERS_MODEL"], progress_bar=False)
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("dense", InMemoryEmbeddingRetriever(store, top_k=TOP))
    pipeline.add_component("bm25", InMemoryBM25Retriever(store, top_k=TOP))
    pipeline.add_component("joiner", DocumentJoiner("reciprocal_rank_fusion", top_k=TOP))
    pipeline.connect("embedder.embedding", "dense.query_embedding")
    pipeline.connect("dense", "joiner")
    pipeline.connect("bm25", "joiner")

    def ask(question: str) -> Retrieved:
        outputs = pipeline.run(
            {"embedder": {"text": question}, "bm25": {"query": question}},
            include_outputs_from={"dense", "bm25"},
        )
        found = {name: output.get("documents", []) for name, output in outputs.items()}
        scores = {
            name: found[part][0].score if found[part] else 0.0
            for name, part in (("fused ranks", "joiner"), ("cosine", "dense"), ("BM25", "bm25"))
        }
        return [document.id for document in found["joiner"]], scores

    return ask


run(index, opened)
