"""What is shown for questions of guilt, with and without their other side -> docs/news.md.

    nice python -m bench.news_guilt --data ../shared/data --failures 10

Asked are the questions of guilt of ``news-questions-dev`` and ``bench/labels/stance.jsonl``, over
the articles they were written for. The reader calls few of their answers sure, so they are also
asked with the bar lowered to where it says *perhaps*: the rules must hold by themselves. Kept in
``bench/results/news_guilt.json``.
"""

import tempfile
from contextlib import nullcontext
from pathlib import Path

from bench.data import keep, options, records
from bench.news_joined import articles_of, described, indexed, unweighed
from bench.news_sense import Scores, labels
from index import Answer, Library
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader
from index.english.negation import denies
from index.english.stance import Stance, taken


def one_sided(question: str, given: Answer) -> bool:
    """Whether the first quote shows no denial, no verdict, not that it is open, and says not no."""
    shown = given.quotes or given.perhaps
    if not shown:
        return False
    settled = taken(shown[0].text) & {Stance.VERDICT, Stance.DENIAL, Stance.OPEN}
    return not (settled or shown[0].against or denies(question, shown[0].text))


def asked_both_ways(library: Library, questions: list[str], scores: Scores) -> None:
    """Each question before and now, at the bar of the reader and at a lowered one."""
    lowered = ReaderJudge(Reader()).perhaps
    for question in questions:
        for when in ("before", "now"):
            with unweighed() if when == "before" else nullcontext():
                usual, low = library.ask(question), library.ask(question, threshold=lowered)
            for bar, given in (("usual bar", usual), ("lowered bar", low)):
                alone = bool(given.quotes) and one_sided(question, given)
                scores(when, f"not sure of an accusation alone, {bar}").add(
                    not alone, described(question, given)
                )
            if usual.quotes or usual.perhaps:
                scores(when, "first quote shown with its other side").add(
                    not one_sided(question, usual), described(question, usual)
                )


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--failures", type=int, default=0, help="how many failures to print")
    given = parser.parse_args()
    scores = Scores()
    dev = records(given.data / "news-questions-dev.jsonl.gz")
    asked = [each for each in dev if each["kind"] == "no-blame"]
    asked += [each for each in labels("stance") if each.get("blame") and each.get("accusation")]
    articles = articles_of(given.data, {each["article"] for each in asked})
    with (
        tempfile.TemporaryDirectory() as folder,
        indexed(Path(folder, "guilt"), articles) as library,
    ):
        asked_both_ways(library, [each["question"] for each in asked], scores)
    scores.tell(given.failures)
    keep("news_guilt", scores.figures())


if __name__ == "__main__":
    main()
