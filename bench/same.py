"""Whether two states of the code answer alike, to the last digit.

    python -m bench.same questions QUESTIONS     # 1,000 over Reuters, one a line, always the same
    python -m bench.same write INDEX QUESTIONS OUT
    python -m bench.same compare A B

``write`` asks an index every question twice: as people ask it, with the reader as the judge, and
by the fused score alone, where every candidate and its scores stand in the answer. Each line of
OUT is one question with everything that the two answers hold except how long they took; the text
of an article is written as its digest. ``compare`` ends with 1 if any value differs; a field that
only one state of the code knows is named, and is no difference. ``--only searched`` compares what
must stay the same when another reader reads.
"""

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

from bench.data import records
from index import Article, Library
from index.ask.judge import FusionJudge

SEED = 21578
HEADLINES, WRITTEN = 500, 500  # questions made of headlines, and questions written by people
TOP = 5
PARTS = ("read", "searched")


def plain(value: Any) -> Any:
    """A record as JSON can say it: floats keep every digit, times are left out."""
    if is_dataclass(value):
        named = {field.name: getattr(value, field.name) for field in fields(value)}
        if isinstance(value, Article):
            named["text"] = value.digest
        named.pop("elapsed_ms", None)
        return {name: plain(each) for name, each in named.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def write(index: Path, questions: list[str], out: Path) -> None:
    """Ask every question; one line of JSON each."""
    judged = {"read": Library(index), "searched": Library(index, judge=FusionJudge())}
    with out.open("w", encoding="utf-8") as lines:
        for number, question in enumerate(questions, 1):
            line = {
                part: plain(library.ask(question, top=TOP, trace=True))
                for part, library in judged.items()
            }
            print(json.dumps({"question": question, **line}, ensure_ascii=False), file=lines)
            if number % 100 == 0:
                print(f"{number} of {len(questions)}", file=sys.stderr)
    for library in judged.values():
        library.close()


def differences(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Where two values differ: (the path without positions, what is wrong there).

    >>> list(differences({"a": [1, 2.0]}, {"a": [1, 2.5], "b": None}))
    [('a[]', '2.0 | 2.5'), ('b', 'only in B')]
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            inside = f"{path}.{name}".lstrip(".")
            if name not in other or name not in one:
                yield inside, f"only in {'A' if name in one else 'B'}"
            else:
                yield from differences(one[name], other[name], inside)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for a, b in zip(one, other, strict=True):
            yield from differences(a, b, f"{path}[]")
    elif one != other or type(one) is not type(other):
        yield path, f"{_short(one)} | {_short(other)}"


def _short(value: Any) -> str:
    return f"{len(value)} of them" if isinstance(value, list) else repr(value)


def compare(one: Path, other: Path, parts: tuple[str, ...]) -> bool:
    """Print what differs, by field; return whether nothing does."""
    wrong: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    examples: dict[str, str] = {}
    differing = dict.fromkeys(parts, 0)
    questions = 0
    with one.open(encoding="utf-8") as ours, other.open(encoding="utf-8") as theirs:
        for ours_line, theirs_line in zip_longest(ours, theirs, fillvalue="{}"):
            a, b = json.loads(ours_line), json.loads(theirs_line)
            questions += 1
            if a.get("question") != b.get("question"):
                print(f"question {questions}: {a.get('question')!r} | {b.get('question')!r}")
                return False
            for part in parts:
                before = wrong.total()
                for path, what in differences(a[part], b[part], part):
                    (unknown if what.startswith("only in ") else wrong)[path] += 1
                    examples.setdefault(path, f"{what} ({a['question']})")
                differing[part] += wrong.total() > before
    for path, times in unknown.items():
        print(f"{path}: {examples[path].partition(' (')[0]}, {times} times")
    for path, times in wrong.most_common():
        print(f"{path}: differs {times} times, first {examples[path]}")
    told = ", ".join(f"{count} in what was {part}" for part, count in differing.items())
    print(f"{questions} questions; answers that differ: {told}")
    return not wrong


def questions_of(data: Path) -> list[str]:
    """Headlines as people type them, and questions written over these articles."""
    from bench.arrivals import questions_of

    rng = random.Random(SEED)
    articles = list(records(data / "news-reuters21578.jsonl.gz"))
    written = [
        each["question"]
        for each in records(data / "news-questions-train.jsonl.gz")
        if each["article"].startswith("reuters:")
    ]
    return questions_of(articles, HEADLINES, rng) + rng.sample(written, WRITTEN)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("questions")
    making.add_argument("out", type=Path)
    making.add_argument("--data", type=Path, default=Path("../shared/data"))
    writing = commands.add_parser("write")
    for name in ("index", "questions", "out"):
        writing.add_argument(name, type=Path)
    comparing = commands.add_parser("compare")
    comparing.add_argument("one", type=Path)
    comparing.add_argument("other", type=Path)
    comparing.add_argument("--only", choices=PARTS)
    args = parser.parse_args()
    if args.command == "questions":
        args.out.write_text("\n".join(questions_of(args.data)) + "\n", "utf-8")
    elif args.command == "write":
        write(args.index, args.questions.read_text("utf-8").splitlines(), args.out)
    else:
        parts = (args.only,) if args.only else PARTS
        return not compare(args.one, args.other, parts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
