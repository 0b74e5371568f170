"""A tour over BBC and Reuters: questions as people type them, and what came of them.

For docs/tour.md.

    python -m bench.tour

Indexes 700 articles, 350 of each archive, and asks the questions of ``bench/labels/tour.jsonl``
as a terminal would, the follow-ups each after the answer to the one before, right or wrong. Each is
*sure* (quotes that answer), *perhaps* (quotes between the bars), *refused*, or *talk* (small talk,
or no question: a friendly line); and *right* as its label says. About three minutes, most of them
for indexing, once.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.data import keep, options, records
from index import Library
from index.ask.reader import Reader
from index.english import smalltalk
from index.english.followup import Earlier, carried
from index.records import Quote

LABELS = Path(__file__).parent / "labels" / "tour.jsonl"
ARCHIVES = ("news-bbc2225", "news-reuters21578")
SEED, EACH = 15, 350
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def articles(data: Path) -> Iterator[dict[str, Any]]:
    """The articles of the tour; those of BBC have no day."""
    for name in ARCHIVES:
        every = {each["id"]: each for each in records(data / f"{name}.jsonl.gz")}
        for chosen in random.Random(SEED).sample(sorted(every), EACH):
            kept = {key: every[chosen][key] for key in ("id", "title", "text")}
            dated = _DAY.fullmatch(every[chosen]["date"])
            yield kept | ({"date": every[chosen]["date"]} if dated else {})


def library(work: Path, data: Path) -> Library:
    """The index of the tour, made once."""
    folder = work / "tour"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(each) for each in articles(data)]
    (folder / "articles.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    asked = Library(folder / "index")
    asked.sync([folder / "articles.jsonl"])
    return asked


@dataclass(frozen=True, slots=True)
class Label:
    """A question, the articles that answer it (none: nothing does), and words of right quotes.

    ``turn`` is None for a question of its own; from 1 on it follows the one of the line before.
    """

    question: str
    articles: tuple[str, ...]
    right: tuple[str, ...]
    talk: bool
    turn: int | None

    def holds(self, quote: Quote) -> bool:
        """Whether a quote answers."""
        text = " ".join(quote.text.split())
        here = quote.article.id.rpartition("#")[2] in self.articles
        return here and any(words in text for words in self.right)

    def verdict(self, outcome: str, quote: Quote | None) -> str:
        """What is to be thought of it; ``quote`` is the first, or the nearest of a refusal."""
        if self.talk or outcome == "talk":
            return "right" if self.talk and outcome == "talk" else "wrong"
        if not self.articles:
            return "right" if outcome == "refused" else f"{outcome}, though nothing answers"
        good = bool(quote and self.holds(quote))
        if outcome == "refused":
            return "refused, the nearest was right" if good else "refused"
        return f"{outcome} and {'right' if good else 'wrong'}"


def labels(path: Path = LABELS) -> list[Label]:
    """The labelled questions, in the order in which they are asked."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Label(
            row["question"],
            (row["article"], *row.get("also", ())) if row["article"] else (),
            tuple(row["right"]),
            row.get("talk", False),
            row.get("turn"),
        )
        for row in rows
    ]


def ask(
    asked: Library, label: Label, earlier: Earlier | None
) -> tuple[dict[str, Any], Earlier | None]:
    """Ask as the prompt does: what came of it, and what the next question may lean on."""
    kind = smalltalk.kind(label.question, follows=bool(earlier and earlier.quote))
    if kind in smalltalk.REPLIES:
        verdict = label.verdict("talk", None)
        return {"asked": label.question, "outcome": "talk", "verdict": verdict}, earlier
    answer = asked.ask(label.question, earlier=earlier)
    outcome = "sure" if answer.quotes else "perhaps" if answer.perhaps else "refused"
    first = next(iter(answer.quotes or answer.perhaps), None)
    nearest = first or (answer.refusal.nearest if answer.refusal else None)
    told: dict[str, Any] = {"asked": label.question, "outcome": outcome}
    if answer.understood_as:
        told["understood"] = answer.understood_as
    if nearest:
        told |= {
            "confidence": round(nearest.confidence, 2),
            "article": nearest.article.id.rpartition("#")[2],
            "place": f"{nearest.start}-{nearest.end}",
            "begins": " ".join(nearest.text.split()[:8]),
        }
    told["verdict"] = label.verdict(outcome, nearest)
    return told, carried(earlier, answer)


def tour(asked: Library) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What came of the questions, and of the follow-ups with what they follow."""
    alone, talks = [], []
    earlier: Earlier | None = None
    for label in labels():
        told, later = ask(asked, label, earlier if label.turn else None)
        if label.turn is None:
            alone.append(told)
        else:
            earlier = later
            talks.append({"turn": label.turn, **told})
    return alone, talks


def main() -> None:
    """Take the tour."""
    given = options(__doc__).parse_args()
    with library(given.work, given.data) as asked:
        alone, talks = tour(asked)
    for told in (*alone, *talks):
        print(json.dumps(told, ensure_ascii=False))
    follow_ups = [told for told in talks if told["turn"]]
    counts = {
        name: dict(Counter(told["verdict"] for told in those).most_common())
        for name, those in (("questions", alone), ("follow-ups", follow_ups))
    }
    print(json.dumps(counts, indent=1))
    keep("tour", {"reader": Reader().name, **counts, "asked": alone, "talks": talks})


if __name__ == "__main__":
    main()
