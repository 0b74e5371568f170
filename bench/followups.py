"""How many follow-up questions are understood rightly, and how many answered -> docs/quality.md.

    python -m bench.followups [--part apart]

Asks the talks of ``bench/labels/followups.jsonl`` (a tour that newcomers took, talks to develop
with, talks kept apart) over their articles, 200 others of BBC and Reuters, and ``seeds/``. Counted:

- *understood*: the question that is asked instead is one of those that a person would ask, and the
  article is preferred that should be; every turn follows the right answer to the one before.
- *answered*: the first quote is a right one (or nothing is quoted, where that is right, too), in a
  talk as it goes: every turn follows what was answered before, right or wrong.
- *answered after right answers*: the same, but every turn follows the right answer.
"""

import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from bench.data import keep, options, records
from index import Library
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader
from index.english.followup import Earlier, carried
from index.records import Answer, Article, Filters, Quote, Refusal

LABELS = Path(__file__).parent / "labels" / "followups.jsonl"
SEEDS = Path(__file__).parent.parent / "seeds"
SEED, OTHERS = 14, 200
NEEDED = ("bbc_sport_235",)  # what Ferguson said
PARTS = ("tour", "develop", "apart")


@dataclass(frozen=True)
class Turn:
    """A question of a talk; ``understood`` is empty where it should stay as it was typed."""

    question: str
    right: tuple[str, ...]
    said: str
    understood: tuple[str, ...] = ()
    article_first: bool | None = None
    may_refuse: bool = False

    def is_understood(self, question: str, *, article_first: bool) -> bool:
        """Whether it was taken for what a person would take it for."""
        accepted = {_plain(each) for each in self.understood or (self.question,)}
        leading = self.question.split(maxsplit=1)  # "and what did he say" may keep its "and"
        accepted |= {f"{leading[0]} {each}" for each in accepted if leading[0] == "and"}
        preferred = self.article_first in (None, article_first)
        return _plain(question) in accepted and preferred

    def is_answered(self, answer: Answer) -> bool:
        """Whether the first quote is a right one, or a refusal is right."""
        if not answer.quotes:
            return self.may_refuse
        return any(_spaced(each) in _spaced(answer.quotes[0].text) for each in self.right)


@dataclass(frozen=True)
class Talk:
    """A first question and its follow-ups over one article.

    ``setting`` says in other words who is who in it, for where the article is not at hand.
    """

    part: str
    article: str
    turns: tuple[Turn, ...]
    setting: str = ""


def talks() -> list[Talk]:
    """The labelled talks, in the order of the file."""
    rows = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]
    found = []
    for _, group in groupby(rows, key=lambda row: int(row["talk"])):
        turns = list(group)
        first = turns[0]
        found.append(
            Talk(
                first["part"], first["article"], tuple(map(_turn, turns)), first.get("setting", "")
            )
        )
    return found


def _turn(row: dict[str, Any]) -> Turn:
    kept = {key: row[key] for key in ("article_first", "may_refuse") if key in row}
    lists = {key: tuple(row.get(key, ())) for key in ("right", "understood")}
    return Turn(row["question"], said=row["said"], **lists, **kept)


def _plain(question: str) -> str:
    return _spaced(question).casefold().rstrip(" ?")


def _spaced(text: str) -> str:
    return " ".join(text.split())


def rightly(turn: Turn, understood_as: str | None, article: Article) -> Answer:
    """The answer that the label says is right, as far as the article of the talk holds it."""
    for right in turn.right[:1]:
        found = _span(article.text, right)
        if found:
            span = _span(article.text, turn.said) if turn.said else None
            words = article.text[slice(*found)]
            quote = Quote(article, *found, words, 0, 1.0, span)
            return Answer(turn.question, (quote,), None, 1, None, 0.0, understood_as=understood_as)
    return Answer(turn.question, (), Refusal(""), 1, None, 0.0, understood_as=understood_as)


def _span(text: str, words: str) -> tuple[int, int] | None:
    """Where words stand in a text, whatever white space is between them."""
    found = re.search(r"\s+".join(map(re.escape, words.split())), text)
    return found.span() if found else None


