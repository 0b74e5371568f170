"""Measure how well copies fold: Reuters-21578, and BBC articles edited here.

    python -m bench.copies

Every pair of Reuters articles that share rare words in a row is looked at; which of them are copies
was judged by reading (``results/copies-labels.jsonl``: ids and labels) and by rule where the pair
leaves no doubt. The edits of the BBC's articles and sentences are made here, with a fixed seed; so
are their opposites, sentences that say something else in nearly the same words.
"""

import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from datasketch import MinHash

from bench.data import RESULTS, keep, options, records
from index.english.copies import Print, copied, imprint, same_words
from index.english.segment import segment
from index.records import Article

RARE = 12  # articles that share a shingle, at most, for it to make a candidate pair
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, whether one is a copy of the other, and how many pairs it stands for."""

    one: str
    other: str
    copy: bool
    weight: float = 1.0

    @property
    def half(self) -> int:
        """1 in the half that thresholds were chosen on, 0 in the other."""
        return (number(self.one) + number(self.other)) % 2


def number(article: str) -> int:
    return int(article.rpartition(":")[2])


def reuters(data: Path) -> dict[str, Article]:
    """The articles that have a title; what has none is a raw table of prices."""
    return {
        each["id"]: Article(
            each["id"], each["title"], each["text"], date.fromisoformat(each["date"])
        )
        for each in records(data / "news-reuters21578.jsonl.gz")
        if each["title"].strip()
    }


def flat(article: Article) -> str:
    return " ".join(WORD.findall(article.text.casefold()))


def shingles(article: Article) -> set[str]:
    """Three words in a row, not as the product cuts them."""
    found = flat(article).split()
    return {" ".join(found[at : at + 3]) for at in range(max(1, len(found) - 2))}


def candidates(articles: dict[str, Article]) -> dict[tuple[str, str], float]:
    """Pairs with at least three rare shingles in common: the share of the shorter in the longer."""
    cut = {id_: shingles(article) for id_, article in articles.items()}
    carriers: dict[str, list[str]] = defaultdict(list)
    for id_, found in cut.items():
        for shingle in found:
            carriers[shingle].append(id_)
    common: Counter[tuple[str, str]] = Counter()
    for ids in carriers.values():
        if len(ids) <= RARE:
            common.update(combinations(sorted(ids, key=number), 2))
    pairs = (pair for pair, shared in common.items() if shared >= 3)
    share = {(a, b): len(cut[a] & cut[b]) / min(len(cut[a]), len(cut[b])) for a, b in pairs}
    return {pair: found for pair, found in share.items() if found >= 0.15}


def labelled(
    articles: dict[str, Article], pool: dict[tuple[str, str], float]
) -> tuple[list[Pair], Counter[str]]:
    """The pairs with their labels, and how many were labelled how.

    By rule: the same words, or all words of the shorter in a row in the longer, are a copy within
    two days and another notice in the same words beyond; less than 0.8 in common and more than a
    day apart, or less than 0.25, is no copy. Everything else is labelled by reading or left out.
    """
    read = {}
    for line in (RESULTS / "copies-labels.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        if "articles" in record:
            read[tuple(record["articles"])] = record
    pairs, how = [], Counter[str]()
    for (a, b), share in pool.items():
        one, other = articles[a], articles[b]
        assert one.published
        assert other.published
        days = abs((one.published - other.published).days)
        if (a, b) in read:
            label = read[a, b]["label"]
            how[f"{label}, read"] += 1
            if label in ("copy", "other"):
                pairs.append(Pair(a, b, label == "copy", read[a, b]["weight"]))
            continue
        x, y = f" {flat(one)} ", f" {flat(other)} "
        if x in y or y in x:
            pairs.append(Pair(a, b, days <= 2))
            how["copy, by rule" if days <= 2 else "other, by rule"] += 1
        elif share < 0.25 or (days > 1 and share < 0.8):
            pairs.append(Pair(a, b, copy=False))
            how["other, by rule"] += 1
        else:
            how["not labelled"] += 1
    return pairs, how


def figures(pairs: Iterable[Pair], folds: Callable[[Pair], bool]) -> dict[str, float]:
    """Precision and recall, with what they are made of; pairs count by their weight."""
    right = wrong = missed = 0.0
    for pair in pairs:
        if folds(pair):
            right, wrong = right + pair.weight * pair.copy, wrong + pair.weight * (not pair.copy)
        else:
            missed += pair.weight * pair.copy
    return {
        "precision": round(right / (right + wrong), 4),
        "recall": round(right / (right + missed), 4),
        "rightly folded": round(right, 1),
        "wrongly folded": round(wrong, 1),
        "missed": round(missed, 1),
    }


def minhash(articles: dict[str, Article], pairs: Sequence[Pair]) -> dict[str, Any]:
    """What MinHash of 128 values would do in the place of shares that are counted exactly."""
    made: dict[str, MinHash] = {}
    for pair in pairs:
        for id_ in (pair.one, pair.other):
            if id_ not in made:
                made[id_] = MinHash(num_perm=128, seed=1)
                made[id_].update_batch([each.encode() for each in shingles(articles[id_])])
    alike = {pair: made[pair.one].jaccard(made[pair.other]) for pair in pairs}
    chosen = max(
        (step / 50 for step in range(10, 50)),
        key=lambda least: f1(figures((p for p in pairs if p.half), lambda p: alike[p] >= least)),
    )
    other = (pair for pair in pairs if not pair.half)
    return {"threshold": chosen, **figures(other, lambda pair: alike[pair] >= chosen)}


def f1(found: dict[str, float]) -> float:
    precision, recall = found["precision"], found["recall"]
    return 2 * precision * recall / (precision + recall)


# Edits of a desk, which leave a copy a copy, and changes which make another statement


def cut(text: str, draw: random.Random) -> str:
    """The first paragraphs only: at least two, at least a third."""
    lines = text.split("\n")
    return "\n".join(lines[: max(2, draw.randint(len(lines) // 3, max(2, len(lines) - 1)))])


def drop(text: str, draw: random.Random) -> str:
    """One paragraph left out, two others exchanged."""
    lines = [line for line in text.split("\n") if line]
    if len(lines) > 3:
        lines.pop(draw.randrange(1, len(lines)))
        at = draw.randrange(1, len(lines) - 1)
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return "\n".join(lines)


def headed(text: str, draw: random.Random) -> str:
    """A byline, a dateline and a line about the paper around it."""
    place = draw.choice(["LONDON, Jan 5 (Reuters)", "PARIS (AP)", "NEW YORK, Monday"])
    return f"By {draw.choice(['Jane Doe', 'our staff'])}\n{place} - {text}\nAll rights reserved."


def inserted(text: str, draw: random.Random) -> str:
    """A sentence of the paper's own in the middle."""
    lines = text.split("\n")
    lines.insert(draw.randrange(1, len(lines) + 1), "Local councillors welcomed the news here.")
    return "\n".join(lines)


