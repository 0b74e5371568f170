"""Reuters arriving in bursts, the writer killed again and again, questions asked all the time.

    python -m bench.arrivals                     # 20,734 articles, 200 kills: about an hour
    python -m bench.arrivals --articles 500 --kills 20 --questions 50
    python -m bench.arrivals --again             # compare the two indexes of the last run anew

Every article is a file. Some arrive cut short and are corrected later. While they do, another
process answers questions without a pause; each of its answers is compared with the articles. At
the end the index is compared with one built in one go: articles, sentences, vectors, and the
answers to as many questions. Cut short, it begins anew. The result goes to
``bench/results/arrivals.json`` and, in words, to ``docs/quality.md``.
"""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.data import keep, options, records
from index import Library
from index.ask.judge import ReaderJudge
from index.ask.reader import Reader

ARTICLES = "news-reuters21578.jsonl.gz"
DRAFTS = 0.03  # of the articles arrive cut short at first
SPARED = 0.3  # of the runs come to their end while there are kills left
SEED = 21578
PULLQUOTE = (sys.executable, "-c", "from bot.entry import entry; entry()", "--index")
ANSWERS_S = 600

State = dict[str, Any]


class Asker:
    """A process that answers questions all the time; what it says is compared with the articles."""

    def __init__(self, index: Path, texts: dict[str, set[str]], questions: list[str]) -> None:
        self._process = subprocess.Popen(
            [*PULLQUOTE, str(index), "ask", "--questions", "-", "--min-confidence", "0.05"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._texts, self._questions = texts, questions
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.asked, self.quoted, self.revisions = 0, 0, set[int]()
        self.wrong: list[str] = []
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join(ANSWERS_S)
        self._process.stdin.close()  # type: ignore[union-attr]
        if self._process.wait(ANSWERS_S):
            self.wrong.append(f"exit code {self._process.returncode}")

    def _ask(self) -> None:
        newest = 0
        while not self._done.is_set():
            question = self._questions[self.asked % len(self._questions)]
            print(question, file=self._process.stdin, flush=True)
            line = self._process.stdout.readline()  # type: ignore[union-attr]
            if not line:
                self.wrong.append(f"no answer to {question!r}")
                return
            self.asked += 1
            answer = json.loads(line)
            if answer["revision"] < newest:
                self.wrong.append(f"revision {answer['revision']} after {newest}")
            newest = answer["revision"]
            self.revisions.add(newest)
            for quote in answer["quotes"]:
                self.quoted += 1
                versions = self._texts[quote["article"]["id"]]
                if not any(
                    text[quote["start"] : quote["end"]] == quote["text"] for text in versions
                ):
                    self.wrong.append(f"not verbatim: {quote['receipt']}")


def bursts(articles: list[State], number: int, rng: random.Random) -> Iterator[list[State]]:
    """Cut the articles into about so many parts of random size."""
    cuts = sorted(rng.sample(range(1, len(articles)), min(number, len(articles) - 1)))
    for first, end in zip([0, *cuts], [*cuts, len(articles)], strict=True):
        yield articles[first:end]


def path_of(folder: Path, article: State) -> Path:
    return folder / f"{article['id'].replace(':', '-')}.jsonl"


def write(folder: Path, article: State, text: str) -> None:
    path = path_of(folder, article)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(article | {"text": text}), "utf-8")
    draft.replace(path)


def name_of(article: State) -> str:
    return f"wire/{article['id'].replace(':', '-')}.jsonl#{article['id']}"


def run_writer(index: Path, folder: Path, kill_s: float | None) -> bool:
    """Bring the index up to date; return whether it was killed meanwhile."""
    with subprocess.Popen(
        [*PULLQUOTE, str(index), "index", str(folder)], stdout=subprocess.DEVNULL
    ) as process:
        try:
            code = process.wait(kill_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
    assert code == 0, f"exit code {code}"
    return False


def dump(index: Path) -> dict[str, State]:
    """Everything that an index holds, by name and words: no number that depends on the order."""
    with closing(sqlite3.connect(index / "catalog.db")) as catalog:
        articles = catalog.execute(
            "SELECT name, title, text, published, outlet, digest FROM article WHERE live"
        ).fetchall()
        sentences = catalog.execute(
            'SELECT a.name, s.start, s."end", s.paragraph, e.digest, e.vector FROM sentence s'
            " JOIN article a ON a.id = s.article JOIN embedding e ON e.id = s.embedding"
        ).fetchall()
    return {
        "articles": {row[0]: row[1:] for row in articles},
        "sentences": {row[:3]: row[3:5] for row in sentences},
        "vectors": {row[4]: row[5] for row in sentences},
    }


def answers(index: Path, questions: list[str]) -> list[State]:
    """What is quoted, or comes nearest, with its confidence and short answer."""
    library = Library(index, judge=ReaderJudge(Reader()))
    given = []
    for question in questions:
        answer = library.ask(question)
        nearest = answer.refusal.nearest if answer.refusal else None
        shown = [*answer.quotes, *([nearest] if nearest else [])]
        given.append(
            [(str(q.receipt), q.confidence, q.highlight, [a.id for a in q.also_in]) for q in shown]
        )
    library.close()
    return given


def questions_of(articles: list[State], number: int, rng: random.Random) -> list[str]:
    """Headlines as people type them, and what was said of whom."""
    asked = []
    titled = [article for article in articles if article["title"].strip()]
    for article in rng.sample(titled, min(number, len(titled))):
        words = article["title"].lower().split()
        forms: list[Callable[[], str]] = [
            lambda words=words: " ".join(words),
            lambda words=words: f"what about {' '.join(words[:4])}?",
            lambda words=words: f"how much did {' '.join(words[:3])} say?",
        ]
        asked.append(rng.choice(forms)())
    return asked


class Newsroom:
    """Writes the articles into a folder, some of them cut short at first and corrected later."""

    def __init__(self, folder: Path, articles: list[State], rng: random.Random) -> None:
        self._folder, self._rng = folder, rng
        self._late: list[State] = []
        self._drafts: dict[str, str] = {}
        self.texts: dict[str, set[str]] = {}
        for article in articles:
            cut = article["text"][: len(article["text"]) // 2]
            if rng.random() < DRAFTS and cut.strip():
                self._drafts[article["id"]] = cut
            self.texts[name_of(article)] = {article["text"], self._draft(article)}

    def _draft(self, article: State) -> str:
        return self._drafts.get(article["id"], str(article["text"]))

    def bring(self, burst: list[State]) -> None:
        """Let a burst arrive, and with it some corrections."""
        for article in burst:
            write(self._folder, article, self._draft(article))
            if article["id"] in self._drafts:
                self._late.append(article)
        while self._late and self._rng.random() < 0.7:
            self.correct(self._late.pop(0))

    def correct(self, article: State) -> None:
        write(self._folder, article, article["text"])

    def withdraw(self, article: State) -> None:
        path_of(self._folder, article).unlink()


def arrive(
    articles: list[State], work: Path, kills: int, questions: list[str], rng: random.Random
) -> State:
    """Let all articles arrive while questions are asked; kill the writer so many times."""
    folder, index = work / "wire", work / "index"
    folder.mkdir(parents=True)
    newsroom = Newsroom(folder, articles, rng)
    started = time.monotonic()
    parts = list(bursts(articles, round(kills / (1 - SPARED)), rng))
    newsroom.bring(parts.pop(0))
    run_writer(index, folder, None)  # exports the encoder, which takes its time once
    asker = Asker(index, newsroom.texts, questions)
    runs, killed, whole_s = 1, 0, 6.0
    while parts or killed < kills:
        if parts:
            newsroom.bring(parts.pop(0))
        else:  # all are there: one is withdrawn and comes back, so that there is something to do
            article = rng.choice(articles)
            (newsroom.withdraw if runs % 2 else newsroom.correct)(article)
        begun = time.monotonic()
        spared = killed >= kills or rng.random() < SPARED
        limit = None if spared else rng.uniform(0.3, 1.1 * whole_s)
        if run_writer(index, folder, limit):
            killed += 1
        else:
            whole_s = 0.7 * whole_s + 0.3 * (time.monotonic() - begun)
        runs += 1
        if runs % 10 == 0:
            print(f"{begun - started:.0f} s: {runs} runs, {killed} kills, {asker.asked} answers")
    for article in articles:
        newsroom.correct(article)
    run_writer(index, folder, None)
    asker.stop()
    for wrong in asker.wrong[:5]:
        print("wrong:", wrong)
    return {
        "articles": len(articles),
        "runs": runs,
        "kills": killed,
        "arrived_s": round(time.monotonic() - started),
        "revisions_asked": len(asker.revisions),
        "answers_meanwhile": asker.asked,
        "quotes_meanwhile": asker.quoted,
        "failed_or_inconsistent": len(asker.wrong),
    }


def compare(work: Path, questions: list[str]) -> State:
    """Compare the index that grew with one built in one go."""
    grown, built = dump(work / "index"), dump(work / "once")
    ours, theirs = answers(work / "index", questions), answers(work / "once", questions)
    differ = [i for i, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1]]
    for i in differ[:5]:
        print(questions[i], ours[i], theirs[i], sep="\n  ")
    quoted = [[[shown[0] for shown in each] for each in side] for side in (ours, theirs)]
    return {
        "sentences": len(built["sentences"]),
        "vectors": len(built["vectors"]),
        "same": {part: grown[part] == built[part] for part in grown},
        "questions": len(questions),
        "answers_that_differ": len(differ),
        "of_these_with_other_quotes": sum(quoted[0][i] != quoted[1][i] for i in differ),
    }


def main() -> None:
    parser = options(__doc__)
    parser.add_argument("--articles", type=int, default=20_734)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--again", action="store_true", help="only compare, and ask, anew")
    args = parser.parse_args()
    rng = random.Random(SEED)
    work = args.work / "arrivals"
    articles = list(records(args.data / ARTICLES))[: args.articles]
    rng.shuffle(articles)
    questions = questions_of(articles, args.questions, rng)
    if args.again:
        result = json.loads((work / "arrived.json").read_text("utf-8"))
    else:
        shutil.rmtree(work, ignore_errors=True)
        result = arrive(articles, work, args.kills, questions, rng)
        run_writer(work / "once", work / "wire", None)
        (work / "arrived.json").write_text(json.dumps(result), "utf-8")
    result |= compare(work, questions)
    print(json.dumps(result, indent=1))
    if args.articles >= 20_000:
        keep("arrivals", result)


if __name__ == "__main__":
    main()
