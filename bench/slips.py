"""What a slip of the finger costs, and what mending it wins back or harms -> docs/quality.md.

    python -m bench.slips [--words]

Questions of SQuAD's development set are asked over its paragraphs as they are, with one slip in a
longer word, and with the slip and nobody mending it. So that what mending harms is seen, too, as
many are asked over the article of ``seeds/``, which answers none of them, and 300 words and names
that are right as they are (``bench/labels/stay.jsonl``, written by hand, most of them with
neighbours) are asked about. ``--words`` only counts what is mended, and asks nothing.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from bench.data import Question, answering, keep, options, paragraphs, questions
from index import Library
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader
from index.ask.spelling import Mended, corrected
from index.records import Filters
from index.store.engine import Revision
from index.store.revisions import Store

SEED, COUNT = 8, 300
LONGER = re.compile(r"[^\W\d_]{5,}")
SEEDS = Path(__file__).parent.parent / "seeds"
STAY = Path(__file__).parent / "labels" / "stay.jsonl"
ASKED_ABOUT = {True: "What did {} say about the war?", False: "what was said of the {} in the city"}
"""A question about a name, and one about another word."""


def slip(question: str, rng: random.Random) -> str | None:
    """Leave out, double, exchange or swap a letter in one of the longer words, if there is one."""
    words = list(LONGER.finditer(question))
    if not words:
        return None
    match = rng.choice(words)
    word, at = match[0], rng.randrange(1, len(match[0]) - 1)
    other = rng.choice("abcdefghijklmnopqrstuvwxyz".replace(word[at], ""))
    wrong = {
        "left out": word[:at] + word[at + 1 :],
        "doubled": word[:at] + word[at] + word[at:],
        "exchanged": word[:at] + other + word[at + 1 :],
        "swapped": word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    }[rng.choice(["left out", "doubled", "exchanged", "swapped"])]
    return question[: match.start()] + wrong + question[match.end() :]


def mending(pairs: Sequence[tuple[str, str]], revision: Revision) -> dict[str, int]:
    """What becomes of the questions, as they are and slipped, and of words that must stay."""
    counts: Counter[str] = Counter({"slips": len(pairs)})
    for text, slipped in pairs:
        mended = corrected(slipped, revision, Filters())
        for name, meant in (("mended", mended.text), ("offered", mended.offered)):
            if meant is not None:
                restored = meant.casefold() == text.casefold()
                counts[f"{name} {'word for word' if restored else 'otherwise'}"] += 1
        counts["changed as they are"] += corrected(text, revision, Filters()).text is not None
    for line in STAY.read_text("utf-8").splitlines():
        word, kind = (json.loads(line)[name] for name in ("word", "kind"))
        counts["to stay"] += 1
        if revision.missing({word}, Filters()):
            mended = corrected(ASKED_ABOUT["name" in kind].format(word), revision, Filters())
            counts["to stay, in no article"] += 1
            counts["to stay, changed"] += mended.text is not None
            counts["to stay, another offered"] += mended.offered is not None
    return dict(counts)


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--words", action="store_true", help="count what is mended, ask nothing")
    given = parser.parse_args()
    paragraphs_file = (given.data / "squad-dev-paragraphs.jsonl.gz").resolve()
    library = Library(given.work / "dev", judge=ReaderJudge(Reader()))
    library.sync([paragraphs_file])
    rng = random.Random(SEED)
    asked = rng.sample(questions(given.data / "squad-dev-questions.jsonl.gz"), COUNT)
    slips = [slip(each.text, rng) or each.text for each in asked]
    store = Store(given.work / "dev")
    with store.reading() as revision:
        pairs = zip((each.text for each in asked), slips, strict=True)
        mended = mending(list(pairs), revision)
    print(*(f"{name:50} {count}" for name, count in mended.items()), sep="\n")
    keep("mending", mended)
    if given.words:
        return
    other = Library(given.work / "seeds", judge=ReaderJudge(Reader()))
    other.sync([SEEDS.resolve()])
    counts: Counter[str] = Counter()
    with store.reading() as revision:
        home = paragraphs(revision.catalog)
        right = {each: answering(each, home[each.paragraph], revision.catalog) for each in asked}
        spans = {
            each: {
                (home[each.paragraph].article.id, sentence.start)
                for _, sentence in revision.catalog.sentences(right[each]).values()
            }
            for each in asked
        }

    def ask(name: str, question: Question, text: str) -> None:
        answer = library.ask(text)
        first = [(quote.article.id, quote.start) for quote in answer.quotes[:1]]
        counts[f"{name}: shown"] += bool(first)
        counts[f"{name}: shown and right"] += bool(first) and first[0] in spans[question]
        if answer.understood_as is not None:
            restored = answer.understood_as.casefold() == question.text.casefold()
            counts[f"{name}: mended {'word for word' if restored else 'otherwise'}"] += 1
        if answer.did_you_mean is not None:
            restored = answer.did_you_mean.casefold() == question.text.casefold()
            counts[f"{name}: offered {'word for word' if restored else 'otherwise'}"] += 1
        answer = other.ask(text)
        counts[f"{name}: shown from another article"] += bool(answer.quotes)
        counts[f"{name}: mended over another article"] += answer.understood_as is not None

    for question, slipped in zip(asked, slips, strict=True):
        ask("as it is", question, question.text)
        ask("slip", question, slipped)
        with patch("index.ask.understanding.corrected", return_value=Mended()):
            ask("slip, not mended", question, slipped)
            ask("as it is, not mended", question, question.text)
    for name, count in counts.items():
        print(f"{name:50} {count / COUNT:.3f}")
    keep("slips", {"questions": COUNT, **{name: n / COUNT for name, n in counts.items()}})


if __name__ == "__main__":
    main()
