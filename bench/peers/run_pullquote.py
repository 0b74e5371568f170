"""Pullquote: the library with its reader; `pullquote` itself indexes and answers one question."""

from pathlib import Path

from protocol import TOP, Ask, Retrieved, run


def opened(folder: Path) -> Ask:
    from index import Library
    from index.ask.judge import ReaderJudge
    from index.ask.reader import Reader

    judge = ReaderJudge(Reader())
    library = Library(folder / "index", judge=judge)

    def ask(question: str) -> Retrieved:
        quotes = library.ask(question, top=TOP, threshold=0.0).quotes
        ids = [f"{each.article.id.partition('#')[2]}:{each.start}" for each in quotes]
        best = quotes[0].confidence if quotes else 0.0
        return ids, {"confidence": best, "as shipped": float(best >= judge.threshold)}

    return ask


run(None, opened)
