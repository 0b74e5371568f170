"""Data folder -> articles, sentences and questions; knows the files' names and fields.

SQuAD gives an answer's words, not which sentence they stand in: a question's answering
sentences are those of its paragraph that hold one of its answers. Its paragraphs are joined to
the article that they come from, so that windows cross their ends as they do in the news.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.english.segment import segment

HELD_OUT_TITLES = 44  # of SQuAD's 442: about as many sentences as the development set has
HELD_OUT_NEWS = 100  # of the 1,350 articles with questions
OTHER_NEWS = 4000  # further articles in training, which serve as negatives only
SEED = 20261122


@dataclass(frozen=True, slots=True)
class Article:
    """A text with its title, and the sentences that it is cut into."""

    id: str
    title: str
    text: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of an article: ``gold`` are the numbers of its answering sentences.

    Without any, the article does not answer it, and ``tempting`` is the sentence that most looks
    as if it did. ``answers`` are the shortest words that answer; without any, a whole sentence
    does, or a yes or no.
    """

    text: str
    article: int
    gold: tuple[int, ...]
    answers: tuple[str, ...]
    kind: str
    tempting: int | None = None


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles and questions about some of them, by their number."""

    articles: tuple[Article, ...]
    questions: tuple[Question, ...]

    def __add__(self, other: Corpus) -> Corpus:
        moved = (
            Question(q.text, q.article + len(self.articles), q.gold, q.answers, q.kind, q.tempting)
            for q in other.questions
        )
        return Corpus(self.articles + other.articles, (*self.questions, *moved))


def find(text: str, answer: str) -> tuple[int, int] | None:
    """Return where ``answer`` stands in ``text`` as whole words, or None.

    >>> find("In 1973, oil rose.", "1973")
    (3, 7)
    """
    match = re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text)
    return match.span() if match else None


def records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a gzipped file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def article(name: str, title: str, text: str) -> Article:
    """Cut a text into its sentences."""
    return Article(name, title, text, tuple(text[s.start : s.end] for s in segment(text)))


def squad(data: Path, part: str, *, joined: bool) -> Corpus:
    """Read one of the parts ``train``, ``held-out`` (articles of train) and ``dev``.

    ``joined``: all paragraphs of a title are one article, as in training; else each is one.
    """
    name = "dev" if part == "dev" else "train"
    every = list(records(data / f"squad-{name}-paragraphs.jsonl.gz"))
    if part != "dev":
        titles = sorted({p["title"] for p in every})
        out = frozenset(random.Random(SEED).sample(titles, HELD_OUT_TITLES))
        every = [p for p in every if (p["title"] in out) == (part == "held-out")]
    paragraphs = {p["id"]: article(p["id"], p["title"], p["text"]) for p in every}
    groups: dict[str, list[Article]] = {}
    for each in paragraphs.values():
        groups.setdefault(each.title if joined else each.id, []).append(each)
    articles, places = [], {}
    for number, (key, group) in enumerate(groups.items()):
        sentences: list[str] = []
        for each in group:
            places[each.id] = number, len(sentences)
            sentences += each.sentences
        text = "\n".join(each.text for each in group)
        articles.append(Article(key, group[0].title, text, tuple(sentences)))
    questions = []
    for q in records(data / f"squad-{name}-questions.jsonl.gz"):
        if q["paragraph_id"] not in places:
            continue
        number, first = places[q["paragraph_id"]]
        answers = tuple(q["answers"]) if "answers" in q else (q["answer"],)
        own = paragraphs[q["paragraph_id"]].sentences
        gold = tuple(first + n for n, s in enumerate(own) if any(find(s, a) for a in answers))
        if gold:
            questions.append(Question(q["question"].strip(), number, gold, answers, "squad"))
    return Corpus(tuple(articles), tuple(questions))


def news_articles(data: Path) -> Iterator[Article]:
    """Yield every article of BBC and Reuters."""
    for name in ("news-bbc2225", "news-reuters21578"):
        for each in records(data / f"{name}.jsonl.gz"):
            yield article(each["id"], each["title"], each["text"])


def news(data: Path, part: str, others: int = 0) -> Corpus:
    """Read one of the parts ``train``, ``held-out`` (articles of train) and ``dev``.

    ``others`` are so many articles without questions beside those with, none of them among those
    that ``train`` has.
    """
    name = "dev" if part == "dev" else "train"
    asked = list(records(data / f"news-questions-{name}.jsonl.gz"))
    own = sorted({q["article"] for q in asked})
    if part != "dev":
        out = frozenset(random.Random(SEED).sample(own, HELD_OUT_NEWS))
        own = [a for a in own if (a in out) == (part == "held-out")]
    articles = {each.id: each for each in news_articles(data)}
    kept = [articles[name] for name in own] + _others(data, articles.values(), part, others)
    numbers = {each.id: n for n, each in enumerate(kept)}
    questions = []
    for q in asked:
        if q["article"] not in own:
            continue
        number, ordinal = numbers[q["article"]], q["ordinal"]
        answers = (q["answer"],) if q["answer"] else ()
        gold, tempting = ((ordinal,), None) if q["answerable"] else ((), ordinal)
        questions.append(Question(q["question"], number, gold, answers, q["kind"], tempting))
    return Corpus(tuple(kept), tuple(questions))


def _others(data: Path, articles: Iterable[Article], part: str, count: int) -> list[Article]:
    """Return articles without questions, the same ones always."""
    asked = {
        q["article"]
        for part in ("train", "dev")
        for q in records(data / f"news-questions-{part}.jsonl.gz")
    }
    free = [each for each in articles if each.id not in asked]
    trained_on = random.Random(SEED).sample(free, OTHER_NEWS)
    if part == "train":
        return trained_on
    names = {each.id for each in trained_on}
    return random.Random(SEED).sample([each for each in free if each.id not in names], count)


def words(text: str) -> list[str]:
    """Return a text's words in lower case.

    >>> words("Who vetoed it, in 2016?")
    ['who', 'vetoed', 'it', 'in', '2016']
    """
    return re.findall(r"\w+", text.lower())
