"""How the sense for news does in answers, and what it costs in time -> docs/news.md.

    python -m bench.news_joined --data ../shared/data --failures 10

The rules alone are measured by ``bench.news_sense``, guilt by ``bench.news_guilt``; here questions
are asked of a library:

- *kept*: of yes-or-no questions of ``news-questions-dev`` that have an answer, whether what was
  sure is so still, now that an accusation alone is not.
- *newer*: both sides of each pair of ``bench/labels/values.jsonl`` as articles, with the sentences
  around them; where both were published on one day, one of them a month later. Whether the newer
  comes first of two that differ.
- *time*: each question with and without the sense for news, by turns in one process; medians.

Kept in ``bench/results/news_joined.json``.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.data import keep, options, records
from bench.news_sense import ARTICLES, Scores, Texts, labels
from index import Answer, Library
from index.ask import answer as answering

AROUND = 3
"""Sentences before and behind a labelled one that stand in its article."""
LATER = timedelta(30)
TIMED = 120
"""Questions whose time is taken."""


@contextmanager
def unweighed() -> Iterator[None]:
    """Answer questions of guilt like all others."""
    with patch.object(answering, "weigh", lambda _, quotes: (tuple(quotes), ())):
        yield


@contextmanager
def without_sense() -> Iterator[None]:
    """Answer as before there was a sense for news."""
    with ExitStack() as stack:
        stack.enter_context(unweighed())
        stack.enter_context(patch.object(answering, "turn", lambda _, quotes: tuple(quotes)))
        stack.enter_context(patch.object(answering, "newer_first", lambda _, quotes: quotes))
        stack.enter_context(patch.object(answering, "conflicts", lambda *_: ()))
        stack.enter_context(patch.object(answering, "_spoken", lambda *_: (None, ())))
        stack.enter_context(patch("index.ask.understanding.time_asked", lambda *_: None))
        yield


def indexed(folder: Path, articles: list[dict[str, Any]]) -> Library:
    """A library over articles, by the packaged encoder and reader."""
    folder.mkdir()
    lines = "".join(json.dumps(each) + "\n" for each in articles)
    (folder / "articles.jsonl").write_text(lines, "utf-8")
    library = Library(folder / "index")
    library.sync([folder / "articles.jsonl"])
    return library


def questioned(data: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The questions of ``news-questions-dev``, and the articles they were written over."""
    asked = list(records(data / "news-questions-dev.jsonl.gz"))
    wanted = {each["article"] for each in asked}
    return asked, articles_of(data, wanted)


def articles_of(data: Path, wanted: set[str]) -> list[dict[str, Any]]:
    """The articles with these ids, as records to index."""
    return [
        {"id": each["id"], "title": each["title"], "text": each["text"], "outlet": "Wire"}
        for name in ARTICLES
        for each in records(data / name)
        if each["id"] in wanted
    ]


def described(question: str, given: Answer) -> str:
    shown = given.quotes or given.perhaps
    return f"{question} -> {shown[0].text[:120] if shown else 'refused'}"


def kept(library: Library, questions: list[str], scores: Scores) -> None:
    """Of yes-or-no questions with an answer that were answered as sure, whether they still are."""
    for question in questions:
        with unweighed():
            before = library.ask(question)
        if before.quotes:
            still = bool(library.ask(question).quotes)
            scores("now", "yes-or-no with an answer: still sure").add(
                still, described(question, before)
            )


def pairs(texts: Texts) -> tuple[list[dict[str, Any]], list[tuple[str, str, str]]]:
    """Articles of both sides of each pair, and for each: question, label and the newer's id."""
    articles, asked = [], []
    for number, label in enumerate(labels("values")):
        days = [date.fromisoformat(label[side]["date"]) for side in "ab"]
        if days[0] == days[1]:
            days[number % 2] += LATER
        for side, day in zip("ab", days, strict=True):
            articles.append(surrounded(texts, label[side], f"{number}{side}", day))
        newer = f"{number}{'ab'[days[1] > days[0]]}"
        asked.append((label["question"], label["label"], newer))
    return articles, asked


def surrounded(texts: Texts, side: dict[str, Any], name: str, day: date) -> dict[str, Any]:
    """An article of a labelled sentence, with its edits, and the sentences around it."""
    text, spans = texts[side["article"]]
    at = side["ordinal"]
    sentences = [" ".join(text[span.start : span.end].split()) for span in spans]
    for old, new in side.get("edits", ()):
        sentences[at] = sentences[at].replace(old, new, 1)
    body = " ".join(sentences[max(0, at - AROUND) : at + AROUND])
    title = texts.title(side["article"])
    return {"id": name, "title": title, "text": body, "published": str(day), "outlet": name[-1]}


def newer(library: Library, asked: list[tuple[str, str, str]], scores: Scores) -> None:
    """Of two sides that are shown, whether the newer stands first where they differ."""
    for question, label, later in asked:
        for when in ("before", "now"):
            with ExitStack() as stack:
                if when == "before":
                    stack.enter_context(without_sense())
                given = library.ask(question)
            shown = [each.article.id.rpartition("#")[2] for each in given.quotes or given.perhaps]
            sides_shown = [each for each in shown if each[:-1] == later[:-1]]
            if len(sides_shown) > 1:
                figure = "newer first, of those that differ"
                if label == "different":
                    scores(when, figure).add(sides_shown[0] == later, described(question, given))


def timed(library: Library, questions: list[str]) -> dict[str, float]:
    """Medians of the seconds of an answer with and without, and of the ratio of each pair."""
    library.ask("warm up?")
    with_it, without = [], []
    for number, question in enumerate(questions):
        for sensing in (True, False) if number % 2 else (False, True):
            with ExitStack() as stack:
                if not sensing:
                    stack.enter_context(without_sense())
                begun = time.process_time()
                library.ask(question)
                (with_it if sensing else without).append(time.process_time() - begun)
    ratios = [one / other for one, other in zip(with_it, without, strict=True)]
    return {
        "questions": len(questions),
        "with_ms": round(1000 * statistics.median(with_it), 1),
        "without_ms": round(1000 * statistics.median(without), 1),
        "ratio_of_medians": round(statistics.median(with_it) / statistics.median(without), 3),
        "median_of_ratios": round(statistics.median(ratios), 3),
    }


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--failures", type=int, default=0, help="how many failures to print")
    given = parser.parse_args()
    scores = Scores()
    with tempfile.TemporaryDirectory() as folder:
        asked, articles = questioned(given.data)
        yes_no = [each["question"] for each in asked if each["kind"] == "yesno"]
        with indexed(Path(folder, "asked"), articles) as library:
            kept(library, yes_no, scores)
            speed = timed(library, [each["question"] for each in asked][:TIMED])
        articles, differing = pairs(Texts(given.data))
        with indexed(Path(folder, "pairs"), articles) as library:
            newer(library, differing, scores)
    scores.tell(given.failures)
    print(speed)
    keep("news_joined", scores.figures() | {"time": speed})


if __name__ == "__main__":
    main()
