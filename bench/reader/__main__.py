"""Everything about the reader, step by step or in one go.

    python -m bench.reader all --data FOLDER --work FOLDER

trains, exports, calibrates and measures; each step keeps its result in the work folder.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.data import RESULTS
from bench.reader import collect, corpus, measure
from bench.reader.train import COOL_DOWN, QUESTIONS, Ranks, train
from index.ask.judge import ReaderJudge
from index.ask.reader import FOLDER, Reader

OTHER_ARTICLES = 1650  # of the news, beside those with questions
ASKED = {"held-out": {"news": 1000, "squad": 700}, "dev": {"news": 1000, "squad": 800}}
log = logging.getLogger("reader")


def export(args: argparse.Namespace) -> None:
    """Write the graph, without a calibration until one is fitted."""
    from bench.reader import export as step

    full, small = args.work / "reader-full.onnx", args.work / "reader.onnx"
    step.to_onnx([*args.mean_with, args.work / f"reader-{args.questions}.pt"], full)
    step.to_int8(full, small)
    step.write(small, {}, args.work / "model")


def gather(args: argparse.Namespace, part: str, source: str) -> list[collect.Record]:
    """Return the records of a part, reading them anew only if they are missing."""
    path = args.work / f"records-{part}-{source}.jsonl"
    if not path.exists():
        if source == "news":
            texts = corpus.news(args.data, part, OTHER_ARTICLES)
        else:
            texts = corpus.squad(args.data, part, joined=False)
        judge = ReaderJudge(Reader(args.work / "model"))
        count = args.asked or ASKED[part][source]
        with collect.shelved(texts, judge, args.work / f"{part}-{source}") as shelf:
            collect.save(shelf.collect(source, collect.some(texts, count)), path)
    return collect.kept(path)


def calibrate(args: argparse.Namespace) -> None:
    """Fit order, confidence and bars on held-out articles and put the model into the package."""
    from bench.reader.export import write

    records = [*gather(args, "held-out", "news"), *gather(args, "held-out", "squad")]
    calibration = measure.fit(records)
    measured = {"calibration": asdict(calibration), **measure.bars(records, calibration)}
    log.info("%s", measured)
    write(args.work / "reader.onnx", measured, args.into)


def evaluate(args: argparse.Namespace) -> None:
    """Measure on the development sets; print the figures and keep them."""
    reader = Reader(args.into)
    judge = ReaderJudge(reader)
    bars = reader.manifest["sure"], reader.manifest["perhaps"]
    result = {
        source: measure.figures(gather(args, "dev", source), judge.calibration, *bars)
        for source in ("news", "squad")
    }
    text = json.dumps({"reader": reader.name, **result}, indent=1)
    print(text)
    (RESULTS / "reader.json").write_text(text + "\n", "utf-8")


def run(args: argparse.Namespace) -> None:
    """Do the step that was asked for, or all of them."""
    steps: dict[str, Callable[[], None]] = {
        "train": lambda: train(
            args.data, args.work, args.questions, args.cool_down, Ranks(0, 1, args.work)
        ),
        "export": lambda: export(args),
        "calibrate": lambda: calibrate(args),
        "evaluate": lambda: evaluate(args),
    }
    for name, step in steps.items():
        if args.step in (name, "all"):
            log.info("step %s", name)
            step()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reader", description=__doc__)
    parser.add_argument("step", choices=["all", "train", "export", "calibrate", "evaluate"])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--work", type=Path, required=True, help="checkpoints and records")
    parser.add_argument("--into", type=Path, default=FOLDER, help="where the runtime looks")
    parser.add_argument("--questions", type=int, default=QUESTIONS, help="where training stops")
    parser.add_argument("--cool-down", type=int, default=COOL_DOWN)
    parser.add_argument(
        "--mean-with",
        type=Path,
        nargs="+",
        default=(),
        metavar="FILE",
        help="export the mean with these weights (.pt) or exported readers (.onnx)",
    )
    parser.add_argument("--asked", type=int, help="how many questions to measure with")
    args = parser.parse_args(argv)
    args.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    run(args)


if __name__ == "__main__":
    main()
