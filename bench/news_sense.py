"""How well the sense for news does on hand-labelled BBC and Reuters text -> docs/news.md.

    python -m bench.news_sense --data ../shared/data
    python -m bench.news_sense --data ../shared/data --failures 10   # and what failed

The labels are in ``bench/labels``; the articles are not part of the repository. Every label belongs
to one of two halves, by its article (a question about time by its own words): the rules were chosen
over *rules* and then scored over *held*; ``blind`` labels were made afterwards and scored once.
Kept in ``bench/results/news_sense.json``.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bench.data import keep, options, records
from index.ask.sides import weigh
from index.english.blame import Blame, blame, culprit, doubt
from index.english.lead import lead
from index.english.matter import Claim
from index.english.negation import denies
from index.english.segment import Span, segment
from index.english.speech import speech
from index.english.stance import accuses, counterpart, stances
from index.english.timewords import time_asked
from index.english.values import compare
from index.records import Article, Quote

LABELS = Path(__file__).parent / "labels"
Z = 1.959964
ARTICLES = ("news-bbc2225.jsonl.gz", "news-reuters21578.jsonl.gz")


@dataclass
class Share:
    """Right of all, and what the wrong ones were."""

    right: int = 0
    count: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, right: bool, failure: str) -> None:
        self.right += right
        self.count += 1
        if not right:
            self.failures.append(failure)

    def interval(self) -> tuple[float, float]:
        """Wilson's interval at 95 %."""
        if not self.count:
            return 0.0, 1.0
        share, n = self.right / self.count, self.count
        middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
        wide = Z / (1 + Z * Z / n) * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        return middle - wide, middle + wide

    def __str__(self) -> str:
        low, high = self.interval()
        return f"{self.right / max(self.count, 1):.3f} ({low:.3f}-{high:.3f}) of {self.count}"


