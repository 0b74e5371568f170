"""Pullquote beside what people would pick instead: SQuAD dev -> docs/comparison.md.

    python -m bench.peers                   # everything, about half an hour the first time
    python -m bench.peers --only pullquote  # index and ask it anew; the others' answers are kept
    python -m bench.peers --times           # indexes and times anew: of all, in turn

Each peer is installed from the package registry into a virtual environment of its own under the
work folder, and is given the same sentences, the same questions and the same folder of the model.
Of every second question's paragraph nothing is indexed: nothing answers it, and it is to be
refused. What was installed, indexed and measured before is kept there; cut short, the command goes
on where it was. The runners of the peers are in `bench/peers/`.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bench.cold import Run, median
from bench.comparison import write
from bench.data import Question, keep, options, questions, records
from bench.peer_figures import figures
from index.encoder import export
from index.english.segment import segment

RUNNERS = Path(__file__).parent / "peers"
COMMAND = Path(sys.executable).with_name("pullquote")
SEED = 20261122
OF_EACH = 300  # questions that are answered, and that are not
A_PARAGRAPH = 2  # questions at the most of a paragraph that is left out
ROUNDS = 5  # whole processes of each peer
WARM_ROUNDS = 3
WARM_QUESTIONS = 30  # of each round
NO_ANSWER = 4  # the exit code of `pullquote ask` when it refuses


class FailedError(Exception):
    """A command of a peer failed; the peer gets a dash, and this is why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """How a peer is installed, made ready, and run; the commands name its files by `{…}`."""

    packages: tuple[str, ...]
    index: tuple[str, ...]
    ask: tuple[str, ...]
    ready: tuple[str, ...] = ()
    kept: tuple[str, ...] = ("index",)
    """Names of what lies on the disk afterwards and is needed to answer."""


def runner(name: str, what: str, *rest: str) -> tuple[str, ...]:
    return ("{python}", f"{RUNNERS}/run_{name}.py", what, *rest)


PEERS = {
    "pullquote": Peer(
        packages=(),
        index=(str(COMMAND), "--index", "{folder}/index", "index", "{work}/articles.jsonl"),
        ask=(str(COMMAND), "--index", "{folder}/index", "ask", "{question}"),
    ),
    "txtai": Peer(
        packages=("txtai==9.14.0", "sentence-transformers==6.2.0"),
        index=runner("txtai", "index", "{work}/sentences.jsonl", "{folder}"),
        ask=runner("txtai", "ask", "{folder}", "{question}"),
    ),
    "haystack": Peer(
        packages=("haystack-ai==3.4.0", "sentence-transformers-haystack==2.0.0"),
        index=runner("haystack", "index", "{work}/sentences.jsonl", "{folder}"),
        ask=runner("haystack", "ask", "{folder}", "{question}"),
        kept=("store.json",),
    ),
    "llm": Peer(
        packages=("llm==0.36", "llm-sentence-transformers==0.3.2"),
        ready=("{bin}/llm", "sentence-transformers", "register", "{model}", "--lazy"),
        index=(
            *("{bin}/llm", "embed-multi", "sentences", "{work}/sentences.jsonl", "--format", "nl"),
            *("-d", "{folder}/embeddings.db", "-m", "sentence-transformers/{model}", "--store"),
        ),
        ask=(
            *("{bin}/llm", "similar", "sentences", "-c", "{question}", "-n", "3"),
            *("-d", "{folder}/embeddings.db"),
        ),
        kept=("embeddings.db",),
    ),
    "cairn": Peer(
        packages=("cairn-assistant==0.3.0",),
        ready=runner("cairn", "index", "{work}/sentences.jsonl", "{folder}"),
        index=("{bin}/cairn", "--config", "cairn.toml", "index"),
        ask=("{bin}/cairn", "--config", "cairn.toml", "ask", "{question}"),
        kept=("corpus", "index.json"),
    ),
}
QUIET = {  # no telemetry, no network, and threads that wait asleep, which is faster here for all
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "OMP_WAIT_POLICY": "PASSIVE",
    "TOKENIZERS_PARALLELISM": "true",
}


