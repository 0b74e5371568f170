"""Whether the days of a timeline are days of its story -> docs/news.md.

    python -m bench.news_timeline INDEX --failures 10

INDEX is an index of ``news-reuters21578``. Asked are the stories of ``bench/labels/timeline.jsonl``,
each with the articles that belong to it: found by their names, then chosen by hand. Counted are, of
the days shown, those whose quote is from an article that belongs, and, of the days on which one
that belongs was published, those that are shown with such a quote. BBC's articles have no dates.
Kept in ``bench/results/news_timeline.json``.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

from bench.data import keep, options
from bench.news_sense import Scores, labels
from index import Library


def days(library: Library, articles: list[str]) -> Iterator[date]:
    """The days on which articles were published."""
    with library.store.reading() as revision:
        for article in articles:
            filed = revision.article(article)
            if filed is None or filed.article.published is None:
                raise LookupError(f"{article}: not in the index, or without a date")
            yield filed.article.published


def told(library: Library, story: str, belongs: list[str], scores: Scores) -> None:
    """One story."""
    right: set[date | None] = set()
    for quote in library.timeline(story).quotes:
        shown = [quote.article.id, *(each.id for each in quote.also_in)]
        found = any(article in belongs for article in shown)
        where = f"{story}: {quote.article.published} {quote.article.title} [{quote.text}]"
        scores("now", "day shown is of the story").add(found, " ".join(where.split()))
        if found:
            right.add(quote.article.published)
    for day in sorted(set(days(library, belongs))):
        scores("now", "day of the story is shown").add(day in right, f"{story}: {day}")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("--failures", type=int, default=0, help="how many failures to print")
    given = parser.parse_args()
    scores = Scores()
    with ExitStack() as stack:
        library = stack.enter_context(Library(given.index))
        for label in labels("timeline"):
            told(library, label["story"], label["articles"], scores)
    scores.tell(given.failures)
    keep("news_timeline", scores.figures())


if __name__ == "__main__":
    main()