class Scores:
    """Shares by the part they are of (a half of the labels, before or now) and their figure."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Share] = {}

    def __call__(self, part: str, figure: str) -> Share:
        """The share of this name, to be added to."""
        return self._found.setdefault((figure, part), Share())

    def tell(self, failures: int) -> None:
        """Print every share, and so many of the failures of each."""
        for (figure, part), share in self._found.items():
            print(f"{figure:50} {part:6} {share}")
            for failure in share.failures[:failures]:
                print(f"    - {failure[:220]}")

    def figures(self) -> dict[str, Any]:
        """What is kept of them."""
        return {
            f"{figure}, {part}": {
                "right": share.right,
                "of": share.count,
                "interval": [round(end, 4) for end in share.interval()],
            }
            for (figure, part), share in self._found.items()
        }


class Texts:
    """The articles by id, with their sentences."""

    def __init__(self, folder: Path) -> None:
        self._records = {
            record["id"]: record for name in ARTICLES for record in records(folder / name)
        }

    def __getitem__(self, article: str) -> tuple[str, list[Span]]:
        text = self._records[article]["text"]
        return text, segment(text)

    def title(self, article: str) -> str:
        return str(self._records[article]["title"])


def labels(name: str) -> Iterator[dict[str, Any]]:
    yield from map(json.loads, (LABELS / f"{name}.jsonl").read_text("utf-8").splitlines())


def half(label: dict[str, Any], key: str) -> str:
    if label.get("blind"):
        return "blind"
    return "held" if int(hashlib.sha256(key.encode()).hexdigest(), 16) % 2 else "rules"


def plain(words: str) -> str:
    """A name without article, brackets and stops."""
    bare = "".join(letter for letter in words.casefold() if letter not in "<>().,")
    first, _, rest = bare.strip().partition(" ")
    return rest if first in ("the", "a", "an") else bare.strip()


def said(texts: Texts, scores: Scores) -> None:
    """Who said it: the speaker, as fully as labelled or by the end of it ("Lee" of "Ann Lee")."""
    for label in labels("speech"):
        text, spans = texts[label["article"]]
        number, part = label["ordinal"], half(label, label["article"])
        found = speech(text, spans, number)
        speakers = [plain(name) for name in label["speaker"]]
        words = " ".join(text[spans[number].start : spans[number].end].split())
        if found is not None:
            got = plain(text[found.start : found.end])
            right = any(name == got or name.endswith(f" {got}") for name in speakers)
            scores(part, "speaker, precision").add(right, f"[{got}] {words}")
            if right:
                scores(part, "speaker, kind").add(found.kind == label["kind"], words)
        if label["kind"] and not label.get("debatable"):
            scores(part, "speaker, recall").add(
                found is not None, f"{label['article']} {number}: {label['speaker'][0]}"
            )


def needed(texts: Texts, scores: Scores) -> None:
    """Whom it is about: whether something is shown before, and whether that holds the name."""
    for label in labels("lead"):
        text, spans = texts[label["article"]]
        number, part = label["ordinal"], half(label, label["article"])
        shown = lead(text, spans, number)
        words = " ".join(text[spans[number].start : spans[number].end].split())
        where = f"{label['article']} {number}: shown {list(shown)}; {words}"
        if shown:
            scores(part, "lead, precision").add(label["needs"], where)
        if label["needs"]:
            scores(part, "lead, recall").add(bool(shown), where)
        if label["name_in"]:
            scores(part, "lead, name shown").add(bool(set(shown) & set(label["name_in"])), where)


def timed(_: Texts, scores: Scores) -> None:
    """Time in a question: newest first, range and rest all right."""
    for label in labels("time"):
        question, part = label["question"], half(label, label["question"])
        found = time_asked(question, date.fromisoformat(label["today"]))
        got = (False, None, None, question)
        if found is not None:
            ends = (day and day.isoformat() for day in (found.since, found.until))
            got = (found.newest_first, *ends, found.question)
        right = got == (label["newest"], label["since"], label["until"], label["rest"])
        name = "time, all right" if label["timed"] else "no time, left alone"
        scores(part, name).add(right, f"{question} -> {got}")


def claim(texts: Texts, side: dict[str, Any]) -> Claim:
    text, spans = texts[side["article"]]
    span = spans[side["ordinal"]]
    words = " ".join(text[span.start : span.end].split())
    for old, new in side.get("edits", ()):
        words = words.replace(old, new, 1)
    day = date.fromisoformat(side["date"])
    return Claim(side["answer"], words, texts.title(side["article"]), day)


def valued(texts: Texts, scores: Scores) -> None:
    """Short answers: of those called different, how many are; of the different, how many are."""
    for label in labels("values"):
        part = half(label, label["a"]["article"])
        first, second = claim(texts, label["a"]), claim(texts, label["b"])
        verdict = compare(label["question"], first, second)
        pair = f"{label['question']} [{first.answer} | {second.answer}] {label['label']}"
        if verdict == "different":
            scores(part, "different, precision").add(label["label"] == "different", pair)
        if label["label"] == "different":
            scores(part, "different, recall").add(verdict == "different", f"{pair}: {verdict}")
        if label["label"] == "same":
            scores(part, "same, called so").add(verdict == "same", f"{pair}: {verdict}")


def suspected(texts: Texts, scores: Scores) -> None:
    """Guilt and denial: the question, what stands against an accusation, and the opposite."""
    for label in labels("stance"):
        question, part = label["question"], half(label, label["article"])
        text, spans = texts[label["article"]]
        asked = blame(question)
        if "blame" in label:
            if asked is not None:
                scores(part, "blame, precision").add(label["blame"], question)
            if label["blame"]:
                scores(part, "blame, recall").add(asked is not None, question)
        if "denies" in label:
            span = spans[label["ordinal"]]
            found = denies(question, text[span.start : span.end])
            if found:
                scores(part, "opposite, precision").add(label["denies"], question)
            if label["denies"]:
                scores(part, "opposite, recall").add(found, question)
        elif asked is not None and label["blame"]:
            weighed(label, text, spans, asked, lambda figure, part=part: scores(part, figure))


def weighed(
    label: dict[str, Any],
    text: str,
    spans: list[Span],
    asked: Blame,
    scores: Callable[[str], Share],
) -> None:
    """What is shown with an accusation: the labelled denial, verdict or openness."""
    question = label["question"]
    accused = (label["accusation"] or [0])[0]
    against = {*label["denial"], *label["verdict"], *label["open"]} - {accused}
    got = counterpart(text, spans, question, stances(text, spans, asked), accused)
    if got is not None:
        where = f"{question} [{got.stance.value} {got.number}]"
        scores("counterpart, precision").add(got.number in against, where)
    if against:
        right = got is not None and got.number in against
        scores("counterpart, found").add(right, f"{question} {sorted(against)}")


def named(texts: Texts, scores: Scores) -> None:
    """Who did wrong: what only accuses stands beside its other side, or is no sure answer."""
    for label in labels("who"):
        question, said = label["question"], label["said"]
        if said is None:
            scores("rules", "something else is asked for: seen").add(
                not culprit(question), question
            )
            continue
        scores("rules", "who did wrong is asked for: seen").add(culprit(question), question)
        text, spans = texts[label["article"]]
        span = spans[label["sentence"]]
        quote = quoted(label, text, span)
        answering, alone = weigh(question, [quote])
        other = answering[0].against if answering else None
        where = f"{question} [{quote.text[:80]}]"
        if said == "accused":
            scores("rules", "who, accused: not sure alone").add(bool(alone or other), where)
        else:
            scores("rules", "who, told as a fact: left alone").add(answering == (quote,), where)
        if other:
            right = other[0] in [spans[number].start for number in label["against"]]
            scores("rules", "who, other side, precision").add(
                right, f"{where} {text[slice(*other)]}"
            )
        if label["against"]:
            scores("rules", "who, other side, found").add(other is not None, where)


def quoted(label: dict[str, Any], text: str, span: Span) -> Quote:
    """The labelled sentence as a quote, its short answer whom it names."""
    at = text.find(label.get("name", "\0"), span.start, span.end)
    highlight = (at, at + len(label["name"])) if at >= 0 else None
    article = Article(label["article"], "", text)
    words = text[span.start : span.end]
    return Quote(article, span.start, span.end, words, 1, 0.9, highlight)


def asked_widely(folder: Path, scores: Scores) -> None:
    """Questions of ``news-questions-*``: whether it is seen that guilt is asked, or isn't.

    By the words of the question, and by those of the sentence that answers or tempts, too.
    """
    for name, part in (("train", "rules"), ("dev", "held")):
        for record in records(folder / f"news-questions-{name}.jsonl.gz"):
            suspects = blame(record["question"]) is not None
            guilt = record["kind"] == "no-blame"
            figure = "all questions of guilt, seen" if guilt else "all others, left alone"
            scores(part, figure).add(suspects == guilt, record["question"])
            suspects |= doubt(record["question"]) is not None and accuses(record["sentence"])
            scores(part, f"{figure}, or by the sentence").add(suspects == guilt, record["question"])


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--failures", type=int, default=0, help="how many failures to print")
    given = parser.parse_args()
    scores = Scores()
    texts = Texts(given.data)
    for measure in (said, needed, timed, valued, suspected, named):
        measure(texts, scores)
    asked_widely(given.data, scores)
    scores.tell(given.failures)
    keep("news_sense", scores.figures())


if __name__ == "__main__":
    main()
