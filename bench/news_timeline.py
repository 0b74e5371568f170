"""Whether the days of a timeline are days of its story -> docs/news.md.

    python -m bench.news_timeline INDEX --failures 10

INDEX is one of ``news-reuters21578``. Asked are the stories of ``bench/labels/timeline.jsonl``,
each with the articles that belong to it: found by their names, then chosen by hand. Counted are, of
the days shown, those whose quote is from an article that belongs, and, of the days on which one
that belongs was published, those that are shown with such a quote. BBC's articles have no dates.
Kept in ``bench/results/news_timeline.json``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.data import keep, options
from bench.news_sense import Scores, labels
from index import Library
from index.records import Article, Quote


def plain(article: Article) -> str:
    """Its id in the file that it came from."""
    return article.id.rpartition("#")[2]


def told(quotes: Sequence[Quote], story: str, belongs: Mapping[str, Any], scores: Scores) -> None:
    """The quotes for one story, and the dates of the articles that belong to it."""
    right: set[Any] = set()
    for quote in quotes:
        shown = [plain(each) for each in (quote.article, *quote.also_in)]
        found = any(article in belongs for article in shown)
        where = f"{story}: {quote.article.published} {quote.article.title} [{quote.text}]"
        scores("now", "day shown is of the story").add(found, " ".join(where.split()))
        if found:
            right.add(quote.article.published)
    for day in sorted(set(belongs.values())):
        scores("now", "day of the story is shown").add(day in right, f"{story}: {day}")


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("--failures", type=int, default=0, help="how many failures to print")
    given = parser.parse_args()
    scores = Scores()
    with Library(given.index) as library:
        published = {plain(article): article.published for article in library.articles()}
        for label in labels("timeline"):
            belongs = {article: published[article] for article in label["articles"]}
            told(library.timeline(label["story"]).quotes, label["story"], belongs, scores)
    scores.tell(given.failures)
    keep("news_timeline", scores.figures())


if __name__ == "__main__":
    main()
