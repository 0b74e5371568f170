"""Texts -> vectors on many machines: batches go to Ray's actors, vectors come as they are done.

The only module that knows Ray. An actor holds the exported encoder on one thread. Each has one
batch at a time, so whatever is killed, that batch is all that is embedded again.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections import deque
from collections.abc import Generator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from index.encoder.encode import CARD, Card, Encoder, ExportedEncoder, Matrix
from index.errors import EncoderError

BATCH_TEXTS = 512
"""Texts of a batch: a few seconds of work, so that handing it over costs nothing beside it."""
LATE_S = 120.0
"""A batch that is not back by then is given to an idle actor as well: its machine may be gone."""
TRIES = 4
"""How often a batch may end its actor before it is held to blame."""


class Worker:
    """An exported encoder that came over the network, and is what was sent.

    ``files`` are its files by name, ``digests`` the SHA-256 of each.

    Raises:
        EncoderError: a file is another one than was sent.
    """

    def __init__(self, files: dict[str, bytes], digests: dict[str, str]) -> None:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"  # one actor for each core, not more
        self._kept = tempfile.TemporaryDirectory(prefix="pullquote-encoder-")
        try:
            self._encoder = _opened(Path(self._kept.name), files, digests)
        except EncoderError:
            self._kept.cleanup()
            raise

    def encode(self, texts: Sequence[str]) -> Matrix:
        """The vectors of texts; shape (texts, dim)."""
        return self._encoder.encode(texts)


def _opened(folder: Path, files: dict[str, bytes], digests: dict[str, str]) -> ExportedEncoder:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    card = Card.load(folder)
    altered = card.altered(folder) if card.digests == digests else [CARD]
    if altered:
        raise EncoderError(f"{', '.join(altered)}: altered on the way to a worker; run it again")
    return ExportedEncoder(folder, fast=True, threads=1)


class _Holder:
    """The actor: it fetches the encoder itself, so that it can begin again on another machine."""

    def __init__(self, kind: type[Worker], sent: bytes, digests: dict[str, str]) -> None:
        import ray

        self._worker = kind(ray.get(ray.cloudpickle.loads(sent)), digests)

    def encode(self, texts: Sequence[str]) -> Matrix:
        return self._worker.encode(texts)


def embed(
    address: str | None,
    encoder: Encoder,
    texts: Sequence[str],
    *,
    workers: int | None = None,
    batch: int = BATCH_TEXTS,
    late_s: float = LATE_S,
    kind: type[Worker] = Worker,
) -> Generator[tuple[int, Matrix]]:
    """Vectors of the texts as they are done: (where they begin, shape (texts of a batch, dim)).

    ``address`` is the head of a Ray cluster, ``host:port``; None starts Ray on this machine, with
    every port on the loopback. ``workers`` are as many as it has cores, where not given.

    Raises:
        EncoderError: Ray is not there, a batch fails whoever takes it, or the encoder of this index
            can't be sent.
    """
    if not isinstance(encoder, ExportedEncoder):
        raise EncoderError(f"{encoder.name}: not an exported encoder; index without --ray")
    with _joined(address, workers) as ray:
        card = Card.load(encoder.folder)
        files = {name: (encoder.folder / name).read_bytes() for name in (*card.digests, CARD)}
        # Once for each machine, however many actors it has. Pickled, the reference keeps it here
        # until the end, also for an actor that begins again.
        sent = ray.cloudpickle.dumps(ray.put(files))
        count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        options = {"num_cpus": 1, "max_restarts": -1, "max_task_retries": TRIES - 1}
        actor = ray.remote(_Holder).options(**options)
        count = min(count, len(range(0, len(texts), batch)))
        actors = [actor.remote(kind, sent, card.digests) for _ in range(count)]
        yield from _spread(ray, actors, texts, batch, late_s)


def _spread(
    ray: Any, actors: Sequence[Any], texts: Sequence[str], batch: int, late_s: float
) -> Generator[tuple[int, Matrix]]:
    """Keep every actor at one batch until all are done."""
    idle, waiting = deque(actors), deque(range(0, len(texts), batch))
    running: dict[Any, tuple[int, Any]] = {}
    done: set[int] = set()
    while waiting or {start for start, _ in running.values()} - done:
        while idle and waiting:
            start, actor = waiting.popleft(), idle.popleft()
            running[actor.encode.remote(texts[start : start + batch])] = start, actor
        ready, _ = ray.wait(list(running), timeout=late_s)
        if not ready and idle:
            waiting.extend(sorted({start for start, _ in running.values()} - done)[: len(idle)])
        for reference in ready:
            start, actor = running.pop(reference)
            vectors: Matrix = ray.get(reference)
            if start not in done:
                done.add(start)
                yield start, vectors
            idle.append(actor)  # only now: what it is given next is all that can be lost


@contextmanager
def _joined(address: str | None, workers: int | None) -> Generator[Any]:
    """Ray, joined at an address or started here; what it raises is an ``EncoderError`` inside."""
    try:
        with _alone() if address is None else nullcontext():
            import ray
            from ray.exceptions import RayError

            logging.getLogger("ray").setLevel(logging.ERROR)
            own = {} if address else {"include_dashboard": False, "num_cpus": workers}
            ray.init(address or "local", log_to_driver=False, configure_logging=False, **own)
    except ImportError as exc:
        raise EncoderError(
            f"embedding with Ray needs more packages ({exc}); run "
            "`pip install 'pullquote[cluster]'`, or index without --ray"
        ) from exc
    except Exception as exc:  # Ray raises bare ones, too
        raise _failed(address, exc) from exc
    try:
        yield ray
    except RayError as exc:
        raise _failed(address, exc) from exc
    finally:
        ray.shutdown()


@contextmanager
def _alone() -> Generator[None]:
    """An environment in which Ray listens on the loopback alone, and asks nobody else.

    Else it takes another address for 127.0.0.1, reports its use to a web service, and asks a cloud
    that may not be there where it is: these requests go to a proxy that is not there.
    """
    alone = {
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_USAGE_STATS_ENABLED": "0",
        "http_proxy": "http://127.0.0.1:9",
        "no_proxy": "127.0.0.1,localhost",
    }
    before = {name: os.environ.get(name) for name in alone}
    os.environ.update(alone)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _failed(address: str | None, exc: Exception) -> EncoderError:
    reason = str(getattr(exc, "cause", None) or exc).strip().splitlines()
    return EncoderError(
        f"Ray on {address or 'this machine'}: {reason[-1] if reason else type(exc).__name__}; what "
        "was embedded is kept. See that Ray runs there with `pullquote[cluster]` of this version, "
        "and run it again, or index without --ray"
    )
