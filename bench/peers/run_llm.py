"""llm: its collections of embeddings; indexed and asked from a standing start by `llm` itself."""

from pathlib import Path

from protocol import TOP, Ask, Retrieved, run


def opened(folder: Path) -> Ask:
    import llm
    import sqlite_utils

    database = sqlite_utils.Database(folder / "embeddings.db")
    collection = llm.Collection("sentences", database, create=False)

    def ask(question: str) -> Retrieved:
        entries = collection.similar(question, TOP)
        return [entry.id for entry in entries], {"cosine": entries[0].score}

    return ask


run(None, opened)