class Bench:
    """The work folder, and how commands of a peer are run in it."""

    def __init__(self, work: Path) -> None:
        self.work = work.resolve()
        self.model = str(export.locate(None).folder)

    def folder(self, name: str) -> Path:
        return self.work / name

    def command(self, name: str, parts: Sequence[str], question: str = "") -> list[str]:
        own = self.work / "venvs" / name / "bin"
        places = {
            "python": sys.executable if name == "pullquote" else str(own / "python"),
            "bin": str(own),
            "folder": str(self.folder(name)),
            "work": str(self.work),
            "model": self.model,
            "question": question,
        }
        return [part.format(**places) for part in parts]

    def measure(self, name: str, parts: Sequence[str], question: str = "") -> Run:
        """Run a command of a peer to its end, in its folder.

        Raises:
            FailedError: it ended otherwise than with an answer, or a refusal.
        """
        command = self.command(name, parts, question)
        log = self.work / f"log-{name}.txt"
        begun = time.perf_counter()
        with log.open("w") as stderr:
            process = subprocess.Popen(
                command,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                cwd=self.folder(name),
                env=self.environment(name),
            )
            _, status, usage = os.wait4(process.pid, 0)
        taken = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, NO_ANSWER):
            last = log.read_text("utf-8", "replace").strip().splitlines()[-1:]
            raise FailedError(f"`{Path(command[0]).name}` ended with {process.returncode}: {last}")
        return Run(taken, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)

    def environment(self, name: str) -> Mapping[str, str]:
        own = {"PEERS_MODEL": self.model, "LLM_USER_PATH": str(self.folder(name) / "user")}
        return os.environ | QUIET | own

    def once(self, path: str, make: Callable[[], Any]) -> Any:
        """What a file of the work folder holds; made and kept where it isn't there."""
        file = self.work / path
        if not file.exists():
            made = make()
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(made), "utf-8")
        return json.loads(file.read_text("utf-8"))


