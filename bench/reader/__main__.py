"""Everything about the reader, step by step or in one go.

    python -m bench.reader all --data FOLDER --work FOLDER

trains, exports, calibrates and measures; each step keeps its result in the work folder and
is skipped when it is there.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench.reader import collect, corpus, measure
from bench.reader.train import MINILM, QUESTIONS, Ranks, train
from index.ask.reader import FOLDER, Calibration, Reader

NEUTRAL = asdict(Calibration(reader=1, search=0, share=0, bias=0))
COUNTS = {"held-out": (600, 360), "dev": (800, 540)}  # questions, how many altered too
log = logging.getLogger("reader")


def export(args: argparse.Namespace) -> None:
    """Write the 8-bit graph, with an empty calibration until one is fitted."""
    from bench.reader import export as step

    full, small = args.work / "reader-full.onnx", args.work / "reader.onnx"
    step.to_onnx(args.work / "reader.pt", full)
    step.to_int8(full, small)
    step.write(small, NEUTRAL, 0.5, args.work / "model")


def gather(args: argparse.Namespace, part: str) -> list[collect.Record]:
    """Return the records of a part, reading them anew only if they are missing."""
    path = args.work / f"records-{part}.jsonl"
    if not path.exists():
        from bench.reader.alter import Alterer
        from bench.reader.find import searching
        from bench.reader.model import from_minilm

        texts = corpus.load(args.data, part)
        words = from_minilm(MINILM).words.weight.detach().numpy()
        alterer = Alterer(texts.texts, MINILM / "tokenizer.json", words)
        reader = Reader(args.work / "model")
        with searching(texts, args.work / part) as search:
            collect.save(collect.collect(texts, search, reader, alterer, *COUNTS[part]), path)
    return collect.kept(path)


def calibrate(args: argparse.Namespace) -> None:
    """Fit order and confidence on held-out articles and put the model into the package."""
    from bench.reader.export import write

    records = gather(args, "held-out")
    calibration = measure.fit(records)
    threshold = measure.threshold(records, calibration)
    log.info("%s, threshold %.3f", calibration, threshold)
    write(args.work / "reader.onnx", asdict(calibration), threshold, args.into)


def evaluate(args: argparse.Namespace) -> None:
    """Print the figures of the development set, and altered questions for reading."""
    records = gather(args, "dev")
    reader = Reader(args.into)
    result = measure.figures(records, reader.calibration, reader.threshold)
    print(json.dumps(result, indent=1))
    altered = [r for r in records if r.kind.startswith("altered")]
    some = random.Random(corpus.SEED).sample(altered, min(100, len(altered)))
    lines = [f"{r.kind}\t{r.question}" for r in some]
    (args.work / "altered-100.txt").write_text("\n".join(lines) + "\n", "utf-8")


def run(args: argparse.Namespace) -> None:
    """Do the step that was asked for, or all of them."""
    steps: dict[str, Callable[[], None]] = {
        "train": lambda: train(
            args.data, args.work, args.questions, args.until, Ranks(0, 1, args.work)
        ),
        "export": lambda: export(args),
        "calibrate": lambda: calibrate(args),
        "evaluate": lambda: evaluate(args),
    }
    for name, step in steps.items():
        done = name == "train" and (args.work / "reader.pt").exists()
        if args.step == name or (args.step == "all" and not done):
            log.info("step %s", name)
            step()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.reader", description=__doc__)
    parser.add_argument("step", choices=["all", "train", "export", "calibrate", "evaluate"])
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--work", type=Path, required=True, help="checkpoints and records")
    parser.add_argument("--into", type=Path, default=FOLDER, help="where the runtime looks")
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--until", type=datetime.fromisoformat, help="end training then (UTC)")
    args = parser.parse_args(argv)
    if args.until:
        args.until = args.until.replace(tzinfo=UTC)
    args.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    run(args)


if __name__ == "__main__":
    main()