def restyled(text: str, _: random.Random) -> str:
    """Other quotation marks, dashes and titles."""
    text = re.sub(r'"([^"\n]*)"', "“\\1”", text).replace("'", "’").replace(" - ", " – ")
    return text.replace("Mr ", "Mr. ").replace("%", " percent")


def mistyped(text: str, draw: random.Random) -> str:
    """A letter doubled or left out in one long word of thirty."""

    def slip(match: re.Match[str]) -> str:
        word = match[0]
        at = draw.randrange(1, len(word) - 1)
        return word if draw.random() > 1 / 6 else word[:at] + word[at] + word[at:]

    return re.sub(r"\b[a-z]{7,}\b", slip, text)


def said(text: str, draw: random.Random) -> str:
    """Other words for saying, the day told or left out."""
    text = re.sub(r"\bsaid\b", lambda _: draw.choice(["said", "told reporters", "added"]), text)
    return re.sub(r" on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", "", text)


EDITS = (cut, drop, headed, inserted, restyled, mistyped, said)
OPPOSITES = {
    "increase": "decrease",
    "rose": "fell",
    "up": "down",
    "more": "less",
    "first": "last",
    "before": "after",
    "won": "lost",
    "higher": "lower",
    "all": "some",
    "new": "old",
    "will": "may",
}


def other_figure(text: str, draw: random.Random) -> str:
    """Another digit in one figure."""
    at = draw.choice([match.start() for match in re.finditer(r"\d", text)] or [-1])
    return text if at < 0 else text[:at] + str((int(text[at]) + 3) % 10) + text[at + 1 :]


def other_name(text: str, _: random.Random) -> str:
    """Another name in the place of one."""
    return re.sub(r"(?<=[a-z] )(?!The\b|Sir\b)[A-Z][a-z]{2,}", "Zimbarro", text, count=1)


def negated(text: str, _: random.Random) -> str:
    return re.sub(r"\b(is|was|will|would|has|have|had|are|were)\b", r"\1 not", text, count=1)


def opposed(text: str, _: random.Random) -> str:
    """One word turned into its opposite."""
    turned = r"\b(" + "|".join(OPPOSITES) + r")\b"
    return re.sub(turned, lambda match: OPPOSITES[match[1]], text, count=1)


CHANGES = (other_figure, other_name, negated, opposed)


