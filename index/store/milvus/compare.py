"""A folder against the Milvus that it was published to: where they differ."""

from __future__ import annotations

from collections.abc import Iterator

from index.records import Filters
from index.store.local import LocalRevision
from index.store.milvus.engine import MilvusEngine


def compare(revision: LocalRevision, engine: MilvusEngine) -> Iterator[str]:
    """Where a Milvus holds something else than the folder that was published to it."""
    mend = "run `pullquote publish --anew`"
    with engine.reading() as there:
        if there.number != revision.number:
            yield (
                f"{engine.place}: holds revision {there.number}, not {revision.number}; run "
                "`pullquote publish`"
            )
            return
        theirs = there.articles(Filters())
        ours = revision.articles(Filters())
        unmatched = {filed.id: filed for filed in ours}
        for filed in theirs:
            own = unmatched.pop(filed.id, None)
            name = filed.article.id
            if own is None:
                yield f"{engine.place}: {name} is not in the index; {mend}"
            elif own.article != filed.article or not filed.whole:
                yield f"{engine.place}: {name} is not as it was indexed; {mend}"
            elif own.sentences:
                ids = range(own.first, own.first + own.sentences)
                if there.keys(ids) != revision.keys(ids):
                    yield f"{engine.place}: {name} has other sentences; {mend}"
        for filed in unmatched.values():
            yield f"{engine.place}: {filed.article.id} is missing; {mend}"
