"""cairn-assistant: lexical, without a model; `cairn` itself indexes and answers one question.

Its corpus is a folder of Markdown files, a paragraph a passage: each sentence is given to it as a
paragraph, in a file for every article. `index` writes this corpus; `cairn index` reads it.
"""

import json
from pathlib import Path

from protocol import TOP, Ask, Retrieved, run, sentences


def corpus(source: Path, folder: Path) -> None:
    articles: dict[str, list[tuple[str, str]]] = {}
    for id_, text in sentences(source):
        line = " ".join(text.split())
        line = f"\\{line}" if line.startswith("#") else line  # no heading
        articles.setdefault(id_.rpartition("#")[0], []).append((id_, line))
    (folder / "corpus").mkdir()
    ids = {}
    for number, (title, rows) in enumerate(articles.items()):
        head = f"---\nid: a{number}\ntitle: {title}\nlang: en\n---\n"
        body = "\n\n".join(text for _, text in rows)
        (folder / "corpus" / f"a{number}.md").write_text(f"{head}{body}\n", "utf-8")
        ids |= {f"a{number}#{place}": id_ for place, (id_, _) in enumerate(rows, start=1)}
    (folder / "ids.json").write_text(json.dumps(ids), "utf-8")
    settings = f'corpus.path = "corpus"\nindex.path = "index.json"\nretrieval.candidates = {TOP}\n'
    (folder / "cairn.toml").write_text(settings, "utf-8")


def opened(folder: Path) -> Ask:
    from cairn.config import load_config
    from cairn.engine import ask as engine
    from cairn.index import read_index

    settings = load_config(folder / "cairn.toml")
    index = read_index(folder / settings.index_path, folder / settings.corpus_path)
    ids = json.loads((folder / "ids.json").read_text("utf-8"))

    def ask(question: str) -> Retrieved:
        result = engine(question, index, settings)
        found = result.attempts[0].trace.candidates
        scores = {"cosine of words": found[0].score if found else 0.0}
        scores["as shipped"] = float(result.answer.kind == "grounded")
        return [ids[each.passage.passage_id] for each in found], scores

    return ask


run(corpus, opened)
