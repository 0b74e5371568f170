"""How often the sentence that answers is found, and how far up: SQuAD dev -> docs/quality.md.

    python -m bench.retrieval

Indexes the paragraphs with the real library, each as an article, and asks every question. A
sentence is right when it belongs to the paragraph that the question was written for and holds one
of its answers; a question is found at the place of the first right sentence.

``cosine`` is the sentence's own vector, which the index does not search, ``dense`` its vector in
context, ``lexical`` BM25 over sentence and passage, ``fused`` what is asked.
"""

import numpy as np

from bench.data import Prepared, answering, keep, options, paragraphs, questions
from bench.fusion import figures
from index import Filters, Library
from index.ask.search import DEPTH, pose, search
from index.encoder import export
from index.encoder.encode import ExportedEncoder
from index.store.revisions import Store


def place(ids: list[int], right: set[int]) -> int:
    return next((at for at, id_ in enumerate(ids) if id_ in right), 10**6)


def main() -> None:
    parser = options(__doc__)
    given = parser.parse_args()
    folder = given.work / "dev"
    articles_file = (given.data / "squad-dev-paragraphs.jsonl.gz").resolve()
    print(Library(folder).sync([articles_file]))
    asked = questions(given.data / "squad-dev-questions.jsonl.gz")
    places: dict[str, list[int]] = {"cosine": [], "dense": [], "lexical": [], "fused": []}
    without = 0
    store = Store(folder)
    with store.reading() as revision:
        exported = ExportedEncoder(export.folder_of(store.models, revision.encoder))
        encoder = Prepared(exported, [question.text for question in asked])
        home = paragraphs(revision.catalog)
        last = max(filed.first + filed.sentences for filed in home.values())
        plain = np.zeros((last, encoder.dim), "f4")
        for filed in home.values():
            span = filed.first, filed.first + filed.sentences
            plain[slice(*span)] = revision.catalog.vectors(*span)
        for question in asked:
            right = answering(question, home[question.paragraph], revision.catalog)
            without += not right
            (vector,) = encoder.encode([question.text])
            alone = np.argsort(-(plain @ vector), kind="stable")[:DEPTH]
            near, _ = revision.dense.search(vector, DEPTH)
            terms = list(dict.fromkeys(revision.terms(question.text)))
            sharing = revision.lexical.search(terms, DEPTH, Filters())
            fused = search(pose(question.text, encoder), revision, Filters())
            places["cosine"].append(place(alone.tolist(), right))
            places["dense"].append(place(near.tolist(), right))
            places["lexical"].append(place(sharing.tolist(), right))
            places["fused"].append(place([found.id for found in fused], right))
        articles, sentences = revision.catalog.counts()
    table = {name: figures(np.array(found)) for name, found in places.items()}
    print(f"{len(asked)} questions, {articles} paragraphs, {sentences} sentences")
    print(f"{without} questions have no sentence that holds an answer; they count as not found")
    columns = list(table["fused"])
    print(f"{'':8}", *(f"{column:>10}" for column in columns))
    for name, row in table.items():
        print(f"{name:8}", *(f"{row[column]:10.4f}" for column in columns))
    counts = {"questions": len(asked), "without": without}
    keep("retrieval", {**counts, "paragraphs": articles, "sentences": sentences, **table})


if __name__ == "__main__":
    main()