def follow(talk: Talk, article: Article) -> Iterator[tuple[Turn, Earlier | None]]:
    """The turns of a talk, each with what it follows when all before were answered rightly."""
    earlier: Earlier | None = None
    for turn in talk.turns:
        yield turn, earlier
        meant = earlier.understood(turn.question) if earlier else None
        changed = meant.question if meant and meant.question != turn.question else None
        earlier = carried(earlier, rightly(turn, changed, article))


def library(work: Path, data: Path, needed: set[str]) -> Library:
    """The index of the talks' articles, others, and the seeds."""
    every = {
        record["id"]: {key: record[key] for key in ("id", "title", "text")}
        for name in ("news-bbc2225", "news-reuters21578")
        for record in records(data / f"{name}.jsonl.gz")
    }
    others = random.Random(SEED).sample(sorted(every.keys() - needed), OTHERS)
    folder = work / "followups"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(every[id_]) for id_ in [*sorted(needed), *others]]
    (folder / "articles.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    asked = Library(folder / "index", judge=ReaderJudge(Reader()))
    asked.sync([folder / "articles.jsonl", SEEDS.resolve()])
    return asked


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--part", choices=PARTS, action="append", help="only these talks")
    given = parser.parse_args()
    chosen = [talk for talk in talks() if talk.part in (given.part or PARTS)]
    needed = {talk.article for talk in talks() if talk.article != "seeds"} | set(NEEDED)
    asked = library(given.work, given.data, needed)
    counts: dict[str, Counter[str]] = {part: Counter() for part in given.part or PARTS}
    times: dict[str, list[float]] = {"stands alone": [], "in the article": [], "everywhere": []}
    for talk in chosen:
        count, article = counts[talk.part], opened(asked, talk)
        told: Earlier | None = None
        for turn, earlier in follow(talk, article):
            began = time.perf_counter()
            answer = asked.ask(turn.question, earlier=told, top=3)
            took = time.perf_counter() - began
            times[_kind(told, answer)].append(took * 1000)
            if earlier is not None:
                meant = earlier.understood(turn.question)
                question = meant.question if meant else turn.question
                first = bool(meant and meant.article)
                understood = turn.is_understood(question, article_first=first)
                after = asked.ask(turn.question, earlier=earlier, top=3)
                count["follow-ups"] += 1
                count["understood"] += understood
                count["answered"] += turn.is_answered(answer)
                count["answered after right answers"] += turn.is_answered(after)
                nearest = after.refusal.nearest if after.refusal else None
                count["refused though the nearest was right"] += bool(
                    nearest
                    and not turn.may_refuse
                    and any(_spaced(each) in _spaced(nearest.text) for each in turn.right)
                )
                _show(turn, question, understood, answer, after)
            told = carried(told, answer)
    asked.close()
    result = {part: dict(count) for part, count in counts.items()}
    waited = {name: round(median(each)) for name, each in times.items() if each}
    for name, figures in {**result, "milliseconds, median": waited}.items():
        print(name, figures)
    if given.part is None:
        keep("followups", {"reader": Reader().name, **result, "milliseconds, median": waited})


def opened(asked: Library, talk: Talk) -> Article:
    """The article of a talk, as it is in the index."""
    (seed,) = SEEDS.iterdir()
    id_ = f"seeds/{seed.name}" if talk.article == "seeds" else f"articles.jsonl#{talk.article}"
    within = Filters(article=id_)
    return asked.ask(talk.turns[0].question, filters=within, threshold=0.0).quotes[0].article


def _kind(earlier: Earlier | None, answer: Answer) -> str:
    meant = earlier.understood(answer.question) if earlier else None
    if meant is None or meant.article is None:
        return "stands alone"
    within = answer.quotes and answer.quotes[0].article.id == meant.article
    return "in the article" if within else "everywhere"


def _show(turn: Turn, question: str, understood: bool, answer: Answer, after: Answer) -> None:
    for name, each in (("", answer), ("after right ", after)):
        best = each.quotes[0] if each.quotes else each.refusal and each.refusal.nearest
        if best:
            shown = f"{'' if each.quotes else 'refused: '}{best.confidence:.2f} {best.text[:70]!r}"
            mark = "right" if turn.is_answered(each) else "WRONG"
            print(f"  {name}{mark}: {shown}")
    print(f"{'+' if understood else '-'} {turn.question} -> {question}")


if __name__ == "__main__":
    main()