def edited_articles(data: Path) -> dict[str, Any]:
    """BBC articles and copies of them with one to three edits; beside them other articles.

    The others are the ten articles of the same section that share most words.
    """
    draw = random.Random(5)
    found = [
        Article(each["id"], each["title"], each["text"])
        for each in records(data / "news-bbc2225.jsonl.gz")
    ]
    found = [each for each in {flat(each): each for each in found}.values() if len(each.text) > 600]
    prints = {each.id: imprint(each) for each in found}
    by_edit = {}
    chosen = draw.sample(found, 500)
    for edits in (*((edit,) for edit in EDITS), None):
        folded = 0
        for article in chosen:
            text = article.text
            for edit in edits or draw.sample(EDITS, 3):
                text = edit(text, draw)
            folded += copied(prints[article.id], imprint(replace(article, text=text)))
        by_edit[edits[0].__name__ if edits else "three of them"] = round(folded / len(chosen), 4)
    wrong = Counter[str]()
    for article in chosen:
        section = article.id.split("_")[1]
        near = sorted(
            (each for each in found if section in each.id and each.id != article.id),
            key=lambda each: -len(prints[each.id].words & prints[article.id].words),
        )[:10]
        for each in near:
            if copied(prints[article.id], prints[each.id]):
                wrong["same title" if each.title == article.title else "other title"] += 1
    return {
        "recall by edit": by_edit,
        "pairs of different articles": 10 * len(chosen),
        "of these folded": dict(wrong),
    }


def edited_sentences(data: Path) -> dict[str, Any]:
    """BBC sentences after an edit, which must fold, and after a change, which must not."""
    draw = random.Random(6)
    sentences = [
        each["text"][start:end]
        for each in records(data / "news-bbc2225.jsonl.gz")
        for start, end, _ in segment(each["text"])
        if 50 < end - start < 300
    ]
    chosen = draw.sample(sentences, 4000)
    result: dict[str, Any] = {}
    for name, ways in (("folded after", (restyled, mistyped, said)), ("folded although", CHANGES)):
        for way in ways:
            pairs = [(each, way(each, draw)) for each in chosen]
            pairs = [(one, other) for one, other in pairs if one != other]
            folded = [one for one, other in pairs if same_words(one, other)]
            result[f"{name} {way.__name__}"] = [len(folded), len(pairs)]
    return result


def by_words(article: Article) -> dict[str, str]:
    """The sentences of an article by their words alone."""
    cut_ = [article.text[start:end] for start, end, _ in segment(article.text)]
    return {" ".join(WORD.findall(sentence.casefold())): sentence for sentence in cut_}


def reuters_sentences(articles: dict[str, Article], pairs: Sequence[Pair]) -> dict[str, Any]:
    """The sentences of Reuters' copies: those with the same words, and those that were read."""
    unchanged = Counter[bool]()
    for pair in pairs:
        if pair.copy and pair.weight == 1:
            one, other = (by_words(articles[id_]) for id_ in (pair.one, pair.other))
            unchanged.update(same_words(one[key], other[key]) for key in one.keys() & other)
    counted = Counter[tuple[str, bool]]()
    for line in (RESULTS / "copies-labels.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        if "sentences" in record:
            a, start, end, b, start_, end_ = record["sentences"]
            folded = same_words(articles[a].text[start:end], articles[b].text[start_:end_])
            counted[record["label"], folded] += 1
    return {
        "unchanged in copies, folded": unchanged[True],
        "unchanged in copies, not folded": unchanged[False],
        "edited, the same, folded": counted["same", True],
        "edited, the same, not folded": counted["same", False],
        "other statement, folded": counted["other", True],
        "other statement, not folded": counted["other", False],
        "unsure, left out": counted["unsure", True] + counted["unsure", False],
    }


def main() -> None:
    given = options(__doc__).parse_args()
    articles = reuters(given.data)
    started = time.process_time()
    prints: dict[str, Print] = {id_: imprint(article) for id_, article in articles.items()}
    seconds = time.process_time() - started
    pool = candidates(articles)
    pairs, how = labelled(articles, pool)

    def folds(pair: Pair) -> bool:
        return copied(prints[pair.one], prints[pair.other])

    judged = {(pair.one, pair.other) for pair in pairs}
    result = {
        "articles": len(articles),
        "candidate pairs": len(pool),
        "labels": dict(sorted(how.items())),
        "all pairs": figures(pairs, folds),
        "half that chose the thresholds": figures((p for p in pairs if p.half), folds),
        "other half": figures((p for p in pairs if not p.half), folds),
        "other half, MinHash of 128 instead": minhash(articles, pairs),
        "folded, but unsure or a new version": sum(
            copied(prints[a], prints[b]) for a, b in pool if (a, b) not in judged
        ),
        "seconds to imprint all": round(seconds, 1),
        "edited BBC articles": edited_articles(given.data),
        "Reuters sentences": reuters_sentences(articles, pairs),
        "edited BBC sentences": edited_sentences(given.data),
    }
    print(json.dumps(result, indent=1))
    keep("copies", result)


if __name__ == "__main__":
    main()