def prepare(data: Path, work: Path) -> dict[str, Any]:
    """Choose the questions; write the articles, their sentences and the questions."""
    work.mkdir(parents=True, exist_ok=True)
    articles = {record["id"]: record for record in records(data / "squad-dev-paragraphs.jsonl.gz")}
    spans = {id_: segment(record["text"]) for id_, record in articles.items()}
    asked = questions(data / "squad-dev-questions.jsonl.gz")
    random.Random(SEED).shuffle(asked)
    several = Counter(question.paragraph for question in asked)
    order = dict.fromkeys(q.paragraph for q in asked if several[q.paragraph] >= A_PARAGRAPH)
    out = set(list(order)[: OF_EACH // A_PARAGRAPH])
    unanswered = [q for id_ in out for q in [q for q in asked if q.paragraph == id_][:A_PARAGRAPH]]
    answered = [question for question in asked if question.paragraph not in out][:OF_EACH]
    kept = [record for id_, record in articles.items() if id_ not in out]
    sentences = [
        {"id": f"{record['id']}:{start}", "text": record["text"][start:end]}
        for record in kept
        for start, end, _ in spans[record["id"]]
    ]

    def line(question: Question) -> dict[str, Any]:
        text = articles[question.paragraph]["text"]
        holds = [answer.casefold() for answer in question.answers]
        right = [
            f"{question.paragraph}:{start}"
            for start, end, _ in spans[question.paragraph]
            if any(answer in text[start:end].casefold() for answer in holds)
        ]
        answerable = question.paragraph not in out
        return {
            "question": " ".join(question.text.split()),
            "answerable": answerable,
            "right": right if answerable else [],
        }

    pairs = zip(answered, sorted(unanswered, key=asked.index), strict=True)
    both = [line(question) for pair in pairs for question in pair]
    _lines(work / "articles.jsonl", kept)
    _lines(work / "sentences.jsonl", sentences)
    (work / "questions.txt").write_text("".join(q["question"] + "\n" for q in both), "utf-8")
    return {
        "paragraphs": len(kept),
        "sentences": len(sentences),
        "left out": {
            "paragraphs": len(out),
            "sentences": sum(len(spans[id_]) for id_ in out),
        },
        "questions": both,
    }


def _lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def install(bench: Bench, name: str) -> dict[str, str]:
    """Make the virtual environment of a peer; return the versions of what matters in it."""
    packages = PEERS[name].packages
    if name == "pullquote":
        listed = _pip(sys.executable, "list", "--format", "json").stdout
    else:
        folder = bench.work / "venvs" / name
        python = str(folder / "bin" / "python")
        limit = bench.work / "constraint.txt"
        limit.write_text("torch==2.13.0\n")  # the newer ones pull a CUDA build of several GB
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        done = _pip(python, "install", "--quiet", "--constraint", str(limit), *packages)
        if done.returncode:
            raise FailedError(done.stderr.strip().splitlines()[-1])
        listed = _pip(python, "list", "--format", "json").stdout
    wanted = {package.partition("==")[0] for package in packages} or {"pullquote"}
    wanted |= {"faiss-cpu", "sentence-transformers", "torch", "transformers"}
    found = {each["name"]: each["version"] for each in json.loads(listed)}
    return {each: found[each] for each in sorted(wanted) if each in found}


def _pip(python: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([python, "-m", "pip", *arguments], capture_output=True, text=True)


def index(bench: Bench, name: str) -> dict[str, float]:
    """Index the sentences with a peer, from nothing."""
    folder, peer = bench.folder(name), PEERS[name]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if peer.ready:
        bench.measure(name, peer.ready)
    run = bench.measure(name, peer.index)
    files = [file for kept in peer.kept for file in [folder / kept, *(folder / kept).rglob("*")]]
    size = sum(file.stat().st_size for file in files if file.is_file())
    return {**asdict(run), "disk_mb": size / 1e6}


def answers(bench: Bench, name: str, asked: Path) -> list[dict[str, Any]]:
    """Ask a loaded peer every line of a file, in one process; go on where it was cut short."""
    out = asked.with_name(f"{asked.stem}-{name}.jsonl")
    bench.measure(name, runner(name, "answers", "{folder}", str(asked), str(out)))
    found = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    out.unlink()
    return found


def times(bench: Bench, names: Sequence[str], asked: list[str]) -> dict[str, Any]:
    """Take the times of all peers in turn, round after round."""
    rng = random.Random(SEED)
    cold: dict[str, list[Run]] = {name: [] for name in names}
    for name in names:
        bench.measure(name, PEERS[name].ask, asked[0])  # its files are in the disk's cache now
    for round_, question in enumerate(rng.sample(asked, ROUNDS)):
        for name in names:
            cold[name].append(bench.measure(name, PEERS[name].ask, question))
            print(f"round {round_ + 1}, {name}: {cold[name][-1]}", flush=True)
    warm: dict[str, list[float]] = {name: [] for name in names}
    for round_ in range(WARM_ROUNDS):
        file = bench.work / f"warm-{round_}.txt"
        file.write_text("".join(f"{each}\n" for each in rng.sample(asked, WARM_QUESTIONS)))
        for name in names:
            warm[name] += [each["ms"] for each in answers(bench, name, file)]
    return {
        name: {
            "ask": median(cold[name]),
            "slowest": max(run.wall_s for run in cold[name]),
            "warm": {
                "median_ms": statistics.median(warm[name]),
                "p95_ms": float(np.quantile(warm[name], 0.95)),
            },
        }
        for name in names
    }


def shares(result: dict[str, Any]) -> dict[str, Any]:
    """The result with figures of as many digits as mean something."""
    text = json.dumps(result)
    return dict(json.loads(text, parse_float=lambda digits: float(f"{float(digits):.4g}")))


def attempt(
    peer: dict[str, Any], part: str, bench: Bench, path: str, make: Callable[[], Any]
) -> None:
    """Add a part to what is known of a peer, or why it failed; after that, nothing more."""
    if "error" in peer:
        return
    try:
        peer[part] = bench.once(path, make)
    except FailedError as exc:
        peer["error"] = str(exc)


def main() -> None:
    parser = options(__doc__)
    parser.set_defaults(work=Path("/tmp/peers"))  # noqa: S108 - the default of `options`, its own
    parser.add_argument(
        "--only", choices=PEERS, help="index and ask this one anew, leave the others' answers"
    )
    parser.add_argument("--times", action="store_true", help="index and time all anew")
    given = parser.parse_args()
    os.nice(5)  # below what else runs, all alike
    bench = Bench(given.work)
    old = ["times.json", *(f"{name}/took.json" for name in PEERS)] if given.times else []
    of = given.only
    for file in [*old, f"{of}/took.json", f"found-{of}.json", f"questions-{of}.jsonl"]:
        (bench.work / file).unlink(missing_ok=True)
    chosen = bench.once("chosen.json", lambda: prepare(given.data, bench.work))
    asked = chosen.pop("questions")
    result: dict[str, Any] = {}
    for name in PEERS:
        peer = result[name] = {}
        attempt(peer, "versions", bench, f"installed-{name}.json", partial(install, bench, name))
        attempt(peer, "index", bench, f"{name}/took.json", partial(index, bench, name))
    # No times are taken of these, so that two may run beside each other.
    with ThreadPoolExecutor(max_workers=2) as pool:
        asking = [
            pool.submit(partial(attempt, peer, "found", bench, f"found-{name}.json", ask))
            for name, peer in result.items()
            for ask in [partial(answers, bench, name, bench.work / "questions.txt")]
        ]
    for each in asking:
        each.result()
    for name, peer in result.items():
        if "error" not in peer:
            peer |= figures(peer.pop("found"), asked)
        print(name, json.dumps(shares(peer)), flush=True)
    able = [name for name in result if "error" not in result[name]]
    some = [question["question"] for question in asked]
    for name, taken in bench.once("times.json", lambda: times(bench, able, some)).items():
        result[name] |= taken
    keep("peers", shares({**chosen, "answered": OF_EACH, "unanswered": OF_EACH, "peers": result}))
    write()


if __name__ == "__main__":
    main()
